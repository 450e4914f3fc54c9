"""The ways to a curator that are not WhatsApp: mail, Telegram and others, all by Apprise."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog

from houston.kernel.outside import is_public

SCHEMES: Final = frozenset(
    {
        "mailto",
        "mailtos",
        "tgram",
        "slack",
        "discord",
        "msteams",
        "ntfy",
        "ntfys",
        "gotify",
        "gotifys",
    }
    | {
        "matrix",
        "matrixs",
        "mmost",
        "mmosts",
        "rocket",
        "rockets",
        "pover",
        "signal",
        "json",
        "jsons",
    }
)
"""What a curator may name. Apprise knows others that would act on this machine: those are left out."""
_SELF_HOSTED: Final = SCHEMES - {"tgram", "slack", "discord", "msteams", "pover"}
"""Those whose address names the server to go to."""
log = structlog.get_logger(__name__)


class Routes(Protocol):
    """Carries a text to addresses outside."""

    async def carry(self, addresses: Sequence[str], text: str) -> bool:
        """Whether at least one address took it."""
        ...


class AppriseRoutes:
    """The addresses are Apprise's; it is loaded when the first text goes that way, for it is large."""

    def __init__(self, *, may_be_private: bool) -> None:
        """`may_be_private`: whether they may lead into this server's own network."""
        self._may_be_private = may_be_private

    async def carry(self, addresses: Sequence[str], text: str) -> bool:
        taken = [await asyncio.to_thread(self._carry, address, text) for address in addresses]
        return any(taken)

    def _carry(self, address: str, text: str) -> bool:
        way = _way(address)
        if way is None:
            return False
        if not self._may_be_private:
            # A public server could send us on into our own network.
            way.redirects = False
            way.discovery = False
            if _leads_inside(_scheme(address), way):
                log.warning("route_leads_inside", scheme=_scheme(address))
                return False
        try:
            return bool(way.notify(body=text, title="Houston"))
        except Exception as error:  # noqa: BLE001 - whatever one way does, the next one is tried
            log.warning("route_failed", scheme=_scheme(address), error=type(error).__name__)
            return False


def _way(address: str) -> Any:
    import apprise

    return apprise.Apprise.instantiate(address)


def leads_inside(address: str) -> bool:
    """Whether a route leads to a private address, as its name is looked up now. It takes a while."""
    way = _way(address)
    return way is not None and _leads_inside(_scheme(address), way)


def _leads_inside(scheme: str, way: Any) -> bool:
    if scheme not in _SELF_HOSTED:
        return False  # What stands in the place of the host is a token of a service.
    host = (getattr(way, "smtp_host", None) or way.host).strip("[]")
    try:
        found = socket.getaddrinfo(host, way.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # It leads nowhere.
    return not all(is_public(str(one[4][0])) for one in found)


def is_route(address: str) -> bool:
    """Whether a text could be carried there."""
    return _scheme(address) in SCHEMES and _way(address) is not None


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()
