"""The server's side of Noise XX as WhatsApp speaks it: a handshake, then two ciphers that count.

It knows bytes only; who is at the other end, and what is said, is not its business.
"""

import hashlib
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tools.fake_whatsapp.curve import KeyPair, derived, fresh_pair
from tools.fake_whatsapp.proto import words

PROLOGUE: Final = b"WA\x06\x03"
_NAME: Final = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"


class Cipher:
    """One direction of an established line: each frame has the next number."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._number = 0

    def seal(self, plain: bytes) -> bytes:
        return self._aead.encrypt(self._next(), plain, b"")

    def open(self, sealed: bytes) -> bytes:
        return self._aead.decrypt(self._next(), sealed, b"")

    def _next(self) -> bytes:
        self._number += 1
        return _nonce(self._number - 1)


class _Transcript:
    """All that was said so far, hashed, and the key that both sides have agreed on by now."""

    def __init__(self) -> None:
        self.hash = self._salt = _NAME
        self._aead = AESGCM(_NAME)
        self._number = 0
        self.hear(PROLOGUE)

    def hear(self, said: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + said).digest()

    def mix(self, secret: bytes) -> None:
        self._salt, key = self.split(secret)
        self._aead, self._number = AESGCM(key), 0

    def split(self, secret: bytes) -> tuple[bytes, bytes]:
        both = derived(secret, b"", 64, self._salt)
        return both[:32], both[32:]

    def seal(self, plain: bytes) -> bytes:
        sealed = self._aead.encrypt(self._next(), plain, self.hash)
        self.hear(sealed)
        return sealed

    def open(self, sealed: bytes) -> bytes:
        plain = self._aead.decrypt(self._next(), sealed, self.hash)
        self.hear(sealed)
        return plain

    def _next(self) -> bytes:
        self._number += 1
        return _nonce(self._number - 1)


class Handshake:
    """Three messages: their hello, our hello with the certificate chain, their finish."""

    def __init__(self, static: KeyPair, chain: bytes) -> None:
        self._static = static
        self._chain = chain
        self._ephemeral = fresh_pair()
        self._transcript = _Transcript()

    def greet(self, hello: bytes) -> bytes:
        """Our answer to their hello."""
        theirs = words.HandshakeMessage.FromString(hello).clientHello.ephemeral
        transcript, ephemeral = self._transcript, self._ephemeral
        transcript.hear(theirs)
        transcript.hear(ephemeral.public)
        transcript.mix(ephemeral.agree(theirs))
        static = transcript.seal(self._static.public)
        transcript.mix(self._static.agree(theirs))
        answer = words.HandshakeMessage()
        answer.serverHello.ephemeral = ephemeral.public
        answer.serverHello.static = static
        answer.serverHello.payload = transcript.seal(self._chain)
        sealed: bytes = answer.SerializeToString()
        return sealed

    def finish(self, finish: bytes) -> tuple[bytes, Cipher, Cipher]:
        """What they say of themselves; how to read them, and how to write to them."""
        said = words.HandshakeMessage.FromString(finish).clientFinish
        theirs = self._transcript.open(said.static)
        self._transcript.mix(self._ephemeral.agree(theirs))
        payload = self._transcript.open(said.payload)
        reading, writing = self._transcript.split(b"")
        return payload, Cipher(reading), Cipher(writing)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
