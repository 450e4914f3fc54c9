"""What went wrong with a message, in the language of whoever reads of it. In English it is as it was stored."""

from collections.abc import Mapping
from typing import Final

from houston.kernel.sentence import Sentence, say
from houston.kernel.telling import tell, tell_text
from houston.kernel.words import LANGUAGE

_BY_CODE: Final[Mapping[str, Sentence]] = {
    "bad_address": say("WhatsApp does not know such an address"),
    "content_refused": say("WhatsApp did not take the file"),
    "logged_out": say("The number is not linked any more"),
    "not_on_whatsapp": say("The number is not on WhatsApp"),
    "not_online": say("There is no link"),
    "not_uploaded": say("WhatsApp did not take the file"),
    "restricted": say("The number may not start new chats"),
}
"""For texts of a messenger's library, which are for those who wrote it."""


def fault_words(code: str, text: str, language: str) -> str:
    """What a stored error means. `text` is ours, or what the messenger said."""
    if language == LANGUAGE:
        return text
    told = tell_text(text, language)
    if told != text:
        return told
    if code.startswith("refused_"):
        return tell(say("WhatsApp refused it: {answer}", answer=text), language)
    return tell(_BY_CODE[code], language) if code in _BY_CODE else text
