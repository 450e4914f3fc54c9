"""Finds every sentence in the code that a person may be told, without running any of it.

A sentence is what `say("...")` is given, and what stands in its place at an error or at a failure of a CRM.
There it must be readable off the code: a text, `say(...)`, either of two, a name that was given one of these,
or a function of the same file that promises a Sentence. What is put together elsewhere cannot be translated.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Final

from tests.house_files import File, python
from tests.tidy import Complaint

PLACES: Final = {
    **dict.fromkeys(("BadRequest",), ((2, "cure"),)),
    **dict.fromkeys(
        (
            "Conflict",
            "Forbidden",
            "NotAllowed",
            "NotFound",
            "Refused",
            "SecretsLost",
            "TooLarge",
            "TooMany",
        ),
        ((0, "what"), (1, "cure")),
    ),
    "ChannelRefuses": ((1, "what"), (2, "cure")),
    "OutOfReach": ((0, "what"),),
}
"""Where sentences stand: by what is called, the places in the call. All of these reach an HTTP answer."""
STORED: Final = {
    "Answer": ((99, "error"),),
    "Failure": ((1, "text"),),
    "NotSent": ((2, "text"),),
    "Settlement": ((99, "error_text"),),
    "_again": ((1, "text"),),
    "_later": ((1, "text"),),
    "_never": ((1, "text"),),
    "Later": ((99, "why"),),
    "AskPerson": ((1, "why"),),
    "GiveUp": ((0, "why"),),
    "Unreadable": ((0, "why"),),
}
"""What failed is stored as a text, and known again when read. It may be somebody else's own words."""
KEPT_APART: Final = (
    "src/houston/compat/",  # Its texts are a contract with programs.
    "src/houston/kernel/postgres/",  # Its errors end in a terminal.
    "src/houston/transports/simulated_whatsapp/",  # A program of its own, for tests.
)
NOT_OURS: Final = {"src/houston/files/addresses.py", "src/houston/files/fetcher.py"}
"""Where NotAllowed is another one, with a single text."""
TITLES: Final = "src/houston/kernel/problems.py"
"""Where texts are sentences wherever they stand in a name written in capitals."""


@dataclass(frozen=True, slots=True)
class Found:
    where: str
    text: str


def sentences(files: list[File]) -> Iterator[Found | Complaint]:
    """All of them, and what cannot be read."""
    for file in python(files):
        path = str(file.path)
        if path.startswith("src/houston/") and not path.startswith(KEPT_APART):
            yield from _Reader(file).read()


class _Reader:
    """One file."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._given: dict[str, list[ast.expr]] = {}
        self._promised: set[str] = set()
        for node in ast.walk(file.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._given.setdefault(name, []).append(value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._given.setdefault(name, []).append(value)
                case ast.arg(arg=name, annotation=ast.Name(id="Sentence")):
                    self._promised.add(name)
                case ast.FunctionDef(name=name, returns=ast.Name(id="Sentence")):
                    self._promised.add(name)

    def read(self) -> Iterator[Found | Complaint]:
        for node in ast.walk(self._file.tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if isinstance(node.func, ast.Name) and called == "say":
                yield self._pattern(node)
            of_others = str(self._file.path) in NOT_OURS
            for place in () if of_others else PLACES.get(called, ()):
                yield from self._said(_argument(node, place))
            for place in STORED.get(called, ()):
                yield from self._stored(_argument(node, place))
        if str(self._file.path) == TITLES:
            yield from self._titles()

    def _pattern(self, call: ast.Call) -> Found | Complaint:
        match call.args:
            case [ast.Constant(value=str(text))]:
                named = {keyword.arg for keyword in call.keywords}
                if named == places(text):
                    return self._found(call, text)
                return self._complaint(call, "say() is given other values than its text names")
        return self._complaint(call, "say() is given no text that stands in the code")

    def _said(self, node: ast.expr | None) -> Iterator[Found | Complaint]:
        """A sentence that has to be one."""
        match node:
            case None:
                yield self._complaint(self._file.tree, "a sentence is missing")
            case ast.Constant(value=str(text)):
                yield self._found(node, text)
            case ast.IfExp(body=one, orelse=other):
                yield from self._said(one)
                yield from self._said(other)
            case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)) if name in self._promised | {
                "say"
            }:
                return
            case ast.Name(id=name) if name in self._given:
                for given in self._given[name]:
                    yield from self._said(given)
            case _:
                yield self._complaint(
                    node, f"`{ast.unparse(node)}` cannot be said in other languages"
                )

    def _stored(self, node: ast.expr | None) -> Iterator[Found | Complaint]:
        """The same, where it may be somebody else's words: what is put together here must be a sentence."""
        match node:
            case ast.Constant(value=str(text)):
                yield self._found(node, text)
            case ast.IfExp(body=one, orelse=other):
                yield from self._stored(one)
                yield from self._stored(other)
            case ast.JoinedStr():
                yield self._complaint(
                    node, f"`{ast.unparse(node)}` cannot be said in other languages"
                )
            case ast.Name(id=name) if name in self._given:
                for given in self._given[name]:
                    yield from self._stored(given)

    def _titles(self) -> Iterator[Found]:
        for name, values in self._given.items():
            for node in ast.walk(values[0]) if name.strip("_").isupper() else ():
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and " " in node.value
                ):
                    yield self._found(node, node.value)

    def _found(self, node: ast.expr, text: str) -> Found:
        return Found(f"{self._file.path}:{node.lineno}", text)

    def _complaint(self, node: ast.AST, what: str) -> Complaint:
        cure = 'Give a text, or say("... {name} ...", name=name)'
        return Complaint(f"{self._file.path}:{getattr(node, 'lineno', 1)}", what, cure)


def _argument(call: ast.Call, place: tuple[int, str]) -> ast.expr | None:
    number, name = place
    named = next((one.value for one in call.keywords if one.arg == name), None)
    return call.args[number] if number < len(call.args) else named


def places(text: str) -> set[str]:
    """The names of what belongs into a text. One with a lone brace is whole as it is."""
    try:
        return {name for _, name, *_ in Formatter().parse(text) if name}
    except ValueError:
        return set()
