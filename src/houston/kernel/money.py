"""Facts about an account's money: its ledger, and until when that lasts."""

from datetime import date, datetime
from typing import ClassVar

import msgspec


class BalanceChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An entry was added to an account's ledger. Amounts are minor units of the currency."""

    kind: ClassVar[str] = "balance.changed"
    number: int
    reason: str
    amount: int
    balance: int
    currency: str
    money_until: datetime | None
    ref: str | None
    actor: str
    at: datetime


class PlanChosen(msgspec.Struct, frozen=True, kw_only=True):
    """A channel costs `price` a day from the day `since` on."""

    kind: ClassVar[str] = "plan.chosen"
    plan: str
    price: int
    currency: str
    since: date
    actor: str
    at: datetime


class BalanceExhausted(msgspec.Struct, frozen=True, kw_only=True):
    """The money is used up: channels stand still until `needed` more is there (law S4)."""

    kind: ClassVar[str] = "balance.exhausted"
    balance: int
    currency: str
    needed: int
    channels: int
    at: datetime


class BalanceRestored(msgspec.Struct, frozen=True, kw_only=True):
    """There is money again, and every channel that is enabled runs."""

    kind: ClassVar[str] = "balance.restored"
    balance: int
    currency: str
    money_until: datetime | None
    at: datetime


class BalanceForecast(msgspec.Struct, frozen=True, kw_only=True):
    """The balance, what a day costs by now, or until when that lasts is another than was told last."""

    kind: ClassVar[str] = "balance.forecast"
    balance: int
    currency: str
    daily: int
    money_until: datetime | None
    at: datetime
