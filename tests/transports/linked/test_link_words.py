"""What each event of the library means for a link, as a table, in the library's own protobuf messages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from houston.transports import events
from houston.transports.linked_worker.library import import_messages
from houston.transports.linked_worker.translate import Kind, LinkRestored, PhoneLinked, Translator

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWN: Any = import_messages()[0]
ADDRESS = OWN.JID(
    User="79990000001", RawAgent=0, Device=1, Integrator=0, Server="s.whatsapp.net", IsEmpty=False
)


def paired(status: int) -> bytes:
    said: bytes = OWN.PairStatus(
        ID=ADDRESS, BusinessName="", Platform="android", Status=status, Error=""
    ).SerializeToString()
    return said


def quiet(errors: int) -> bytes:
    said: bytes = OWN.KeepAliveTimeout(ErrorCount=errors, LastSuccess=1).SerializeToString()
    return said


@pytest.mark.parametrize(
    ("kind", "body", "meant"),
    [
        (Kind.PAIR_STATUS, paired(2), PhoneLinked("79990000001")),
        (Kind.PAIR_STATUS, paired(1), events.PairingFailed("refused")),
        (Kind.CONNECTED, b"", events.Online()),
        # One question without an answer is a hint; two are a link that is gone.
        (Kind.KEEP_ALIVE_TIMEOUT, quiet(1), events.LinkQuiet(NOW)),
        (Kind.KEEP_ALIVE_TIMEOUT, quiet(2), events.Offline("no_answer")),
        (Kind.KEEP_ALIVE_TIMEOUT, quiet(9), events.Offline("no_answer")),
        (Kind.KEEP_ALIVE_RESTORED, b"", LinkRestored()),
        (Kind.STREAM_REPLACED, b"", events.Replaced()),
        (Kind.CLIENT_OUTDATED, b"", events.Outdated("0.5.2")),
        (Kind.DISCONNECTED, b"", events.Offline("network")),
        (Kind.BACKLOG_COMPLETED, b"", events.BacklogEnded()),
    ],
)
def test_what_an_event_of_the_library_means(kind: Kind, body: bytes, meant: object):
    assert Translator("0.5.2").link_word(kind, body, NOW) == meant
