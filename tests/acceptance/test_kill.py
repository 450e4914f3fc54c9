"""kill -9 under load: what was accepted arrives once and in order, what was said is stored once.

The judge is the books of WhatsApp, simulated or faked, which no kill touches.
"""

from typing import Any

import pytest

from tests.acceptance.storm import rounds
from tests.acceptance.town import Town, until

pytestmark = pytest.mark.slow


@pytest.mark.each_transport
def test_nothing_is_lost_doubled_or_reordered_by_kills(own_town: Town) -> None:
    # A worker that encrypts is slower than the simulator: fewer rounds, of which each kills Houston.
    count, seed = {"simulator": (5, 7), "linked": (2, 4)}[own_town.whatsapp.transport]
    verdict = rounds(own_town, count, seed=seed)
    assert verdict.clean, verdict


def facts_of(card: dict[str, Any]) -> dict[str, Any]:
    """What a demo tells of itself, but for its port and for the statuses of the moment."""
    named = [(one["id"], one["phone"], one["name"]) for one in card["channels"]]
    return {**card, "channels": named, "url": None}


def test_a_restart_changes_no_fact(own_town: Town) -> None:
    channel = own_town.waiting
    assert own_town.api.command(channel["id"], "disable") == "DISABLED"
    own_town.hold(own_town.paired)
    held = own_town.api.send(own_town.paired["id"], "79160009999", "over a restart").json()["id"]
    before = own_town.card
    own_town.kill_houston()
    own_town.start()
    assert facts_of(own_town.card) == facts_of(before)
    assert own_town.api.status(channel["id"]) == "DISABLED"
    assert own_town.api.get(f"/messages/{held}")["status"] == "queued"
    own_town.whatsapp.let_go(own_town.paired["phone"])
    own_town.becomes(own_town.paired, "ACTIVE", 180)
    until(lambda: "over a restart" in own_town.whatsapp.texts("79160009999"))
    assert own_town.api.status(channel["id"]) == "DISABLED"


def test_give_up_after_five_take_backs_survives_a_restart(own_town: Town) -> None:
    channel = own_town.paired
    own_town.whatsapp.do(channel["phone"], "open-elsewhere", stubborn_times=50)
    own_town.becomes(channel, "OPENED_ELSEWHERE")
    own_town.kill_houston()
    own_town.start()
    assert own_town.api.status(channel["id"]) == "OPENED_ELSEWHERE"
    # The window is stored: a press is one more try, not five.
    own_town.api.command(channel["id"], "enable-here")
    own_town.becomes(channel, "OPENED_ELSEWHERE")
    history = own_town.api.get(f"/channels/{channel['id']}/history")
    pressed = max(n for n, line in enumerate(history) if line["actor"].startswith("api key"))
    assert sum(line["new"] == "ACTIVE" for line in history[pressed:]) <= 1


def test_sigterm_ends_within_five_seconds_with_open_streams(own_town: Town) -> None:
    with own_town.api.http.stream("GET", "/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        assert own_town.houston.stop() < 5
        for _ in lines:  # The stream is closed, not left hanging.
            pass
    own_town.start()
