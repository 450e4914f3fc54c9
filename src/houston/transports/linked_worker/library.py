"""The few functions of neonize's shared library that a worker calls, and nothing else of that package.

The package's own opening brings in an image library, HTTP clients and a downloader that fetches a missing
library from the network; so it stays closed, and a file that is missing is an error.
"""

import ctypes
import importlib
import importlib.util
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.metadata import version as version_of
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_NAMES: Final = {"x86_64": "amd64", "aarch64": "arm64"}

OnEvent = Callable[[int, bytes], None]
"""Called on a thread of the library with the number of a kind of event, and its body."""
OnCode = Callable[[str], None]
"""The same with the next code to scan."""
OnLog = Callable[[bytes], None]
"""The same with what it notes for those who repair it: each stanza, with codes and addresses in it."""

_on_text = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_on_event = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
_on_log = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int)
_ignore_text = _on_text(lambda *_: None)
_ignore_log = _on_log(lambda *_: None)
"""What went wrong comes back from the calls; its log may hold codes and addresses and is not wanted."""


class LibraryMissing(Exception):
    """The optional extra is not installed, or not for this machine."""


class _Bytes(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def _package() -> ModuleSpec:
    found = importlib.util.find_spec("neonize")
    if found is None:
        raise LibraryMissing("install the extra: pip install 'houston[linked]'")
    return found


def shared_library() -> Path:
    """Where the shared library lies.

    Raises:
        LibraryMissing: it does not.
    """
    machine = platform.machine().lower()
    system = platform.system().lower()
    suffix = "dylib" if system == "darwin" else "so"
    folders = _package().submodule_search_locations
    assert folders, "neonize is a package"
    path = Path(folders[0]) / f"neonize-{system}-{_NAMES.get(machine, machine)}.{suffix}"
    if not path.exists():
        raise LibraryMissing(f"neonize has no library for this machine: {path.name}")
    return path


def import_messages() -> tuple[ModuleType, ...]:
    """The generated modules of messages: the library's own, WhatsApp's, and of linking."""
    if "neonize" not in sys.modules:
        sys.modules["neonize"] = importlib.util.module_from_spec(_package())
    names = ("Neonize", "waE2E.WAWebProtobufsE2E", "waCompanionReg.WAWebProtobufsCompanionReg")
    return tuple(importlib.import_module(f"neonize.proto.{name}_pb2") for name in names)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a channel in the library. Its name is never used twice: the library forgets none."""

    name: bytes
    on_event: Any
    on_code: Any
    on_log: Any
    """All are kept alive for as long as the library may call them."""


class Library:
    """The loaded library. Every call blocks, some for more than a minute: never call it on the loop."""

    def __init__(self) -> None:
        self._go = ctypes.CDLL(str(shared_library()))
        self.version = version_of("neonize")
        blob, text, number = ctypes.POINTER(_Bytes), ctypes.c_char_p, ctypes.c_int
        for name, arguments, is_blob in (
            ("SendMessage", [text, text, number, text, number], True),
            ("PairPhone", [text, text, number], True),
            ("GetBlocklist", [text], True),
            ("Upload", [text, text, number, number], True),
            ("DownloadAny", [text, text, number], True),
            ("Logout", [text], False),
            ("Stop", [text], False),
            ("MarkRead", [text, text, number, text, number, text, number, text], False),
        ):
            function = getattr(self._go, name)
            function.argtypes = arguments
            function.restype = blob if is_blob else ctypes.c_void_p
            function.errcheck = self._blob if is_blob else self._text
        self._go.FreeBytesStruct.argtypes, self._go.FreeBytesStruct.restype = [blob], None
        self._go.FreeString.argtypes, self._go.FreeString.restype = [ctypes.c_void_p], None
        self._go.Disconnect.argtypes, self._go.Disconnect.restype = [text], None
        for name in ("IsConnected", "IsLoggedIn"):
            function = getattr(self._go, name)
            function.argtypes, function.restype = [text], ctypes.c_bool
        run = self._go.Neonize
        run.argtypes = [text, text, text, number, number, text, _on_text, _on_text, _on_event]
        run.argtypes += [_on_log, text, number, text, number, text, number, ctypes.c_void_p]
        run.restype = ctypes.c_void_p
        run.errcheck = self._text  # type: ignore[assignment]  # A plain method is a fine check.

    def _text(self, result: Any, *_: object) -> bytes:
        if not result:
            return b""
        try:
            return ctypes.string_at(result)
        finally:
            self._go.FreeString(result)

    def _blob(self, result: Any, *_: object) -> bytes:
        if not result:
            return b""
        try:
            found = result.contents
            return ctypes.string_at(found.start, found.size) if found.start else b""
        finally:
            self._go.FreeBytesStruct(result)

    # --- A run -----------------------------------------------------------------------------

    def prepare(
        self, name: str, on_event: OnEvent, on_code: OnCode, on_log: OnLog | None = None
    ) -> Run:
        """It notes nothing for those who do not listen to it."""

        def event(_: bytes, start: int, size: int, code: int) -> None:
            on_event(code, ctypes.string_at(start, size) if size else b"")

        def code(_: int, start: int) -> None:
            on_code(ctypes.string_at(start).decode())

        def log(start: int, size: int) -> None:
            assert on_log is not None
            on_log(ctypes.string_at(start, size))

        noting = _ignore_log if on_log is None else _on_log(log)
        return Run(name.encode(), _on_event(event), _on_text(code), noting)

    def run(self, run: Run, store: Path, codes: bytes, properties: bytes) -> str:
        """Connect, and stay in here until the run is stopped; an error text, or nothing."""
        wanted = ctypes.create_string_buffer(codes, len(codes))
        calls = (run.on_code, _ignore_text, run.on_event, run.on_log)
        level = b"ERROR" if run.on_log is _ignore_log else b"DEBUG"
        arguments = (str(store).encode(), run.name, b"", 0, 0, level, *calls)
        result: bytes = self._go.Neonize(
            *arguments, wanted, len(codes), properties, len(properties), b"", 0, None
        )
        return result.decode("utf-8", "replace")

    def hang_up(self, run: Run) -> None:
        """Close the wire for good. It must have called us: a run that is not there would end the process."""
        self._go.Disconnect(run.name)

    def stop(self, run: Run) -> None:
        self._go.Stop(run.name)

    # --- What is asked of a run. A run that is not there would end the whole process. ---------

    def send(self, run: Run, address: bytes, message: bytes) -> bytes:
        found: bytes = self._go.SendMessage(run.name, address, len(address), message, len(message))
        return found

    def upload(self, run: Run, content: bytes, kind: int) -> bytes:
        found: bytes = self._go.Upload(run.name, content, len(content), kind)
        return found

    def download(self, run: Run, message: bytes) -> bytes:
        """What a message describes; all of it is in memory then."""
        found: bytes = self._go.DownloadAny(run.name, message, len(message))
        return found

    def pair_phone(self, run: Run, wanted: bytes) -> bytes:
        found: bytes = self._go.PairPhone(run.name, wanted, len(wanted))
        return found

    def ask_something(self, run: Run) -> bytes:
        """The smallest question that WhatsApp answers; what it answers is of no interest."""
        found: bytes = self._go.GetBlocklist(run.name)
        return found

    def mark_read(self, run: Run, ids: str, at: int, chat: bytes, sender: bytes) -> None:
        address = (chat, len(chat), sender, len(sender))
        self._go.MarkRead(run.name, ids.encode(), at, *address, b"read")

    def is_up(self, run: Run) -> bool:
        return bool(self._go.IsConnected(run.name) and self._go.IsLoggedIn(run.name))

    def log_out(self, run: Run) -> str:
        result: bytes = self._go.Logout(run.name)
        return result.decode("utf-8", "replace")
