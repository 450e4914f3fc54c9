"""What an API key looks like and how it is recognised."""

import hashlib
import re

from houston.kernel.errors import NotAllowed

KEY_PREFIX = "hk_"
_BEARER = re.compile(r"Bearer +(\S{1,200})", re.IGNORECASE | re.ASCII)


def key_hash(key: str) -> bytes:
    """What is stored of a key.

    A key is 256 bits of luck, so a plain hash is enough: there is nothing to guess word by word.
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def bearer_key(authorization: str | None) -> str:
    """The key in an Authorization header.

    Raises:
        NotAllowed: there is none.
    """
    found = _BEARER.fullmatch((authorization or "").strip())
    if found is None:
        raise NotAllowed(
            "The request carries no API key", "Send the header `Authorization: Bearer <your key>`"
        )
    return found[1]
