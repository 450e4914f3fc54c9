"""Keys for groups: each member seals once for all, by a chain of its own that it tells everybody."""

import hmac
import secrets
from typing import Any, Final

from tools.fake_whatsapp.curve import derived, fresh_pair, typed
from tools.fake_whatsapp.proto import words
from tools.fake_whatsapp.ratchet import cbc_sealed, padded

_VERSION: Final = b"\x33"


class GroupKey:
    """One member's chain in one group."""

    def __init__(self) -> None:
        self._id = 1 + secrets.randbelow(2**30)
        self._iteration = 0
        self._chain = secrets.token_bytes(32)
        self._signing = fresh_pair()

    def introduction(self, group: str) -> bytes:
        """The message by which another member learns to open what is sealed from now on."""
        key = words.SenderKeyDistributionMessage(
            id=self._id,
            iteration=self._iteration,
            chainKey=self._chain,
            signingKey=typed(self._signing.public),
        )
        message = words.Message()
        part = message.senderKeyDistributionMessage
        part.groupId = group
        part.axolotlSenderKeyDistributionMessage = _VERSION + key.SerializeToString()
        plain: bytes = message.SerializeToString()
        return plain

    def seal(self, plain: bytes) -> bytes:
        iteration, seed = self._iteration, hmac.digest(self._chain, b"\x01", "sha256")
        self._iteration += 1
        self._chain = hmac.digest(self._chain, b"\x02", "sha256")
        keys = derived(seed, b"WhisperGroup", 48)
        said: Any = words.SenderKeyMessage(
            id=self._id,
            iteration=iteration,
            ciphertext=cbc_sealed(keys[16:], keys[:16], padded(plain)),
        )
        body: bytes = _VERSION + said.SerializeToString()
        return body + self._signing.sign(body)
