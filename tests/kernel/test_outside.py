"""The way out: what names lead to is played, connections are real and on loopback only."""

import asyncio
import re
import socket
from typing import Any

import httpcore
import pytest

from houston.kernel.outside import OutsideOnly, is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
        ("192.0.0.8", False),
    ],
)
def test_an_address_is_public_or_somebodys_own(address: str, public: bool):
    assert is_public(address) is public


class Names:
    """A directory that answers a name differently each time it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        found = self._answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


async def connect(names: Names, monkeypatch: pytest.MonkeyPatch, port: int = 9) -> None:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "getaddrinfo", names.getaddrinfo)
    stream = await OutsideOnly().connect_tcp("crm.example", port, timeout=2)
    await stream.aclose()


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]])
async def test_a_name_that_leads_inside_is_not_connected_to(
    answer: list[str], monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(httpcore.ConnectError, match=r"crm\.example leads into a private network"):
        await connect(Names(answer), monkeypatch)


async def test_a_name_is_looked_up_once_so_that_it_cannot_change_in_between(
    monkeypatch: pytest.MonkeyPatch,
):
    """What is connected to is the address that was judged: here, one that nobody routes."""
    monkeypatch.setattr("houston.kernel.outside.is_public", lambda _: True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        names = Names(["127.0.0.1"])
        await connect(names, monkeypatch, listener.getsockname()[1])
    assert names.asked == 1


@pytest.mark.parametrize("name", ["nowhere.invalid", "a" * 64 + ".example", "crm..example"])
async def test_a_name_that_does_not_exist_or_cannot_is_said_so(name: str):
    with pytest.raises(httpcore.ConnectError, match=f"{re.escape(name)} cannot be looked up"):
        await OutsideOnly().connect_tcp(name, 443, timeout=2)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0", "localhost"])
async def test_this_machine_is_not_connected_to_however_it_is_written(host: str):
    with pytest.raises(httpcore.ConnectError, match="leads into a private network"):
        await OutsideOnly().connect_tcp(host, 9, timeout=2)
