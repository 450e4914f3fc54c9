"""BBCode, as Bitrix24 writes it, into WhatsApp's marks; and what clients write kept from being BBCode. Pure."""

import re
from typing import Final

_MARKS: Final = {"b": "*", "i": "_", "s": "~", "code": "```"}
_BREAK: Final = re.compile(r"\[br\s*/?\]", re.IGNORECASE)
_LINK: Final = re.compile(r"\[url(?:=([^\]]*))?\](.*?)\[/url\]", re.IGNORECASE | re.DOTALL)
_MARKED: Final = re.compile(r"\[(b|i|s|code)\](\s*)(.*?)(\s*)\[/\1\]", re.IGNORECASE | re.DOTALL)
_REST: Final = re.compile(
    r"\[/?(?:b|i|s|u|code|user|chat|send|put|call|color|size|img|icon|quote|p|list|\*|table|tr|td)"
    r"(?:=[^\]]*)?\]",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(r"\[(?=/?[a-z*])", re.IGNORECASE)
_JOINER: Final = "\u2060"
"""Has no width and breaks no word: `[` and a name with this between them are no tag."""
_NESTED_MAX: Final = 5


def to_whatsapp(text: str) -> str:
    """An operator's words with WhatsApp's marks; links as the address that they lead to."""
    text = _LINK.sub(_address, _BREAK.sub("\n", text))
    for _ in range(_NESTED_MAX):
        marked = _MARKED.sub(_marked, text)
        if marked == text:
            break
        text = marked
    return _REST.sub("", text).replace(_JOINER, "")


def _address(link: re.Match[str]) -> str:
    uri, shown = link[1], link[2].strip()
    if uri is None or uri == shown:
        return shown
    return f"{shown} ({uri})" if shown else uri


def _marked(found: re.Match[str]) -> str:
    """WhatsApp takes a mark only where it touches the word, so the blanks go outside."""
    mark = _MARKS[found[1].lower()]
    inner = found[3]
    return f"{found[2]}{mark}{inner}{mark}{found[4]}" if inner else found[2] + found[4]


def escaped(text: str) -> str:
    """A client's words: whatever looks like a tag is shown as it was written."""
    return _OPENING.sub(f"[{_JOINER}", text)
