"""Holds the pages of promises against the tests: each has one, and every test that they name exists."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from tests import house_files

PAGE: Final = "docs/developers/law.md"
RULES: Final = [
    *(f"S{n}" for n in range(1, 14)),
    *(f"M{n}" for n in range(1, 10)),
    *(f"I{n}" for n in range(1, 4)),
    *(f"C{n}" for n in range(1, 6)),
]
LINKED: Final = "docs/developers/linked-devices.md"
PAGES: Final = {PAGE: RULES, LINKED: [f"L{n}" for n in range(1, 23)]}
_RULE: Final = re.compile(r"^\*\*([SMICL]\d+)\*\*")
_NAMED: Final = re.compile(r"`(tests/[\w/]+\.py)`|`(test_\w+)`")
_TEST: Final = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def complaints(name: str, page: str, tests: Mapping[str, set[str]]) -> Iterator[str]:
    """What is wrong with a page, if these are the tests of each file."""
    proved: dict[str, int] = {}
    for paragraph in page.split("\n\n"):
        rule = _RULE.match(paragraph)
        file = ""
        for met in _NAMED.finditer(paragraph):
            file = met[1] or file
            if met[2] and met[2] not in tests.get(file, set()):
                yield f"{name} names {met[2]} of {file or 'no file'}: name the test that is there"
            elif met[2] and rule:
                proved[rule[1]] = proved.get(rule[1], 0) + 1
    for rule_ in PAGES[name]:
        if not proved.get(rule_):
            yield f"{rule_} has no test in {name}: name the one whose name is the promise"


@pytest.mark.parametrize("name", PAGES)
def test_every_rule_of_the_law_has_a_test_and_every_named_test_exists(name: str) -> None:
    files = {str(file.path): file.text for file in house_files.house()}
    tests = {path: set(_TEST.findall(text)) for path, text in files.items()}
    assert list(complaints(name, files[name], tests)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("**S7** Opened", "Opened", "S7 has no test"),
        ("`test_the_ten_minutes_slide`", "`test_the_ten_minutes_glide`", "test_the_ten_minutes_gl"),
        ("`tests/billing/test_till.py`: ", "", "test_exhausted_and_topped_up"),
    ],
)
def test_what_rots_on_the_page_is_found(old: str, new: str, complaint: str) -> None:
    files = {str(file.path): file.text for file in house_files.house()}
    tests = {path: set(_TEST.findall(text)) for path, text in files.items()}
    assert old in files[PAGE]
    found = list(complaints(PAGE, files[PAGE].replace(old, new), tests))
    assert found
    assert any(complaint in one for one in found)
