"""The interface under odd input: described answers only, clear errors, and nothing half-done."""

import contextlib
import json
import socket
import time
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.acceptance.town import Town, until

pytestmark = pytest.mark.slow
PERSON = "79167770001"


def described(town: Town) -> Any:
    """The served description, without the stream, which never ends, and without what deletes."""
    document = town.api.get("/openapi.json")
    del document["paths"]["/api/v1/stream"]
    del document["paths"]["/api/v1/account"]["patch"]  # It silences notices that others wait for.
    for path in ("/api/v1/channels/{channel_id}", "/api/v1/channels/{channel_id}/{command}"):
        operations = document["paths"][path]
        document["paths"][path] = {name: one for name, one in operations.items() if name == "get"}
    return schemathesis.openapi.from_dict(document)


def test_no_request_breaks_the_server_or_gets_an_answer_that_is_not_described(town: Town) -> None:
    headers = {"authorization": f"Bearer {town.card['api_key']}"}
    checks = [not_a_server_error, response_schema_conformance]
    tried = set()
    for found in described(town).get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def judge(case: Any) -> None:
            answer = case.call(base_url=town.card["url"], headers=headers, timeout=30)
            case.validate_response(answer, checks=checks)
            tried.add((case.method, case.path))

        judge()
    assert len(tried) > 20


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("x" * 10_001, "10,000"),
        ("nul \x00", "U+0000"),
        ("bell \x07", "U+0007"),
        ("half \ud83d", ""),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_with_the_cure(
    town: Town, text: str, cure: str
) -> None:
    body = {"channel_id": town.paired["id"], "chat_id": PERSON, "text": text}
    answer = town.api.http.post("/messages", content=json.dumps(body))
    assert answer.status_code == 400
    assert cure in answer.text
    assert town.api.get("/chats", q=PERSON) == []


def test_every_writing_of_the_world_arrives_unchanged(town: Town) -> None:
    person = "79167770002"
    texts = [
        "Привет 👋🏽",
        "שלום",
        "👩‍👩‍👧‍👦",
        "line\nline\ttab",
        "x" * 10_000,
        "'; drop table messages; --",
        "\u202eRTL",
    ]
    for text in texts:
        assert town.api.send(town.paired["id"], person, text).status_code == 201
    until(lambda: len(town.whatsapp.texts(person)) == len(texts))
    assert town.whatsapp.texts(person) == texts


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"channel_id": 5}',
        b'{"text": "x", "unknown": 1}',
        b"{" * 5_000,
    ],
)
def test_a_body_that_is_not_a_message_is_told_so(town: Town, body: bytes) -> None:
    for answer in (
        town.api.http.post("/messages", content=body),
        town.api.v3.post("/message", content=body),
    ):
        assert answer.status_code == 400, answer.text
        assert "Traceback" not in answer.text
        answer.json()


def test_a_body_of_fifty_megabytes_is_refused_and_others_are_served(town: Town) -> None:
    body = b'{"text": "' + b"x" * 50_000_000 + b'"}'
    for client, path in ((town.api.http, "/messages"), (town.api.v3, "/message")):
        # To be cut off amid the sending is as good an answer.
        with contextlib.suppress(httpx.WriteError, httpx.ReadError):
            assert client.post(path, content=body).status_code == 413
    assert town.api.status(town.paired["id"]) == "ACTIVE"


@pytest.mark.parametrize("key", ["hk_forged", "hk_" + "x" * 5_000, "Bearer"])
def test_a_forged_key_opens_nothing(town: Town, key: str) -> None:
    for path in ("/api/v1/channels", "/v3/channels", "/api/v1/events", "/api/v1/stream"):
        for headers in ({}, {"authorization": key}, {"authorization": f"Bearer {key}"}):
            assert town.api.open.get(path, headers=headers).status_code == 401, path


def test_ids_of_others_and_of_nobody_are_not_found(town: Town) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    for path in (f"/channels/{nobody}", f"/messages/{nobody}", f"/chats/{nobody}/messages"):
        assert town.api.http.get(path).status_code == 404
    assert town.api.http.get("/channels/not-an-id").status_code in (400, 404)
    assert town.api.send(nobody, PERSON, "x").status_code == 404


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"GET /api/v1/channels HTTP/1.1\r\nHost: x\r\nX-Dribble: ", id="headers"),
        pytest.param(
            b"POST /v3/message HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", id="body"
        ),
        pytest.param(b"", id="nothing at all"),
    ],
)
def test_slow_clients_hold_up_nobody(town: Town, beginning: bytes) -> None:
    url, text = httpx.URL(town.card["url"]), f"in between {len(beginning)}"
    slow = [socket.create_connection((url.host, url.port)) for _ in range(200)]
    try:
        for one in slow:
            one.sendall(beginning)
        began = time.monotonic()
        assert town.api.send(town.paired["id"], "79167770003", text).status_code == 201
        until(lambda: text in town.whatsapp.texts("79167770003"))
        for one in slow:
            one.sendall(b"x")  # They go on, byte by byte.
        assert town.api.status(town.paired["id"]) == "ACTIVE"
        assert time.monotonic() - began < 5
    finally:
        for one in slow:
            one.close()


@pytest.mark.parametrize(
    ("stop", "resume", "code", "person"),
    [
        pytest.param("disable", "enable", "CHANNEL_BLOCKED", "79167770004", id="disabled"),
        pytest.param(None, "restore", "CHANNEL_NOT_FOUND", "79167770005", id="deleted"),
    ],
)
def test_a_refused_message_leaves_no_trace_in_any_table_feed_or_view(
    town: Town, stop: str | None, resume: str, code: str, person: str
) -> None:
    channel, text = town.waiting, f"never-{code}"
    if stop is None:
        town.api.http.delete(f"/channels/{channel['id']}").raise_for_status()
    else:
        town.api.command(channel["id"], stop)
    try:
        last = newest(town)
        for number in range(3):
            refused = town.api.send(channel["id"], person, text, client_ref=f"{text}-{number}")
            assert (refused.status_code, refused.json()["code"]) == (409, code)
        body = {"channelId": channel["id"], "chatType": "whatsapp", "chatId": person, "text": text}
        answer = town.api.v3.post("/message", json={**body, "crmMessageId": text})
        assert (answer.status_code, answer.json()["error"]) == (400, code)
        news = town.api.get("/events", after=last)
        # A moment after a channel stops it is told how long the money lasts now.
        assert [one for one in news if one["kind"] != "balance.forecast"] == []
        assert town.api.get("/chats", q=person) == []
        assert town.api.get(f"/channels/{channel['id']}/queue")["length"] == 0
        assert town.rows_with(text) == town.rows_with(person) == {}
    finally:
        town.api.command(channel["id"], resume)
    town.becomes(channel, "ACTIVE")
    # The reference of what was refused is as good as new, and nothing of before comes with it.
    accepted = town.api.send(channel["id"], person, f"{text} but this", client_ref=f"{text}-0")
    assert (accepted.status_code, accepted.json()["repeated"]) == (201, False)
    until(lambda: f"{text} but this" in town.whatsapp.texts(person))
    assert text not in town.whatsapp.texts(person)
    assert town.rows_with(f"{text} but this")["messages"] == 1


def newest(town: Town) -> str:
    """The id of the last event of all."""
    page = town.api.get("/events", limit=1000)
    while more := town.api.get("/events", limit=1000, after=page[-1]["id"]):
        page = more
    return str(page[-1]["id"])
