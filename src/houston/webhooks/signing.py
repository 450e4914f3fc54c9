"""Signatures by Standard Webhooks 1.0.0: whoever knows the secret can tell that Houston wrote a body. Pure.

Source: the specification "Standard Webhooks", sections "Webhook scheme" and "Signature scheme".
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
OVERLAP_MAX: Final = timedelta(days=7)
"""How long the secret of before may go on signing beside the new one."""


def secret_of(random_bytes: bytes) -> str:
    """A secret as it is shown and copied."""
    return PREFIX + base64.b64encode(random_bytes).decode()


def signed(message_id: str, at: datetime, content: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a signed body; during a rotation both secrets sign."""
    stamp = str(int(at.timestamp()))
    said = b".".join((message_id.encode(), stamp.encode(), content))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(secret, said) for secret in secrets),
    }


def _signature(secret: str, said: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
