"""Workers whose server dies: the test is the server, and lets go of pipe and output as a kill does."""

import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from houston.transports.linked_worker.frames import Begin, packed

pytestmark = pytest.mark.slow


@contextmanager
def orphan(folder: Path, *program: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker that beats, and whose server dies with its beat unread. It is gone afterwards."""
    ours, theirs = socket.socketpair()
    words = [sys.executable, *program, str(theirs.fileno())]
    with ours, ended(words, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE) as worker:
        theirs.close()
        begin = Begin(b"k" * 32, str(folder / "live"), str(folder / "books"), 0.1, 3600.0)
        ours.sendall(packed(begin))
        assert select.select([ours], [], [], 30)[0], "it beats"
        ours.close()
        yield worker


@contextmanager
def ended(words: list[str], **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that does not outlive its test, whatever comes of that."""
    with subprocess.Popen(words, **more) as process:
        try:
            yield process
        finally:
            process.kill()


PRINTS_LATER = """
import os, sys
from houston.transports.linked_worker.__main__ import outlive_our_reader
from houston.transports.linked_worker.library import Library
outlive_our_reader()
sys.stdin.read()
Library()._go.SendMessage(b"no such run", b"x", 1, b"x", 1)  # What it cannot read, it prints.
os._exit(0)
"""


def test_a_worker_ends_in_order_when_its_server_is_killed_amid_a_word(tmp_path: Path):
    """The pipe was broken, not closed: it died at once, and what it had acknowledged was never told."""
    with orphan(tmp_path, "-m", "houston.transports.linked_worker") as worker:
        _, complaint = worker.communicate(timeout=60)
        assert (worker.returncode, complaint) == (0, b"")


HANGS = """
import sys, threading
from houston.transports.linked_worker import worker
from houston.transports.linked_worker.__main__ import main
from houston.transports.linked_worker.library import Library
worker._HUNG_SECONDS = 2.0
worker.Worker._farewell = lambda self: threading.Event().wait()
main(Library(), int(sys.argv[1]))
"""


def test_a_worker_that_hangs_without_a_server_ends_itself(tmp_path: Path):
    """Nobody beats it to death any more, and it would hold the lock of its numbers for ever."""
    with orphan(tmp_path, "-c", HANGS) as worker:
        worker.communicate(timeout=60)
        assert worker.returncode == 1


def test_a_worker_outlives_the_reader_of_what_its_library_prints():
    """Go ends a process that prints where nobody reads."""
    words = [sys.executable, "-c", PRINTS_LATER]
    with ended(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdout.close()
        worker.stdin.close()
        assert worker.wait(60) == 0
