"""What was said before a companion was linked, as the phone hands it over. Pure."""

import zlib
from typing import Any

from houston.transports.simulated_whatsapp.people import Arrival, Mail, Person, Saying
from tools.fake_whatsapp.addresses import by_number
from tools.fake_whatsapp.contents import secret_of
from tools.fake_whatsapp.proto import words


def history(number: str, mail: Mail) -> bytes:
    """All chats of a number, by the books of the people, in one message of its phone."""
    told = words.HistorySync(
        syncType=words.HistorySync.HistorySyncType.RECENT, chunkOrder=1, progress=100
    )
    for person in mail.people.values():
        said = _said(number, person, mail)
        if said:
            talk = told.conversations.add(id=by_number(person.phone))
            for one in sorted(said, key=lambda one: one.at, reverse=True):
                _tell(talk.messages.add().message, person.phone, one)
    return _sent(told)


def _said(number: str, person: Person, mail: Mail) -> list[Arrival | Saying]:
    ours = [one for one in person.inbox if one.sender == number]
    theirs = [
        one for one in mail.sayings.values() if (one.person, one.to) == (person.phone, number)
    ]
    return [*ours, *theirs]


def _tell(place: Any, person: str, one: Arrival | Saying) -> None:
    place.key.remoteJid, place.key.id = by_number(person), one.id
    place.key.fromMe = isinstance(one, Arrival)
    place.message.conversation = one.text or ""
    place.messageSecret = secret_of(one.id)
    place.messageTimestamp = int(one.at.timestamp())


def _sent(told: Any) -> bytes:
    message = words.Message()
    part = message.protocolMessage
    part.type = words.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION
    notice = part.historySyncNotification
    notice.syncType, notice.chunkOrder = told.syncType, told.chunkOrder
    notice.initialHistBootstrapInlinePayload = zlib.compress(told.SerializeToString())
    plain: bytes = message.SerializeToString()
    return plain
