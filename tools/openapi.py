"""Writes `openapi.json`, the description of the interface as the server gives it.

python -m tools.openapi
"""

import json
import sys
from pathlib import Path
from typing import Any, cast

from houston.kernel.settings import Settings
from houston.routes import Application, Parts, description

FILE = Path(__file__).parent.parent / "openapi.json"


class _Nothing:
    """Stands for parts that only a running server has: describing the routes asks nothing of them."""

    def __getattr__(self, name: str) -> "_Nothing":
        return self

    def __call__(self, *_: object) -> "_Nothing":
        return self


def document() -> dict[str, Any]:
    """The description, without a server."""
    nothing = cast(Any, _Nothing())
    parts = Parts(**{**dict.fromkeys(Parts.__dataclass_fields__, nothing), "settings": Settings()})
    return description(Application(parts).framework)


def written() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
    sys.stdout.write(f"{FILE.name}: {len(document()['paths'])} addresses\n")
