"""A real process under the tool writes down each of its starts; the test changes a file."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def until_it_says(file: Path, text: str) -> None:
    until = time.monotonic() + 20
    while not file.exists() or file.read_text() != text:
        assert time.monotonic() < until, file.read_text() if file.exists() else "never started"
        time.sleep(0.02)


@pytest.mark.slow
def test_starts_anew_when_the_code_changes_and_takes_the_program_with_it(tmp_path: Path):
    code = tmp_path / "code"
    code.mkdir()
    (code / "a.py").write_text("1")
    starts = tmp_path / "starts"
    program = "echo start >>$0; trap 'echo end >>$0; exit' TERM; while :; do sleep 0.05; done"
    tool = [sys.executable, "-m", "tools.restart_on_change", str(code), "--"]
    with subprocess.Popen([*tool, "sh", "-c", program, str(starts)], cwd=ROOT) as running:
        until_it_says(starts, "start\n")
        (code / "b.txt").write_text("no code")
        (code / "b.py").write_text("2")
        until_it_says(starts, "start\nend\nstart\n")

        running.terminate()

        until_it_says(starts, "start\nend\nstart\nend\n")
