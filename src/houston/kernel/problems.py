"""Errors as the native interface tells them: problem details (RFC 9457), never a stack trace."""

from typing import Final

import structlog
from litestar.exceptions import HTTPException
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)

from houston.kernel.db import LOST, lost_how
from houston.kernel.errors import (
    BadInput,
    Broken,
    ChannelRefuses,
    Conflict,
    Forbidden,
    NotAllowed,
    NotFound,
    OutOfReach,
    Refused,
    TooLarge,
    TooMany,
)

log = structlog.get_logger(__name__)

TOLD: Final = (BadInput, Refused, Broken, *LOST, HTTPException, Exception)
"""The types that errors are told by; a dialect that tells them otherwise names the same ones."""

_STATUS: Final = {
    NotAllowed: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    ChannelRefuses: 409,
    TooMany: 429,
    TooLarge: 413,
}
_WORDS: Final = {
    400: "Bad request",
    401: "Not allowed",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not know that method",
    413: "Too large",
    415: "Send JSON",
}


def _bad_input(error: BadInput) -> ProblemDetailsException:
    return _problem(
        400,
        error.code,
        str(error),
        {"field": error.field, "value": error.value, "cure": error.cure},
    )


def _refused(error: Refused) -> ProblemDetailsException:
    code = error.reason_code if isinstance(error, ChannelRefuses) else error.code
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else None
    extra: dict[str, object] = {"cure": error.cure}
    if isinstance(error, Forbidden):
        extra["who_can"] = error.who_can
    return _problem(_STATUS[type(error)], code, str(error), extra, headers)


def http_problem(error: HTTPException) -> ProblemDetailsException:
    """What the framework itself found wrong, mostly a body of another shape than documented."""
    extra: dict[str, object] = {
        "cure": "Compare the request with the documentation of this address"
    }
    if isinstance(error.extra, list):
        extra["errors"] = [
            {"field": part.get("key", "body"), "problem": part["message"]} for part in error.extra
        ]
    code = {401: "NOT_ALLOWED", 404: "NOT_FOUND"}.get(error.status_code, "BAD_REQUEST")
    return _problem(error.status_code, code, error.detail, extra, dict(error.headers or {}))


def _unreachable(error: Exception) -> ProblemDetailsException:
    log.warning("database_lost", error=str(error))
    cure = "Repeat the request with the same reference: what was stored will not be stored twice"
    return _problem(
        503,
        "DATABASE_MISSING",
        lost_how(error),
        {"cure": cure},
        {"Retry-After": "1"},
    )


def _out_of_reach(error: OutOfReach) -> ProblemDetailsException:
    log.warning("out_of_reach", error=str(error))
    extra = {"cure": "Repeat the request a little later"}
    return _problem(503, error.code, str(error), dict(extra), {"Retry-After": "5"})


def _unexpected(error: Exception) -> ProblemDetailsException:
    log.error("request_failed", exc_info=error)
    return _problem(500, "BROKEN", "Houston failed; the cause is in its log", {"cure": "Try again"})


def _problem(
    status: int,
    code: str,
    detail: str,
    extra: dict[str, object],
    headers: dict[str, str] | None = None,
) -> ProblemDetailsException:
    return ProblemDetailsException(
        status_code=status,
        type_="about:blank",
        title=_WORDS.get(status, "Houston declines"),
        detail=detail,
        extra={"code": code, **extra},
        headers=headers,
    )


def problem_details() -> ProblemDetailsPlugin:
    """Every error of the native interface, by its type."""
    return ProblemDetailsPlugin(
        ProblemDetailsConfig(
            exception_to_problem_detail_map={
                BadInput: _bad_input,
                Refused: _refused,
                OutOfReach: _out_of_reach,
                Broken: _unreachable,
                **dict.fromkeys(LOST, _unreachable),
                HTTPException: http_problem,
                Exception: _unexpected,
            }
        )
    )
