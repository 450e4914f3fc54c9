"""The way to addresses that others have chosen: out into the internet, never into our own network.

What a name leads to is looked up once and connected to at once, so that it cannot change in between.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from functools import cache
from typing import Final

import httpcore
import httpx

PORT_MAX: Final = 65_535
_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is anybody's. What lies outside is one's own, or carries an IPv4 address."""
_EMBEDDING: Final = tuple(map(ipaddress.IPv6Network, ("2002::/16", "2001::/32")))
"""What lies inside and carries an IPv4 address, which may be anybody's."""
_RESERVED: Final = ipaddress.IPv4Network("192.0.0.0/24")
"""Set apart for protocols, though Python 3.11 takes some of it for public."""


@cache
def trusted() -> ssl.SSLContext:
    """Whom we believe to be who they say they are, for all of our clients: reading it takes 30 ms."""
    return httpx.create_ssl_context(trust_env=False)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet at large, not to somebody's own network."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return found in _GIVEN_OUT and found.is_global and not _embeds(found)
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast and found not in _RESERVED


def _embeds(address: ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _EMBEDDING)


async def looked_up(host: str, port: int) -> list[str]:
    """The addresses that a name leads to.

    Raises:
        OSError: it leads nowhere, or is no name at all.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # A part of it is too long, or empty.
        raise OSError(f"{host} is no name") from error
    return [str(one[4][0]) for one in found]


class OutsideOnly(httpcore.AnyIOBackend):
    """Connects to what a name leads to, if none of it is private."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await looked_up(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be looked up") from error
        if not all(map(is_public, addresses)):
            raise httpcore.ConnectError(f"{host} leads into a private network")
        return await self._first(addresses, port, timeout, local_address, socket_options)

    async def _first(
        self,
        addresses: list[str],
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        """The first that answers; not every network has both kinds of addresses."""
        connect = super().connect_tcp
        for address in addresses[:-1]:
            try:
                return await connect(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await connect(addresses[-1], port, timeout, local_address, socket_options)
