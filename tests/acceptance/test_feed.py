"""The feed as integrators read it, over a kill of the server, and what operators are told of its health."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.town import Api, Town, until

pytestmark = pytest.mark.slow
PERSON = "79165570001"


def streamed(api: Api, last_id: str | None) -> Iterator[dict[str, Any]]:
    """The events of a stream, as long as it is open."""
    headers = {} if last_id is None else {"last-event-id": last_id}
    with api.http.stream("GET", "/stream", headers=headers) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def heard(events: list[dict[str, Any]]) -> list[str]:
    """What people said, as the feed tells it."""
    return [one["body"]["text"] for one in events if one["kind"] == "message.received"]


def until_heard(stream: Iterator[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Read a stream up to what a person said."""
    events = []
    for event in stream:
        events.append(event)
        if heard([event]) == [text]:
            return events
    raise AssertionError(f"the stream ended before {text!r}")


def test_a_stream_goes_on_where_it_was_broken_by_a_kill(own_town: Town) -> None:
    phone = own_town.paired["phone"]
    before = own_town.api.get("/events", limit=1000)[-1]["id"]
    stream = streamed(own_town.api, before)
    for number in range(3):
        own_town.whatsapp.say(PERSON, phone, f"said {number}")
    seen = until_heard(stream, "said 1")
    # Of what comes now, this reader sees nothing: the server is killed, and it says more meanwhile.
    own_town.kill_houston()
    own_town.whatsapp.say(PERSON, phone, "said 3")
    own_town.start()
    own_town.whatsapp.say(PERSON, phone, "said 4")
    resumed = until_heard(streamed(own_town.api, seen[-1]["id"]), "said 4")
    assert heard(seen + resumed) == [f"said {number}" for number in range(5)]
    ids = [event["id"] for event in seen + resumed]
    assert len(ids) == len(set(ids))
    pulled = own_town.api.get("/events", after=before, limit=1000)
    assert [event["id"] for event in pulled][: len(ids)] == ids


def test_the_feed_is_pulled_page_by_page_without_a_gap_or_a_repeat(town: Town) -> None:
    everything = town.api.get("/events", limit=1000)
    pages = page = town.api.get("/events", limit=7)
    while page:
        page = town.api.get("/events", limit=7, after=pages[-1]["id"])
        pages = pages + page
    assert pages[: len(everything)] == everything
    assert town.api.http.get("/events", params={"after": "no-cursor"}).status_code == 400


def test_it_says_that_it_is_alive_ready_and_how_it_does(town: Town) -> None:
    channel = town.paired["id"]
    assert town.api.open.get("/health/live").text == "alive\n"
    assert town.api.open.get("/health/ready").text == "ready\n"
    # What earlier tests sent may still be on its way, and channels of theirs may be held too.
    queue = f'houston_queue_length{{channel="{channel}"}}'
    until(lambda: figures(town)[queue] == 0)
    before = figures(town)
    assert before[f'houston_channel_status{{channel="{channel}",status="ACTIVE"}}'] == 1
    assert before[f'houston_library_outdated{{channel="{channel}"}}'] == 0
    assert before[f'houston_channel_faults{{channel="{channel}"}}'] == 0
    assert before["houston_leases"] >= 2
    sent = f'houston_messages_sent_total{{channel="{channel}"}}'
    town.api.send(channel, PERSON, "counted").raise_for_status()
    until(lambda: figures(town)[sent] > before[sent])
    town.hold(town.waiting)
    town.api.send(town.waiting["id"], PERSON, "waits").raise_for_status()
    assert figures(town)[f'houston_queue_length{{channel="{town.waiting["id"]}"}}'] == 1
    town.whatsapp.let_go(town.waiting["phone"])
    town.becomes(town.waiting, "ACTIVE", 180)


def test_it_is_alive_but_not_ready_while_its_database_is_away(own_town: Town) -> None:
    answered = []

    def looked() -> bool:
        """It must never hang, and never say `ready` of a database that is not."""
        answered.append(own_town.api.open.get("/health/ready", timeout=5).status_code)
        return answered[-1] == 503

    own_town.kill_postgres()
    until(looked, what="it says that it is not ready")
    assert own_town.api.open.get("/health/live").status_code == 200
    until(lambda: own_town.api.open.get("/health/ready").status_code == 200, what="it is back")
    assert set(answered) <= {200, 503}


def figures(town: Town) -> dict[str, float]:
    answer: httpx.Response = town.api.open.get("/metrics")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
