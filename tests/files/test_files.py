"""Files on a whole server: put there with a key, opened by their link, swept away in time."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from obstore.store import LocalStore

from houston.files.keeper import Keeper
from houston.files.shelf import Shelf, shelf_of
from houston.kernel.errors import BadSetting, NotFound, OutOfReach, TooLarge
from houston.kernel.ids import FileId
from tests.people.conftest import flowers as flowers
from tests.people.conftest import hall as hall
from tests.people.hall import Account, Hall

DAY = 86_400.0
PICTURE = b"\x89PNG" + bytes(range(256)) * 40


async def stored(
    account: Account, content: bytes = PICTURE, kind: str = "image/png", name: str = "cat.png"
) -> httpx.Response:
    return await account.key.ask(
        "POST",
        "/api/v1/files",
        params={"name": name},
        content=content,
        headers={"content-type": kind},
    )


async def test_a_file_comes_back_as_it_was_stored_to_whoever_has_its_link(
    hall: Hall, flowers: Account
) -> None:
    answer = await stored(flowers)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["name"], told["mime"], told["bytes"]) == ("cat.png", "image/png", len(PICTURE))
    shown = await hall.http.get(told["uri"])
    assert shown.content == PICTURE
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''cat.png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]


async def test_a_browser_finds_its_place_in_a_sound_without_fetching_all_of_it(
    hall: Hall, flowers: Account
) -> None:
    uri = (await stored(flowers, bytes(range(100)), "audio/ogg", "voice.ogg")).json()["uri"]
    whole = await hall.http.get(uri)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    part = await hall.http.get(uri, headers={"range": "bytes=40-49"})
    assert (part.status_code, part.content) == (206, bytes(range(40, 50)))
    assert part.headers["content-range"] == "bytes 40-49/100"
    assert part.headers["content-length"] == "10"
    behind = await hall.http.get(uri, headers={"range": "bytes=100-"})
    assert behind.status_code == 416


async def test_nobody_stores_a_file_without_a_key_or_opens_it_without_its_link(
    hall: Hall, flowers: Account
) -> None:
    nobody = await hall.http.post("/api/v1/files", params={"name": "x"}, content=b"x")
    assert nobody.status_code == 401
    one, other = (await stored(flowers)).json(), (await stored(flowers)).json()
    start, key, name = one["uri"].rsplit("/", 2)
    assert (await hall.http.get(f"{start}/{key[:-1]}/{name}")).status_code == 404
    assert (await hall.http.get(one["uri"].replace(one["id"], other["id"]))).status_code == 404


async def test_a_page_is_saved_and_never_shown_in_houstons_name(
    hall: Hall, flowers: Account
) -> None:
    answer = await stored(flowers, b"<script>alert(1)</script>", "text/html")
    shown = await hall.http.get(answer.json()["uri"])
    assert shown.headers["content-disposition"].startswith("attachment")


async def test_a_file_without_a_usable_name_is_told_which_field_is_wrong(flowers: Account) -> None:
    answer = await stored(flowers, name="..")
    assert (answer.status_code, answer.json()["field"]) == (400, "name")


# --- The keeper --------------------------------------------------------------------------------


async def parts(*some: bytes) -> AsyncIterator[bytes]:
    for part in some:
        yield part


async def broken(*some: bytes) -> AsyncIterator[bytes]:
    for part in some:
        yield part
    raise ConnectionResetError("the client went away")


def keeper(hall: Hall, folder: Path, *, days_kept: int = 0) -> Keeper:
    shelf = Shelf(LocalStore(folder, mkdir=True))
    return Keeper(hall.database, hall.clock, shelf, bytes_max=10_000, days_kept=days_kept)


def lying_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def opened(keeper: Keeper, path: str) -> bytes:
    _, file, key, _ = path.split("/")
    shown = await keeper.show(FileId(UUID(file)), key)
    return b"".join([part async for part in shown.parts])


async def test_of_a_file_that_is_too_large_nothing_stays(
    hall: Hall, flowers: Account, tmp_path: Path
) -> None:
    files = keeper(hall, tmp_path)
    with pytest.raises(TooLarge, match="larger than 10,000 bytes"):
        await files.keep(flowers.id, "big.bin", "", parts(b"x" * 9_000, b"x" * 1_001))
    assert lying_in(tmp_path) == []


async def test_an_upload_that_breaks_off_is_never_seen_and_is_swept_away(
    hall: Hall, flowers: Account, tmp_path: Path
) -> None:
    files = keeper(hall, tmp_path)
    with pytest.raises(ConnectionResetError):
        await files.keep(flowers.id, "half.bin", "", broken(b"half"))
    assert lying_in(tmp_path) == []
    assert await files.sweep() == 0
    hall.clock.advance(DAY + 1)
    assert await files.sweep() == 1
    assert await files.sweep() == 0


async def test_files_are_kept_for_ever_or_for_as_long_as_was_set(
    hall: Hall, flowers: Account, tmp_path: Path
) -> None:
    for_ever, for_a_week = keeper(hall, tmp_path), keeper(hall, tmp_path, days_kept=7)
    kept = await for_ever.keep(flowers.id, "a.txt", "text/plain", parts(b"hello"))
    hall.clock.advance(6 * DAY)
    assert await for_a_week.sweep() == 0
    hall.clock.advance(2 * DAY)
    assert await for_ever.sweep() == 0
    assert await opened(for_ever, kept.path) == b"hello"
    assert await for_a_week.sweep() == 1
    assert lying_in(tmp_path) == []
    with pytest.raises(NotFound):
        await opened(for_ever, kept.path)


async def test_a_shelf_that_lost_a_file_says_so_and_is_not_taken_for_a_wrong_link(
    hall: Hall, flowers: Account, tmp_path: Path
) -> None:
    files = keeper(hall, tmp_path)
    kept = await files.keep(flowers.id, "a.txt", "", parts(b"hello"))
    (tmp_path / str(kept.id)).unlink()
    with pytest.raises(OutOfReach, match="cannot be read"):
        await opened(files, kept.path)


def test_a_shelf_can_be_a_bucket_and_its_address_is_checked_at_the_start(tmp_path: Path) -> None:
    assert shelf_of("s3://bucket/folder", tmp_path)
    with pytest.raises(BadSetting, match="HOUSTON_FILES_URL"):
        shelf_of("gopher://bucket", tmp_path)
