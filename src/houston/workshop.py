"""Makes parts of the house out of settings; how they fit together is app.py's."""

from collections.abc import Awaitable, Callable, Mapping

from houston.billing.api import Cashier, Checkout
from houston.billing.biller import KINDS as BILLED
from houston.billing.biller import Biller, changes_costs
from houston.billing.rules import Plan
from houston.billing.till import Till
from houston.channels.leases import Leases
from houston.channels.supervisor import Supervisor
from houston.compat import wazzup_v3
from houston.crm.connector import Connector
from houston.crm.ear import KINDS as RELAYED
from houston.crm.ear import WHOSE, Ear
from houston.crm.hooks import Reception
from houston.crm.intake import Intake
from houston.crm.lookback import Lookback
from houston.crm.relay import Relay
from houston.crm.safe import Safe
from houston.curators.notifier import KINDS as CURATED
from houston.curators.notifier import Notifier
from houston.curators.routes import AppriseRoutes
from houston.files.fetcher import Fetcher
from houston.files.keeper import Keeper
from houston.files.porter import Porter
from houston.files.shelf import shelf_of
from houston.kernel.clock import Chance, Clock
from houston.kernel.db import Database
from houston.kernel.follower import Follower
from houston.kernel.node import Node
from houston.kernel.reader import Reader
from houston.kernel.settings import Settings
from houston.kernel.vault import Vault
from houston.kernel.wake import Wakes
from houston.messages import houston as notices
from houston.messages.outbox import Outbox
from houston.messages.sender import Sender
from houston.webhooks.postman import Postman


def postman(settings: Settings, clock: Clock) -> Postman:
    seconds = settings.webhook_timeout_seconds
    return Postman(clock, timeout_seconds=seconds, private_too=settings.private_webhooks)


def ears(
    settings: Settings,
    database: Database,
    clock: Clock,
    wakes: Wakes,
    reader: Reader,
    outbox: Outbox,
) -> dict[str, Callable[[], Awaitable[None]]]:
    """The loops that hear facts and tell others: the chats, the CRMs' clerk, the curators."""
    caller = notices.Caller(clock)
    calls = notices.calls_houston
    notice = Follower("houston", notices.KINDS, caller.handle, reader, concerns=calls)
    clerk = wazzup_v3.Clerk(clock)
    crm = Follower("wazzup_v3", wazzup_v3.HEARD, clerk.hear, reader)
    routes = AppriseRoutes(may_be_private=settings.private_routes)
    notifier = Notifier(database, clock, wakes, outbox, routes)
    ear = Follower("curators", CURATED, notifier.hear, reader, notifier.ring)
    return {
        "houston": notice.duty,
        "clerk": crm.duty,
        "curators": ear.duty,
        "notifier": notifier.duty,
    }


def crm(
    settings: Settings,
    database: Database,
    node: Node,
    clock: Clock,
    wakes: Wakes,
    reader: Reader,
    outbox: Outbox,
    vault: Vault,
    kinds: Mapping[str, Connector],
) -> tuple[Reception, dict[str, Callable[[], Awaitable[None]]]]:
    """The address that CRMs call, and the loops that tell them."""
    safe = Safe(vault, database, settings.public_url or "")
    intake = Intake(database, clock, outbox)
    lookback = Lookback(database, node, clock, kinds, intake, safe)
    relay = Relay(database, node, clock, kinds, intake, safe, lookback)
    hear = Ear(clock).hear
    ear = Follower("crm", RELAYED, hear, reader, relay.ring, WHOSE)
    reception = Reception(database, clock, kinds, safe, relay)
    return reception, {"crm's ear": ear.duty, "crm": relay.duty, "crm again": lookback.duty}


def _keeper(settings: Settings, database: Database, clock: Clock) -> Keeper:
    shelf = shelf_of(settings.files_url, settings.data_dir)
    days = settings.files_kept_days
    return Keeper(database, clock, shelf, bytes_max=settings.file_bytes_max, days_kept=days)


def files(
    settings: Settings, database: Database, clock: Clock, address: str
) -> tuple[Keeper, Fetcher, Porter]:
    """Who keeps files, and who carries what comes with messages; its folder holds what is on its way."""
    keeper = _keeper(settings, database, clock)
    fetcher = Fetcher(clock, private_too=settings.content_from_private)
    porter = Porter(
        database,
        keeper,
        fetcher,
        clock,
        settings.data_dir / "on-the-way",
        public_url=settings.public_url or address,
        bytes_max=settings.file_bytes_max,
    )
    return keeper, fetcher, porter


def leases(
    settings: Settings,
    database: Database,
    node: Node,
    supervisor: Supervisor,
    sender: Sender,
    clock: Clock,
    chance: Chance,
    wakes: Wakes,
) -> Callable[[], Awaitable[None]]:
    """The loop that takes a fair share of the channels."""
    logins = settings.logins_per_second_max
    return Leases(
        database,
        node,
        supervisor,
        sender.quiesce,
        clock,
        chance,
        wakes,
        logins_per_second_max=logins,
    ).duty


def plan(settings: Settings) -> Plan:
    """What this server asks for."""
    return Plan(
        currency=settings.billing_currency,
        price_per_channel_day=settings.billing_price,
        trial_days=settings.billing_trial_days,
        promise_days=settings.billing_promise_days,
    )


def checkout(settings: Settings) -> Checkout | None:
    """The way to pay by card, if this server has one."""
    if settings.stripe_secret_key is None:
        return None
    # Stripe's library takes longer to load than all of Houston: only who uses it waits for it.
    from houston.billing.stripe_checkout import Checkout as StripeCheckout

    return StripeCheckout(settings.stripe_secret_key, settings.stripe_webhook_secret)


def cashier(
    settings: Settings, database: Database, clock: Clock, wakes: Wakes, till: Till
) -> Cashier:
    counting, card = till if settings.billing == "on" else None, checkout(settings)
    return Cashier(database, clock, wakes, counting, card, settings.billing_own_top_up)


def billing(
    settings: Settings, database: Database, clock: Clock, reader: Reader, till: Till
) -> dict[str, Callable[[], Awaitable[None]]]:
    """The loops of money; where it is not counted, the one that makes up for when it was."""
    biller = Biller(database, clock, till)
    if settings.billing == "off":
        return {"biller": biller.forgive}
    ear = Follower("biller", BILLED, biller.hear, reader, concerns=changes_costs)
    return {"biller": biller.duty, "biller's ear": ear.duty}
