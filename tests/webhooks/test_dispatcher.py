"""Delivery against a receiver that misbehaves: a real database, real sockets, a clock moved by hand."""

import asyncio
from datetime import timedelta

import pytest

from houston.kernel import feed
from houston.kernel.ids import ChannelId, new_id
from houston.webhooks import store
from tests.houses import until
from tests.webhooks.conftest import TOY, Office, dispatching, mark, message, status
from tests.webhooks.receiver import Plan, Receiver, receiving

pytestmark = pytest.mark.slow


async def arrived(receiver: Receiver, words: str, kind: str = "messages") -> None:
    """Wait until these were told, and no others."""
    wanted = words.split()
    await until(lambda: len(receiver.told(kind)) >= len(wanted), f"{words} arrives")
    assert receiver.told(kind) == wanted


async def codes(office: Office, tries: int) -> list[int | None]:
    """The answers that were written down, once there are so many."""

    async def found() -> list[int | None] | None:
        rows = await office.fetch("select answer_code from attempts order by id")
        return [row[0] for row in rows] if len(rows) == tries else None

    return list(await until(found, f"{tries} tries"))


async def waiting(office: Office, readers: int) -> bool:
    """Whether so many wait for a lock."""
    rows = await office.fetch("select from pg_locks where not granted")
    return len(rows) == readers


async def passed(office: Office, clock_seconds: float) -> None:
    """Let the dispatcher see a later time of day."""
    office.clock.advance(timedelta(seconds=clock_seconds))
    await office.happen(await office.account(), message("knock"))


async def test_tells_what_happens_after_the_endpoint_was_made_and_nothing_before(
    office: Office, receiver: Receiver
) -> None:
    account = await office.account()
    await office.happen_words(account, "before")
    await office.endpoint(receiver.url, account)
    await office.happen_words(account, "one two")
    await arrived(receiver, "one two")


async def test_tells_nothing_of_other_accounts(office: Office, receiver: Receiver) -> None:
    account = await office.endpoint(receiver.url)
    await office.happen_words(await office.account(), "foreign")
    await office.happen_words(account, "ours")
    await arrived(receiver, "ours")


async def test_a_post_is_json_with_one_kind_and_the_secret_as_a_bearer(
    office: Office, receiver: Receiver
) -> None:
    account = await office.endpoint(receiver.url, secret="s3cret")
    await office.happen(account, message("a"), message("b"), mark("c"), status("d"), status("e"))
    await until(lambda: len(receiver.arrived) == 4)
    assert receiver.bodies == [
        {"messages": ["a", "b"]},
        {"marks": ["c"]},
        {"channels": ["d"]},
        {"channels": ["e"]},
    ]
    headers = receiver.arrived[0].headers
    assert headers["authorization"] == "Bearer s3cret"
    assert headers["content-type"].startswith("application/json")


async def test_without_a_secret_there_is_no_authorization(
    office: Office, receiver: Receiver
) -> None:
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "a")
    await arrived(receiver, "a")
    assert "authorization" not in receiver.arrived[0].headers


async def test_order_is_kept_over_thousands_of_facts(office: Office, receiver: Receiver) -> None:
    account = await office.endpoint(receiver.url)
    words = " ".join(str(number) for number in range(2_345))
    await office.happen_words(account, words)
    await arrived(receiver, words)
    assert max(len(body["messages"]) for body in receiver.bodies) == 100


@pytest.mark.parametrize("code", [500, 404, 429, 302])
async def test_what_fails_is_tried_again_and_nothing_overtakes_it(
    office: Office, receiver: Receiver, code: int
) -> None:
    receiver.plans.append(Plan(code))
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "first")
    await until(lambda: len(receiver.arrived) == 1)
    await office.happen_words(account, "second")
    await until(lambda: len(receiver.told()) == 3)
    assert receiver.told() == ["first", "first", "second"]


async def test_an_answer_that_breaks_off_is_no_answer(office: Office, receiver: Receiver) -> None:
    receiver.plans.append(Plan(200, breaks=True))
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "one")
    await arrived(receiver, "one one")
    assert await codes(office, 2) == [None, 200]


async def test_a_late_answer_is_no_answer(database_url: str, receiver: Receiver) -> None:
    never = asyncio.Event()
    receiver.plans.append(Plan(after=never))
    async with dispatching(database_url, timeout_seconds=0.3) as office:
        account = await office.endpoint(receiver.url)
        await office.happen_words(account, "one")
        await arrived(receiver, "one one")
        first = await office.fetch("select error, took_ms from attempts order by id limit 1")
    never.set()
    assert first[0]["error"] == "no answer within 0.3 seconds"
    assert 300 <= first[0]["took_ms"] < 2_000


async def test_a_refused_body_is_put_aside_after_three_tries_and_the_next_is_sent(
    office: Office, receiver: Receiver
) -> None:
    receiver.plans.extend([Plan(422, b"what is this?")] * 3)
    account = await office.endpoint(receiver.url)
    await office.happen(account, status("odd"), status("good"))
    await until(lambda: len(receiver.arrived) == 4)
    assert receiver.told("channels") == ["odd", "odd", "odd", "good"]
    letters = await office.fetch("select body, error from dead_letters")
    assert [tuple(row) for row in letters] == [('{"channels": ["odd"]}', "refused with 422")]


async def test_one_bad_item_does_not_take_its_neighbours_along(
    office: Office, receiver: Receiver
) -> None:
    receiver.plans.extend([Plan(400)] * 3)
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "bad one two three")
    await until(lambda: len(receiver.arrived) == 4)
    assert [len(body["messages"]) for body in receiver.bodies] == [4, 4, 1, 3]
    assert receiver.bodies[-1] == {"messages": ["one", "two", "three"]}
    assert [row[0] for row in await office.fetch("select body from dead_letters")] == [
        '{"messages": ["bad"]}'
    ]


async def test_gives_up_after_three_days_and_goes_on_with_the_next(
    office: Office, receiver: Receiver
) -> None:
    receiver.otherwise = Plan(503)
    account = await office.endpoint(receiver.url)
    await office.happen(account, status("old"), status("new"))
    assert await codes(office, 1) == [503]
    await passed(office, 3 * 86_400 + 60)
    await until(lambda: receiver.told("channels")[-1] == "new")
    letters = await office.fetch("select body from dead_letters")
    assert [row["body"] for row in letters] == ['{"channels": ["old"]}']


async def test_retry_after_is_waited_for(office: Office, receiver: Receiver) -> None:
    receiver.plans.append(Plan(429, headers={"retry-after": "120"}))
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "one")
    assert await codes(office, 1) == [429]
    other = await office.endpoint(receiver.url)
    office.clock.advance(timedelta(seconds=115))
    await office.happen_words(other, "two")
    await arrived(receiver, "one two")
    office.clock.advance(timedelta(seconds=40))
    await office.happen_words(other, "three")
    await until(lambda: len(receiver.told()) == 4)
    assert sorted(receiver.told()[2:]) == ["one", "three"]


async def test_a_slow_endpoint_holds_up_no_other(office: Office, receiver: Receiver) -> None:
    open_gate = asyncio.Event()
    async with receiving() as slow:
        slow.otherwise = Plan(after=open_gate)
        theirs = await office.endpoint(slow.url)
        ours = await office.endpoint(receiver.url)
        await office.happen_words(theirs, "stuck")
        await until(lambda: len(slow.arrived) == 1)
        await office.happen_words(ours, "quick")
        await arrived(receiver, "quick")
        open_gate.set()


async def test_every_try_is_written_down(office: Office, receiver: Receiver) -> None:
    receiver.plans.append(Plan(500, b"Traceback\x00: " + b"x" * 1_000))
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "a b")
    await until(lambda: len(receiver.arrived) == 2)
    assert await codes(office, 2) == [500, 200]
    bad, good = await office.fetch("select * from attempts order by id")
    assert (bad["answer_code"], bad["kind"], bad["items"]) == (500, "messages", 2)
    assert bad["answer_start"].startswith("Traceback\ufffd: xxx")
    assert len(bad["answer_start"]) == 200
    assert bad["next_try_at"] > bad["at"]
    assert (good["answer_code"], good["next_try_at"]) == (200, None)


async def test_a_changed_address_is_used_at_once_and_goes_on_where_the_old_one_stood(
    office: Office, receiver: Receiver
) -> None:
    async with receiving() as old:
        old.otherwise = Plan(404)
        account = await office.endpoint(old.url)
        await office.happen_words(account, "one")
        await until(lambda: len(old.arrived) == 1)
        await passed(office, 0)
        await office.endpoint(receiver.url, account)
        await arrived(receiver, "one")


async def test_an_answer_to_the_old_address_says_nothing_of_the_new_one(
    office: Office, receiver: Receiver
) -> None:
    gate = asyncio.Event()
    async with receiving() as old:
        old.otherwise = Plan(500, after=gate)
        account = await office.endpoint(old.url)
        await office.happen_words(account, "one")
        await until(lambda: len(old.arrived) == 1)
        await office.endpoint(receiver.url, account)
        gate.set()
        await arrived(receiver, "one")
        rows = await office.fetch("select fails, retry_at from endpoints")
        assert [tuple(row) for row in rows] == [(0, None)]


async def test_a_removed_endpoint_hears_nothing_more(office: Office, receiver: Receiver) -> None:
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "one")
    await arrived(receiver, "one")
    async with office.database.transaction() as tx:
        await store.remove_sole(tx, account, TOY, office.clock.now())
    await office.happen_words(account, "two")
    other = await office.endpoint(receiver.url + "/other")
    await office.happen_words(other, "three")
    await arrived(receiver, "one three")


async def test_what_happens_after_a_removal_is_not_told_even_amid_a_look_for_news(
    office: Office, receiver: Receiver
) -> None:
    gate = asyncio.Event()
    receiver.plans.append(Plan(after=gate))
    account = await office.endpoint(receiver.url)
    await office.happen_words(account, "one")
    await arrived(receiver, "one")
    async with office.database.transaction() as tx:
        await tx.execute("lock table events in access exclusive mode")
        gate.set()
        await until(lambda: waiting(office, 2), "the delivery and its node look for news")
        await store.remove_sole(tx, account, TOY, office.clock.now())
        two = feed.entries(account, ChannelId(new_id()), [message("two")])
        await feed.write(tx, office.clock.now(), two)
    other = await office.endpoint(receiver.url + "/other")
    await office.happen_words(other, "three")
    await arrived(receiver, "one three")


async def test_the_place_of_an_idle_endpoint_moves_on_without_a_post(
    office: Office, receiver: Receiver
) -> None:
    """Else it would read the facts of everybody else again, at every news of its own."""
    idle = await office.endpoint(receiver.url + "/idle")
    other = await office.endpoint(receiver.url)
    places = "select xid::text::bigint as xid from endpoints where account_id = $1"
    begin = (await office.fetch(places, idle))[0]["xid"]
    await office.happen_words(other, "one")
    await arrived(receiver, "one")
    await office.happen_words(other, "two")
    await arrived(receiver, "one two")
    await office.dispatcher.close()
    assert (await office.fetch(places, idle))[0]["xid"] > begin


async def test_seals_the_keys_that_an_earlier_version_left_open(
    database_url: str, receiver: Receiver
) -> None:
    """Those of paused endpoints too, and the receiver notices nothing."""
    async with dispatching(database_url) as earlier:
        account = await earlier.endpoint(receiver.url)
        idle = await earlier.endpoint(receiver.url)
        await earlier.fetch("update endpoints set secret = 'k3y' returning id")
        await earlier.fetch(
            "update endpoints set paused_at = now() where account_id = $1 returning id", idle
        )
    async with dispatching(database_url) as office:

        async def sealed() -> bool:
            rows = await office.fetch("select secret, sealed from endpoints")
            return all(row["secret"] is None and len(row["sealed"]) == 1 for row in rows)

        await until(sealed, "all keys are sealed")
        rows = await office.fetch("select e::text from endpoints e")
        assert not any("k3y" in row[0] or b"k3y".hex() in row[0] for row in rows)
        await office.happen_words(account, "a")
        await arrived(receiver, "a")
    assert receiver.arrived[-1].headers["authorization"] == "Bearer k3y"
