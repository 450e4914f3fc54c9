"""Each error of the tree as the native interface tells it; the framework itself is not started."""

import inspect
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.testing import RequestFactory

from houston.kernel import errors, problems
from houston.kernel.errors import (
    BadRequest,
    ChannelRefuses,
    Conflict,
    DatabaseMissing,
    HoustonError,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
)
from houston.kernel.sentence import say
from tests.loops import Logged


@dataclass(frozen=True)
class Told:
    """An answer as it leaves."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


def told(error: Exception, accept_language: str | None = None) -> Told:
    """What the caller hears: the nearest type that has words."""
    config = problems.problem_details().config
    asked = {} if accept_language is None else {"accept-language": accept_language}
    for kind in type(error).__mro__:
        if kind in config.exception_to_problem_detail_map:
            problem = config.exception_to_problem_detail_map[kind](error)
            answer = problem.to_response(RequestFactory().get("/", headers=asked))
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Told(answer.status_code or 0, answer.content, headers)
    raise AssertionError(error)


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (BadRequest("text", "", "write something"), 400, "BAD_REQUEST"),
        (NotAllowed("no key", "send one"), 401, "NOT_ALLOWED"),
        (NotFound("no such chat", "list them"), 404, "NOT_FOUND"),
        (Conflict("it is there", "use it"), 409, "CONFLICT"),
        (ChannelRefuses("CHANNEL_NO_MONEY", "not paid", "top up"), 409, "CHANNEL_NO_MONEY"),
        (TooMany("too fast", "slow down", 7), 429, "TOO_MANY"),
        (DatabaseMissing("gone"), 503, "DATABASE_MISSING"),
        (asyncpg.ConnectionDoesNotExistError("gone"), 503, "DATABASE_MISSING"),
        (ConnectionResetError("gone"), 503, "DATABASE_MISSING"),
        (TimeoutError(), 503, "DATABASE_MISSING"),
        (NotFoundException("no such address"), 404, "NOT_FOUND"),
        (HTTPException("too large", status_code=413), 413, "BAD_REQUEST"),
        (ZeroDivisionError("our own fault"), 500, "BROKEN"),
        (asyncpg.UndefinedTableError("our own fault"), 500, "BROKEN"),
    ],
)
def test_each_error_has_its_status_and_its_stable_code(
    error: Exception, status: int, name: str, logged: Logged
) -> None:
    for language in (None, "ru", "es", "pt", "tlh"):
        answer = told(error, language)
        assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, name)
    logged.clear()


def test_every_refusal_that_houston_can_raise_has_a_status() -> None:
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Refused) and kind is not Refused
    ]
    assert kinds
    assert set(kinds) == set(problems._STATUS)


def test_every_error_of_the_tree_has_a_code_of_its_own() -> None:
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, HoustonError)
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_bad_input_says_field_value_and_cure() -> None:
    assert told(BadRequest("phone", "abc", "give digits")).body == {
        "status": 400,
        "type": "about:blank",
        "title": "Bad request",
        "detail": "phone is 'abc': give digits",
        "code": "BAD_REQUEST",
        "field": "phone",
        "value": "'abc'",
        "cure": "give digits",
    }


def test_a_huge_value_is_told_in_a_few_words() -> None:
    detail = told(BadRequest("text", "x" * 50_000_000, "shorten it")).body["detail"]
    assert len(detail) < 200
    assert "50000002 characters" in detail


def test_too_many_says_when_to_come_back() -> None:
    assert told(TooMany("too fast", "slow down", 7)).headers["retry-after"] == "7"


def test_a_lost_database_is_to_be_tried_again_with_the_same_reference() -> None:
    answer = told(ConnectionResetError("secret address"))
    assert answer.headers["retry-after"] == "1"
    assert "same reference" in answer.body["cure"]
    assert "secret" not in str(answer)


def test_what_is_our_own_fault_is_logged_and_not_told(logged: Logged) -> None:
    assert "SECRET" not in str(told(RuntimeError("SECRET of line 7")))
    (line,) = logged
    assert str(line["exc_info"]) == "SECRET of line 7"
    logged.clear()


def test_a_body_of_another_shape_is_told_field_by_field() -> None:
    missing = "Object missing required field `text`"
    wrong = ValidationException(
        "Validation failed for POST /a", extra=[{"key": "data", "message": missing}]
    )
    assert told(wrong).body["errors"] == [{"field": "data", "problem": missing}]
    russian = told(wrong, "ru").body
    assert russian["detail"] == "Запрос POST /a заполнен неверно"
    assert russian["errors"] == [{"field": "data", "problem": "Не хватает поля `text`"}]


def test_sentences_follow_the_reader_and_what_programs_read_does_not() -> None:
    cure = say("use {min} to {max}", min=1, max=5)
    error = BadRequest("price", "give the `id`", cure)
    english, russian = told(error), told(error, "ru-RU,ru;q=0.9,en;q=0.8")

    assert english.body["detail"] == "price is 'give the `id`': use 1 to 5"
    assert russian.body["cure"] == "укажите число от 1 до 5"
    assert russian.body["detail"].endswith(russian.body["cure"])
    plain = told(NotFound("There is no such chat", "List the chats to see their ids"), "ru").body
    assert plain["detail"] == "Такого чата нет. Выберите чат из списка"
    sentences = {"title", "detail", "cure"}
    same = {name: value for name, value in english.body.items() if name not in sentences}
    assert same == {name: value for name, value in russian.body.items() if name not in sentences}


@pytest.mark.parametrize(
    ("asked", "language"), [(None, "en"), ("", "en"), ("de", "en"), ("de,es;q=0.2", "es")]
)
def test_an_answer_says_its_language_and_that_it_depends_on_the_reader(
    asked: str | None, language: str
) -> None:
    headers = told(NotFound("There is no such chat", "Check its id"), asked).headers
    assert headers == {"content-language": language, "vary": "Accept-Language"}


def test_an_error_that_is_a_kind_of_another_is_told_as_that_one() -> None:
    class Sealed(Conflict):
        code = "SEALED"

    answer = told(Sealed("it is sealed", "open it"))
    assert (answer.status, answer.body["code"]) == (409, "SEALED")
