"""What a file is called, how a browser may show it, and who may open it."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from houston.kernel.content import ANYTHING
from houston.kernel.errors import BadRequest
from houston.kernel.sentence import say

NAME_CHARACTERS_MAX: Final = 120
_MIME: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_SHOWN: Final = re.compile(r"image/(png|jpeg|gif|webp)|audio/[a-z0-9.+-]+|video/[a-z0-9.+-]+")


def check_name(name: str) -> str:
    """The name that the file has for people; only its last part, whatever folder was named with it.

    Raises:
        BadRequest: nothing of it can be shown.
    """
    last = re.split(r"[/\\]", name)[-1].strip()
    if not last.strip(".") or not last.isprintable() or len(last) > NAME_CHARACTERS_MAX:
        cure = say("give a file name of 1 to {max} printable characters", max=NAME_CHARACTERS_MAX)
        raise BadRequest("name", name, cure)
    return last


def check_mime(content_type: str) -> str:
    """What kind of file it is, as the header says; parameters are left out.

    Raises:
        BadRequest: it is no media type.
    """
    mime = content_type.partition(";")[0].strip().lower() or ANYTHING
    if not _MIME.fullmatch(mime):
        raise BadRequest("Content-Type", content_type, "give a media type such as image/png")
    return mime


def is_shown(mime: str) -> bool:
    """Whether a browser may show it in its place. A page or a drawing could carry a program."""
    return _SHOWN.fullmatch(mime) is not None


# --- A part of a file (RFC 9110, 14) -----------------------------------------------------------

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to, and not with, `end`."""

    start: int
    end: int


class NothingThere(Exception):
    """The span that is asked for lies behind the end of the file."""


def span(asked: str | None, size: int) -> Span | None:
    """The part that a `Range` header asks for; None is for all of it, as for what we do not speak.

    Raises:
        NothingThere: there is no such part.
    """
    found = _RANGE.fullmatch(asked or "")
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), size if not last else min(size, int(last) + 1)
        if last and int(last) < start:
            return None  # By the standard such a header is as good as none.
    if start >= size or end <= start:
        raise NothingThere
    return Span(start, end)


# --- Links -------------------------------------------------------------------------------------


def link_hash(key: str) -> bytes:
    """The only trace of a link's key that is stored."""
    return hashlib.sha256(key.encode()).digest()


def opens(key: str, stored: bytes) -> bool:
    return hmac.compare_digest(link_hash(key), stored)
