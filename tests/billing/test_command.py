"""Money by the command line, on a real database, as who runs the server types it."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from houston.cli import main

Houston = Callable[..., Result]


@pytest.fixture
def houston(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Houston:
    monkeypatch.setenv("HOUSTON_DATABASE_URL", database_url)
    # A command has a process of its own; here, other tests read what this one logs.
    monkeypatch.setattr("houston.cli.set_up_logs", lambda *_: None)
    return lambda *words: CliRunner().invoke(main, ["account", *words])


@pytest.fixture
def account(houston: Houston) -> str:
    return houston("create", "--name", "Flowers").output.split()[1]


def said(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    return dict(line.split(": ") for line in result.output.splitlines())


def test_a_payment_typed_twice_is_entered_once(houston: Houston, account: str):
    words = ["top-up", "--account", account, "--amount", "500", "--ref", "7", "--note", "bank"]

    assert said(houston(*words)) == said(houston(*words))
    assert said(houston(*words)) == {"entry": "1", "amount": "500", "balance": "500"}


def test_no_more_is_given_back_than_there_is(houston: Houston, account: str):
    houston("top-up", "--account", account, "--amount", "500")

    assert houston("refund", "--account", account, "--amount", "501").exit_code == 1
    assert said(houston("refund", "--account", account, "--amount", "200"))["balance"] == "300"


def test_an_account_is_put_on_a_plan_and_back_on_that_of_the_settings(
    houston: Houston, account: str
):
    words = ["plan", "add", "--name", "friends", "--per-channel-day", "7", "--trial-days", "14"]
    made = CliRunner().invoke(main, words)
    listed = CliRunner().invoke(main, ["plan", "list"])
    own = said(houston("plan", "--account", account, "--plan", "friends"))
    again = said(houston("plan", "--account", account))

    assert made.output == "friends: 7 USD per channel and day, 14 free days\n"
    assert listed.output.splitlines()[1] == made.output.strip()
    assert (own["price_per_channel_day"], again["price_per_channel_day"]) == ("7", "50")
    assert houston("plan", "--account", account, "--plan", "fiends").exit_code == 1


def test_an_account_that_is_not_there_is_named_as_such(houston: Houston):
    nobody = houston("top-up", "--account", "00000000-0000-0000-0000-000000000000", "--amount", "5")

    assert nobody.exit_code == 1
    assert "no such account" in nobody.output
