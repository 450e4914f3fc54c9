"""Files: sealed ones as WhatsApp's hosts keep them, and plain ones as the people here see them.

Only who has the key from a message can open a sealed file; hosts never can.
"""

import hashlib
import hmac
import secrets
from typing import Any, Final

from houston.kernel.content import ContentKind, kind_of
from houston.transports.simulated_whatsapp.attachments import Attachments, File
from tools.fake_whatsapp.curve import derived
from tools.fake_whatsapp.ratchet import cbc_opened, cbc_sealed

_PURPOSES: Final = {
    "imageMessage": b"WhatsApp Image Keys",
    "stickerMessage": b"WhatsApp Image Keys",
    "videoMessage": b"WhatsApp Video Keys",
    "audioMessage": b"WhatsApp Audio Keys",
    "documentMessage": b"WhatsApp Document Keys",
}
_KINDS: Final = {
    "imageMessage": ContentKind.IMAGE,
    "stickerMessage": ContentKind.IMAGE,
    "videoMessage": ContentKind.VIDEO,
    "audioMessage": ContentKind.AUDIO,
    "documentMessage": ContentKind.DOCUMENT,
}
PARTS: Final = tuple(_PURPOSES)
"""The parts of a message that describe a file."""
_PLACE: Final = "/v/"
_MAC_BYTES: Final = 10
_HOST: Final = "https://mmg.whatsapp.net"


class Damaged(Exception):
    """A sealed file is not what the message says it is."""


class Vault:
    """All files, of both sorts."""

    def __init__(self) -> None:
        self.people = Attachments()
        """As people see them."""
        self._sealed: dict[str, bytes] = {}

    # --- As the hosts keep them --------------------------------------------------------------

    def keep_sealed(self, content: bytes) -> str:
        """Its name at the hosts."""
        name = secrets.token_hex(12)
        self._sealed[name] = content
        return name

    def sealed(self, name: str) -> bytes | None:
        return self._sealed.get(name)

    # --- From one to the other ---------------------------------------------------------------

    def describe(self, file: File) -> tuple[str, dict[str, Any]]:
        """Seal a file for a message: which part of it describes files of this sort, and its fields."""
        part, key = _part_for(file), secrets.token_bytes(32)
        sealed = _sealed(part, key, file.content)
        place = place_of(self.keep_sealed(sealed))
        fields = {
            "url": _HOST + place,
            "directPath": place,
            "mimetype": file.mime_type,
            "mediaKey": key,
            "fileSha256": hashlib.sha256(file.content).digest(),
            "fileEncSha256": hashlib.sha256(sealed).digest(),
            "fileLength": len(file.content),
        }
        if part == "documentMessage" and file.name:
            fields["fileName"] = file.name
        return part, fields

    def opened(self, part: str, described: Any) -> File | None:
        """The file that a message describes; None when it never came to the hosts.

        Raises:
            Damaged: it is another file.
        """
        name = described.directPath.partition("?")[0].removeprefix(_PLACE)
        sealed = self._sealed.get(name)
        if sealed is None:
            return None
        content = _opened(part, described.mediaKey, sealed)
        if hashlib.sha256(content).digest() != described.fileSha256:
            raise Damaged(name)
        name = getattr(described, "fileName", "") or None
        return File(content, described.mimetype, name, _KINDS[part])


def place_of(name: str) -> str:
    """The path at the hosts. Clients add to its query, so it has to have one."""
    return f"{_PLACE}{name}?ccb=1"


def _part_for(file: File) -> str:
    kind = file.kind or kind_of(file.mime_type.partition(";")[0])
    return f"{kind.value}Message"


def _sealed(part: str, key: bytes, content: bytes) -> bytes:
    iv, cipher, mac = _keys(part, key)
    body = cbc_sealed(cipher, iv, content)
    return body + hmac.digest(mac, iv + body, "sha256")[:_MAC_BYTES]


def _opened(part: str, key: bytes, sealed: bytes) -> bytes:
    iv, cipher, mac = _keys(part, key)
    body, seal = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
    if not hmac.compare_digest(hmac.digest(mac, iv + body, "sha256")[:_MAC_BYTES], seal):
        raise Damaged("its seal is broken")
    return cbc_opened(cipher, iv, body)


def _keys(part: str, key: bytes) -> tuple[bytes, bytes, bytes]:
    long = derived(key, _PURPOSES[part], 112)
    return long[:16], long[16:48], long[48:80]
