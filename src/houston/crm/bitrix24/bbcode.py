"""BBCode, as Bitrix24 writes it, into WhatsApp's marks; and what clients write kept from being BBCode. Pure.

Every text is read once, from left to right: an operator may paste anything, and everybody waits meanwhile.
"""

import re
from dataclasses import dataclass
from typing import Final

_MARKS: Final = {"b": "*", "i": "_", "s": "~", "code": "```"}
_TAG: Final = re.compile(
    r"\[(/?)(b|i|s|u|br|code|url|user|chat|send|put|call|color|size|img|icon|quote|p|list|\*|table|tr|td)"
    r"(?:=([^\[\]]*))? ?/?\]",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(r"\[(?=/?[a-z*])", re.IGNORECASE)
_JOINER: Final = "\u2060"
"""Has no width and breaks no word: `[` and a name with this between them are no tag."""
_NESTED_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag that waits for its end, and where what is in it begins."""

    name: str
    uri: str | None
    begins: int


def to_whatsapp(text: str) -> str:
    """An operator's words with WhatsApp's marks; links as the address that they lead to."""
    said: list[str] = []
    waiting: list[_Open] = []
    done = 0
    for tag in _TAG.finditer(text):
        said.append(text[done : tag.start()])
        done = tag.end()
        name = tag[2].lower()
        if name == "br":
            said.append("\n")
        elif not tag[1]:
            if len(waiting) < _NESTED_MAX and (name in _MARKS or name == "url"):
                waiting.append(_Open(name, tag[3], len(said)))
        else:
            _close(said, waiting, name)
    return "".join([*said, text[done:]]).replace(_JOINER, "")


def _close(said: list[str], waiting: list[_Open], name: str) -> None:
    """Write anew what stands in a tag that ends; whatever was opened in it and has not ended, is no tag."""
    found = next((n for n in reversed(range(len(waiting))) if waiting[n].name == name), None)
    if found is None:
        return
    opened = waiting[found]
    del waiting[found:]
    inner = "".join(said[opened.begins :])
    said[opened.begins :] = [_link(opened.uri, inner) if name == "url" else _marked(name, inner)]


def _link(uri: str | None, shown: str) -> str:
    shown = shown.strip()
    if uri is None or uri == shown:
        return shown
    return f"{shown} ({uri})" if shown else uri


def _marked(name: str, inner: str) -> str:
    """WhatsApp takes a mark only where it touches the word, so the blanks go outside."""
    words, mark = inner.strip(), _MARKS[name]
    if not words:
        return inner
    before, after = inner.split(words, 1)
    return f"{before}{mark}{words}{mark}{after}"


def escaped(text: str) -> str:
    """A client's words: whatever looks like a tag is shown as it was written."""
    return _OPENING.sub(f"[{_JOINER}", text)
