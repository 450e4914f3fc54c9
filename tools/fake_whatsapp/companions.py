"""Companions: what is linked to the phones, as WhatsApp's servers know it, and the keys it has left there."""

import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from tools.fake_whatsapp.curve import KeyPair, untyped
from tools.fake_whatsapp.proto import words
from tools.fake_whatsapp.ratchet import Bundle
from tools.fake_whatsapp.stanzas import Stanza, child, children, held

_ACCOUNT_SIGNATURE: Final = b"\x06\x00"
"""What the phone's signature over a companion begins with."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a companion says of itself before it is linked."""

    identity: bytes
    registration: int
    signed_id: int
    signed: bytes


@dataclass(slots=True, eq=False)
class Companion:
    """One linked device of one number."""

    number: str
    index: int
    credentials: bytes
    """Under which the world knows it."""
    registration: Registration
    signed_id: int
    signed: bytes
    once: dict[int, bytes] = field(default_factory=dict)
    """Prekeys that were not used yet."""

    def take_keys(self, query: Stanza) -> None:
        """It has left new keys."""
        for key in children(child(query, "list"), "key"):
            self.once[int.from_bytes(held(key, "id"), "big")] = untyped(held(key, "value"))
        signed = child(query, "skey")
        self.signed_id = int.from_bytes(held(signed, "id"), "big")
        self.signed = untyped(held(signed, "value"))

    def take_keys_to_retry(self, receipt: Stanza) -> None:
        """Who could not read something says by which keys it is to be sealed anew."""
        keys = child(receipt, "keys")
        single, signed = child(keys, "key"), child(keys, "skey")
        if signed is not None:
            self.signed_id = int.from_bytes(held(signed, "id"), "big")
            self.signed = untyped(held(signed, "value"))
        if single is not None:
            number = int.from_bytes(held(single, "id"), "big")
            self.once = {number: untyped(held(single, "value"))} | self.once

    def bundle(self) -> Bundle:
        """For whoever wants to write to it first."""
        once_id = next(iter(self.once), None)
        return Bundle(
            identity=self.registration.identity,
            signed_id=self.signed_id,
            signed=self.signed,
            once_id=once_id,
            once=None if once_id is None else self.once.pop(once_id),
        )


class Companions:
    """All of them, and a file for each if there is a folder for that."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._all: dict[tuple[str, int], Companion] = {}
        if folder is not None:
            folder.mkdir(exist_ok=True)
            for file in folder.glob("*.json"):
                found = msgspec.json.decode(file.read_bytes(), type=Companion)
                self._all[found.number, found.index] = found

    def add(self, number: str, credentials: bytes, registration: Registration) -> Companion:
        index = 1 + max((one for whose, one in self._all if whose == number), default=0)
        companion = Companion(
            number, index, credentials, registration, registration.signed_id, registration.signed
        )
        self._all[number, index] = companion
        self.write_down(companion)
        return companion

    def find(self, number: str, index: int) -> Companion | None:
        return self._all.get((number, index))

    def write_down(self, companion: Companion) -> None:
        """Its keys have changed."""
        if self._folder is not None:
            file = self._folder / f"{companion.number}-{companion.index}.json"
            new = file.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(companion))
            new.rename(file)


def registration_of(payload: bytes) -> Registration | None:
    """What somebody without a number brings along; None from one who has a number."""
    said = words.ClientPayload.FromString(payload)
    if not said.HasField("devicePairingData"):
        return None
    keys = said.devicePairingData
    return Registration(
        identity=untyped(keys.eIdent),
        registration=int.from_bytes(keys.eRegid, "big"),
        signed_id=int.from_bytes(keys.eSkeyId, "big"),
        signed=untyped(keys.eSkeyVal),
    )


def vouched(companion: Companion, account: KeyPair, secret: bytes, now: float) -> bytes:
    """The phone's word for a companion: signed by the account, sealed by what only the code told."""
    details = words.ADVDeviceIdentity(
        rawId=7, timestamp=int(now), keyIndex=companion.index, accountType=0, deviceType=0
    ).SerializeToString()
    signature = account.sign(_ACCOUNT_SIGNATURE + details + companion.registration.identity)
    signed = words.ADVSignedDeviceIdentity(
        details=details, accountSignatureKey=account.public, accountSignature=signature
    ).SerializeToString()
    sealed: bytes = words.ADVSignedDeviceIdentityHMAC(
        details=signed, hmac=hmac.digest(secret, signed, "sha256"), accountType=0
    ).SerializeToString()
    return sealed
