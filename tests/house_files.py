"""The files of the house as the house rules see them: a path and a text."""

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent
_NOT_OURS = {".git", ".venv", "__pycache__", "dev-data", "dist", "node_modules", "web"}


@dataclass(frozen=True)
class File:
    """A file of the house; `path` counts from its root."""

    path: PurePosixPath
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def inside(self) -> PurePosixPath:
        """The path within the package; files of Houston itself only."""
        return self.path.relative_to("src/houston")

    def is_ours(self) -> bool:
        return self.path.is_relative_to("src/houston")


def house() -> list[File]:
    """All files that hold text and are under version control, or will be."""
    return [file for name in _names() if (file := _read(name))]


def python(files: list[File]) -> list[File]:
    return [file for file in files if file.path.suffix == ".py"]


def _names() -> list[str]:
    """Git knows; where there is none, all that is not made by our own tools."""
    try:
        return subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return [str(path) for path in found if not _NOT_OURS & set(path.parts)]


def _read(name: str) -> File | None:
    try:
        return File(PurePosixPath(name), (ROOT / name).read_text("utf-8"))
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return None
