"""A month of money, through HTTP alone: a whole server in this process on a clock that can be moved ahead,
beside a WhatsApp on the machine's own, whose books say what arrived."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from houston.app import running
from houston.kernel.clock import ShiftedClock
from houston.kernel.settings import Settings
from houston.people.keyring import create_account
from tests.acceptance.town import (
    Api,
    WhatsApp,
    rows_in,
    settings_on,
    until,
    whatsapp_running,
)

pytestmark = pytest.mark.slow
PHONES = ("79990000011", "79990000012", "79990000013")
PERSON = "79165580002"
PRICE = 100
DAYS = 30


class Bank:
    """Servers whose time can be moved, on one database; and one account with three channels."""

    def __init__(self, portal: BlockingPortal, settings: Settings, whatsapp: WhatsApp) -> None:
        self.clock = ShiftedClock()
        self.whatsapp = whatsapp
        self.channels: list[str] = []
        self._portal = portal
        self.database_url = settings.database_url or ""
        self._settings = settings
        self._key = ""

    @contextmanager
    def open(self, billing: Literal["on", "off"] = "on") -> Iterator[Api]:
        """A node runs inside, and has ended outside."""
        settings = msgspec.structs.replace(self._settings, billing=billing)
        server = running(settings, self.clock, random.Random(1))
        with self._portal.wrap_async_context_manager(server) as started:
            if not self._key:
                make = partial(create_account, started.database, self.clock, "a month")
                self._key = self._portal.call(make).api_key
            api = Api(started.url, self._key)
            try:
                yield api
            finally:
                api.close()

    def furnish(self, api: Api, amount: int) -> None:
        """Three channels that work, of which the last one is then disabled, and money. This day is free."""
        top_up(api, amount, "first")
        for phone in PHONES:
            body = {"name": phone, "phone": phone, "transport": self.whatsapp.transport}
            channel = str(api.http.post("/channels", json=body).raise_for_status().json()["id"])
            assert self.whatsapp.scan(phone, api.code(channel)["code"]) == 200
            self.channels.append(channel)
        for channel in self.channels:
            becomes(api, channel, "ACTIVE")
        assert api.command(self.channels[2], "disable") == "DISABLED"
        until(lambda: money(api)["channels_paid_today"] == 2, what="the free day is noted")

    def to_midnight(self, days: int = 1) -> None:
        """Five minutes into the next day: a test does not run past the one after that."""
        now = self.clock.now()
        today = datetime(now.year, now.month, now.day, tzinfo=UTC)
        self.clock.advance(today + timedelta(days=days, minutes=5) - now)


def top_up(api: Api, amount: int, ref: str) -> dict[str, Any]:
    answer = api.http.post("/account/top-up", json={"amount": amount, "ref": ref})
    entry: dict[str, Any] = answer.raise_for_status().json()
    return entry


def money(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/account")["money"]
    return found


def charges(api: Api) -> list[dict[str, Any]]:
    """Read page by page, the oldest first."""
    entries: list[dict[str, Any]] = []
    page = api.get("/account/ledger", limit=7)
    while True:
        entries += page["entries"]
        if page["next_before"] is None:
            break
        page = api.get("/account/ledger", limit=7, before=page["next_before"])
    return [one for one in reversed(entries) if one["kind"] == "charge"]


def _charged(api: Api, days: int) -> bool:
    return len(charges(api)) == days


def becomes(api: Api, channel: str, word: str) -> None:
    until(lambda: api.status(channel) == word, what=f"it is {word}")


def refused(api: Api, channel: str, text: str) -> None:
    """By both interfaces, each in its own words."""
    native = api.send(channel, PERSON, text)
    assert (native.status_code, native.json()["code"]) == (409, "CHANNEL_NO_MONEY")
    body = {"channelId": channel, "chatType": "whatsapp", "chatId": PERSON, "text": text}
    wazzup = api.v3.post("/message", json=body)
    assert (wazzup.status_code, wazzup.json()["error"]) == (400, "CHANNEL_NO_MONEY")


@pytest.fixture
def bank(empty_database_url: str, tmp_path: Path, transport: str) -> Iterator[Bank]:
    with whatsapp_running(tmp_path, transport) as whatsapp, start_blocking_portal() as portal:
        settings = msgspec.structs.replace(
            settings_on(whatsapp, empty_database_url, tmp_path / "data"),
            billing="on",
            billing_price=PRICE,
            billing_trial_days=1,
            billing_own_top_up=True,
        )
        yield Bank(portal, settings, whatsapp)


def test_a_month_of_charges_to_zero_and_back(bank: Bank) -> None:
    with bank.open() as api:
        bank.furnish(api, DAYS * 2 * PRICE)
        first, second, disabled = bank.channels
        assert charges(api) == []

        for day in range(1, DAYS + 1):
            bank.to_midnight()
            until(partial(_charged, api, day), what="the day is charged")
        assert [one["amount"] for one in charges(api)] == [2 * PRICE] * DAYS
        assert (money(api)["balance"], money(api)["paid"]) == (0, True)
        assert (api.status(first), api.status(second)) == ("ACTIVE", "ACTIVE")

        becomes(api, first, bank.whatsapp.hold(PHONES[0]))
        assert api.send(first, PERSON, "accepted before the money ended").status_code == 201
        bank.to_midnight()
        for channel in (first, second):
            becomes(api, channel, "NOT_PAID")
        bank.whatsapp.let_go(PHONES[0])
        assert api.status(disabled) == "DISABLED"
        stands = money(api)
        assert (stands["paid"], stands["balance"]) == (False, 0)
        assert stands["needed_for_a_day"] == 2 * PRICE

        for number in range(3):
            bank.whatsapp.say(PERSON, PHONES[1], f"while it was not paid {number}")
        refused(api, second, "nobody may ever see this")
        assert asyncio.run(rows_in(bank.database_url, "nobody may ever see this")) == {}
        assert asyncio.run(rows_in(bank.database_url, "accepted before")) != {}

        top_up(api, 10 * PRICE, "second")
        for channel in (first, second):
            becomes(api, channel, "ACTIVE")
        assert api.status(disabled) == "DISABLED"
        until(
            lambda: bank.whatsapp.texts(PERSON) == ["accepted before the money ended"],
            20,
            "the queue of before goes out, and nothing else",
        )
        chat = until(lambda: api.get("/chats", channel=second, q=PERSON))[0]["id"]
        until(lambda: len(api.messages(chat)) == 3, what="what accumulated is retrieved")
        texts = sorted(api.messages(chat), key=lambda one: one["created_at"])
        assert [one["text"] for one in texts] == [f"while it was not paid {n}" for n in range(3)]
        kinds = [one["kind"] for one in api.get("/events", limit=1_000)]
        assert (kinds.count("balance.exhausted"), kinds.count("balance.restored")) == (1, 1)


def test_two_nodes_charge_once_and_a_month_without_any_is_caught_up(bank: Bank) -> None:
    with bank.open() as api:
        bank.furnish(api, 100 * PRICE)
    bank.to_midnight(days=DAYS)
    with bank.open() as one, bank.open() as other:
        until(partial(_charged, one, DAYS), what="all days are caught up")
        for day in range(1, 4):
            bank.to_midnight()
            until(partial(_charged, other, DAYS + day), what="the day is charged")
        charged = charges(one)
        assert len({entry["day"] for entry in charged}) == len(charged) == DAYS + 3
        assert {entry["amount"] for entry in charged} == {2 * PRICE}


def test_a_server_that_counts_no_money_any_more_lets_everybody_go_on(bank: Bank) -> None:
    with bank.open() as api:
        bank.furnish(api, PRICE)
        bank.to_midnight()
        becomes(api, bank.channels[0], "NOT_PAID")
    with bank.open(billing="off") as api:
        for channel in bank.channels[:2]:
            becomes(api, channel, "ACTIVE")
        assert api.status(bank.channels[2]) == "DISABLED"
        assert api.get("/account")["money"] is None
        bank.to_midnight(days=DAYS)
        assert api.http.post("/account/top-up", json={"amount": 5, "ref": "x"}).status_code == 409
        assert api.status(bank.channels[0]) == "ACTIVE"


def test_the_same_payment_twice_is_one_and_another_amount_is_a_conflict(bank: Bank) -> None:
    with bank.open() as api:
        first, again = top_up(api, 500, "invoice 7"), top_up(api, 500, "invoice 7")
        other: httpx.Response = api.http.post(
            "/account/top-up", json={"amount": 501, "ref": "invoice 7"}
        )

        assert first == again
        assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")
        assert money(api)["balance"] == 500
