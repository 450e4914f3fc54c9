"""Runs a command and starts it anew whenever a file under a folder changes; for `make dev`.

    python -m tools.restart_on_change FOLDER -- COMMAND ...

It looks at modification times once a second: a library that watches would be one more dependency.
"""

import subprocess
import sys
import time
from pathlib import Path

_ENDINGS = {".py", ".sql", ".json", ".html"}


def seen(folder: Path) -> dict[Path, float]:
    """When each file that matters was last changed."""
    files = (file for file in folder.rglob("*") if file.suffix in _ENDINGS)
    return {file: file.stat().st_mtime for file in files}


def main(folder: Path, command: list[str]) -> None:
    before = seen(folder)
    running = subprocess.Popen(command)
    try:
        while True:
            time.sleep(1)
            now = seen(folder)
            if now != before:
                before = now
                print("-- changed: starting anew", flush=True)
                _end(running)
                running = subprocess.Popen(command)
    except KeyboardInterrupt:
        _end(running)


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    running.wait(timeout=30)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[3:])
