"""`houston demo`: everything on one machine, with a simulated WhatsApp, so that it can be tried at once.

It uses Houston as its users do, over HTTP. What it makes is kept in its folder: a second start goes on
where the first one ended.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec

from houston.app import Running, running
from houston.kernel.clock import Chance, Clock
from houston.kernel.errors import Broken
from houston.kernel.ids import AccountId
from houston.kernel.settings import Settings
from houston.people.founding import make_administrator
from houston.people.keyring import create_account
from houston.standins import Running as StandInRunning
from houston.standins import StandIn, simulated

_NAME: Final = "Houston demo"
_EMAIL: Final = "anna@demo.example"
_PERSON: Final = "Anna"
_PAIRED: Final = ("Sales", "79990000001")
_WAITING: Final = ("Support", "79990000002")
_PEOPLE: Final = (
    ("79161234567", "Hello! Is the blue bicycle still there?"),
    ("79161234568", "Good morning, when do you open?"),
    ("79161234569", "I have paid for order 1042. Please send the receipt."),
)
_MONEY: Final = 100_00
"""What the demo's account has to spend, in minor units."""
_PAIRING_SECONDS_MAX: Final = 90.0


class DemoChannel(msgspec.Struct, frozen=True):
    """A channel of the demo."""

    id: str
    phone: str
    name: str
    status: str
    """When the demo was ready."""


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor needs to know. Also printed by `--json`, so its fields are an interface."""

    url: str
    api_key: str
    sim_url: str
    login: "Login"
    account_id: str
    channels: list[DemoChannel]


class Login(msgspec.Struct, frozen=True):
    """Who can sign in."""

    email: str
    password: str


class _Kept(msgspec.Struct, frozen=True):
    """What of a demo outlives it: the key and the password can be shown only once."""

    account_id: str
    api_key: str
    login: Login | None = None
    """None in the folder of a demo from before people could sign in."""


@asynccontextmanager
async def demo(
    settings: Settings,
    sim_url: str | None,
    clock: Clock,
    chance: Chance,
    *,
    stand_in: StandInRunning = simulated,
) -> AsyncIterator[Demo]:
    """The demo, running and furnished. `sim_url` is a stand-in for WhatsApp that runs elsewhere."""
    settings = msgspec.structs.replace(
        settings, billing="on", billing_own_top_up=True, private_webhooks=True
    )
    async with (
        stand_in(settings, sim_url, clock) as whatsapp,
        running(whatsapp.settings, clock, chance) as houston,
    ):
        file = settings.data_dir / "demo.json"
        kept = await _account(houston, file, clock)
        login = await _login(houston, kept, file, clock)
        channels = await _furnish(houston.url, whatsapp, kept, clock)
        yield Demo(
            url=houston.url,
            api_key=kept.api_key,
            sim_url=whatsapp.control,
            login=login,
            account_id=kept.account_id,
            channels=channels,
        )


async def _account(houston: Running, file: Path, clock: Clock) -> _Kept:
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    made = await create_account(houston.database, clock, _NAME)
    return _keep(file, _Kept(str(made.account), made.api_key))


async def _login(houston: Running, kept: _Kept, file: Path, clock: Clock) -> Login:
    if kept.login is not None:
        return kept.login
    account = AccountId(UUID(kept.account_id))
    login = Login(
        _EMAIL, await make_administrator(houston.database, clock, account, _EMAIL, _PERSON)
    )
    _keep(file, msgspec.structs.replace(kept, login=login))
    return login


def _keep(file: Path, kept: _Kept) -> _Kept:
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(kept))
    return kept


async def _furnish(url: str, whatsapp: StandIn, kept: _Kept, clock: Clock) -> list[DemoChannel]:
    """Make what is not there yet: two channels, one of them paired, and people who write to it.

    The channel that waits for its scan is made last: where it is, or was, a visitor has taken over.
    """
    headers = {"authorization": f"Bearer {kept.api_key}"}
    async with (
        httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=15) as houston,
        httpx.AsyncClient(base_url=whatsapp.control, timeout=15) as world,
    ):
        await _post(houston, "/account/top-up", {"amount": _MONEY, "ref": "demo"})
        ever = {one["phone"]: one for one in await _get(houston, "/channels?deleted=true")}
        if _WAITING[1] not in ever:
            paired = ever.get(_PAIRED[1]) or await _add(houston, whatsapp.transport, *_PAIRED)
            await _pair(houston, world, paired["id"], _PAIRED[1], clock)
            for phone, text in _PEOPLE:
                await _post(world, f"/sim/people/{phone}/say", {"to": _PAIRED[1], "text": text})
            await _add(houston, whatsapp.transport, *_WAITING)
        return [_shown(one) for one in await _get(houston, "/channels")]


def _shown(one: dict[str, Any]) -> DemoChannel:
    return DemoChannel(one["id"], one["phone"], one["name"], one["status"]["code"])


async def _add(houston: httpx.AsyncClient, transport: str, name: str, phone: str) -> dict[str, str]:
    body = {"name": name, "phone": phone, "transport": transport}
    made: dict[str, str] = await _post(houston, "/channels", body)
    return made


async def _pair(
    houston: httpx.AsyncClient, world: httpx.AsyncClient, channel: str, phone: str, clock: Clock
) -> None:
    """As a person does it: scan what is shown, and ask for a new code when none is."""
    deadline = clock.monotonic() + _PAIRING_SECONDS_MAX
    while (code := await _status(houston, channel)) != "ACTIVE":
        if clock.monotonic() > deadline:
            raise Broken("The demo's first channel does not become active; the log says why")
        if code == "SCAN_QR":
            shown = await houston.get(f"/channels/{channel}/qr")
            if (
                shown.is_success
            ):  # The phone refuses one that has run out meanwhile; the next one comes.
                await world.post(f"/sim/phones/{phone}/scan", json={"code": shown.json()["code"]})
            else:
                await _post(houston, f"/channels/{channel}/rescan", {})
        await clock.sleep(0.05)


async def _status(houston: httpx.AsyncClient, channel: str) -> str:
    return str((await _get(houston, f"/channels/{channel}"))["status"]["code"])


async def _get(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    return answer.raise_for_status().json()


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    answer = await client.post(path, json=body)
    return answer.raise_for_status().json()


def welcome(ready: Demo) -> str:
    """What a person reads who has just started the demo."""
    lines = [
        f"Houston runs at      {ready.url}",
        f"Sign in as           {ready.login.email} with {ready.login.password}",
        f"API key              {ready.api_key}",
        f"WhatsApp is played   {ready.sim_url}",
        *(
            f"Channel              {one.name}, {one.phone}, {one.id}, {one.status}"
            for one in ready.channels
        ),
        "",
        "Try it:",
        f"  curl -H 'Authorization: Bearer {ready.api_key}' {ready.url}/api/v1/channels",
        "",
        "Ctrl-C ends it; the next start goes on where this one ended.",
    ]
    return "\n".join(lines)
