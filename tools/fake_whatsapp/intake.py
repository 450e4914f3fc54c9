"""Messages of a client, taken in: opened by those they are for, and told to the world in its own words."""

from houston.transports.transport import Outgoing
from tools.fake_whatsapp import contents
from tools.fake_whatsapp.addresses import number_of
from tools.fake_whatsapp.companions import Companion
from tools.fake_whatsapp.contents import Content
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.ratchet import Unreadable
from tools.fake_whatsapp.stanzas import Stanza, child, children


def taken(said: Stanza, sender: Companion, exchange: Exchange) -> Outgoing:
    """What a message says; one that was taken before cannot be read again, nor need it be.

    Raises:
        Unreadable: it was sealed for another talk.
    """
    wire_id, chat = said.attrs["id"], number_of(said.attrs["to"]) or ""
    if exchange.world.mail.knows(sender.number, wire_id):
        return Outgoing(key=wire_id, wire_id=wire_id, chat=chat)
    content = contents.read(opened(said, chat, sender, exchange))
    return Outgoing(
        key=content.secret or wire_id,
        wire_id=wire_id,
        chat=chat,
        kind=content.kind,
        text=content.text,
        content_uri=_arrived_file(content, exchange),
        target_wire_id=content.target,
        target_author="" if content.target_is_ours else chat,
        quoted_wire_id=content.quoted,
        first_contact=_is_first_contact(sender.number, chat, exchange),
    )


def opened(said: Stanza, number: str, sender: Companion, exchange: Exchange) -> bytes:
    """What is in the envelope for one of the sides.

    Raises:
        Unreadable: it was sealed for another talk, or opened before, or there is none.
    """
    for to, envelope in _envelopes(said):
        if number_of(to) == number:
            return exchange.mailroom.box(number).open(sender, envelope)
    raise Unreadable("there is no envelope")


def _envelopes(said: Stanza) -> list[tuple[str, Stanza]]:
    to_many = [
        (to.attrs["jid"], envelope)
        for to in children(child(said, "participants"), "to")
        for envelope in children(to, "enc")
    ]
    return to_many + [(said.attrs["to"], envelope) for envelope in children(said, "enc")]


def _arrived_file(content: Content, exchange: Exchange) -> str | None:
    """People download at once what is sent to them."""
    file = content.media and exchange.vault.opened(*content.media)
    return exchange.vault.people.keep(file) if file else None


def _is_first_contact(number: str, person: str, exchange: Exchange) -> bool:
    mail = exchange.world.mail
    known = mail.people.get(person)
    wrote = known is not None and any(
        one.sender == number for one in (*known.inbox, *known.waiting)
    )
    answered = any(one.person == person and one.to == number for one in mail.sayings.values())
    return not wrote and not answered
