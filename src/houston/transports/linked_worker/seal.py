"""Seals what must not lie open: the keys of a channel, and the journal. Knows one key and no file."""

import hashlib
import hmac
import os
import zlib
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MARK: Final = b"HL1:"
_NONCE_BYTES: Final = 12


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's keys: the library's store, and which life of it this is a copy of."""

    generation: str
    clean: bool
    """The channel was closed in order, and nothing was done with the store after this copy."""
    store: bytes


class NotKeys(Exception):
    """Nothing that was ever sealed here."""


class WrongKey(Exception):
    """Sealed with another key than this server has: a wrong setting, no reason to destroy anything."""


class Seal:
    """The server's key, put to its uses."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(self._derived(key, b"seal"))
        self._secrets = self._derived(key, b"message-secret")

    @staticmethod
    def _derived(key: bytes, purpose: bytes) -> bytes:
        return hmac.new(key, b"houston-linked:" + purpose, hashlib.sha256).digest()

    def message_secret(self, message_key: str) -> bytes:
        """The 32 bytes by which a message is found again; the same at every attempt."""
        return hmac.new(self._secrets, message_key.encode(), hashlib.sha256).digest()

    def close(self, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            WrongKey: it was sealed with another key, or changed since.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag as error:
            raise WrongKey from error

    def close_keys(self, keys: Keys) -> bytes:
        return _MARK + self.close(zlib.compress(msgspec.msgpack.encode(keys)))

    def open_keys(self, credentials: bytes) -> Keys:
        """The keys in credentials that were given out.

        Raises:
            NotKeys: they never were.
            WrongKey: they cannot be opened with this server's key.
        """
        if not credentials.startswith(_MARK):
            raise NotKeys
        plain = zlib.decompress(self.open(credentials.removeprefix(_MARK)))
        return msgspec.msgpack.decode(plain, type=Keys)
