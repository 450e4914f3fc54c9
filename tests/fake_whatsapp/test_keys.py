"""The keys of the fake, without a client: what one end seals the other opens, late, twice or spoilt."""

import hypothesis
import pytest
import xeddsa
from hypothesis import strategies as st

from houston.kernel.content import ContentKind
from houston.transports.simulated_whatsapp.attachments import File
from tools.fake_whatsapp import ratchet
from tools.fake_whatsapp.addresses import by_number, device_of, hidden, number_of
from tools.fake_whatsapp.curve import KeyPair, fresh_pair, typed
from tools.fake_whatsapp.media import Damaged, Vault
from tools.fake_whatsapp.proto import words
from tools.fake_whatsapp.ratchet import Bundle, Ratchet, Unreadable
from tools.fake_whatsapp.stanzas import child, held, read, stanza, written


def talk() -> tuple[Ratchet, Ratchet, bytes]:
    """Two ends of one talk, and what the first has said to begin it."""
    ours, theirs, signed, once = (fresh_pair() for _ in range(4))
    bundle = Bundle(
        identity=theirs.public, signed_id=1, signed=signed.public, once_id=7, once=once.public
    )
    first = ratchet.begin(ours, 42, bundle)
    kind, hello = first.seal(b"hello")
    assert kind == ratchet.PREKEY_MESSAGE
    second = ratchet.answer(theirs, signed, once, hello)
    return first, second, inner(hello)


def inner(introduction: bytes) -> bytes:
    message: bytes = words.PreKeySignalMessage.FromString(introduction[1:]).message
    return message


@hypothesis.given(st.lists(st.tuples(st.booleans(), st.binary(max_size=40)), max_size=12))
def test_two_that_talk_understand_each_other(said: list[tuple[bool, bytes]]):
    first, second, hello = talk()
    assert second.open(hello) == b"hello"
    for by_first, plain in said:
        speaker, listener = (first, second) if by_first else (second, first)
        kind, sealed = speaker.seal(plain)
        assert listener.open(inner(sealed) if kind == ratchet.PREKEY_MESSAGE else sealed) == plain


def test_late_messages_are_still_understood_and_none_twice():
    first, second, hello = talk()
    second.open(hello)
    first.open(second.seal(b"yes?")[1])
    sealed = [first.seal(bytes([number]))[1] for number in range(4)]

    assert [second.open(sealed[number]) for number in (3, 0, 2, 1)] == [b"\3", b"\0", b"\2", b"\1"]
    with pytest.raises(Unreadable):
        second.open(sealed[2])


def test_a_spoilt_message_is_not_understood():
    _, second, hello = talk()
    with pytest.raises(Unreadable):
        second.open(hello[:-1] + bytes([hello[-1] ^ 1]))


def test_a_prekey_that_was_not_used_gives_another_talk():
    ours, theirs, signed = fresh_pair(), fresh_pair(), fresh_pair()
    bundle = Bundle(identity=theirs.public, signed_id=1, signed=signed.public)
    _, hello = ratchet.begin(ours, 42, bundle).seal(b"hello")

    assert ratchet.answer(theirs, signed, None, hello).open(inner(hello)) == b"hello"
    with pytest.raises(Unreadable):
        ratchet.answer(theirs, signed, fresh_pair(), hello).open(inner(hello))


@hypothesis.given(st.from_regex(r"[1-9][0-9]{4,13}", fullmatch=True), st.integers(0, 99))
def test_both_addresses_lead_back_to_the_number(number: str, device: int):
    for address in (by_number(number, device), hidden(number, device)):
        assert number_of(address) == number
        assert device_of(address) == device


def test_a_group_is_nobodys_address():
    assert number_of("120363041@g.us") is None


def test_files_come_back_as_they_were_and_damage_is_noticed():
    vault = Vault()
    part, fields = vault.describe(File(b"picture" * 100, "image/png"))
    described = words.Message.ImageMessage(**fields)

    assert part == "imageMessage"
    assert vault.opened(part, described) == File(
        b"picture" * 100, "image/png", None, ContentKind.IMAGE
    )
    described.mediaKey = bytes(32)
    with pytest.raises(Damaged):
        vault.opened(part, described)


def test_stanzas_survive_the_wire():
    said = stanza("iq", {"id": "1", "to": "@s.whatsapp.net"}, [stanza("key", content=b"\0\1")])
    heard = read(written(said))

    assert (heard.tag, heard.attrs) == ("iq", {"id": "1", "to": "@s.whatsapp.net"})
    assert held(heard, "key") == b"\0\1"
    assert child(heard, "no", "such") is None


def test_a_signature_is_of_one_message_by_one_key():
    pair = fresh_pair()

    def verified(signer: KeyPair, message: bytes) -> bool:
        public = xeddsa.curve25519_pub_to_ed25519_pub(signer.public, False)
        return xeddsa.ed25519_verify(pair.sign(b"one"), public, message)

    assert verified(pair, b"one")
    assert not verified(pair, b"another")
    assert not verified(fresh_pair(), b"one")
    assert typed(pair.public)[0] == 5
