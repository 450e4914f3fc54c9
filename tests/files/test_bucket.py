"""Files in a bucket: a storage that speaks S3, in memory and on loopback, under the real shelf."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from houston.files.rules import Span
from houston.files.shelf import Shelf, shelf_of
from houston.kernel.errors import OutOfReach
from houston.kernel.ids import FileId, new_id

MEBIBYTE = 1024**2


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/bucket", trust_env=False).raise_for_status()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def shelf(storage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shelf:
    """As the settings' page tells people to set it up."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", storage)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
    return shelf_of("s3://bucket/folder", tmp_path)


async def parts(*some: bytes) -> AsyncIterator[bytes]:
    for part in some:
        yield part


async def breaking_off(*some: bytes) -> AsyncIterator[bytes]:
    for part in some:
        yield part
    raise ConnectionResetError("the client went away")


async def read(shelf: Shelf, file: FileId, span: Span | None = None) -> bytes:
    return b"".join([part async for part in await shelf.read(file, span)])


async def test_a_bucket_gives_back_what_was_put_there_whole_and_in_parts(shelf: Shelf) -> None:
    file, content = FileId(new_id()), os.urandom(11 * MEBIBYTE)  # More than one part of an upload.
    await shelf.keep(file, parts(content[:MEBIBYTE], content[MEBIBYTE:]))
    assert await read(shelf, file) == content
    middle = Span(5 * MEBIBYTE - 3, 5 * MEBIBYTE + 7)
    assert await read(shelf, file, middle) == content[middle.start : middle.end]


async def test_an_upload_that_breaks_off_leaves_nothing_in_the_bucket(shelf: Shelf) -> None:
    file = FileId(new_id())
    with pytest.raises(ConnectionResetError):
        await shelf.keep(file, breaking_off(b"x" * 11 * MEBIBYTE))
    with pytest.raises(OutOfReach):
        await read(shelf, file)


async def test_what_was_dropped_from_a_bucket_is_gone_and_may_be_dropped_again(
    shelf: Shelf,
) -> None:
    file = FileId(new_id())
    await shelf.keep(file, parts(b"hello"))
    await shelf.drop([file])
    await shelf.drop([file])
    with pytest.raises(OutOfReach):
        await read(shelf, file)
