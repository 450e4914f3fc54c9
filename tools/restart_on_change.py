"""Runs a command and starts it anew whenever a file under a folder changes; for `make dev`.

    python -m tools.restart_on_change FOLDER -- COMMAND ...

It looks at modification times once a second: a library that watches would be one more dependency.
"""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_ENDINGS = {".py", ".sql", ".json", ".html"}


def seen(folder: Path) -> dict[Path, float]:
    """When each file that matters was last changed."""
    found = {}
    for file in folder.rglob("*"):
        if file.suffix in _ENDINGS:
            with suppress(FileNotFoundError):  # An editor may have replaced it just now.
                found[file] = file.stat().st_mtime
    return found


def main(folder: Path, command: list[str]) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Ended like by Ctrl-C.
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
