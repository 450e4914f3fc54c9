"""What a file is called, how a browser may show it, and who may open it."""

import hashlib
import hmac
import re
from typing import Final

from houston.kernel.errors import BadRequest

NAME_CHARACTERS_MAX: Final = 120
ANYTHING: Final = "application/octet-stream"
_MIME: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_SHOWN: Final = re.compile(r"image/(png|jpeg|gif|webp)|audio/[a-z0-9.+-]+|video/[a-z0-9.+-]+")


def check_name(name: str) -> str:
    """The name that the file has for people; only its last part, whatever folder was named with it.

    Raises:
        BadRequest: nothing of it can be shown.
    """
    last = re.split(r"[/\\]", name)[-1].strip()
    if not last.strip(".") or not last.isprintable() or len(last) > NAME_CHARACTERS_MAX:
        cure = f"give a file name of 1 to {NAME_CHARACTERS_MAX} printable characters"
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


def link_hash(key: str) -> bytes:
    """The only trace of a link's key that is stored."""
    return hashlib.sha256(key.encode()).digest()


def opens(key: str, stored: bytes) -> bool:
    return hmac.compare_digest(link_hash(key), stored)
