"""Price plans: making one, and putting an account on it. Neither is ever changed; both are only added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from houston.billing import store, store_plans
from houston.billing.rules import STANDARD, Book, Plan, agree
from houston.billing.till import AMOUNT_MAX, book_of
from houston.kernel import feed
from houston.kernel.db import Tx
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.ids import AccountId
from houston.kernel.money import PlanChosen
from houston.kernel.sentence import say

_NAME_MAX: Final = 60
_TRIAL_DAYS_MAX: Final = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """That an account was put on a plan."""

    plan: str
    price: int
    since: date
    """The first day that costs so much."""
    at: datetime
    actor: str


async def make(tx: Tx, plan: Plan, now: datetime, actor: str) -> Plan:
    """A new plan; the same again is the same plan.

    Raises:
        BadRequest: its name, price, currency or free days cannot be.
        Conflict: there is another one of that name.
    """
    _check(plan)
    if await store_plans.add(tx, plan, now, actor):
        return plan
    if await store_plans.one(tx, plan.name) != plan:
        what = say("There is another plan {plan} already", plan=plan.name)
        raise Conflict(what, "Plans are never changed: give a new price a new name")
    return plan


async def choose(
    tx: Tx, standard: Plan, account: AccountId, name: str, now: datetime, actor: str
) -> Book:
    """Put an account on a plan from tomorrow on; one that was never charged, from today on.

    Raises:
        BadRequest: no plan can be called so.
        Conflict: its money is of another currency.
        NotFound: there is no such account, or no such plan.
    """
    _check_name("plan", name)
    plan = standard if name == STANDARD else await store_plans.one(tx, name)
    if plan is None:
        what = say("There is no plan {plan}", plan=name)
        raise NotFound(what, "Make it first: `houston plan add`")
    before = await book_of(tx, standard, account, now)
    if before.terms[-1].plan == name:
        return before
    if before.currency != plan.currency and before.entries:
        theirs, ours = plan.currency, before.currency
        what = say("The plan is in {theirs}, the account in {ours}", theirs=theirs, ours=ours)
        raise Conflict(what, say("Choose a plan in {currency}", currency=ours))
    opened = await store_plans.opened(tx, account)
    after = agree(before, plan, opened, now.date())
    await store_plans.choose(tx, after, plan, len(before.terms), now, actor)
    await store.mark_due(tx, [account])
    await feed.write(tx, now, [feed.Entry(account, None, _fact(after, plan, now, actor))])
    return after


def _fact(book: Book, plan: Plan, now: datetime, actor: str) -> PlanChosen:
    terms = book.terms[-1]
    return PlanChosen(
        plan=terms.plan,
        price=terms.price,
        currency=plan.currency,
        since=terms.since,
        actor=actor,
        at=now,
    )


async def history(tx: Tx, standard: Plan, account: AccountId) -> list[Choice]:
    """What an account was put on, the newest first."""
    return [
        Choice(
            plan=row["plan"] or STANDARD,
            price=standard.price_per_channel_day if row["plan"] is None else row["price"],
            since=row["since"],
            at=row["at"],
            actor=row["actor"],
        )
        for row in await store_plans.choices(tx, account)
    ]


async def all_of(tx: Tx, standard: Plan) -> Sequence[Plan]:
    """That of the settings first."""
    return [standard, *await store_plans.every(tx)]


def _check_name(field: str, name: str) -> None:
    if not (0 < len(name) <= _NAME_MAX and name.isprintable()):
        cure = say("use 1 to {max} printable characters", max=_NAME_MAX)
        raise BadRequest(field, name, cure)


def _check(plan: Plan) -> None:
    _check_name("name", plan.name)
    if plan.name == STANDARD:
        taken = "use another name: this one is of the settings HOUSTON_BILLING_*"
        raise BadRequest("name", plan.name, taken)
    if not 0 <= plan.price_per_channel_day <= AMOUNT_MAX:
        cure = say(
            "use a whole number of minor units (cents) from {min} to {max}", min=0, max=AMOUNT_MAX
        )
        raise BadRequest("price_per_channel_day", plan.price_per_channel_day, cure)
    if not 0 <= plan.trial_days <= _TRIAL_DAYS_MAX:
        cure = say("use {min} to {max}", min=0, max=_TRIAL_DAYS_MAX)
        raise BadRequest("trial_days", plan.trial_days, cure)
    code = plan.currency
    if not (len(code) == 3 and code.isascii() and code.isupper() and code.isalpha()):
        raise BadRequest("currency", code, "use three capital letters, such as USD")
