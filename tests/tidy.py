"""House rules that no linter knows, each as a small function from files to complaints.

A complaint always ends with its cure. test_tidy.py runs the rules over the house, and proves each
rule on a planted violation.
"""

import ast
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.house_files import ROOT, File, house, python


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LINES_MAX = 400
FUNCTION_LINES_MAX = 50
CASE_LINES_MAX = 8

PURE = (
    "*/rules.py",
    "*/words.py",
    "channels/changed.py",
    "channels/decide.py",
    "channels/learn.py",
    "channels/orders.py",
    "channels/shown.py",
    "channels/state.py",
    "channels/status.py",
    "channels/steer.py",
    "channels/turns.py",
    "crm/connector.py",
    "crm/field.py",
    "kernel/connected.py",
    "kernel/content.py",
    "kernel/facts.py",
    "kernel/missed.py",
    "kernel/money.py",
    "transports/events.py",
    "transports/transport.py",
)
"""Under src/houston: files that decide and never act."""
PURE_IMPORTS = _words(
    "collections dataclasses datetime decimal enum functools hashlib hmac itertools math msgspec re"
    " typing houston.kernel.errors houston.kernel.ids houston.kernel.sentence"
)

BAD_NAMES = _words(
    "base client common core data device handler handlers helper helpers info instance manager"
    " managers misc service services session util utils"
)
SEAMS = {
    "transports": {
        "__init__",
        "arrivals",
        "events",
        "linked_worker",
        "porter",
        "simulated_whatsapp",
        "transport",
    },
    "crm": {
        "__init__",
        "api",
        "connector",
        "ear",
        "field",
        "framed",
        "hooks",
        "intake",
        "lookback",
        "memory",
        "relay",
        "rules",
        "safe",
        "store",
        "store_line",
        "store_memory",
        "views",
        "wire",
        "words",
    },
}
"""Folders of plug-ins, with the files in them that are none."""

_MACHINE = re.compile(r"(?<![\w.])/(?:wo[r]k|fa[r]m|home/\w+|root/\.|Users/\w+)/")
_REGISTRY = re.compile(r"pypi\.or[g]|pythonhosted\.or[g]|npmjs\.(?:or[g]|co[m])|deb\.debian\.or[g]")
_UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")
_EXCEPTION = re.compile(
    r"#\s*(?:noq[a]|typ[e]: ignore)(?!\S*: [A-Z0-9, ]+ - \S|\[[\w, -]+\]\s+# \S)"
)
_MIGRATION = re.compile(r"(\d{4})_([a-z]+)\w*\.sql")
_TABLE_MADE = re.compile(r"^\s*create table (?:if not exists )?(\w+)", re.IGNORECASE | re.MULTILINE)
_TABLE_USED = re.compile(
    r"\b(?:from|join|into|update|table)\s+(?:only\s+)?([a-z_]+)", re.IGNORECASE
)
_STATEMENT = re.compile(
    r"\s*(?:select|insert|update|delete|with|lock|truncate|copy|from|join)\b", re.I
)


@dataclass(frozen=True)
class Complaint:
    where: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.cure}."


Rule = Callable[[list[File]], Iterator[Complaint]]


# How files are cut and named


def files_are_short(files: list[File]) -> Iterator[Complaint]:
    for file in files:
        lines = file.text.count("\n")
        if file.path.suffix in {".py", ".ts", ".tsx"} and lines > LINES_MAX:
            cure = "Split it where it has two reasons to change"
            yield Complaint(str(file.path), f"{lines} lines, at most {LINES_MAX}", cure)


def functions_are_short(files: list[File]) -> Iterator[Complaint]:
    for file in python(files):
        for node in ast.walk(file.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX and not _is_table(node):
                    cure = "Give its parts names of their own"
                    what = f"{node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
                    yield Complaint(f"{file.path}:{node.lineno}", what, cure)


def _is_table(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """One flat `match` over all that can come may be long: it is read like a table."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    matches = [step for step in body if isinstance(step, ast.Match)]
    return (
        len(matches) == 1
        and len(body) <= 3
        and all(_lines(case.body) <= CASE_LINES_MAX for case in matches[0].cases)
    )


def _lines(body: list[ast.stmt]) -> int:
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def names_say_something(files: list[File]) -> Iterator[Complaint]:
    cure = "Name it after what it is for; if it has no better name, it has no purpose yet"
    for file in python(files):
        if BAD_NAMES & set(re.split(r"[_\W]", file.path.stem.lower())):
            yield Complaint(str(file.path), f"{file.path.name} says nothing", cure)
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef) and _last_word(node.name) in BAD_NAMES:
                yield Complaint(f"{file.path}:{node.lineno}", f"{node.name} says nothing", cure)


def _last_word(name: str) -> str:
    return re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)[-1].lower()


def files_say_what_they_are_for(files: list[File]) -> Iterator[Complaint]:
    for file in python(files):
        if file.text.strip() and not ast.get_docstring(file.tree):
            cure = "Begin with a line on what it answers for; a test file, with how it works"
            yield Complaint(f"{file.path}:1", "no docstring", cure)


# What may stand in them


def nothing_of_this_machine(files: list[File]) -> Iterator[Complaint]:
    cure = "Write the path from the root of the repository, or take it from a setting"
    yield from _found(_MACHINE, files, "a path of one machine", cure)


def no_registry_is_named(files: list[File]) -> Iterator[Complaint]:
    cure = "Leave the address to the package manager's own settings"
    yield from _found(_REGISTRY, files, "the address of a registry", cure)


def nothing_is_left_for_later(files: list[File]) -> Iterator[Complaint]:
    cure = "Do it, or open an issue and take the word out"
    yield from _found(_UNFINISHED, files, "unfinished", cure)


def exceptions_have_reasons(files: list[File]) -> Iterator[Complaint]:
    cure = "Name the rule, then ` - ` (after a type's, ` # `) and why it may be broken here"
    yield from _found(_EXCEPTION, python(files), "a silenced rule without a reason", cure)


def _found(
    pattern: "re.Pattern[str]", files: list[File], what: str, cure: str
) -> Iterator[Complaint]:
    for file in files:
        for number, line in enumerate(file.text.splitlines(), 1):
            if met := pattern.search(line):
                yield Complaint(f"{file.path}:{number}", f"{what} ({met[0].strip()})", cure)


# Who knows whom


def pure_files_only_decide(files: list[File]) -> Iterator[Complaint]:
    pure = [file for file in files if file.is_ours() and _is_pure(file)]
    ours = {_module(file) for file in pure}
    for file in pure:
        for line, module in _imports(file):
            allowed = module.split(".")[0] in PURE_IMPORTS or module in PURE_IMPORTS | ours
            if not allowed:
                cure = "Take what it gives as an argument: now, chance, texts, facts"
                yield Complaint(f"{file.path}:{line}", f"a pure file imports {module}", cure)


def _is_pure(file: File) -> bool:
    return any(file.inside.match(pattern) for pattern in PURE)


def _module(file: File) -> str:
    return ".".join(["houston", *file.inside.with_suffix("").parts])


def _imports(file: File) -> Iterator[tuple[int, str]]:
    """Modules, also where one is imported as a name out of its package."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            package = node.module.startswith("houston") and node.module.count(".") < 2
            for name in (
                [f"{node.module}.{a.name}" for a in node.names] if package else [node.module]
            ):
                yield node.lineno, name


def adapters_are_in_the_contracts(files: list[File]) -> Iterator[Complaint]:
    """Strangers to each other, and known to app.py alone: the contracts name every one."""
    config = tomllib.loads(next(file.text for file in files if file.path.name == "pyproject.toml"))
    contracts = config["tool"]["importlinter"]["contracts"]
    adapters = {adapter for file in python(files) if (adapter := _adapter(file))}
    listed = {
        kind: {m for c in contracts if c["type"] == kind for m in c.get(f"{key}modules", [])}
        for kind, key in (("protected", "protected_"), ("independence", ""))
    }
    for kind, modules in listed.items():
        needed = adapters if kind == "protected" or len(adapters) > 1 else set()
        for adapter in sorted(needed - modules):
            cure = f"Add it to the contract of type {kind} in pyproject.toml"
            yield Complaint("pyproject.toml", f"{adapter} is not in that list", cure)


def _adapter(file: File) -> str | None:
    if not file.is_ours() or len(file.inside.parts) < 2:
        return None
    folder, name = file.inside.parts[0], PurePosixPath(file.inside.parts[1]).stem
    is_plug_in = folder in SEAMS and name not in SEAMS[folder]
    return f"houston.{folder}.{name}" if is_plug_in else None


# What belongs to whom in the database


def migrations_follow_each_other(files: list[File]) -> Iterator[Complaint]:
    """Numbers are handed out before the work is done, so one may be missing; none may come twice."""
    last = 0
    for name in (file.path.name for file in _migrations(files)):
        met = _MIGRATION.fullmatch(name)
        if met is None or int(met[1]) <= last:
            cure = f"Call it {last + 1:04}_<slice>.sql, or give it the next number that is free"
            yield Complaint(name, "not a number of its own", cure)
        last = int(met[1]) if met else last


def migrations_are_never_edited(files: list[File]) -> Iterator[Complaint]:
    """Somebody's database has run them as they were."""
    listed = next((file.text for file in files if file.path.name == "migrations.sha256"), "")
    known = {name: noted for noted, name in (line.split("  ") for line in listed.splitlines())}
    for file in _migrations(files):
        cure = "Write the change as a new migration; before a release: python -m tests.tidy"
        if file.path.name not in known:
            cure = "Note it with .venv/bin/python -m tests.tidy"
            yield Complaint(str(file.path), "not in tests/migrations.sha256", cure)
        elif known[file.path.name] != _sum(file):
            yield Complaint(str(file.path), "edited after it was noted", cure)


def tables_belong_to_their_store(files: list[File]) -> Iterator[Complaint]:
    """Only a slice's own store touches its tables; views are for the others."""
    owners = _owners(files)
    for file in files:
        if file.is_ours() and file.path.suffix in {".py", ".sql"} and not _is_migration(file):
            for line, table in _tables(file):
                owner = owners.get(table)
                if owner and not _may_touch(file, owner):
                    cure = f"Ask a function of {owner}'s store, or read a view that it offers"
                    what = f"the table {table} belongs to {owner}"
                    yield Complaint(f"{file.path}:{line}", what, cure)


def _owners(files: list[File]) -> dict[str, str]:
    """A migration belongs to the slice that its name begins with; others are the kernel's."""
    slices = {file.inside.parts[0] for file in files if file.is_ours()}
    owners: dict[str, str] = {}
    for file in _migrations(files):
        named = _MIGRATION.fullmatch(file.path.name)
        owner = named[2] if named and named[2] in slices else "kernel"
        owners |= dict.fromkeys(_TABLE_MADE.findall(file.text), owner)
    return owners


def _may_touch(file: File, owner: str) -> bool:
    is_store = file.path.name.startswith("store") or file.path.parent.name == "sql"
    return file.inside.parts[0] == owner and (is_store or owner == "kernel")


def _tables(file: File) -> Iterator[tuple[int, str]]:
    if file.path.suffix == ".sql":
        yield from ((1, table) for table in _TABLE_USED.findall(_without_comments(file.text)))
        return
    for node in ast.walk(file.tree):
        match node:
            case ast.Constant(value=str(text)) if _STATEMENT.match(text):
                yield from ((node.lineno, table) for table in _TABLE_USED.findall(text))


def _without_comments(sql: str) -> str:
    return re.sub(r"--.*", "", sql)


def _migrations(files: list[File]) -> list[File]:
    return sorted((file for file in files if _is_migration(file)), key=lambda file: file.path.name)


def _is_migration(file: File) -> bool:
    return file.path.parent.name == "migrations" and file.path.suffix == ".sql"


def _sum(file: File) -> str:
    return hashlib.sha256(file.text.encode()).hexdigest()


# What is written about it


def dependencies_are_explained(files: list[File]) -> Iterator[Complaint]:
    project = tomllib.loads(next(f.text for f in files if f.path.name == "pyproject.toml"))[
        "project"
    ]
    page = next((f.text for f in files if f.path.name == "dependencies.md"), "")
    chosen = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for name in [re.split(r"[<>=\[ ]", wanted)[0] for wanted in chosen]:
        if f"**{name}**" not in page:
            cure = "Say in docs/why/dependencies.md, in one line, why it is worth having"
            yield Complaint("pyproject.toml", f"{name} is not explained", cure)


RULES: tuple[Rule, ...] = (
    files_are_short,
    functions_are_short,
    names_say_something,
    files_say_what_they_are_for,
    nothing_of_this_machine,
    no_registry_is_named,
    nothing_is_left_for_later,
    exceptions_have_reasons,
    pure_files_only_decide,
    adapters_are_in_the_contracts,
    migrations_follow_each_other,
    migrations_are_never_edited,
    tables_belong_to_their_store,
    dependencies_are_explained,
)


if __name__ == "__main__":
    notes = "".join(f"{_sum(file)}  {file.path.name}\n" for file in _migrations(house()))
    (ROOT / "tests" / "migrations.sha256").write_text(notes)
