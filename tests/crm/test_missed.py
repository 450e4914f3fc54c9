"""A message that was lost before it was stored is told to a CRM as Houston's own words in its chat."""

from datetime import UTC, datetime
from uuid import uuid4

from houston.crm import rules
from houston.crm.connector import Notice
from houston.kernel.ids import ChatId, ConnectionId
from houston.kernel.missed import MessageMissed

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_notice_of_the_chat_is_also_told_to_the_crm():
    chat = ChatId(uuid4())
    fact = MessageMissed(chat_id=chat, address="7916", author="7916", text="read it there", at=AT)
    assert MessageMissed in rules.HEARS
    assert rules.what_of(fact, ConnectionId(uuid4())) == Notice(text="read it there", at=AT)
    assert rules.chat_of(fact) == (chat, "7916")
