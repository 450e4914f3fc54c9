"""Threads of this process that work, and wait, in ways that let go of the interpreter, as a library's do."""

import hashlib
import sys
import threading

import pytest

from houston.transports.linked_worker.rest import others_rest
from tests.acceptance.town import until


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
def test_who_works_or_wants_to_is_not_at_rest_and_who_waits_is():
    go_on, over = threading.Event(), threading.Event()

    def work() -> None:
        while not over.is_set():
            hashlib.pbkdf2_hmac("sha256", b"", b"", 20_000)
        go_on.wait()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        until(lambda: not others_rest(), what="it is seen at work")
        over.set()
        until(others_rest, what="it rests")
    finally:
        over.set()
        go_on.set()
        worker.join()
