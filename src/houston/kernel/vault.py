"""Seals the secrets that others gave us, so that a copy of the database alone opens nothing."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class WrongKey(Exception):
    """Sealed with another key than this server has, for another owner, or changed since."""


class Vault:
    """The server's key, put to the use of small secrets."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        """The key is asked for when the first secret is: a server without any makes none."""
        self._key = key

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.new(self._key(), b"houston-vault", hashlib.sha256).digest())

    def seal(self, plain: str, owner: UUID) -> bytes:
        """Close a secret for one owner: put beside another's name, it does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain.encode(), owner.bytes)

    def open(self, sealed: bytes, owner: UUID) -> str:
        """What was sealed.

        Raises:
            WrongKey: it cannot be opened.
        """
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, content, owner.bytes).decode()
        except (InvalidTag, ValueError) as error:  # The latter for what is too short to be sealed.
            raise WrongKey from error


def found_key(folder: Path, given: str | None) -> bytes:
    """The key of the settings, or else one that is made once and kept beside the data."""
    if given is not None:
        return bytes.fromhex(given)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "sealing.key"
    if not path.exists():
        made = path.with_suffix(".new")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.write(secrets.token_bytes(_KEY_BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    return bytes.fromhex(path.read_text())
