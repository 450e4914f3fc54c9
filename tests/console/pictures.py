"""Takes the README's pictures: a town with a believable day in it, each screen in light, dark and on a phone.

python -m tests.console.pictures docs/img
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from houston.kernel.postgres.server import address_of_running
from tests.acceptance.town import Town, town_running, until
from tests.console.beside import Chatwoot, beside, chatwoot_running
from tests.console.conftest import FLAGS, found_chromium, signed_in
from tests.console.screen import Screen
from tests.webhooks.receiver import Receiver, receiving

_TALKS = {
    "79161234567": ["And in which size?"],
    "79161234571": ["Good afternoon", "Do you deliver on Saturday?"],
    "79161234572": ["Can I pay by card on delivery?"],
    "79161234573": [
        "Could you send the invoice again, please? The first one had the wrong address."
    ],
    "79161234574": ["Thank you, everything arrived!"],
}
_ANSWERS = [
    ("79161234567", "Good morning! Yes, one is left, in size M."),
    ("79161234574", "Glad to hear it. Have a good ride!"),
]
_MORE_CHANNELS = {
    "Madrid": "79990000003",
    "Warehouse": "79990000004",
    "Clinic": "79990000005",
    "Old hotline": "79990000006",
}


@dataclass(frozen=True)
class Look:
    """How a picture is taken."""

    name: str
    width: int
    height: int
    scheme: str
    language: str = "en-GB"


_NAMES = {
    "79161234567": "Luis Aliev",
    "79161234568": "Maria Reyes",
    "79161234569": "Anna Petrova",
    "79161234571": "John Lima",
    "79161234572": "Olga Kim",
    "79161234573": "Pedro Miller",
    "79161234574": "Kate Dias",
}
_EARLIER = """
update channel_history h set at = h.at - interval '8 days'
from (select channel_id, min(id) filter (where new = 'ACTIVE') as first_active
    from channel_history group by channel_id) f
where h.channel_id = f.channel_id and h.id <= f.first_active
"""


_LOOKS = (
    Look("light", 1440, 900, "light"),
    Look("dark", 1440, 900, "dark"),
    Look("phone", 390, 844, "light"),
)


def furnish(town: Town, chatwoot: Chatwoot, receiver: Receiver) -> None:
    """Let a morning pass."""
    for person, texts in _TALKS.items():
        for text in texts:
            town.whatsapp.say(person, town.paired["phone"], text)
    for person, text in _ANSWERS:
        chat = town.chat(town.paired, person)
        town.api.send(town.paired["id"], chat, text, author="Anna")
    made = {name: _added(town, name, phone) for name, phone in _MORE_CHANNELS.items()}
    for name in ("Madrid", "Warehouse", "Clinic", "Old hotline"):
        town.pair(made[name])
    town.whatsapp.do(made["Madrid"]["phone"], "open-elsewhere", stubborn_times=20)
    town.whatsapp.do(made["Warehouse"]["phone"], "offline")
    town.api.command(made["Old hotline"]["id"], "disable")
    town.becomes(made["Warehouse"], "PHONE_UNAVAILABLE")
    town.becomes(made["Madrid"], "OPENED_ELSEWHERE", 60)
    person = next(iter(_TALKS))
    town.whatsapp.say(person, made["Warehouse"]["phone"], "Where do I pick it up?")
    town.api.send(made["Warehouse"]["id"], person, "At the gate, it is ready.", author="Anna")
    connect(town, chatwoot, receiver)
    curator = {"name": "Irina", "phone": "79161230000", "channels": [town.paired["id"]]}
    town.api.http.post("/curators", json=curator).raise_for_status()


def connect(town: Town, chatwoot: Chatwoot, receiver: Receiver) -> None:
    """Programs beside it, some of them in trouble."""
    for name, path in {"Shop": "/orders", "Data warehouse": "/facts"}.items():
        body = {"name": name, "url": receiver.url + path}
        town.api.http.post("/endpoints", json=body).raise_for_status()
    broken = {"name": "Old CRM", "url": chatwoot.url, "kinds": ["message.received"]}
    town.api.http.post("/endpoints", json=broken).raise_for_status()
    for name, more in {"Shop desk": {}, "Branch": {"access_token": "out-of-date-token"}}.items():
        connection = {
            "kind": "chatwoot",
            "name": name,
            "channels": [town.paired["id"]],
            "settings": chatwoot.settings | more,
        }
        town.api.http.post("/connections", json=connection).raise_for_status()
    town.whatsapp.say(next(iter(_TALKS)), town.paired["phone"], "And can I try it on?")
    until(lambda: "failing" in {one["health"] for one in town.api.get("/endpoints")})


async def age(town: Town) -> None:
    """What a demo of a minute cannot have: names, and a past of some days."""
    address = address_of_running(town.folder / "data")
    assert address is not None
    connection = await asyncpg.connect(address)
    try:
        for phone, name in _NAMES.items():
            await connection.execute("update chats set name = $2 where address = $1", phone, name)
        await connection.execute("update channels set created_at = created_at - interval '9 days'")
        await connection.execute(_EARLIER)
    finally:
        await connection.close()


def _added(town: Town, name: str, phone: str) -> dict[str, str]:
    body = {"name": name, "phone": phone, "transport": "simulator"}
    made: dict[str, str] = town.api.http.post("/channels", json=body).raise_for_status().json()
    return made


def take(chromium: Browser, town: Town, folder: Path) -> None:
    state: Any = signed_in(chromium, town)
    chat = town.chat(town.paired, "79161234567")
    waiting = town.api.get("/chats", q="79161234567")
    held = next(one["id"] for one in waiting if one["channel_id"] != town.paired["id"])
    pages = {
        "inbox": f"/inbox/{chat}",
        "waiting": f"/inbox/{held}",
        "list": "/inbox",
        "channels": "/channels",
        "balance": "/balance",
        "webhooks": "/webhooks",
        "integrations": "/integrations",
        "phone": "/phone",
    }
    for look in _LOOKS:
        context = chromium.new_context(
            base_url=town.card["url"],
            storage_state=state,
            viewport={"width": look.width, "height": look.height},
            color_scheme=look.scheme,  # type: ignore[arg-type]  # One of its words.
            locale=look.language,
        )
        screen = Screen(context.new_page())
        for name, path in pages.items():
            screen.go(path)
            _picture(screen, folder / f"{name}-{look.name}.png")
        screen.go("/channels")
        screen.card(town.waiting["id"]).get_by_role("button", name="Scan").click()
        screen.page.get_by_role("timer").wait_for()
        _picture(screen, folder / f"code-{look.name}.png")
        context.close()


def _picture(screen: Screen, file: Path) -> None:
    screen.page.wait_for_timeout(700)  # Nobody waits for these pictures but who asked for them.
    whole = Image.open(BytesIO(screen.page.screenshot()))
    whole.quantize(160).save(file, optimize=True)  # A third of the bytes, and looks the same.
    print(file)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        town_running(Path(place)) as town,
        beside(chatwoot_running()) as chatwoot,
        beside(receiving()) as receiver,
    ):
        furnish(town, chatwoot, receiver)
        asyncio.run(age(town))
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=found_chromium(), args=FLAGS)
            take(chromium, town, folder)
            chromium.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
