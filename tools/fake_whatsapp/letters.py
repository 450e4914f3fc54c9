"""How what happens in a chat is worded for a companion: a head, and what is to be sealed."""

from dataclasses import dataclass

from houston.transports import events
from tools.fake_whatsapp import contents
from tools.fake_whatsapp.addresses import by_number
from tools.fake_whatsapp.contents import seconds
from tools.fake_whatsapp.media import Vault

Written = events.Incoming | events.Echoed | events.Edited | events.Revoked | events.Reacted


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, not yet in its envelope."""

    head: dict[str, str]
    plain: bytes


def worded(event: Written, number: str, vault: Vault) -> Letter:
    """A message, as the companion of `number` gets it."""
    match event:
        case events.Incoming(wire_id=wire_id, sent_at=at):
            file = None if event.content is None else vault.people.file(event.content.uri or "")
            message = contents.said(
                event.text,
                quoted=event.quoted_wire_id,
                quoted_from=by_number(number),
                media=None if file is None else vault.describe(file),
            )
            contents.put_secret(message, wire_id)
            head = {"id": wire_id, "t": seconds(at), "notify": event.author_name or ""}
        case events.Echoed(wire_id=wire_id, chat=chat, sent_at=at):
            message = contents.sent_by_device(contents.said(event.text), chat)
            contents.put_secret(message, wire_id)
            head = {"id": wire_id, "t": seconds(at), "recipient": by_number(chat)}
        case events.Edited(chat=chat):
            message = contents.altered(event, by_number(chat))
            head = {"edit": "1"}
        case events.Revoked(chat=chat):
            message = contents.altered(event, by_number(chat))
            head = {"edit": "7"}
        case events.Reacted(chat=chat, author=author, at=at):
            message = contents.reacted(event, by_number(chat))
            head = {"type": "reaction", "t": seconds(at), "notify": event.author_name or ""}
            if not author:
                message = contents.sent_by_device(message, chat)
                head = {"type": "reaction", "t": seconds(at), "recipient": by_number(chat)}
    if getattr(event, "retrieved", False):
        head["offline"] = "1"
    sort = "media" if getattr(event, "content", None) else "text"
    return Letter({"type": sort} | head, message.SerializeToString())


def author_of(event: Written, number: str) -> str:
    """Whose keys seal it: what was done on the phone, the phone's own."""
    return number if isinstance(event, events.Echoed) else event.author or number
