"""Price plans over HTTP: which there are, which an account is on, and which it was on before."""

from datetime import date, datetime

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.billing import plans
from houston.billing.api import Cashier, TermsView, terms_view
from houston.billing.plans import Choice
from houston.billing.rules import STANDARD, Plan
from houston.billing.till import Till, standing
from houston.kernel.errors import Forbidden
from houston.kernel.sentence import say
from houston.kernel.wake import Topic
from houston.people.rules import Caller, Doing


class PlanView(msgspec.Struct, frozen=True):
    """What a channel costs, under a name. The amount is whole minor units of the currency: cents."""

    name: str
    """`standard` is the plan of the server's settings."""
    currency: str
    price_per_channel_day: int
    trial_days: int
    """How many of an account's first days are free."""
    chosen: bool
    """The account has it, or will have it tomorrow."""


class NewPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan is never changed: a new price is a new plan."""

    name: str
    price_per_channel_day: int
    trial_days: int = 0
    currency: str | None = None
    """Without it, that of the server's settings."""


class PlanChosenView(msgspec.Struct, frozen=True):
    """That an account was put on a plan."""

    plan: str
    price_per_channel_day: int
    since: date
    """The first day that costs so much."""
    at: datetime
    actor: str


class PlanAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a plan."""

    plan: str


@get("/plans", summary="The plans of this server", doing=Doing.PAY)
async def list_plans(
    caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]
) -> list[PlanView]:
    """Only where the server's setting `billing_own_top_up` allows it: prices of others are in it."""
    till = _own(cashier)
    async with cashier.database.single() as tx:
        stands = await standing(tx, till.plan, caller.account, cashier.clock.now())
        found = await plans.all_of(tx, till.plan)
    chosen = stands.book.terms[-1].plan
    return [_plan(one, chosen=one.name == chosen) for one in found]


@post("/plans", summary="Make a plan", status_code=200, doing=Doing.PAY)
async def make_plan(
    data: JSONBody[NewPlan], caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]
) -> PlanView:
    """Only where `billing_own_top_up` allows it. The same again is harmless."""
    till = _own(cashier)
    plan = Plan(
        name=data.name,
        currency=data.currency or till.plan.currency,
        price_per_channel_day=data.price_per_channel_day,
        trial_days=data.trial_days,
    )
    async with cashier.database.transaction() as tx:
        now = cashier.clock.now()
        made = await plans.make(tx, plan, now, caller.actor)
        stands = await standing(tx, till.plan, caller.account, now)
    return _plan(made, chosen=stands.book.terms[-1].plan == made.name)


@get("/account/plans", summary="The plans that the account was put on", doing=Doing.PAY)
async def list_choices(
    caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]
) -> list[PlanChosenView]:
    """The newest first. Before the first of them it had the plan `standard`."""
    till = cashier.counting()
    async with cashier.database.single() as tx:
        return [_choice(one) for one in await plans.history(tx, till.plan, caller.account)]


@post("/account/plan", summary="Put the account on a plan", status_code=200, doing=Doing.PAY)
async def choose_plan(
    data: JSONBody[PlanAsked], caller: NamedDependency[Caller], cashier: NamedDependency[Cashier]
) -> TermsView:
    """From tomorrow (UTC) on. Only where `billing_own_top_up` allows it."""
    till = _own(cashier)
    async with cashier.database.transaction() as tx:
        now = cashier.clock.now()
        book = await plans.choose(tx, till.plan, caller.account, data.plan, now, caller.actor)
    cashier.wakes.here(Topic.FEED)
    return terms_view(book.terms[-1])


def _own(cashier: Cashier) -> Till:
    """The till, for who may do what is else the business of who runs the server."""
    till = cashier.counting()
    if not cashier.own_top_up:
        cure = say(
            "Ask who runs this server; without another plan the account has `{plan}`", plan=STANDARD
        )
        raise Forbidden("Accounts of this server do not choose plans themselves", cure)
    return till


def _plan(plan: Plan, *, chosen: bool) -> PlanView:
    price = plan.price_per_channel_day
    return PlanView(plan.name, plan.currency, price, plan.trial_days, chosen)


def _choice(one: Choice) -> PlanChosenView:
    return PlanChosenView(one.plan, one.price, one.since, one.at, one.actor)


plans_api = Router(
    "/",
    route_handlers=[list_plans, make_plan, list_choices, choose_plan],
    tags=["account"],
)
