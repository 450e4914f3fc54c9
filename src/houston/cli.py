"""The command `houston`: what a person types, and what it says back."""

import sys
from collections.abc import Coroutine
from os import environ
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import msgspec
import uvloop

from houston import demo as demos
from houston.app import running, until_told_to_stop, with_database
from houston.billing import plans
from houston.billing.rules import STANDARD, Kind, Plan
from houston.billing.till import Moving, move
from houston.doctor import examine
from houston.kernel.clock import SystemClock, machine_chance
from houston.kernel.db import Database, migrate
from houston.kernel.errors import HoustonError
from houston.kernel.ids import AccountId
from houston.kernel.settings import Settings
from houston.kernel.settings_reading import load
from houston.logs import set_up_logs
from houston.people.founding import make_administrator
from houston.people.keyring import create_account
from houston.people.rules import check_email
from houston.routes import VERSION
from houston.standins import Running as StandInRunning
from houston.standins import faked, simulated
from houston.transports.simulated_whatsapp.server import serving
from houston.workshop import plan as standard

Result = TypeVar("Result")

_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file with settings."
)


@click.group()
@click.version_option(VERSION, prog_name="houston")
def main() -> None:
    """Houston keeps WhatsApp numbers working, and tells the truth about them."""


@main.command()
@_CONFIG
def serve(config: Path | None) -> None:
    """Run the server, until Ctrl-C or SIGTERM."""
    settings = _settings(config)
    set_up_logs(settings.log_format, settings.log_level)
    _run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with running(settings, SystemClock(), machine_chance()):
        await until_told_to_stop()


@main.command("migrate")
@_CONFIG
def migrate_command(config: Path | None) -> None:
    """Bring the database's tables up to date."""
    settings = _settings(config)
    set_up_logs(settings.log_format, settings.log_level)
    names = _run(with_database(settings, migrate))
    click.echo("\n".join(names) if names else "Nothing to do: the tables are up to date.")


@main.group()
def account() -> None:
    """Customers of this server."""


@account.command()
@click.option("--name", required=True, help="What people call this customer.")
@click.option("--email", help="Who signs in as its first administrator.")
@_CONFIG
def create(name: str, email: str | None, config: Path | None) -> None:
    """Make an account and print its id and its API key, with --email also a password. Both are shown
    this once."""
    settings = _settings(config)
    set_up_logs("console", "warning")

    async def make(database: Database) -> str:
        await migrate(database)
        if email is not None:
            check_email(email)
        made = await create_account(database, SystemClock(), name)
        said = f"account_id: {made.account}\napi_key: {made.api_key}"
        if email is None:
            return said
        password = await make_administrator(database, SystemClock(), made.account, email)
        return f"{said}\nemail: {email}\npassword: {password}"

    click.echo(_run(with_database(settings, make)))


_ACCOUNT = click.option("--account", "owner", type=click.UUID, required=True, help="Its id.")
_AMOUNT = click.option(
    "--amount", type=int, required=True, help="In minor units of its currency: cents."
)
_REF = click.option("--ref", help="What names this payment: the same again changes nothing.")
_NOTE = click.option("--note", default="", help="Why, for whoever reads the ledger.")


@account.command()
@_ACCOUNT
@click.option("--email", required=True, help="Who signs in.")
@_CONFIG
def administrator(owner: UUID, email: str, config: Path | None) -> None:
    """Make somebody an administrator and print a new password, this once: for whoever is locked out."""
    settings = _settings(config)
    set_up_logs("console", "warning")

    async def make(database: Database) -> str:
        await migrate(database)
        password = await make_administrator(database, SystemClock(), AccountId(owner), email)
        return f"email: {email}\npassword: {password}"

    click.echo(_run(with_database(settings, make)))


@account.command("top-up")
@_ACCOUNT
@_AMOUNT
@_REF
@_NOTE
@_CONFIG
def top_up(owner: UUID, amount: int, ref: str | None, note: str, config: Path | None) -> None:
    """Write down money that came in. Channels that stood still for want of it go on."""
    _move(Kind.TOP_UP, owner, amount, ref, note, config)


@account.command()
@_ACCOUNT
@_AMOUNT
@_REF
@_NOTE
@_CONFIG
def refund(owner: UUID, amount: int, ref: str | None, note: str, config: Path | None) -> None:
    """Write down money that was given back, at most the balance."""
    _move(Kind.REFUND, owner, amount, ref, note, config)


def _move(
    kind: Kind, owner: UUID, amount: int, ref: str | None, note: str, config: Path | None
) -> None:
    settings = _settings(config)
    set_up_logs("console", "warning")
    moving = Moving(
        account=AccountId(owner), amount=amount, ref=ref, note=note, actor="administrator"
    )

    async def write(database: Database) -> str:
        await migrate(database)
        async with database.transaction() as tx:
            entry = await move(tx, standard(settings), kind, moving, SystemClock().now())
        return f"entry: {entry.number}\namount: {entry.amount}\nbalance: {entry.balance}"

    click.echo(_run(with_database(settings, write)))


@account.command("plan")
@_ACCOUNT
@click.option("--plan", "name", default=STANDARD, show_default=True, help="The name of the plan.")
@_CONFIG
def choose_plan(owner: UUID, name: str, config: Path | None) -> None:
    """Put an account on a price plan, from tomorrow (UTC) on."""
    settings = _settings(config)
    set_up_logs("console", "warning")

    async def write(database: Database) -> str:
        await migrate(database)
        async with database.transaction() as tx:
            now, known = SystemClock().now(), standard(settings)
            book = await plans.choose(tx, known, AccountId(owner), name, now, "administrator")
        terms = book.terms[-1]
        return f"plan: {terms.plan}\nprice_per_channel_day: {terms.price}\nsince: {terms.since}"

    click.echo(_run(with_database(settings, write)))


@main.group()
def plan() -> None:
    """What channels cost: plans, beside the one of the settings."""


@plan.command("add")
@click.option("--name", required=True, help="What the plan is called.")
@click.option("--per-channel-day", "price", type=int, required=True, help="In minor units: cents.")
@click.option("--trial-days", type=int, default=0, help="Of an account's first days.")
@click.option("--currency", help="Without it: that of the settings.")
@_CONFIG
def add_plan(
    name: str, price: int, trial_days: int, currency: str | None, config: Path | None
) -> None:
    """Make a plan. It is never changed: a new price is a new plan."""
    settings = _settings(config)
    set_up_logs("console", "warning")
    made = Plan(
        name=name,
        currency=currency or settings.billing_currency,
        price_per_channel_day=price,
        trial_days=trial_days,
    )

    async def write(database: Database) -> str:
        await migrate(database)
        async with database.transaction() as tx:
            return _line(await plans.make(tx, made, SystemClock().now(), "administrator"))

    click.echo(_run(with_database(settings, write)))


@plan.command("list")
@_CONFIG
def list_plans(config: Path | None) -> None:
    """All plans, one a line."""
    settings = _settings(config)
    set_up_logs("console", "warning")

    async def read(database: Database) -> str:
        await migrate(database)
        async with database.single() as tx:
            return "\n".join(_line(one) for one in await plans.all_of(tx, standard(settings)))

    click.echo(_run(with_database(settings, read)))


def _line(plan: Plan) -> str:
    price = f"{plan.price_per_channel_day} {plan.currency} per channel and day"
    return f"{plan.name}: {price}, {plan.trial_days} free days"


@main.command()
@click.option("--port", default=8080, show_default=True, help="The port of the server.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Where to keep everything."
)
@click.option("--sim", help="The address of a simulated WhatsApp that runs already.")
@click.option(
    "--linked",
    is_flag=True,
    help="Link the channels as devices, through the real library, to a fake of WhatsApp's servers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object when all answers.")
def demo(port: int, data: Path | None, sim: str | None, linked: bool, as_json: bool) -> None:
    """Everything on this machine, with a simulated WhatsApp, an account and two channels."""
    set_up_logs("console", "warning")
    settings = _settings(None)
    folder = data or settings.data_dir / ("demo-linked" if linked else "demo")
    settings = msgspec.structs.replace(settings, port=port, data_dir=folder)
    _run(_demo(settings, sim, faked if linked else simulated, as_json=as_json))


async def _demo(
    settings: Settings, sim: str | None, stand_in: StandInRunning, *, as_json: bool
) -> None:
    clock, chance = SystemClock(), machine_chance()
    async with demos.demo(settings, sim, clock, chance, stand_in=stand_in) as ready:
        if as_json:
            click.echo(msgspec.json.encode(ready).decode())
        else:
            click.echo(demos.welcome(ready))
        await until_told_to_stop()


@main.command()
@click.option("--port", default=8090, show_default=True, help="The port of its HTTP control.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Where to keep its books."
)
def sim(port: int, data: Path | None) -> None:
    """A simulated WhatsApp of its own: phones, people and faults, played over HTTP."""
    set_up_logs("console", "warning")
    _run(_sim(port, data))


async def _sim(port: int, data: Path | None) -> None:
    async with serving(port=port, data_dir=data, clock=SystemClock()) as url:
        click.echo(f"The simulated WhatsApp answers at {url}. Ctrl-C ends it.")
        await until_told_to_stop()


@main.command()
@_CONFIG
def doctor(config: Path | None) -> None:
    """Look at everything that Houston needs, and say how to mend what is wrong."""
    settings = _settings(config)
    set_up_logs("console", "error")
    findings = _run(examine(settings))
    for finding in findings:
        sign = "ok  " if finding.cure is None else "!!  "
        click.echo(f"{sign}{finding.what}: {finding.how}")
        if finding.cure is not None:
            click.echo(f"    -> {finding.cure}")
    sys.exit(any(finding.cure is not None for finding in findings))


# --- What all commands share -------------------------------------------------------------------


def _settings(config: Path | None) -> Settings:
    try:
        return load(environ, config)
    except HoustonError as error:
        raise click.ClickException(str(error)) from error


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end. What a person can mend is said in a line; only the rest is a traceback."""
    try:
        return uvloop.run(work)
    except HoustonError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)
