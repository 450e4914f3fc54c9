"""Price plans on a real database: chosen beside a till that charges, and over HTTP on a whole server."""

import asyncpg
import pytest

from houston.billing import plans
from houston.billing.rules import Kind, Plan
from houston.kernel import feed
from houston.kernel.errors import BadRequest, Conflict
from houston.kernel.ids import AccountId
from houston.kernel.money import PlanChosen
from tests.billing.conftest import PLAN, Bank
from tests.people.hall import hall as open_hall

FRIENDS = Plan(name="friends", currency="USD", price_per_channel_day=7)


async def choose(bank: Bank, account: AccountId, plan: Plan = FRIENDS) -> None:
    now = bank.house.clock.now()
    async with bank.house.database.transaction() as tx:
        await plans.make(tx, plan, now, "test")
        await plans.choose(tx, PLAN, account, plan.name, now, "test")


async def test_another_plan_is_charged_from_the_next_day_on(bank: Bank):
    account = await bank.house.account()
    await bank.top_up(account, 1_000)
    await bank.house.active(account=account)
    async with bank.house.database.transaction() as tx:
        await bank.till.note(tx, [account])
    await bank.settle()
    await choose(bank, account)
    await bank.settle()
    await bank.to_midnight()
    await bank.settle()

    charges = [one.amount for one in await bank.ledger(account) if one.kind is Kind.CHARGE]
    assert charges[1:] == [7]
    async with bank.house.database.single() as tx:
        told = await feed.read(tx, feed.BEGINNING, kinds=[PlanChosen.kind], limit=9)
        past = await plans.history(tx, PLAN, account)
    [fact] = [event.fact() for event in told if event.account == account]
    assert isinstance(fact, PlanChosen)
    assert (fact.plan, fact.price, fact.since) == ("friends", 7, bank.house.clock.now().date())
    assert [(one.plan, one.price, one.since) for one in past] == [("friends", 7, fact.since)]


async def test_nobody_changes_what_was_agreed(bank: Bank):
    account = await bank.house.account()
    await choose(bank, account)

    for statement in ("update plans set price = 1", "delete from plan_choices"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await bank.house.fetch(statement)
    dearer = Plan(name="friends", currency="USD", price_per_channel_day=8)
    with pytest.raises(Conflict, match="another plan friends"):
        await choose(bank, account, dearer)


async def test_money_of_one_currency_does_not_go_on_in_another(bank: Bank):
    euros = Plan(name="in euros", currency="EUR", price_per_channel_day=7)
    fresh, paid = await bank.house.account(), await bank.house.account()
    await bank.top_up(paid, 1_000)
    await choose(bank, fresh, euros)
    with pytest.raises(Conflict, match="EUR"):
        await choose(bank, paid, euros)

    assert (await bank.book(fresh)).currency == "EUR"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Plan(name="standard", currency="USD", price_per_channel_day=1), "name"),
        (Plan(name="", currency="USD", price_per_channel_day=1), "name"),
        (Plan(name="x", currency="usd", price_per_channel_day=1), "currency"),
        (Plan(name="x", currency="USD", price_per_channel_day=-1), "price_per_channel_day"),
        (Plan(name="x", currency="USD", price_per_channel_day=1, trial_days=-1), "trial_days"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_and_named(bank: Bank, wrong: Plan, field: str):
    with pytest.raises(BadRequest) as refused:
        await choose(bank, await bank.house.account(), wrong)
    assert field in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", "nul \x00", "half \ud83d", "x" * 61])
async def test_what_no_plan_can_be_called_is_refused_and_not_looked_for(bank: Bank, name: str):
    account, now = await bank.house.account(), bank.house.clock.now()
    async with bank.house.database.transaction() as tx:
        with pytest.raises(BadRequest, match="plan"):
            await plans.choose(tx, PLAN, account, name, now, "test")


async def test_an_account_sees_its_plan_its_past_and_what_comes(database_url: str):
    async with open_hall(database_url, billing="on", billing_own_top_up=True) as hall:
        account = await hall.account("Flowers")
        made = {"name": "friends", "price_per_channel_day": 7, "trial_days": 0, "currency": "USD"}
        for _ in range(2):
            assert await account.key.post("/plans", made) == {**made, "chosen": False}
        names = [one["name"] for one in await account.key.get("/plans")]
        assert names == ["standard", "friends"]
        top_up = {"amount": 1_000, "ref": "1"}
        await account.key.post("/account/top-up", top_up)
        terms = await account.key.post("/account/plan", {"plan": "friends"})
        money = (await account.key.get("/account"))["money"]
        [past] = await account.key.get("/account/plans")
    assert (money["plan"], money["next_plan"]) == ("standard", terms)
    assert (past["plan"], past["since"]) == ("friends", terms["since"])


@pytest.mark.slow
async def test_customers_neither_make_nor_choose_nor_see_plans(database_url: str):
    async with open_hall(database_url, billing="on") as hall:
        account = await hall.account("Flowers")
        for method, path, body in (
            ("GET", "/plans", None),
            ("POST", "/plans", {"name": "x", "price_per_channel_day": 0}),
            ("POST", "/account/plan", {"plan": "x"}),
        ):
            answer = await account.key.ask(
                method, f"/api/v1{path}", **({"json": body} if body else {})
            )
            assert answer.status_code == 403, answer.text
