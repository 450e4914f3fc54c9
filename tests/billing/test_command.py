"""Money by the command line, on a real database, as who runs the server types it."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from houston.cli import main

Houston = Callable[..., Result]


@pytest.fixture
def houston(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Houston:
    monkeypatch.setenv("HOUSTON_DATABASE_URL", database_url)
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


def test_an_account_can_have_a_price_of_its_own(houston: Houston, account: str):
    own = said(houston("price", "--account", account, "--per-channel-day", "7"))
    again = said(houston("price", "--account", account))

    assert (own["price_per_channel_day"], again["price_per_channel_day"]) == ("7", "50")


def test_an_account_that_is_not_there_is_named_as_such(houston: Houston):
    nobody = houston("top-up", "--account", "00000000-0000-0000-0000-000000000000", "--amount", "5")

    assert nobody.exit_code == 1
    assert "no such account" in nobody.output
