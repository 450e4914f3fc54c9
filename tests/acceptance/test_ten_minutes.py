"""The rule of five in ten minutes, and the thirty days of a deleted channel: a whole server in this process,
on a clock that can be moved ahead, beside a WhatsApp on the machine's own."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from houston.app import Running, running
from houston.kernel.clock import ShiftedClock
from houston.kernel.settings import Settings
from houston.people.keyring import create_account
from tests.acceptance.town import Api, WhatsApp, settings_on, until, whatsapp_running

pytestmark = pytest.mark.slow
PHONE = "79990000009"
PERSON = "79165580001"


class Houston:
    """A server whose time can be moved, and which can be started again on the same database."""

    def __init__(self, portal: BlockingPortal, settings: Settings, whatsapp: WhatsApp) -> None:
        self.clock = ShiftedClock()
        self.whatsapp = whatsapp
        self._portal = portal
        self._settings = settings
        self._key = ""
        self.channel = ""

    @contextmanager
    def open(self) -> Iterator[Api]:
        """It runs inside, and has ended outside."""
        chance = random.Random(1)
        server = running(self._settings, self.clock, chance)
        with self._portal.wrap_async_context_manager(server) as started:
            api = Api(started.url, self._key or self._new_account(started))
            try:
                self.channel = self.channel or self._paired(api)
                until(lambda: api.status(self.channel) != "JUST_A_MINUTE", what="it has settled")
                yield api
            finally:
                api.close()

    def _new_account(self, started: Running) -> str:
        make = partial(create_account, started.database, self.clock, "ten minutes")
        self._key = self._portal.call(make).api_key
        return self._key

    def _paired(self, api: Api) -> str:
        transport = self.whatsapp.transport
        body = {"name": "Front desk", "phone": PHONE, "transport": transport}
        channel = str(api.http.post("/channels", json=body).raise_for_status().json()["id"])
        assert self.whatsapp.scan(PHONE, api.code(channel)["code"]) == 200
        until(lambda: api.status(channel) == "ACTIVE", what="it is paired")
        return channel

    def opened_elsewhere(self, api: Api) -> str:
        """Another client takes the number once; what comes of it.

        Before, Houston is asked whether the number lives: a question that a jump of the clock has made too old
        is over then, and nothing but the other client takes the link away.
        """
        asked_at = self.clock.now()
        api.command(self.channel, "check")
        until(lambda: self._has_lived_since(api, asked_at), what="it has proved that it lives")
        self.whatsapp.do(PHONE, "open-elsewhere")
        until(lambda: api.status(self.channel) != "ACTIVE", what="it is heard of")
        until(lambda: api.status(self.channel) != "JUST_A_MINUTE", what="it is decided")
        return api.status(self.channel)

    def _has_lived_since(self, api: Api, asked_at: datetime) -> bool:
        status = api.get(f"/channels/{self.channel}")["status"]
        proved_at = datetime.fromisoformat(status["evidence_at"])
        return bool(status["code"] == "ACTIVE" and proved_at >= asked_at)


@pytest.fixture
def houston(empty_database_url: str, tmp_path: Path, transport: str) -> Iterator[Houston]:
    with whatsapp_running(tmp_path, transport) as whatsapp, start_blocking_portal() as portal:
        settings = settings_on(whatsapp, empty_database_url, tmp_path / "data")
        yield Houston(portal, settings, whatsapp)


def test_a_sixth_time_within_ten_minutes_is_left_to_a_person_also_over_restarts(
    houston: Houston,
) -> None:
    with houston.open() as api:
        for _ in range(3):
            assert houston.opened_elsewhere(api) == "ACTIVE"
            houston.clock.advance(timedelta(minutes=1))
    with houston.open() as api:
        for _ in range(2):
            assert houston.opened_elsewhere(api) == "ACTIVE"
            houston.clock.advance(timedelta(minutes=2))
        # It worked in between, and was started again: neither begins a new count.
        assert houston.opened_elsewhere(api) == "OPENED_ELSEWHERE"
        houston.clock.advance(timedelta(hours=5))
    with houston.open() as api:
        assert api.status(houston.channel) == "OPENED_ELSEWHERE"
        assert api.command(houston.channel, "enable-here") == "JUST_A_MINUTE"
        until(lambda: api.status(houston.channel) == "ACTIVE")


def test_when_ten_minutes_have_passed_the_earlier_times_count_no_more(houston: Houston) -> None:
    with houston.open() as api:
        for _ in range(5):
            assert houston.opened_elsewhere(api) == "ACTIVE"
        houston.clock.advance(timedelta(minutes=10))
    with houston.open() as api:
        assert houston.opened_elsewhere(api) == "ACTIVE"


def test_a_deleted_channel_comes_back_with_its_queue_for_thirty_days_and_no_longer(
    houston: Houston,
) -> None:
    with houston.open() as api:
        word = houston.whatsapp.hold(PHONE)
        until(lambda: api.status(houston.channel) == word)
        assert api.send(houston.channel, PERSON, "waits for thirty days").status_code == 201
        api.http.delete(f"/channels/{houston.channel}").raise_for_status()
        houston.whatsapp.let_go(PHONE)
        houston.clock.advance(timedelta(days=29, hours=23))
        assert api.command(houston.channel, "restore") != "DELETED"
        until(lambda: houston.whatsapp.texts(PERSON) == ["waits for thirty days"])
        api.http.delete(f"/channels/{houston.channel}").raise_for_status()
        houston.clock.advance(timedelta(days=30, seconds=1))
        late = api.http.post(f"/channels/{houston.channel}/restore")
        assert (late.status_code, late.json()["code"]) == (409, "CONFLICT")
        assert api.status(houston.channel) == "DELETED"
