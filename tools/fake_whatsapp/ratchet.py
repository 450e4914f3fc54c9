"""Signal between two devices: an agreement over prekeys (X3DH), then the double ratchet, version 3."""

import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from tools.fake_whatsapp.curve import KeyPair, derived, fresh_pair, typed, untyped
from tools.fake_whatsapp.proto import words

PREKEY_MESSAGE: Final = "pkmsg"
MESSAGE: Final = "msg"
_VERSION: Final = b"\x33"
_MAC_BYTES: Final = 8
_NO_SALT: Final = bytes(32)


class Unreadable(Exception):
    """This cannot be decrypted: its keys are used up, or were never agreed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a device leaves at the server, so that others can write to it first."""

    identity: bytes
    signed_id: int
    signed: bytes
    once_id: int | None = None
    once: bytes | None = None


@dataclass(frozen=True, slots=True)
class _MessageKeys:
    cipher: bytes
    mac: bytes
    iv: bytes


class _Chain:
    """Keys of one direction, each used once. Those that were jumped over wait for late messages."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.number = 0
        self._passed: dict[int, _MessageKeys] = {}

    def next(self) -> _MessageKeys:
        seed = hmac.digest(self._key, b"\x01", "sha256")
        self._key = hmac.digest(self._key, b"\x02", "sha256")
        self.number += 1
        keys = derived(seed, b"WhisperMessageKeys", 80, _NO_SALT)
        return _MessageKeys(keys[:32], keys[32:64], keys[64:])

    def at(self, number: int) -> _MessageKeys:
        while (passing := self.number) <= number:
            self._passed[passing] = self.next()
        try:
            return self._passed.pop(number)
        except KeyError as error:
            raise Unreadable(f"key {number} was used before") from error


@dataclass(slots=True)
class Ratchet:
    """One device's end of its talk with one other device."""

    own: KeyPair
    """Our identity."""
    theirs: bytes
    _root: bytes
    _key: KeyPair
    _sending: _Chain
    _receiving: dict[bytes, _Chain] = field(default_factory=dict)
    _previous: int = 0
    _introduction: dict[str, object] | None = None
    """How they learn of the agreement: sent along until they have answered."""
    base: bytes = b""
    """What the agreement began with, so that it is not begun twice."""

    def seal(self, plain: bytes) -> tuple[str, bytes]:
        """The kind of message, and its bytes."""
        number, keys = self._sending.number, self._sending.next()
        body = _VERSION + _written(
            words.SignalMessage(
                ratchetKey=typed(self._key.public),
                counter=number,
                previousCounter=self._previous,
                ciphertext=cbc_sealed(keys.cipher, keys.iv, plain),
            )
        )
        message = body + _mac(keys, self.own.public, self.theirs, body)
        if self._introduction is None:
            return MESSAGE, message
        whole = words.PreKeySignalMessage(message=message, **self._introduction)
        return PREKEY_MESSAGE, _VERSION + _written(whole)

    def open(self, message: bytes) -> bytes:
        """What a message says.

        Raises:
            Unreadable: it is not for this talk, or was read before.
        """
        body, mac = message[:-_MAC_BYTES], message[-_MAC_BYTES:]
        said = words.SignalMessage.FromString(body[1:])
        chain = self._turned_to(untyped(said.ratchetKey))
        keys = chain.at(said.counter)
        if not hmac.compare_digest(_mac(keys, self.theirs, self.own.public, body), mac):
            raise Unreadable("its seal is not of this talk")
        self._introduction = None
        return cbc_opened(keys.cipher, keys.iv, said.ciphertext)

    def _turned_to(self, key: bytes) -> _Chain:
        """The chain of a ratchet key of theirs; a new one turns our own ratchet as well."""
        if key not in self._receiving:
            self._root, receiving = _turn(self._root, self._key.agree(key))
            self._receiving[key] = _Chain(receiving)
            self._previous = self._sending.number
            self._key = fresh_pair()
            self._root, sending = _turn(self._root, self._key.agree(key))
            self._sending = _Chain(sending)
        return self._receiving[key]


def begin(own: KeyPair, registration: int, bundle: Bundle) -> Ratchet:
    """Write to a device first, by what it left at the server."""
    base = fresh_pair()
    secrets = [own.agree(bundle.signed), base.agree(bundle.identity), base.agree(bundle.signed)]
    if bundle.once is not None:
        secrets.append(base.agree(bundle.once))
    root, receiving = _agreed(secrets)
    key = fresh_pair()
    root, sending = _turn(root, key.agree(bundle.signed))
    ratchet = Ratchet(own, bundle.identity, root, key, _Chain(sending))
    ratchet._receiving[bundle.signed] = _Chain(receiving)
    ratchet._introduction = {
        "preKeyId": bundle.once_id,
        "baseKey": typed(base.public),
        "identityKey": typed(own.public),
        "registrationId": registration,
        "signedPreKeyId": bundle.signed_id,
    }
    return ratchet


def answer(own: KeyPair, signed: KeyPair, once: KeyPair | None, introduction: bytes) -> Ratchet:
    """Take part in a talk that another device began by our prekeys."""
    said = words.PreKeySignalMessage.FromString(introduction[1:])
    base, identity = untyped(said.baseKey), untyped(said.identityKey)
    secrets = [signed.agree(identity), own.agree(base), signed.agree(base)]
    if once is not None:
        secrets.append(once.agree(base))
    root, sending = _agreed(secrets)
    return Ratchet(own, identity, root, signed, _Chain(sending), base=base)


def padded(plain: bytes) -> bytes:
    """WhatsApp hides the length of a text a little."""
    return plain + b"\x07" * 7


def unpadded(plain: bytes) -> bytes:
    return plain[: -plain[-1]]


def _agreed(secrets: list[bytes]) -> tuple[bytes, bytes]:
    both = derived(b"\xff" * 32 + b"".join(secrets), b"WhisperText", 64, _NO_SALT)
    return both[:32], both[32:]


def _turn(root: bytes, secret: bytes) -> tuple[bytes, bytes]:
    both = derived(secret, b"WhisperRatchet", 64, root)
    return both[:32], both[32:]


def _mac(keys: _MessageKeys, sender: bytes, receiver: bytes, body: bytes) -> bytes:
    whole = hmac.digest(keys.mac, typed(sender) + typed(receiver) + body, "sha256")
    return whole[:_MAC_BYTES]


def cbc_sealed(key: bytes, iv: bytes, plain: bytes) -> bytes:
    """AES-CBC with PKCS#7, which WhatsApp uses for texts and for media alike."""
    padder = PKCS7(128).padder()
    filled = padder.update(plain) + padder.finalize()
    sealer = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return sealer.update(filled) + sealer.finalize()


def cbc_opened(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    opener = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    filled = opener.update(sealed) + opener.finalize()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(filled) + unpadder.finalize()


def _written(message: object) -> bytes:
    data: bytes = message.SerializeToString()  # type: ignore[attr-defined]  # Generated without types.
    return data
