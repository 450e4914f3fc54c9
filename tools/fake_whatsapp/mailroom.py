"""Envelopes: people and phones seal what they write for a companion, and open what it wrote to them.

Everybody has one device and keys of its own. What is inside an envelope is not read here.
"""

from copy import deepcopy
from typing import Final

from tools.fake_whatsapp import ratchet
from tools.fake_whatsapp.companions import Companion
from tools.fake_whatsapp.curve import KeyPair, Seed, untyped
from tools.fake_whatsapp.groups import GroupKey
from tools.fake_whatsapp.proto import words
from tools.fake_whatsapp.ratchet import PREKEY_MESSAGE, Ratchet, Unreadable, padded, unpadded
from tools.fake_whatsapp.stanzas import Stanza, stanza

SIGNED_ID: Final = 1


class Mailbox:
    """The keys of one person's device, and its talks with companions.

    The keys come out of the seed; the talks end with the process. Whoever then cannot open an
    envelope asks for another one, on either side.
    """

    def __init__(self, number: str, seed: Seed) -> None:
        self._number = number
        self._seed = seed
        self._offered = 0
        self.identity = self._pair("identity")
        self.signed = self._pair("signed")
        self.registration = 1 + int.from_bytes(self._pair("registration").public[:2], "big") % 16000
        self.talks: dict[Companion, list[Ratchet]] = {}
        """With each companion, the one in use first."""
        self.group_keys: dict[str, GroupKey] = {}
        self.introduced: set[tuple[str, Companion]] = set()

    def _pair(self, name: str) -> KeyPair:
        return self._seed.pair(f"{self._number}/{name}")

    def group_key(self, group: str) -> GroupKey:
        return self.group_keys.setdefault(group, GroupKey())

    def introduction(self, group: str, companion: Companion) -> list[Stanza]:
        """The key for a group, for a companion that has not got it yet."""
        if (group, companion) in self.introduced:
            return []
        self.introduced.add((group, companion))
        return [self.seal(companion, self.group_key(group).introduction(group))]

    def offer(self) -> tuple[int, KeyPair]:
        """One more prekey for whoever wants to write here first."""
        self._offered += 1
        return self._offered, self._once(self._offered)

    def _once(self, number: int) -> KeyPair:
        return self._pair(f"once/{number}")

    def seal(self, companion: Companion, plain: bytes) -> Stanza:
        """An envelope for a companion."""
        talks = self.talks.setdefault(companion, [])
        if not talks:
            talks.append(ratchet.begin(self.identity, self.registration, companion.bundle()))
        kind, sealed = talks[0].seal(padded(plain))
        return stanza("enc", {"v": "2", "type": kind}, sealed)

    def open(self, companion: Companion, envelope: Stanza) -> bytes:
        """What a companion wrote here.

        Raises:
            Unreadable: it was sealed for another talk, or opened before.
        """
        sealed = envelope.content
        if not isinstance(sealed, bytes):
            raise Unreadable("there is nothing inside")
        talks = self.talks.setdefault(companion, [])
        if envelope.attrs.get("type") == PREKEY_MESSAGE:
            self._hear_introduction(talks, sealed)
            sealed = words.PreKeySignalMessage.FromString(sealed[1:]).message
        return unpadded(_opened_by_any(talks, sealed))

    def forget(self, companion: Companion) -> None:
        """Begin anew with a companion that could not read what was sealed for it."""
        self.talks.pop(companion, None)
        self.introduced = {one for one in self.introduced if one[1] is not companion}

    def _hear_introduction(self, talks: list[Ratchet], sealed: bytes) -> None:
        said = words.PreKeySignalMessage.FromString(sealed[1:])
        if all(talk.base != untyped(said.baseKey) for talk in talks):
            once = self._once(said.preKeyId) if said.HasField("preKeyId") else None
            talks.insert(0, ratchet.answer(self.identity, self.signed, once, sealed))


def _opened_by_any(talks: list[Ratchet], sealed: bytes) -> bytes:
    """Two that write first at the same time have two talks; whichever was used last is the one."""
    for talk in list(talks):
        attempt = deepcopy(talk)
        try:
            plain = attempt.open(sealed)
        except Unreadable:
            continue
        talks.remove(talk)
        talks.insert(0, attempt)
        return plain
    raise Unreadable("it belongs to no talk of these two")


class Mailroom:
    """Everybody's mailbox: who is asked for the first time has one from then on."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._boxes: dict[str, Mailbox] = {}

    def box(self, number: str) -> Mailbox:
        if number not in self._boxes:
            self._boxes[number] = Mailbox(number, self._seed)
        return self._boxes[number]
