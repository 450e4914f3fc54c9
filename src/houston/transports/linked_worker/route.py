"""Whether this server has a way to WhatsApp at all: one number's loss is its own, that of all is ours."""

from dataclasses import dataclass
from typing import Final

import structlog

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 120.0
_TRIES_AGAIN_SECONDS_MAX: Final = 90.0
"""A channel that is cut off and still wanted has tried once more within this time."""
_CURE: Final = (
    "look after this machine's network, its firewall (web.whatsapp.com, port 443), and HTTPS_PROXY"
)


@dataclass(slots=True)
class _CutOff:
    since: float
    tried_at: float


class Route:
    """What the channels of this server have found. The log tells whoever runs it, once each time."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._connected: set[str] = set()
        self._cut_off: dict[str, _CutOff] = {}
        self._told = False

    def found(self, channel: str) -> None:
        self._connected.add(channel)
        self._cut_off.pop(channel, None)
        if self._told:
            log.info("way_to_whatsapp_found_again")
        self._told = False

    def left(self, channel: str) -> None:
        """It was connected and is not any more, for a reason of its own."""
        self._connected.discard(channel)

    def missed(self, channel: str, now: float) -> None:
        """One more try found no way."""
        self._connected.discard(channel)
        self._cut_off = {
            name: one
            for name, one in self._cut_off.items()
            if now - one.tried_at <= _TRIES_AGAIN_SECONDS_MAX
        }
        self._cut_off.setdefault(channel, _CutOff(now, now)).tried_at = now
        since = max(one.since for one in self._cut_off.values())
        if not self._connected and not self._told and now - since >= self._patience_seconds:
            self._told = True
            log.error("no_way_to_whatsapp", channels=len(self._cut_off), cure=_CURE)
