"""Signatures against the vector that Standard Webhooks publishes, and against its own library."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from houston.webhooks.signing import secret_of, signed


def just_now() -> datetime:
    """The library takes nothing that is older than five minutes by the machine's own clock."""
    return datetime.now(UTC)


def test_the_published_vector_is_reproduced():
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_during_a_rotation_both_secrets_open():
    new, old = secret_of(b"n" * 32), secret_of(b"o" * 32)
    headers = signed("1-2-3", just_now(), b"{}", [new, old])
    for secret in (new, old):
        assert Webhook(secret).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(b"x" * 32)).verify(b"{}", headers)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_nothing_of_it_can_be_changed(header: str):
    now = just_now()
    value = str(int(now.timestamp()) + 1)
    secret = secret_of(b"n" * 32)
    headers = signed("1-2-3", now, b'{"a":1}', [secret]) | {header: value}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b'{"a":1}', headers)
