"""Facts about messages that came and cannot be had any more."""

from datetime import datetime
from typing import ClassVar

import msgspec

from houston.kernel.ids import ChatId


class MessagesMissed(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of this stretch of time may be missing, and nobody can fetch them."""

    kind: ClassVar[str] = "channel.missed"
    since: datetime
    until: datetime


class MessageMissed(msgspec.Struct, frozen=True, kw_only=True):
    """One message came and was lost before it was stored. The phone shows it; the chat says so in `text`.

    The author of what was written on the number's own phone is nobody.
    """

    kind: ClassVar[str] = "message.missed"
    chat_id: ChatId
    address: str
    author: str
    text: str
    at: datetime
