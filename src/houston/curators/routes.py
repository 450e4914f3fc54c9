"""The ways to a curator that are not WhatsApp: mail, Telegram and others, all by Apprise."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

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


class Routes(Protocol):
    """Carries a text to addresses outside."""

    async def carry(self, addresses: Sequence[str], text: str) -> bool:
        """Whether at least one address took it."""
        ...


class AppriseRoutes:
    """The addresses are Apprise's; it is loaded when the first text goes that way, for it is large."""

    async def carry(self, addresses: Sequence[str], text: str) -> bool:
        taken = [await asyncio.to_thread(_carry, address, text) for address in addresses]
        return any(taken)


def _carry(address: str, text: str) -> bool:
    import apprise

    way = apprise.Apprise()
    return way.add(address) and bool(way.notify(body=text, title="Houston"))


def is_route(address: str) -> bool:
    """Whether a text could be carried there."""
    import apprise

    scheme = address.partition("://")[0].lower()
    return scheme in SCHEMES and apprise.Apprise.instantiate(address) is not None
