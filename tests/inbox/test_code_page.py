"""Makes links to codes by the interface of a whole server and opens them as a browser without a sign-in does.

Nothing drives the channels here: a test puts a channel into a state that really leads there, with a code.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from houston.channels import store
from houston.channels.hearing import hear
from houston.channels.orders import Disable
from houston.channels.state import State, Status, new_channel
from houston.kernel.facts import CodeLinkChanged
from houston.kernel.ids import ChannelId
from houston.kernel.language import LANGUAGES
from houston.transports.events import (
    BacklogEnded,
    LoggedOut,
    LogoutCause,
    Online,
    Paired,
    QrShown,
)
from tests.channels.life import Life, fresh_channel
from tests.houses import put
from tests.people.hall import Account, Hall
from tests.people.hall import hall as open_hall
from tests.statuses import state_in

PHONE = "79001112233"
CODE = "2@a-secret-for-the-phone"


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Hall]:
    async with open_hall(database_url) as hall:
        yield hall


@pytest.fixture
async def flowers(hall: Hall) -> Account:
    return await hall.account("Flowers")


@pytest.fixture
async def channel(flowers: Account) -> str:
    return await flowers.channel(PHONE, "Secret name of the desk")


async def becomes(hall: Hall, channel: str, state: State, code: str | None = None) -> None:
    one = ChannelId(UUID(channel))
    async with hall.database.transaction() as tx:
        await put(tx, one, state)
        await store.show_code(tx, one, code, hall.clock.now() + timedelta(seconds=17))


async def shows_a_code(hall: Hall, channel: str, number: int = 2, code: str = CODE) -> None:
    life = Life()
    life.state = fresh_channel().state
    life.hear(QrShown(code, life.at(17), number, 5))
    await becomes(hall, channel, life.state, code)


async def hears(hall: Hall, channel: str, *heard: Any) -> None:
    async with hall.database.transaction() as tx:
        await hear(tx, ChannelId(UUID(channel)), heard, hall.clock.now())


async def made(flowers: Account, channel: str, **body: Any) -> str:
    """The path of a new link."""
    link = await flowers.key.post(f"/channels/{channel}/code-link", body)
    return urlsplit(link["url"]).path


async def opened(hall: Hall, path: str, **more: Any) -> httpx.Response:
    return await hall.http.get(path, **more)


async def test_a_link_shows_the_code_without_a_sign_in_and_nothing_else_of_the_account(
    hall: Hall, flowers: Account, channel: str
) -> None:
    await shows_a_code(hall, channel)
    page = await opened(hall, await made(flowers, channel))

    assert page.status_code == 200
    assert "Code 2 of 5" in page.text
    assert "<b data-left>17</b>" in page.text
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert f"+{PHONE}" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    for secret in (channel, str(flowers.id), flowers.name, flowers.email, "desk", CODE):
        assert secret not in page.text
    runs_and_loads_nothing_but_its_own(page)
    await is_kept_as_a_hash_only(hall, page.url.path.rpartition("/")[2])
    await speaks_the_language_of_the_browser_or_the_one_chosen(hall, page.url.path)


def runs_and_loads_nothing_but_its_own(page: httpx.Response) -> None:
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "http://" not in page.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page.text


async def is_kept_as_a_hash_only(hall: Hall, token: str) -> None:
    assert len(token) >= 43
    (row,) = await hall.rows("select row_to_json(l)::text as row from code_links l")
    (events,) = await hall.rows("select coalesce(jsonb_agg(body), '[]')::text as all from events")
    assert token not in row["row"]
    assert token not in events["all"]


async def speaks_the_language_of_the_browser_or_the_one_chosen(hall: Hall, path: str) -> None:
    for language in LANGUAGES:
        asked = {"accept-language": f"fr-FR,{language}-XX;q=0.9,en;q=0.1"}
        for page in (
            await opened(hall, path, headers=asked),
            await opened(hall, f"{path}?lang={language}", headers={"accept-language": "fr"}),
        ):
            assert f'<html lang="{language}">' in page.text
    assert '<html lang="en">' in (await opened(hall, f"{path}?lang=xx")).text


async def test_it_is_over_after_half_an_hour_or_as_long_as_was_asked_within_bounds(
    hall: Hall, flowers: Account, channel: str
) -> None:
    for minutes, body in ((30, {}), (5, {"minutes": 5}), (1_440, {"minutes": 1_440})):
        path = await made(flowers, channel, **body)
        hall.clock.advance(minutes * 60 - 1)
        assert (await opened(hall, path)).status_code == 200
        hall.clock.advance(1)
        page = await opened(hall, path)
        assert page.status_code == 404
        assert "Ask whoever sent it for a new link" in page.text
        assert "refresh" not in page.text

    for wrong in (4, 1_441, -1, None, "soon", 10**30):
        asked = {"json": {"minutes": wrong}}
        answer = await flowers.key.ask("POST", f"/api/v1/channels/{channel}/code-link", **asked)
        assert answer.status_code == 400, wrong
        assert "minutes" in answer.text


async def test_one_pairing_uses_it_up_for_good(hall: Hall, flowers: Account, channel: str) -> None:
    await shows_a_code(hall, channel)
    path = await made(flowers, channel)
    assert (await opened(hall, path)).status_code == 200
    assert (await opened(hall, path)).status_code == 200
    await hears(hall, channel, Paired(PHONE, b"keys"), Online(), BacklogEnded())
    page = await opened(hall, path)
    assert "The number is linked" in page.text
    assert "refresh" not in page.text
    await hears(hall, channel, LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE))
    await shows_a_code(hall, channel)
    assert (await opened(hall, path)).status_code == 404


async def test_a_withdrawn_and_a_replaced_link_show_nothing(
    hall: Hall, flowers: Account, channel: str
) -> None:
    first = await made(flowers, channel)
    second = await made(flowers, channel)
    assert (await opened(hall, first)).status_code == 404
    assert (await opened(hall, second)).status_code == 200
    for _ in range(2):
        answer = await flowers.key.ask("DELETE", f"/api/v1/channels/{channel}/code-link")
        assert answer.status_code == 204
    assert (await opened(hall, second)).status_code == 404


async def test_only_those_who_may_scan_make_one_and_it_ends_with_their_right(
    hall: Hall, flowers: Account, channel: str
) -> None:
    person, boris = await flowers.person("Boris", "manager")
    link = await boris.post(f"/channels/{channel}/code-link")
    path = urlsplit(link["url"]).path
    assert (await opened(hall, path)).status_code == 200
    change = {"role": "seller"}
    answer = await flowers.key.ask("PATCH", f"/api/v1/people/{person}", json=change)
    assert answer.is_success, answer.text
    assert (await opened(hall, path)).status_code == 404
    for method in ("POST", "DELETE"):
        answer = await boris.ask(method, f"/api/v1/channels/{channel}/code-link", json={})
        assert answer.status_code == 403
        assert answer.json()["who_can"] == ["manager", "administrator"]


async def test_there_is_none_where_nothing_is_to_be_scanned(
    hall: Hall, flowers: Account, channel: str
) -> None:
    path = f"/api/v1/channels/{channel}/code-link"
    for word, said in ((Status.ACTIVE, "is linked"), (Status.DELETED, "is deleted")):
        await becomes(hall, channel, state_in(word, PHONE))
        answer = await flowers.key.ask("POST", path, json={})
        assert answer.status_code == 409
        assert said in answer.json()["detail"]


async def test_a_press_brings_a_code_and_nothing_else_is_done_through_a_link(
    hall: Hall, flowers: Account, channel: str
) -> None:
    path = await made(flowers, channel)
    before = await flowers.key.get("/audit")
    await opened(hall, path)
    answer = await hall.http.post(f"{path}?lang=ru", data={"press": "rescan"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?lang=ru")
    pressed, looked, *rest = await flowers.key.get("/audit")
    assert (pressed["what"], pressed["command"]) == ("channel.commanded", "rescan")
    assert (looked["what"], looked["details"]["change"]) == (CodeLinkChanged.kind, "opened")
    assert pressed["who"]["kind"] == looked["who"]["kind"] == "code link"
    assert rest == before
    made_first = before[0]
    assert (made_first["what"], made_first["details"]["change"]) == (CodeLinkChanged.kind, "made")
    await hears(hall, channel, Disable("person x"))
    for other in ("enable", "delete", "check", "", "\x00", "x" * 10_000):
        await hall.http.post(path, data={"press": other})
        assert (await flowers.key.get(f"/channels/{channel}"))["status"]["code"] == "DISABLED"


async def test_a_stopped_number_and_one_that_asks_more_say_so(
    hall: Hall, flowers: Account, channel: str
) -> None:
    path = await made(flowers, channel)
    await becomes(hall, channel, state_in(Status.CONFIRM_ON_PHONE, PHONE))
    page = await opened(hall, path)
    assert "Confirm on the phone" in page.text
    assert "WhatsApp asks for the passkey of this number" in page.text
    fresh = new_channel(PHONE, hall.clock.now(), actor="x", sends_without_phone=True)
    await becomes(hall, channel, fresh)
    assert "The code is coming" in (await opened(hall, path)).text
    await hears(hall, channel, Disable("person x"))
    page = await opened(hall, path)
    assert "There is no code to scan now" in page.text
    assert "Disabled" not in page.text


async def test_a_made_up_link_tells_nothing_and_who_asks_too_often_waits(
    hall: Hall, flowers: Account, channel: str
) -> None:
    path = await made(flowers, channel)
    answers = [(await hall.http.post(path)).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
    for token in ("x", "%00", "a" * 5_000, "%F0%9F%9A%80", "..%2f", "'--", *range(590)):
        assert (await opened(hall, f"/code/{token}")).status_code in (404, 429)
    page = await opened(hall, path)
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= 60
    assert "A moment, please" in page.text
    hall.clock.advance(60)
    assert (await opened(hall, path)).status_code == 200
