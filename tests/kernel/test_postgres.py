"""The real PostgreSQL, started and killed for real; each test has a copy of a folder made once.

A Houston that must die is a small process of its own (keep_postgres.py), so that its death is real.
"""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
from functools import partial
from pathlib import Path

import asyncpg
import psutil
import pytest
import uvloop

from houston.kernel.errors import Conflict
from houston.kernel.postgres import EmbeddedPostgres, orphan
from houston.kernel.postgres.binaries import find
from tests.kernel.servers import (
    answers,
    ask,
    copied,
    houston,
    lives,
    said,
    start,
    started,
    until,
)


def test_the_first_start_makes_a_safe_database(tmp_path: Path):
    async def play() -> None:
        async with started(tmp_path / "house") as server:
            data = tmp_path / "house" / f"pg{find(None)[0].major}"
            assert stat.S_IMODE(data.stat().st_mode) == 0o700
            for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
                assert await ask(server.dsn, f"show {name}") == "on"
            assert not psutil.Process(server.pid).net_connections("inet")

    asyncio.run(play())


async def test_text_sorts_by_code_point_and_knows_cyrillic_capitals(house: Path):
    async with started(house) as server:
        assert await ask(server.dsn, "select 'Б' < 'а' and 'Z' < 'a'") is True
        assert await ask(server.dsn, "select 'Привет' ilike 'пРИВЕТ'") is True


async def test_a_later_start_finds_what_was_written(house: Path):
    async with started(house) as server:
        assert await ask(server.dsn, "select word from kept") == "before"


async def test_the_environment_of_the_user_leads_no_client_astray(
    house: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    monkeypatch.setenv("PGDATA", "/elsewhere")
    async with started(house) as server:
        assert await ask(server.dsn, "select 1") == 1


async def test_a_stopped_server_is_gone_and_frees_the_folder(house: Path):
    async with started(house) as server:
        pid = server.pid

    assert not lives(pid)
    async with started(house):
        pass


def has_another_pid(server: EmbeddedPostgres, pid: int) -> bool:
    return server.pid != pid


@pytest.mark.slow
async def test_a_killed_server_comes_back_with_all_that_was_committed(house: Path):
    async with started(house) as server:
        await ask(server.dsn, "insert into kept values ('just now')")
        for _ in range(3):
            pid = server.pid
            os.kill(pid, signal.SIGKILL)
            await until(partial(has_another_pid, server, pid))
            assert await answers(server.dsn, "select count(*) from kept") == 2


@pytest.mark.slow
def test_it_lives_on_the_event_loop_of_production_too(house: Path):
    async def play() -> None:
        async with started(house) as server:
            pid = server.pid
            os.kill(pid, signal.SIGKILL)
            await until(partial(has_another_pid, server, pid))
            assert await answers(server.dsn, "select count(*) from kept") == 1

    uvloop.run(play())


async def test_ctrl_c_in_the_terminal_does_not_reach_the_server(house: Path):
    async with started(house) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)
        assert os.getsid(server.pid) != os.getsid(0)


async def test_a_second_houston_on_the_folder_is_refused(house: Path):
    async with started(house) as server:
        with pytest.raises(Conflict, match="Another Houston runs on") as refusal:
            await start(house)

        assert "HOUSTON_DATA_DIR" in refusal.value.cure
        assert await ask(server.dsn, "select 1") == 1


@pytest.mark.slow
async def test_of_two_that_start_at_once_one_wins(tmp_path: Path):
    folder = tmp_path / "house"
    outcomes = await asyncio.gather(start(folder), start(folder), return_exceptions=True)
    servers = [outcome for outcome in outcomes if isinstance(outcome, EmbeddedPostgres)]
    try:
        assert [type(o) for o in outcomes if o not in servers] == [Conflict]
        assert await ask(servers[0].dsn, "select 1") == 1
    finally:
        for server in servers:
            await server.stop()


@pytest.mark.slow
async def test_a_folder_that_was_left_half_made_is_made_anew(tmp_path: Path):
    half = tmp_path / "house" / f"pg{find(None)[0].major}.half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    async with started(tmp_path / "house") as server:
        assert await ask(server.dsn, "select 1") == 1
    assert not half.exists()


@pytest.mark.slow
async def test_the_way_to_the_folder_may_be_long(made: Path, tmp_path: Path):
    deep = tmp_path / ("long" * 20) / ("longer" * 20)
    deep.mkdir(parents=True)
    async with started(copied(made, deep / "a house with spaces")) as server:
        assert await ask(server.dsn, "select word from kept") == "before"


async def test_a_relative_folder_is_as_good(house: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(house.parent)
    async with started(Path("house")) as server:
        assert await ask(server.dsn, "select 1") == 1


@pytest.mark.slow
async def test_when_houston_is_killed_the_server_ends_too(house: Path):
    with houston(house) as killed:
        pid = int((await asyncio.to_thread(said, killed))["pid"])
        killed.kill()

        await until(lambda: not lives(pid), seconds_max=5)


@pytest.mark.slow
async def test_the_next_start_waits_for_a_server_that_is_still_shutting_down(house: Path):
    with houston(house) as killed:
        told = await asyncio.to_thread(said, killed)
        busy = await asyncpg.connect(told["dsn"])
        await busy.execute("insert into kept values ('just before')")
        killed.kill()
        killed.wait()

        async with started(house) as server:
            assert not lives(int(told["pid"]))
            assert await ask(server.dsn, "select count(*) from kept") == 2
        busy.terminate()


@pytest.mark.slow
async def test_an_old_server_that_hears_nothing_is_killed(
    house: Path, monkeypatch: pytest.MonkeyPatch
):
    steps = [(step, 0.2) for step, _ in orphan._STEPS]
    monkeypatch.setattr(orphan, "_STEPS", steps)
    with houston(house) as killed:
        told = await asyncio.to_thread(said, killed)
        await ask(told["dsn"], "insert into kept values ('just before')")
        os.kill(int(told["pid"]), signal.SIGSTOP)
        killed.kill()
        killed.wait()

        async with started(house) as server:
            assert not lives(int(told["pid"]))
            assert await ask(server.dsn, "select count(*) from kept") == 2


@pytest.mark.slow
async def test_when_both_are_killed_at_once_the_next_start_works_at_once(house: Path):
    with houston(house) as killed:
        told = await asyncio.to_thread(said, killed)
        await ask(told["dsn"], "insert into kept values ('just before')")
        os.kill(killed.pid, signal.SIGKILL)
        os.kill(int(told["pid"]), signal.SIGKILL)
        killed.wait()

    async with started(house) as server:
        assert await ask(server.dsn, "select count(*) from kept") == 2


@pytest.mark.slow
async def test_a_stranger_with_the_number_of_an_old_server_is_left_alone(house: Path):
    with subprocess.Popen(["sleep", "60"]) as stranger:
        note = [str(stranger.pid), "/elsewhere", "1", "5432", ".", "", "0 0", "ready"]
        data = next(house.glob("pg*"))
        (data / "postmaster.pid").write_text("\n".join(note) + "\n")
        shutil.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
        try:
            async with started(house) as server:
                assert server.pid != stranger.pid
            assert stranger.poll() is None
        finally:
            stranger.kill()
