"""Each error of the tree as the native interface tells it; the framework itself is not started."""

import inspect

import asyncpg
import pytest
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.plugins.problem_details import ProblemDetailsException

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
from tests.loops import Logged


def told(error: Exception) -> ProblemDetailsException:
    """What the caller hears: the nearest type that has words."""
    config = problems.problem_details().config
    for kind in type(error).__mro__:
        if kind in config.exception_to_problem_detail_map:
            return config.exception_to_problem_detail_map[kind](error)
    raise AssertionError(error)


def code(error: Exception) -> tuple[int, object]:
    problem = told(error)
    assert isinstance(problem.extra, dict)
    return problem.status_code, problem.extra["code"]


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
    assert code(error) == (status, name)
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
    problem = told(BadRequest("phone", "abc", "give digits"))
    assert problem.extra == {
        "code": "BAD_REQUEST",
        "field": "phone",
        "value": "'abc'",
        "cure": "give digits",
    }
    assert problem.detail == "phone is 'abc': give digits"


def test_a_huge_value_is_told_in_a_few_words() -> None:
    detail = str(told(BadRequest("text", "x" * 50_000_000, "shorten it")).detail)
    assert len(detail) < 200
    assert "50000002 characters" in detail


def test_too_many_says_when_to_come_back() -> None:
    assert told(TooMany("too fast", "slow down", 7)).headers == {"Retry-After": "7"}


def test_a_lost_database_is_to_be_tried_again_with_the_same_reference() -> None:
    problem = told(ConnectionResetError("secret address"))
    assert problem.headers == {"Retry-After": "1"}
    assert "same reference" in str(problem.extra)
    assert "secret" not in f"{problem.detail}{problem.extra}"


def test_what_is_our_own_fault_is_logged_and_not_told(logged: Logged) -> None:
    problem = told(RuntimeError("SECRET of line 7"))
    assert "SECRET" not in f"{problem.detail}{problem.extra}"
    (line,) = logged
    assert str(line["exc_info"]) == "SECRET of line 7"
    logged.clear()


def test_a_body_of_another_shape_is_told_field_by_field() -> None:
    wrong = ValidationException("Validation failed", extra=[{"key": "text", "message": "missing"}])
    extra = told(wrong).extra
    assert isinstance(extra, dict)
    assert extra["errors"] == [{"field": "text", "problem": "missing"}]
