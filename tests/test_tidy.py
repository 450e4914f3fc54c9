"""Runs every house rule over the house, and proves each on files that break it on purpose."""

from pathlib import PurePosixPath

import pytest

from tests import house_files, tidy
from tests.house_files import File
from tests.tidy import Rule

PYPROJECT = """
[project]
dependencies = ["asyncpg>=0.31"]
optional-dependencies = { dev = [] }
[[tool.importlinter.contracts]]
type = "protected"
protected_modules = ["houston.transports.simulator"]
[[tool.importlinter.contracts]]
type = "independence"
modules = ["houston.transports.simulator"]
"""
ACCOUNTS = "create table accounts (id uuid);"


@pytest.fixture(scope="module")
def house() -> list[File]:
    return house_files.house()


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.__name__)
def test_the_house_is_tidy(rule: Rule, house: list[File]):
    complaints = [str(complaint) for complaint in rule(house)]

    assert not complaints, "\n" + "\n".join(complaints)


def files(planted: dict[str, str]) -> list[File]:
    return [File(PurePosixPath(path), text) for path, text in planted.items()]


def function(lines: int) -> str:
    return "def f():\n" + "    pass\n" * (lines - 1)


def table(cases: int, lines: int) -> str:
    case = "        case 1:\n" + "            pass\n" * lines
    return 'def f(x):\n    """A table."""\n    match x:\n' + case * cases


BROKEN: list[tuple[Rule, dict[str, str]]] = [
    (tidy.files_are_short, {"src/houston/a.py": "\n" * 401}),
    (tidy.files_are_short, {"ui/a.ts": "\n" * 401}),
    (tidy.functions_are_short, {"src/houston/a.py": function(51)}),
    (tidy.functions_are_short, {"src/houston/a.py": table(cases=6, lines=9)}),
    (tidy.functions_are_short, {"tests/a.py": "async " + function(51)}),
    (tidy.names_say_something, {"src/houston/utils.py": ""}),
    (tidy.names_say_something, {"src/houston/queue_manager.py": ""}),
    (tidy.names_say_something, {"src/houston/a.py": "class QueueManager: ..."}),
    (tidy.files_say_what_they_are_for, {"src/houston/a.py": "a = 1"}),
    (tidy.nothing_of_this_machine, {"docs/a.md": "see /ho" + "me/ann/houston"}),
    (tidy.no_registry_is_named, {"a.lock": "--index-url https://pypi" + ".org/simple"}),
    (tidy.nothing_is_left_for_later, {"src/houston/a.py": "# TO" + "DO: later"}),
    (tidy.exceptions_have_reasons, {"a.py": "import a  # no" + "qa"}),
    (tidy.exceptions_have_reasons, {"a.py": "import a  # no" + "qa: F401"}),
    (tidy.exceptions_have_reasons, {"a.py": "a = b  # ty" + "pe: ignore[arg-type]"}),
    (tidy.pure_files_only_decide, {"src/houston/money/rules.py": "import time"}),
    (tidy.pure_files_only_decide, {"src/houston/channels/status.py": "from os import path"}),
    (
        tidy.pure_files_only_decide,
        {"src/houston/money/rules.py": "from houston.money import store"},
    ),
    (
        tidy.pure_files_only_decide,
        {"src/houston/money/rules.py": "def f():\n    from houston.kernel.clock import Clock"},
    ),
    (
        tidy.adapters_are_in_the_contracts,
        {"pyproject.toml": PYPROJECT, "src/houston/transports/linked.py": ""},
    ),
    (
        tidy.adapters_are_in_the_contracts,
        {"pyproject.toml": PYPROJECT, "src/houston/crm/planfix/__init__.py": ""},
    ),
    (
        tidy.migrations_follow_each_other,
        {"migrations/0001_people.sql": "", "migrations/0001_posts.sql": ""},
    ),
    (tidy.migrations_follow_each_other, {"migrations/1_people.sql": ""}),
    (tidy.migrations_are_never_edited, {"migrations/0001_people.sql": ACCOUNTS}),
    (
        tidy.migrations_are_never_edited,
        {"migrations/0001_people.sql": ACCOUNTS, "migrations.sha256": "0  0001_people.sql\n"},
    ),
    (
        tidy.tables_belong_to_their_store,
        {
            "src/houston/kernel/migrations/0001_people.sql": ACCOUNTS,
            "src/houston/people/store.py": "'select id from accounts'",
            "src/houston/messages/store.py": "'select id from accounts'",
        },
    ),
    (
        tidy.tables_belong_to_their_store,
        {
            "src/houston/kernel/migrations/0001_people.sql": ACCOUNTS,
            "src/houston/people/store.py": "",
            "src/houston/people/api.py": "f'update accounts set {word} = 1'",
        },
    ),
    (
        tidy.tables_belong_to_their_store,
        {
            "src/houston/kernel/migrations/0001_people.sql": ACCOUNTS,
            "src/houston/people/store.py": "",
            "src/houston/messages/sql/accept.sql": "select 1 from a join accounts b on true",
        },
    ),
    (tidy.dependencies_are_explained, {"pyproject.toml": PYPROJECT}),
]


@pytest.mark.parametrize(("rule", "planted"), BROKEN)
def test_a_broken_rule_is_found_and_cured(rule: Rule, planted: dict[str, str]):
    complaints = list(rule(files(planted)))

    assert len(complaints) == 1
    assert len(complaints[0].cure.split()) > 4


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        (tidy.files_are_short, {"src/houston/a.py": "\n" * 400, "requirements.lock": "\n" * 999}),
        (tidy.functions_are_short, {"src/houston/a.py": function(50)}),
        (tidy.functions_are_short, {"src/houston/a.py": table(cases=30, lines=2)}),
        (tidy.names_say_something, {"src/houston/a.py": "class SessionEnded: ..."}),
        (tidy.names_say_something, {"src/houston/database.py": ""}),
        (tidy.exceptions_have_reasons, {"a.py": "import a  # no" + "qa: F401 - it registers"}),
        (tidy.exceptions_have_reasons, {"a.py": "a = b  # ty" + "pe: ignore[arg]  # their stubs"}),
        (
            tidy.pure_files_only_decide,
            {
                "src/houston/money/rules.py": "from collections.abc import Sequence",
                "src/houston/notes/rules.py": "from houston.money.rules import a",
                "src/houston/other/rules.py": "from houston.money import rules",
            },
        ),
        (tidy.pure_files_only_decide, {"src/houston/money/store.py": "import time"}),
        (
            tidy.adapters_are_in_the_contracts,
            {"pyproject.toml": PYPROJECT, "src/houston/transports/simulator/world.py": ""},
        ),
        (
            tidy.tables_belong_to_their_store,
            {
                "src/houston/kernel/migrations/0001_people.sql": ACCOUNTS + "create view payers as",
                "src/houston/people/store_reading.py": "'select id from accounts'",
                "src/houston/messages/store.py": "'select id from payers'",
                "src/houston/messages/api.py": '"""Hides channels from accounts."""',
            },
        ),
    ],
)
def test_what_is_in_order_is_left_in_peace(rule: Rule, planted: dict[str, str]):
    assert not list(rule(files(planted)))


def test_every_rule_has_been_seen_to_find_something():
    assert {rule for rule, _ in BROKEN} == set(tidy.RULES)
