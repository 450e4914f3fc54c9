"""Stripe from both sides: a Stripe in memory that begins payments, and webhooks of the shapes that Stripe
documents, signed by the library's own scheme and sent to a real server over HTTP."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import stripe

from houston.app import running
from houston.billing.stripe_checkout import Checkout, card_money
from houston.kernel.errors import Broken
from houston.kernel.ids import AccountId, new_id
from houston.kernel.settings import Settings
from houston.people.keyring import create_account
from tests.clocks import StoppedClock

SECRET = "whsec_of_a_test"


@dataclass
class Till:
    """A server that takes cards, with one account."""

    http: httpx.AsyncClient
    account: AccountId

    async def hear(self, event: Mapping[str, Any], secret: str = SECRET, age: int = 0) -> int:
        """Send a webhook as Stripe does; the code of the answer."""
        body = json.dumps(event)
        at = int(time.time()) - age
        signature = stripe.WebhookSignature.generate_signature_header(body, secret, at)
        answer = await self.http.post(
            "/stripe", content=body, headers={"stripe-signature": signature}
        )
        return answer.status_code

    async def money(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get("/api/v1/account")).json()["money"]
        return found

    def paid(self, **more: Any) -> dict[str, Any]:
        """As in Stripe's reference of the event `checkout.session.completed`."""
        checkout = {
            "id": "cs_test_a1",
            "object": "checkout.session",
            "amount_total": 2500,
            "client_reference_id": str(self.account),
            "currency": "usd",
            "metadata": {"houston_account": str(self.account)},
            "mode": "payment",
            "payment_intent": "pi_1",
            "payment_status": "paid",
            "status": "complete",
            **more,
        }
        return event("checkout.session.completed", checkout)


def event(kind: str, thing: Mapping[str, Any], **previous: Any) -> dict[str, Any]:
    told = {"object": thing, **({"previous_attributes": previous} if previous else {})}
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "created": 1_760_000_000,
        "data": told,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def refunded(total: int, before: int) -> dict[str, Any]:
    """As in Stripe's reference of the event `charge.refunded`."""
    charge = {
        "id": "ch_1",
        "object": "charge",
        "amount": 2500,
        "amount_refunded": total,
        "currency": "usd",
        "payment_intent": "pi_1",
        "refunded": total == 2500,
    }
    return event("charge.refunded", charge, amount_refunded=before)


@pytest.fixture
async def till(database_url: str) -> AsyncIterator[Till]:
    async with counting(database_url) as till:
        yield till


@asynccontextmanager
async def counting(database_url: str) -> AsyncIterator[Till]:
    clock = StoppedClock()
    settings = Settings(
        database_url=database_url,
        port=0,
        billing="on",
        stripe_secret_key="sk_test_1",
        stripe_webhook_secret=SECRET,
    )
    async with running(settings, clock, random.Random(1)) as server:
        made = await create_account(server.database, clock, "Flowers")
        headers = {"authorization": f"Bearer {made.api_key}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
            yield Till(http, made.account)


async def test_a_card_payment_is_entered_once_however_often_stripe_tells_of_it(till: Till):
    late = till.paid() | {"type": "checkout.session.async_payment_succeeded"}
    codes = await asyncio.gather(*(till.hear(one) for one in [till.paid(), late] * 3))

    assert set(codes) == {200}
    assert (await till.money())["balance"] == 2500


async def test_a_payment_on_its_way_is_no_money_yet(till: Till):
    assert await till.hear(till.paid(payment_status="unpaid")) == 200
    assert (await till.money())["balance"] == 0


async def test_refunds_at_stripe_are_followed_part_by_part(till: Till):
    await till.hear(till.paid())
    for told in (refunded(1000, 0), refunded(2500, 1000), refunded(1000, 0)):
        assert await till.hear(told) == 200

    entries = (await till.http.get("/api/v1/account/ledger")).json()["entries"]
    assert [(one["kind"], one["amount"]) for one in entries] == [
        ("refund", 1500),
        ("refund", 1000),
        ("top_up", 2500),
    ]


@pytest.mark.parametrize(("secret", "age"), [("whsec_of_another", 0), (SECRET, 3_600)])
async def test_what_stripe_did_not_sign_just_now_is_refused(till: Till, secret: str, age: int):
    assert await till.hear(till.paid(), secret, age) == 401
    assert (await till.money())["balance"] == 0


async def test_what_is_not_signed_or_not_json_is_refused(till: Till):
    for body in (b"", b"{}", b"\xff\xfe"):
        assert (await till.http.post("/stripe", content=body)).status_code == 401


async def test_money_of_others_is_refused_so_that_it_is_seen_at_stripe(till: Till):
    stranger = {"houston_account": str(new_id())}
    foreigners: list[dict[str, Any]] = [
        {"metadata": stranger},
        {"metadata": {}},
        {"currency": "eur"},
    ]
    for foreign in foreigners:
        assert await till.hear(till.paid(payment_intent="pi_2", **foreign)) == 409
    assert await till.hear(refunded(1000, 0)) == 409
    assert (await till.money())["balance"] == 0


async def test_what_says_nothing_of_money_is_thanked_for(till: Till):
    assert await till.hear(event("customer.created", {"id": "cus_1"})) == 200
    assert card_money(till.paid(mode="setup", payment_intent=None)) is None


async def test_an_account_does_not_give_itself_money(till: Till):
    answer = await till.http.post("/api/v1/account/top-up", json={"amount": 5, "ref": "mine"})

    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"amount": 0, "return_url": "https://shop.example"}, "amount"),
        ({"amount": 5, "return_url": "javascript:alert(1)"}, "return_url"),
    ],
)
async def test_a_checkout_that_cannot_be_is_refused_and_named(
    till: Till, asked: dict[str, Any], field: str
):
    answer = await till.http.post("/api/v1/account/checkout", json=asked)

    assert (answer.status_code, answer.json()["field"]) == (400, field)


# --- Beginning a payment -----------------------------------------------------------------------


class StripeInMemory(stripe.HTTPClient):
    """Answers like Stripe's API, and keeps what it was asked."""

    name = "in memory"

    def __init__(self, code: int = 200) -> None:
        super().__init__()
        self._code = code
        self.asked: list[dict[str, list[str]]] = []

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        assert (method, url) == ("post", "https://api.stripe.com/v1/checkout/sessions")
        assert headers is not None
        assert headers["Authorization"] == "Bearer sk_test_1"
        self.asked.append(parse_qs(post_data))
        if self._code != 200:
            return '{"error": {"message": "No such currency"}}', self._code, {}
        made = {
            "id": "cs_1",
            "object": "checkout.session",
            "url": "https://checkout.stripe.com/c/1",
        }
        return json.dumps(made), 200, {}

    def close(self) -> None:
        """Nothing is open."""


async def test_a_payment_begins_on_a_page_of_stripes_and_names_its_account():
    world, account = StripeInMemory(), AccountId(new_id())
    url = await Checkout("sk_test_1", SECRET, world).begin(
        account, 2500, "USD", "https://shop.example/back"
    )

    assert url == "https://checkout.stripe.com/c/1"
    [asked] = world.asked
    assert asked["metadata[houston_account]"] == [str(account)]
    assert asked["line_items[0][price_data][unit_amount]"] == ["2500"]
    assert asked["line_items[0][price_data][currency]"] == ["usd"]
    assert asked["success_url"] == ["https://shop.example/back"]


async def test_when_stripe_declines_it_is_said():
    checkout = Checkout("sk_test_1", SECRET, StripeInMemory(400))
    with pytest.raises(Broken, match="No such currency"):
        await checkout.begin(AccountId(new_id()), 5, "USD", "https://shop.example/back")
