"""Workers that do what none should: run as `python -m tests.transports.linked.wild_worker HOW ONCE FD`.

All but the first two are the released worker with one step of it changed, and, but for the slow disk, only as
long as the file ONCE is there, which is removed first: the worker that comes after is well.
"""

import os
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from houston.transports import events
from houston.transports.linked_worker import books, connection, library, line, rules
from houston.transports.linked_worker.frames import Open, Unpacker, packed, said

RELEASED: Final = "houston.transports.linked_worker"


def flood(descriptor: int) -> None:
    """Says the same for ever, to the pipe as fast as it takes it, and to its output."""
    pipe, unpacker = socket.socket(fileno=descriptor), Unpacker()
    while True:
        for frame in unpacker.frames_from_server(pipe.recv(2**16)):
            if isinstance(frame, Open):
                word = packed(said(frame.stream, events.Alive(datetime.now(UTC))))
                while True:
                    print("flooded " * 1000, flush=True)
                    pipe.sendall(word * 1000)


def garbage(descriptor: int) -> None:
    """Says what is no frame."""
    pipe = socket.socket(fileno=descriptor)
    pipe.recv(1)
    pipe.sendall(b"\xff" * 2**20)
    threading.Event().wait()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _crash() -> None:
    """As the library does when it meets its own bug: exit 134."""
    os.abort()


def _hang() -> None:
    threading.Event().wait()


def _dawdle() -> None:
    """As on a disk that is busy with other things."""
    time.sleep(0.4)


def _hold(once: Path) -> None:
    """As in the moment before it is written down. Whoever holds it so ends the process."""
    while once.exists():
        time.sleep(0.01)


def _begin_late(once: Path) -> None:
    """As on a machine that has too much to do: it is told to stop before it has begun."""
    told = threading.Event()

    def oversleep() -> None:
        told.wait()
        time.sleep(3 * connection.LEAVE_SECONDS_MAX)
        late(once).touch()

    _before(library.Library, "run", oversleep, once)
    _always_before(library.Library, "stop", told.set)


def late(once: Path) -> Path:
    """There when it has begun at last."""
    return once.with_suffix(".late")


def _always_before(owner: type, name: str, harm: Callable[[], None]) -> None:
    step = getattr(owner, name)

    def harmed(*arguments: Any, **more: Any) -> Any:
        harm()
        return step(*arguments, **more)

    setattr(owner, name, harmed)


def _before(owner: type, name: str, harm: Callable[[], None], once: Path) -> None:
    """The harm comes instead of a step."""
    step = getattr(owner, name)

    def harmed(*arguments: Any, **more: Any) -> Any:
        if once.exists():
            once.unlink()
            harm()
        return step(*arguments, **more)

    setattr(owner, name, harmed)


def _after(owner: type, name: str, harm: Callable[[], None], once: Path) -> None:
    """The step is done, and nobody hears of it."""
    step = getattr(owner, name)

    def harmed(*arguments: Any, **more: Any) -> Any:
        result = step(*arguments, **more)
        if once.exists():
            once.unlink()
            harm()
        return result

    setattr(owner, name, harmed)


def hurry() -> None:
    """Nobody waits for eighty seconds in a test."""
    rules.LIBRARY_SEND_SECONDS_MAX = 1.0  # type: ignore[misc]  # In this process alone.
    connection.FIRST_CALL_SECONDS_MAX = 0.3  # type: ignore[misc]  # In this process alone.
    connection.LEAVE_SECONDS_MAX = 0.3  # type: ignore[misc]  # In this process alone.


HARMS: Final[dict[str, Callable[[Path], None]]] = {
    "dies before the library is asked to send": lambda once: _before(
        library.Library, "send", _die, once
    ),
    "dies when the library has sent": lambda once: _after(library.Library, "send", _die, once),
    "dies before the journal": lambda once: _before(books.Books, "keep", _die, once),
    "has a slow disk": lambda _: _always_before(books.Books, "keep", _dawdle),
    "begins late": _begin_late,
    "holds what it should write down": lambda once: _always_before(
        books.Books, "keep", lambda: _hold(once)
    ),
    "dies after the journal": lambda once: _after(books.Books, "keep", _die, once),
    "dies before it tells": lambda once: _before(line.Line, "_tell_kept", _die, once),
    "dies when it has told": lambda once: _after(line.Line, "_tell_kept", _die, once),
    "crashes in the library": lambda once: _before(library.Library, "send", _crash, once),
    "never comes back from the library": lambda once: _before(library.Library, "send", _hang, once),
}


def main(how: str, once: str, descriptor: str) -> None:
    match how:
        case "flood":
            flood(int(descriptor))
        case "garbage":
            garbage(int(descriptor))
        case _:
            HARMS[how](Path(once))
            hurry()
    sys.argv = [RELEASED, descriptor]
    runpy.run_module(RELEASED, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
