"""Money by card: Stripe Checkout through Stripe's own library. Says what came; the till writes it down."""

import asyncio
from typing import Any, Final, cast

import stripe

from houston.billing.rules import CardMoney, Kind, payment_ref
from houston.kernel.errors import Broken, NotAllowed
from houston.kernel.ids import AccountId

_PAID: Final = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
_REFUNDED: Final = "charge.refunded"
_ACCOUNT: Final = "houston_account"
_TIMEOUT_SECONDS: Final = 20


class Checkout:
    """Stripe, with the secrets of whoever runs this server."""

    def __init__(
        self, secret_key: str, webhook_secret: str | None, http: stripe.HTTPClient | None = None
    ) -> None:
        self._webhook_secret = webhook_secret
        http = http or stripe.RequestsClient(timeout=_TIMEOUT_SECONDS)
        self._stripe = stripe.StripeClient(secret_key, http_client=http)

    async def begin(self, account: AccountId, amount: int, currency: str, return_url: str) -> str:
        """The address of a page of Stripe's on which a person pays.

        Raises:
            Broken: Stripe does not give one.
        """
        named = {_ACCOUNT: str(account)}
        item: Any = {
            "quantity": 1,
            "price_data": {
                "currency": currency.lower(),
                "unit_amount": amount,
                "product_data": {"name": "Houston: balance"},
            },
        }
        try:
            # The library's own asynchronous way leans on what httpx is about to drop.
            made = await asyncio.to_thread(
                self._stripe.v1.checkout.sessions.create,
                {
                    "mode": "payment",
                    "line_items": [item],
                    "success_url": return_url,
                    "cancel_url": return_url,
                    "client_reference_id": str(account),
                    "metadata": named,
                    "payment_intent_data": {"metadata": named},
                },
            )
        except stripe.StripeError as error:
            raise Broken(f"Stripe does not begin a payment: {error.user_message}") from error
        if made.url is None:
            raise Broken("Stripe gave no page to pay on")
        return made.url

    def hear(self, body: bytes, signature: str | None) -> CardMoney | None:
        """What a webhook of Stripe's says of money; None when it says nothing of it.

        Raises:
            NotAllowed: it is not signed by Stripe, or was signed too long ago.
        """
        try:
            event = stripe.Webhook.construct_event(body, signature, self._webhook_secret)
        except (stripe.SignatureVerificationError, ValueError) as error:
            cure = "Set HOUSTON_STRIPE_WEBHOOK_SECRET to the secret that Stripe shows"
            raise NotAllowed("This webhook is not signed by Stripe", cure) from error
        return card_money(cast(dict[str, Any], event.to_dict()))


def card_money(event: dict[str, Any]) -> CardMoney | None:
    """Read an event whose signature was checked."""
    thing = event["data"]["object"]
    if event["type"] in _PAID and thing["payment_status"] == "paid" and thing["mode"] == "payment":
        return _paid(thing)
    if event["type"] == _REFUNDED:
        return _refunded(thing, event["data"].get("previous_attributes") or {})
    return None


def _paid(checkout: dict[str, Any]) -> CardMoney:
    payment = str(checkout["payment_intent"])
    return CardMoney(
        Kind.TOP_UP,
        payment,
        payment_ref(payment),
        int(checkout["amount_total"]),
        str(checkout["currency"]).upper(),
        (checkout.get("metadata") or {}).get(_ACCOUNT),
    )


def _refunded(charge: dict[str, Any], previous: dict[str, Any]) -> CardMoney:
    """Stripe says how much was given back in all; the difference to before is this refund."""
    payment, total = str(charge["payment_intent"]), int(charge["amount_refunded"])
    return CardMoney(
        Kind.REFUND,
        payment,
        f"{payment_ref(payment)}:refund:{total}",
        total - int(previous.get("amount_refunded") or 0),
        str(charge["currency"]).upper(),
        None,
    )
