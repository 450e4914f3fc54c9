"""Lets an unmodified library trust the fake: `python -m tools.fake_whatsapp.trusted ROOT_KEY MODULE ...`.

WhatsApp's public key lies in the library's writable data. Here, and only in the memory of this one
process, ours is put in its place before the module runs. The file on disk stays as it was shipped, and
nothing that is released can do this.
"""

import ctypes
import importlib.util
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

WHATSAPP_ROOT: Final = bytes.fromhex(
    "142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b"
)
_LIBRARY: Final = "neonize-*.so"


class NotFound(Exception):
    """The library does not hold WhatsApp's key where it should be: another version?"""


def trust(root_key: bytes) -> None:
    """Replace the key, for as long as this process lives.

    Raises:
        NotFound: there is nothing to replace.
    """
    library = _library()
    ctypes.CDLL(str(library))
    places = [
        start + offset
        for start, end in _writable(library)
        if (offset := ctypes.string_at(start, end - start).find(WHATSAPP_ROOT)) >= 0
    ]
    if not places:
        raise NotFound(f"{library.name} does not hold WhatsApp's key")
    for place in places:
        ctypes.memmove(place, root_key, len(root_key))


def _library() -> Path:
    found = importlib.util.find_spec("neonize")
    folders = [] if found is None else found.submodule_search_locations or []
    libraries = [path for folder in folders for path in Path(folder).glob(_LIBRARY)]
    if not libraries:
        raise NotFound("neonize is not installed: take the extra `linked`")
    return libraries[0].resolve()  # The kernel names files by where they really lie.


def _writable(library: Path) -> Iterator[tuple[int, int]]:
    """Where this process has the library's own data."""
    for mapping in Path("/proc/self/maps").read_text().splitlines():
        where, rights, *_ = mapping.split()
        if mapping.endswith(str(library)) and "w" in rights:
            start, _, end = where.partition("-")
            yield int(start, 16), int(end, 16)


if __name__ == "__main__":
    _, key, module, *arguments = sys.argv
    trust(bytes.fromhex(key))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
