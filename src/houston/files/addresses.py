"""Whether an address may be asked for a file: not everything that a name points at is for everybody.

Pure but for looking names up. What was looked up is what is connected to: a name may change in between.
"""

from dataclasses import dataclass

import httpx

from houston.kernel.outside import PORT_MAX, is_public, looked_up
from houston.kernel.sentence import say


class NotAllowed(Exception):
    """The address is private, or none."""


@dataclass(frozen=True, slots=True)
class Door:
    """One request's way: the address to connect to, and under which name."""

    url: httpx.URL
    host: str
    name: str


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
        raise NotAllowed(str(say("it is no address"))) from error
    if url.scheme not in ("http", "https") or not name:
        raise NotAllowed(str(say("only http and https are fetched")))
    port = url.port or (443 if url.scheme == "https" else 80)
    if port > PORT_MAX:
        raise NotAllowed(str(say("its port is none")))
    addresses = await looked_up(name.strip("[]"), port)
    if not addresses or not (private_too or all(map(is_public, addresses))):
        raise NotAllowed(str(say("it leads into a private network")))
    return Door(url.copy_with(host=addresses[0]), url.netloc.decode("ascii"), name)
