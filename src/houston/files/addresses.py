"""Whether an address may be asked for a file: not everything that a name points at is for everybody.

Pure but for looking names up. What was looked up is what is connected to: a name may change in between.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

import httpx

_EMBEDDING: Final = tuple(
    ipaddress.ip_network(network) for network in ("64:ff9b::/96", "2002::/16", "2001::/32")
)
"""IPv6 addresses that carry an IPv4 one, which may be a private one, somewhere else."""


class NotAllowed(Exception):
    """The address is private, or none."""


@dataclass(frozen=True, slots=True)
class Door:
    """One request's way: the address to connect to, and under which name."""

    url: httpx.URL
    host: str
    name: str


def is_public(address: str) -> bool:
    """Whether it belongs to the internet at large, not to somebody's own network."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in network for network in _EMBEDDING):
            return False
    return found.is_global and not found.is_multicast


async def door_of(uri: str, *, private_too: bool) -> Door:
    """The way to an address.

    Raises:
        NotAllowed: it is not http(s), or leads into a private network.
        OSError: the name cannot be looked up.
    """
    try:
        url = httpx.URL(uri)
        name = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise NotAllowed("it is no address") from error
    if url.scheme not in ("http", "https") or not name:
        raise NotAllowed("only http and https are fetched")
    port = url.port or (443 if url.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not (private_too or all(map(is_public, addresses))):
        raise NotAllowed("it leads into a private network")
    return Door(url.copy_with(host=addresses[0]), url.netloc.decode("ascii"), name)
