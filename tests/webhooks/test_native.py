"""Signed webhooks and a receiver that misbehaves; what arrived is judged by Standard Webhooks' own library."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook

from houston.kernel import feed
from houston.kernel.connected import EndpointTurned
from houston.kernel.facts import Fact
from houston.kernel.ids import AccountId, ChannelId, EndpointId, new_id
from houston.kernel.vault import Vault
from houston.people.rules import Caller
from houston.webhooks import native, store_endpoints
from houston.webhooks.desk import EndpointDesk
from houston.webhooks.postman import Postman
from houston.webhooks.store_endpoints import Wanted
from tests.houses import until
from tests.webhooks.conftest import DIALECT, KEY, TOY, Office, mark, message
from tests.webhooks.receiver import Plan, Receiver, receiving

CODES = (500, 502, 401, 404, 429)


class Shop:
    """An account, its endpoints, and who sets them up."""

    def __init__(self, office: Office, account: AccountId) -> None:
        self.office = office
        self.account = account
        self.caller = Caller(account=account, who=new_id(), roles={})  # type: ignore[arg-type] # any id does
        postman = Postman(office.clock, timeout_seconds=5, private_too=True)
        self.desk = EndpointDesk(
            office.database,
            office.clock,
            office.wakes,
            postman,
            Vault(lambda: KEY),
            {TOY: DIALECT, native.NAME: native.DIALECT},
        )

    async def endpoint(
        self,
        url: str,
        kinds: Sequence[str] | None = None,
        channels: Sequence[ChannelId] | None = None,
    ) -> tuple[EndpointId, str]:
        endpoint, sealed = EndpointId(new_id()), self.desk.vault
        secret = "whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ=="
        wanted = Wanted(name="CRM", url=url, kinds=kinds, channels=channels)
        async with self.office.database.transaction() as tx:
            await store_endpoints.add(
                tx,
                self.account,
                endpoint,
                native.NAME,
                wanted,
                sealed.seal(secret, endpoint),
                self.office.clock.now(),
            )
        return endpoint, secret

    async def says(self, words: str, channel: ChannelId | None = None) -> None:
        facts: list[Fact] = [message(word) for word in words.split()]
        if channel is None:
            await self.office.happen(self.account, *facts)
            return
        async with self.office.database.transaction() as tx:
            await feed.write(
                tx, self.office.clock.now(), feed.entries(self.account, channel, facts)
            )


async def shop_of(office: Office) -> Shop:
    return Shop(office, await office.account())


def words(receiver: Receiver) -> list[str]:
    """What was told, repeats included."""
    return [body["body"]["status"] for body in receiver.bodies if body["kind"] == "message.status"]


async def turns(office: Office) -> list[EndpointTurned]:
    """What others were told of how it goes with endpoints."""
    async with office.database.single() as tx:
        events = await feed.read(tx, feed.BEGINNING, kinds=[EndpointTurned.kind])
    return [fact for event in events if isinstance(fact := event.fact(), EndpointTurned)]


async def settled(shop: Shop, endpoint: EndpointId, tries: int) -> None:
    """Every try is written down: who changes an endpoint earlier has the last of them repeated."""

    async def found() -> bool:
        return len(await shop.desk.attempts(shop.account, endpoint, None, 200)) == tries

    await until(found, f"{tries} tries are written down")


async def told(receiver: Receiver, wanted: str) -> None:
    await until(lambda: len(words(receiver)) >= len(wanted.split()), f"{wanted} is told")
    assert words(receiver) == wanted.split()


async def knocks(office: Office, seconds: float) -> None:
    """Time passes, and the dispatcher looks again."""
    office.clock.advance(timedelta(seconds=seconds))
    await office.happen(await office.account(), message("knock"))


async def test_every_fact_is_posted_by_itself_in_the_shape_of_the_feed_and_signed(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    _, secret = await shop.endpoint(receiver.url)
    await shop.says("one two")
    await told(receiver, "one two")
    async with office.database.single() as tx:
        events = await feed.read(tx, feed.BEGINNING, account=shop.account)
    for event, post in zip(events, receiver.arrived, strict=True):
        body: Any = Webhook(secret).verify(post.content, dict(post.headers))
        assert body["id"] == post.headers["webhook-id"] == str(event.cursor)
        assert (body["kind"], body["channel_id"]) == (event.kind, str(event.channel))


async def test_a_try_shows_the_very_body_that_was_posted_alone_and_bundled(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    async with receiving() as bundled:
        await shop.endpoint(receiver.url)
        await office.endpoint(bundled.url, shop.account, ["messages"])
        await office.happen(shop.account, message("a"), mark("unwanted"), message("b"))
        await until(lambda: len(receiver.arrived) == 3 and len(bundled.arrived) == 1)
        await shop.says("c")
        await until(lambda: len(receiver.arrived) == 4 and len(bundled.arrived) == 2)
        assert bundled.bodies == [{"messages": ["a", "b"]}, {"messages": ["c"]}]
        for books in (receiver, bundled):
            (row,) = await office.fetch("select id from endpoints where url = $1", books.url)
            await settled(shop, row["id"], len(books.arrived))
            tries = await shop.desk.attempts(shop.account, row["id"], None, 200)
            seen = [await shop.desk.attempt(shop.account, row["id"], one["id"]) for one in tries]
            assert [body for _, body in reversed(seen)] == [one.content for one in books.arrived]


async def test_only_chosen_facts_of_chosen_channels_are_told(
    office: Office, receiver: Receiver
) -> None:
    shop, channel = await shop_of(office), ChannelId(new_id())
    await shop.endpoint(receiver.url, ["message.status"], [channel])
    await shop.says("elsewhere")
    await office.happen(shop.account, mark("unwanted"))
    await shop.says("here", channel)
    await office.happen_words(shop.account, "elsewhere")
    await shop.says("and here", channel)
    await told(receiver, "here and here")


async def test_whatever_the_receiver_does_nothing_is_lost_and_the_order_stays(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    endpoint, _ = await shop.endpoint(receiver.url)
    receiver.plans.extend([Plan(code) for code in CODES])
    receiver.plans.append(Plan(breaks=True))
    receiver.plans.append(Plan(302, headers={"location": "http://127.0.0.1:1/inside"}))
    await shop.says("one two three")
    for tries in range(1, 8):
        await settled(shop, endpoint, tries)
        await knocks(office, 3700)
    await until(lambda: len(receiver.arrived) >= 10)
    assert words(receiver) == ["one"] * 7 + ["one", "two", "three"]
    ids = [post.headers["webhook-id"] for post in receiver.arrived]
    assert len(set(ids)) == 3, "a repeat has the same id"


async def test_a_receiver_that_fails_delays_no_other(office: Office, receiver: Receiver) -> None:
    shop = await shop_of(office)
    async with receiving() as bad:
        bad.otherwise = Plan(500)
        await shop.endpoint(bad.url)
        await shop.endpoint(receiver.url)
        await shop.says(" ".join(f"{n}" for n in range(30)))
        await told(receiver, " ".join(f"{n}" for n in range(30)))
        assert set(words(bad)) == {"0"}


async def test_a_new_secret_signs_beside_the_old_one_until_the_overlap_is_over(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    endpoint, old = await shop.endpoint(receiver.url)
    new = await shop.desk.new_secret(shop.caller, endpoint, timedelta(hours=1))
    await shop.says("both")
    await told(receiver, "both")
    both = receiver.arrived[-1]
    assert len(both.headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Webhook(secret).verify(both.content, dict(both.headers))

    await knocks(office, 3700)
    await shop.says("new")
    await told(receiver, "both new")
    assert len(receiver.arrived[-1].headers["webhook-signature"].split()) == 1


async def test_while_paused_nothing_is_told_and_nothing_is_lost(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    endpoint, _ = await shop.endpoint(receiver.url)
    await shop.desk.pause(shop.caller, endpoint, on=True)
    await shop.says("one two")
    async with receiving() as other:
        await shop.endpoint(other.url, ["message.status"])
        await shop.says("three")
        await told(other, "three")
    assert words(receiver) == []
    await shop.desk.pause(shop.caller, endpoint, on=False)
    await told(receiver, "one two three")


async def test_one_event_or_a_stretch_of_time_can_be_told_again(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    endpoint, _ = await shop.endpoint(receiver.url, ["message.status"])
    since = office.clock.now()
    await shop.says("one two three")
    await told(receiver, "one two three")
    second = receiver.arrived[1].headers["webhook-id"]
    await settled(shop, endpoint, 3)

    assert await shop.desk.replay_event(shop.caller, endpoint, second) == 1
    await told(receiver, "one two three two")
    await settled(shop, endpoint, 4)
    assert receiver.arrived[3].content == receiver.arrived[1].content
    assert await shop.desk.replay_window(shop.caller, endpoint, since, office.clock.now()) == 1
    await told(receiver, "one two three two one two three")
    await shop.says("four")
    await told(receiver, "one two three two one two three four")


async def test_a_long_replay_keeps_nothing_new_waiting_and_survives_a_bad_hour(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    endpoint, _ = await shop.endpoint(receiver.url, ["message.status"])
    since, all_of_it = office.clock.now(), [f"{n}" for n in range(120)]
    await shop.says(" ".join(all_of_it))
    await told(receiver, " ".join(all_of_it))
    receiver.arrived.clear()
    await settled(shop, endpoint, 120)
    receiver.plans.extend([Plan(500)])
    await shop.desk.replay_window(shop.caller, endpoint, since, office.clock.now())
    await settled(shop, endpoint, 121)
    await shop.says("new")
    await knocks(office, 3700)
    await until(lambda: len(receiver.arrived) == 122)
    heard = words(receiver)[1:]
    assert [word for word in heard if word != "new"] == all_of_it
    assert heard.index("new") <= 60


async def test_what_was_given_up_can_be_replayed(office: Office, receiver: Receiver) -> None:
    shop = await shop_of(office)
    endpoint, _ = await shop.endpoint(receiver.url)
    receiver.plans.extend([Plan(400)] * 3)
    await shop.says("bad good")
    for tries in (1, 2):
        await settled(shop, endpoint, tries)
        await knocks(office, 60)
    await told(receiver, "bad bad bad good")
    await settled(shop, endpoint, 4)
    letters = await shop.desk.dead_letters(shop.account, endpoint, None, 10)
    assert len(letters) == 1

    assert await shop.desk.replay_dead(shop.caller, endpoint, None) == 1
    await told(receiver, "bad bad bad good bad")
    assert await shop.desk.dead_letters(shop.account, endpoint, None, 10) == []
    healths = [f"{fact.old} > {fact.new}" for fact in await turns(office)]
    assert healths == ["working > failing", "failing > dead_letters", "dead_letters > working"]
    assert {fact.name for fact in await turns(office)} == {"CRM"}
    assert EndpointTurned.kind not in {body["kind"] for body in receiver.bodies}


async def test_a_change_a_pause_and_a_removal_turn_the_health_that_others_are_told(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    kinds = ["message.status"]
    endpoint, _ = await shop.endpoint(receiver.url, kinds)
    receiver.otherwise = Plan(500)
    await shop.says("one")
    await settled(shop, endpoint, 1)
    await shop.desk.pause(shop.caller, endpoint, on=True)
    await shop.desk.pause(shop.caller, endpoint, on=False)
    await settled(shop, endpoint, 2)
    receiver.otherwise = Plan()
    wanted = Wanted(name="New CRM", url=receiver.url, kinds=kinds, channels=None)
    await shop.desk.change(shop.caller, endpoint, wanted)
    await settled(shop, endpoint, 3)
    await shop.desk.remove(shop.caller, endpoint)
    assert [(fact.name, fact.new) for fact in await turns(office)] == [
        ("CRM", "failing"),
        ("CRM", "paused"),
        ("CRM", "working"),
        ("CRM", "failing"),
        ("New CRM", "working"),
        ("New CRM", "removed"),
    ]


async def test_a_secret_that_this_server_cannot_open_holds_back_and_says_why(
    office: Office, receiver: Receiver
) -> None:
    shop = await shop_of(office)
    endpoint, _ = await shop.endpoint(receiver.url)
    foreign = Vault(lambda: b"o" * 32).seal("whsec_eA==", endpoint)
    async with office.database.transaction() as tx:
        await store_endpoints.sign_with(tx, endpoint, foreign, office.clock.now())
    await shop.says("one")
    tries = await until(lambda: shop.desk.attempts(shop.account, endpoint, None, 1))
    assert "HOUSTON_SEALING_KEY" in tries[0]["error"]
    assert receiver.arrived == []
