"""Money on a real database, beside channels that are driven by a node on a messenger in memory."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from houston.billing.rules import Kind
from houston.billing.till import Moving, Till
from houston.channels.orders import Disable, Enable
from houston.channels.paying import hear_money
from houston.channels.state import Status
from houston.channels.status import status
from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.errors import BadRequest, Conflict
from houston.kernel.facts import ChannelAdded, StatusChanged
from houston.kernel.ids import AccountId, ChannelId
from houston.kernel.money import BalanceChanged, BalanceExhausted, BalanceForecast, BalanceRestored
from tests.billing.conftest import PLAN, Bank, bank_of, counting
from tests.houses import housed, until


async def word_of(bank: Bank, channel: ChannelId) -> Status:
    return status((await bank.house.stored(channel)).state)


async def furnished(bank: Bank, money: int) -> tuple[AccountId, ChannelId]:
    """An account with money and a channel that works and is paid for today."""
    account = await bank.house.account()
    await bank.top_up(account, money)
    channel = await bank.house.active(account=account)
    async with bank.house.database.transaction() as tx:
        await bank.till.note(tx, [account])
    await bank.settle()
    return account, channel


# --- The day -----------------------------------------------------------------------------------


async def test_a_day_is_charged_once_however_often_it_is_settled(bank: Bank):
    account, _ = await furnished(bank, 1_000)
    for _ in range(3):
        async with bank.house.database.transaction() as tx:
            await bank.till.note(tx, [account])
        await bank.settle()

    assert [entry.kind for entry in await bank.ledger(account)] == [Kind.TOP_UP, Kind.CHARGE]


async def test_two_nodes_charge_once(bank: Bank, database_url: str):
    account, _ = await furnished(bank, 1_000)
    await bank.to_midnight()
    async with housed(database_url, loops=(), clock=bank.house.clock) as other:
        banks = [bank, bank_of(other)] * 4
        await asyncio.gather(*(one.settle() for one in banks))

    assert [one.amount for one in await bank.ledger(account)][2:] == [100]


async def test_a_charge_that_was_cut_off_is_made_again_and_once(bank: Bank):
    """The node dies after it has charged and told the channels, before any of it is on the disk."""
    account, channel = await furnished(bank, 100)
    await bank.to_midnight()
    before = await bank.ledger(account)

    async def die(tx: Tx, channels: object, paid: bool, now: object) -> None:
        await hear_money(tx, channels, paid, now)  # type: ignore[arg-type]  # As it came.
        if channels:
            raise ConnectionError("killed")

    house = bank.house
    dying = Till(house.database, house.clock, house.wakes, PLAN, die)
    with pytest.raises(ConnectionError):
        await dying.settle_due(10)
    assert await bank.ledger(account) == before
    assert await word_of(bank, channel) is Status.ACTIVE
    assert (await bank.book(account)).paid

    await bank.settle()
    assert await word_of(bank, channel) is Status.NOT_PAID


async def test_a_month_of_downtime_is_caught_up_day_by_day(bank: Bank):
    account, _ = await furnished(bank, 10_000)
    await bank.to_midnight(days=30)
    await bank.settle()

    charged = [one for one in await bank.ledger(account) if one.kind is Kind.CHARGE]
    assert len({one.day for one in charged}) == 31
    assert [one.amount for one in charged[1:]] == [100] * 30


# --- Exhausted and restored --------------------------------------------------------------------


async def test_exhausted_and_topped_up_all_enabled_channels_stop_and_resume(bank: Bank):
    account, one = await furnished(bank, 250)
    other = await bank.house.active("79001112244", account=account)
    disabled = await bank.house.channel(Status.ACTIVE, "79001112255", account)
    await bank.house.hear(disabled, Disable("person anna"))
    async with bank.house.database.transaction() as tx:
        await bank.till.note(tx, [account])
    await bank.settle()
    await bank.to_midnight()
    await bank.settle()
    words = [await word_of(bank, each) for each in (one, other, disabled)]
    assert words == [Status.NOT_PAID, Status.NOT_PAID, Status.DISABLED]
    await until(lambda: one not in bank.house.supervisor.held, "its link is closed")

    await bank.top_up(account, 1_000)

    await until(lambda: bank.house.is_in(one, Status.ACTIVE), "it works again")
    await until(lambda: bank.house.is_in(other, Status.ACTIVE), "so does the other")
    assert await word_of(bank, disabled) is Status.DISABLED


async def test_stopping_and_the_ledger_are_one_transaction(bank: Bank):
    account, channel = await furnished(bank, 150)
    await bank.to_midnight()
    await bank.settle()
    rows = await bank.house.fetch(
        "select kind, xid::text from events where account_id = $1 and kind in"
        " ('balance.exhausted', 'channel.status') order by seq desc limit 2",
        account,
    )

    assert {row["kind"] for row in rows} == {"balance.exhausted", "channel.status"}
    assert len({row["xid"] for row in rows}) == 1
    assert (await bank.book(account)).paid is False
    assert await word_of(bank, channel) is Status.NOT_PAID


async def test_others_hear_of_money_as_facts(bank: Bank):
    account, _ = await furnished(bank, 150)
    await bank.to_midnight()
    await bank.settle()
    await bank.top_up(account, 1_000)

    moved = [fact for fact in await bank.house.facts(BalanceChanged)]
    assert [(one.reason, one.amount) for one in moved if isinstance(one, BalanceChanged)] == [
        ("top_up", 150),
        ("charge", 99),
        ("top_up", 1_000),
        ("charge", 99),
    ]
    [exhausted] = await bank.house.facts(BalanceExhausted)
    assert isinstance(exhausted, BalanceExhausted)
    assert (exhausted.needed, exhausted.channels) == (49, 1)
    assert len(await bank.house.facts(BalanceRestored)) == 1
    told = [one for one in await bank.house.facts(StatusChanged) if isinstance(one, StatusChanged)]
    by = [one.actor for one in told if "NOT_PAID" in (one.new, one.old)]
    assert by == ["ledger", "ledger"]


async def test_how_long_the_money_lasts_is_told_whenever_it_is_another_time(bank: Bank):
    """Also where no money moves: in a trial, by a channel that is disabled, by a promise, by another plan."""
    free = bank_of(bank.house, replace(PLAN, trial_days=9, promise_days=3))
    account = await bank.house.account()

    async def told() -> tuple[int, object]:
        async with bank.house.database.transaction() as tx:
            await free.till.note(tx, [account])
        await free.till.settle_due(10)
        last = (await bank.house.facts(BalanceForecast))[-1]
        assert isinstance(last, BalanceForecast)
        until = last.money_until
        return last.daily, until and (until - bank.house.clock.now()).days + 1

    assert await told() == (0, None)
    one = await bank.house.channel(Status.ACTIVE, account=account)
    other = await bank.house.channel(Status.ACTIVE, "79001112244", account)
    assert await told() == (200, 9)
    assert await told() == (200, 9)
    assert len(await bank.house.facts(BalanceForecast)) == 2, "the same is not told again"
    await bank.house.hear(other, Disable("person anna"))
    assert await told() == (100, 9)
    await bank.to_midnight(days=8)
    await free.till.promise(account)
    assert await told() == (100, 4)
    await bank.house.hear(one, Disable("person anna"))
    assert await told() == (0, None)


async def test_that_the_money_is_used_up_is_told_once_until_there_is_some_again(bank: Bank):
    account, _ = await furnished(bank, 150)
    for _ in range(3):
        await bank.to_midnight()
        await bank.settle()
    assert len(await bank.house.facts(BalanceExhausted)) == 1

    await bank.top_up(account, 100)
    await bank.to_midnight()
    await bank.settle()
    assert len(await bank.house.facts(BalanceExhausted)) == 2


async def test_a_channel_that_is_added_is_paid_for_within_moments(bank: Bank):
    async with counting(bank):
        account = await bank.house.account()
        await bank.top_up(account, 500)
        channel = await bank.house.channel(account=account)
        added = ChannelAdded(name="Desk", phone="7", transport="played", actor="person anna")
        async with bank.house.database.transaction() as tx:
            entry = feed.Entry(account, channel, added)
            await feed.write(tx, bank.house.clock.now(), [entry])

        async def charged() -> bool:
            return (await bank.book(account)).balance < 500

        await until(charged, "the ear heard of it")


async def test_a_new_channel_of_an_account_without_money_is_not_paid(bank: Bank):
    async with counting(bank):
        account = await bank.house.account()
        channel = await bank.house.channel(Status.DISABLED, account=account)
        await asyncio.sleep(0)
        await bank.house.hear(channel, Enable("person anna"))
        await until(lambda: _is(bank, channel, Status.NOT_PAID), "the ear heard of it")
        await bank.top_up(account, 500)
        assert await word_of(bank, channel) is not Status.NOT_PAID


async def _is(bank: Bank, channel: ChannelId, word: Status) -> bool:
    return await word_of(bank, channel) is word


async def test_where_money_is_not_counted_any_more_everybody_goes_on(bank: Bank):
    _, channel = await furnished(bank, 100)
    await bank.to_midnight()
    await bank.settle()
    assert await word_of(bank, channel) is Status.NOT_PAID

    assert await bank.till.forgive(10) == 1
    assert await word_of(bank, channel) is not Status.NOT_PAID
    [*_, last] = await bank.house.facts(BalanceForecast)
    assert isinstance(last, BalanceForecast)
    assert (last.daily, last.money_until) == (0, None), "nobody is warned any more"
    told = len(await bank.house.facts(BalanceForecast))
    assert await bank.till.forgive(10) == 0
    assert len(await bank.house.facts(BalanceForecast)) == told


async def test_who_promised_goes_on_in_debt_and_only_once(bank: Bank):
    account, channel = await furnished(bank, 100)
    trusting = bank_of(bank.house, replace(PLAN, promise_days=3))
    await bank.to_midnight()
    await bank.settle()
    stands = await trusting.till.promise(account)

    assert (stands.book.paid, stands.book.balance) == (True, -98)
    assert await word_of(bank, channel) is not Status.NOT_PAID
    with pytest.raises(Conflict):
        await trusting.till.promise(account)
    await bank.to_midnight(days=4)
    await bank.settle()
    assert await word_of(bank, channel) is Status.NOT_PAID


# --- Moving money ------------------------------------------------------------------------------


async def test_the_same_reference_is_the_same_money(bank: Bank):
    account = await bank.house.account()
    again = await asyncio.gather(*(bank.top_up(account, 500, "invoice 7") for _ in range(5)))

    assert len(set(again)) == 1
    assert (await bank.book(account)).balance == 500
    with pytest.raises(Conflict):
        await bank.top_up(account, 501, "invoice 7")


async def test_no_more_is_given_back_than_there_is(bank: Bank):
    account = await bank.house.account()
    await bank.top_up(account, 500)
    with pytest.raises(Conflict):
        await bank.till.refund(Moving(account=account, amount=501, actor="test"))
    await bank.till.refund(Moving(account=account, amount=500, actor="test"))

    assert (await bank.book(account)).balance == 0


@pytest.mark.parametrize("amount", [0, -5, 10**13])
async def test_an_amount_that_cannot_be_is_refused_and_named(bank: Bank, amount: int):
    account = await bank.house.account()
    with pytest.raises(BadRequest) as refused:
        await bank.top_up(account, amount)
    assert refused.value.field == "amount"


# --- What the database itself refuses ----------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger set amount = amount + 1",
        "delete from ledger",
        "truncate ledger cascade",
        "update charges set amount = 0",
        "delete from charges",
        "insert into charges select channel_id, day, account_id, 0, null from charges",
        "insert into ledger select account_id, number + 1, at, kind, debit, credit, amount, balance, day,"
        " null, note, actor from ledger order by number desc limit 1",
        "insert into ledger select account_id, number + 7, at, kind, debit, credit, amount, balance - amount,"
        " day, null, note, actor from ledger order by number desc limit 1",
    ],
)
async def test_the_database_keeps_the_ledger_from_everybody(bank: Bank, statement: str):
    await furnished(bank, 1_000)
    refusal = "only ever added to|not go on where the ledger ended|charges_pkey"
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=refusal):
        await bank.house.fetch(statement)
