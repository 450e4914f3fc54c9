"""Letters of people, in their envelopes: addressed to one companion, from a person or out of a group."""

from typing import Final

from tools.fake_whatsapp.addresses import GROUP, by_number, hidden, sender
from tools.fake_whatsapp.companions import Companion
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.letters import Written, author_of, worded
from tools.fake_whatsapp.stanzas import Stanza, children, stanza

_GROUP_MESSAGE: Final = "skmsg"


def sealed(event: Written, wire_id: str, companion: Companion, exchange: Exchange) -> Stanza:
    """What happened in a chat. `wire_id` is for what brings no id of its own."""
    letter = worded(event, companion.number, exchange.vault)
    author = author_of(event, companion.number)
    head = {"id": wire_id, "t": exchange.now()} | letter.head
    box = exchange.mailroom.box(author)
    if not event.chat.endswith("@" + GROUP):
        head |= sender(author, exchange.shown[author])
        return stanza("message", head, [box.seal(companion, letter.plain)])
    head |= {"from": event.chat, "participant": by_number(author)}
    head |= {"participant_lid": hidden(author)}
    introduction = box.introduction(event.chat, companion)
    sealed_once = box.group_key(event.chat).seal(letter.plain)
    envelope = stanza("enc", {"v": "2", "type": _GROUP_MESSAGE}, sealed_once)
    return stanza("message", head, [*introduction, envelope])


def sealed_for_own(plain: bytes, wire_id: str, companion: Companion, exchange: Exchange) -> Stanza:
    """What the phone tells its own companion; nobody else ever sees such a message."""
    head = {"id": wire_id, "t": exchange.now(), "type": "text", "category": "peer"}
    head["from"] = by_number(companion.number)
    box = exchange.mailroom.box(companion.number)
    return stanza("message", head, [box.seal(companion, plain)])


def garbled_copy(message: Stanza) -> Stanza:
    """The same, with envelopes that nobody can open."""
    spoilt = [stanza(one.tag, one.attrs, _spoilt(one.content)) for one in children(message)]
    return stanza(message.tag, message.attrs, spoilt)


def _spoilt(content: object) -> bytes:
    assert isinstance(content, bytes)
    spoilt = bytearray(content)
    spoilt[len(spoilt) // 2] ^= 0xFF
    return bytes(spoilt)
