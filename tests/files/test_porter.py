"""Contents of messages on their way: from our own shelf, from other servers, never from where they must not be.

The other server is a real one on loopback, so all but the tests of privacy allow private addresses.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from litestar.types import Receive, Scope, Send
from obstore.store import MemoryStore

from houston.files.fetcher import Fetcher
from houston.files.keeper import Keeper
from houston.files.porter import Porter
from houston.files.shelf import Shelf
from houston.kernel.content import Content, ContentKind, ContentState
from houston.kernel.ids import ChannelId
from houston.kernel.serving import listen, serve
from houston.transports.porter import Parcel
from houston.transports.transport import NotSent, Retry
from tests.people.conftest import flowers as flowers
from tests.people.conftest import hall as hall
from tests.people.hall import Account, Hall

BYTES_MAX = 10_000
PICTURE = b"\xff\xd8\xff" + bytes(500)


@dataclass
class Elsewhere:
    """A server of somebody else: answers, one after another, with what it was given."""

    address: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        written = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": written})
        await send({"type": "http.response.body", "body": body, "more_body": False})


@pytest_asyncio.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    made = Elsewhere()
    async with serve(made, listen("127.0.0.1", 0)) as url:
        made.address = url
        yield made


@dataclass
class Way:
    """A porter and what it stands on."""

    porter: Porter
    folder: Path

    async def brought(self, uri: str) -> tuple[Content, bytes] | NotSent:
        async with self.porter.fetch(uri, BYTES_MAX) as parcel:
            if isinstance(parcel, NotSent):
                return parcel
            return parcel.content, parcel.path.read_bytes()

    async def refused(self, uri: str) -> str:
        found = await self.brought(uri)
        assert isinstance(found, NotSent), found
        assert found.retry is Retry.NEVER
        assert list(self.folder.iterdir()) == []
        return found.code


Ways = Callable[..., Way]


@pytest_asyncio.fixture
async def way(hall: Hall) -> AsyncIterator[Ways]:
    """Makes ways, and ends them."""
    fetchers: list[Fetcher] = []

    def make(folder: Path, *, private_too: bool = True) -> Way:
        fetchers.append(Fetcher(hall.clock, private_too=private_too))
        return put_together(hall, folder, fetchers[-1])

    yield make
    for fetcher in fetchers:
        await fetcher.close()


def put_together(hall: Hall, folder: Path, fetcher: Fetcher) -> Way:
    keeper = Keeper(
        hall.database, hall.clock, Shelf(MemoryStore()), bytes_max=BYTES_MAX, days_kept=0
    )
    url = "https://houston.example"
    made = Porter(
        hall.database, keeper, fetcher, hall.clock, folder, public_url=url, bytes_max=BYTES_MAX
    )
    return Way(made, folder)


async def test_what_lies_elsewhere_is_fetched_and_known_by_its_type(
    way: Ways, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.answers = [(200, {"content-type": "image/jpeg"}, PICTURE)]
    found = await way(tmp_path / "way").brought(f"{elsewhere.address}/shop/rose.jpg?size=2")
    assert not isinstance(found, NotSent)
    content, body = found
    assert (content.kind, content.mime, content.name) == (
        ContentKind.IMAGE,
        "image/jpeg",
        "rose.jpg",
    )
    assert body == PICTURE


FAILURES: list[tuple[int, dict[str, str], bytes, str]] = [
    (404, {}, b"", "content_gone"),
    (503, {}, b"", "content_unreachable"),
    (200, {}, b"", "content_empty"),
    (200, {"content-length": "999999"}, b"", "content_too_large"),
    (200, {}, b"x" * (BYTES_MAX + 1), "content_too_large"),
    (302, {"location": "ftp://flowers.example/"}, b"", "content_not_allowed"),
    (302, {"location": "/again"}, b"", "content_not_allowed"),
]


async def test_what_cannot_be_had_says_why_and_leaves_nothing_behind(
    way: Ways, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    asking = way(tmp_path / "way")
    for status, headers, body, code in FAILURES:
        elsewhere.answers = [(status, headers, body)]
        assert await asking.refused(f"{elsewhere.address}/a.bin") == code, (status, headers)


async def test_who_does_not_answer_at_first_is_asked_again(
    way: Ways, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.answers = [(503, {}, b""), (200, {"content-type": "video/mp4"}, b"film")]
    found = await way(tmp_path / "way").brought(f"{elsewhere.address}/film")
    assert not isinstance(found, NotSent)
    assert found[0].kind is ContentKind.VIDEO
    assert len(elsewhere.asked) == 2


async def test_private_addresses_are_not_asked(way: Ways, tmp_path: Path) -> None:
    private = way(tmp_path / "way", private_too=False)
    for host in (
        "127.0.0.1",
        "localhost",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "[::ffff:a00:1]",
        "[::127.0.0.1]",
    ):
        assert await private.refused(f"http://{host}:9/secrets") == "content_not_allowed", host


async def test_what_is_no_name_or_port_is_told_and_holds_nothing_up(
    way: Ways, tmp_path: Path
) -> None:
    private = way(tmp_path / "way", private_too=False)
    assert await private.refused("http://crm..example/a") == "content_unreachable"
    assert await private.refused("http://crm.example:99999/a") == "content_not_allowed"


async def test_a_redirection_does_not_lead_into_a_private_network(
    way: Ways, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = elsewhere.address.rpartition(":")[2]
    elsewhere.answers = [(302, {"location": f"http://127.0.0.2:{ours}/secrets"}, b"")]
    monkeypatch.setattr("houston.files.addresses.is_public", lambda one: one == "127.0.0.1")
    private = way(tmp_path / "way", private_too=False)
    assert await private.refused(f"{elsewhere.address}/a") == "content_not_allowed"
    assert elsewhere.asked == ["/a"]


async def test_what_came_in_is_kept_and_can_be_sent_on_without_asking_anybody(
    way: Ways, flowers: Account, tmp_path: Path
) -> None:
    channel = ChannelId(UUID(await flowers.channel("79001112233")))
    ways = way(tmp_path / "way", private_too=False)
    async with ways.porter.place() as path:
        path.write_bytes(b"voice")
        came = Content(kind=ContentKind.AUDIO, mime="audio/ogg", state=ContentState.FETCHING)
        kept = await ways.porter.keep(channel, Parcel(came, path))
    assert (kept.state, kept.name, kept.bytes) == (ContentState.HERE, "audio.ogg", 5)
    assert kept.uri is not None
    assert kept.uri.startswith("https://houston.example/files/")
    found = await ways.brought(kept.uri)
    assert not isinstance(found, NotSent)
    assert (found[0].kind, found[1]) == (ContentKind.AUDIO, b"voice")
    assert await ways.refused(kept.uri.replace("/audio.ogg", "x/audio.ogg")) == "content_gone"


async def test_what_an_earlier_life_left_on_its_way_is_removed(way: Ways, tmp_path: Path) -> None:
    (tmp_path / "left").write_bytes(b"half")
    way(tmp_path)
    assert list(tmp_path.iterdir()) == []
