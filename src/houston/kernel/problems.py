"""Errors as the native interface tells them: problem details (RFC 9457), never a stack trace.

Codes and fields are for programs and always the same; the sentences are in the language of whoever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from litestar import Request, Response
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
from houston.kernel.language import language_of
from houston.kernel.sentence import Said
from houston.kernel.telling import tell, tell_text

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
_TITLES: Final[dict[int, Said]] = {
    400: "Bad request",
    401: "Not allowed",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not know that method",
    413: "Too large",
    415: "Send JSON",
}
_TITLE: Final = "Houston declines"
_DOCUMENTED: Final = "Compare the request with the documentation of this address"
_REPEAT: Final = (
    "Repeat the request with the same reference: what was stored will not be stored twice"
)
_LATER: Final = "Repeat the request a little later"
_FAILED: Final = "Houston failed; the cause is in its log"
_TRY_AGAIN: Final = "Try again"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A sentence that a library has filled in. In English it is shown as it is."""

    text: str


def _bad_input(error: BadInput) -> ProblemDetailsException:
    extra = {"field": error.field, "value": error.value, "cure": error.cure}
    return _Problem(400, error.code, error.said, error.help, extra)


def _refused(error: Refused) -> ProblemDetailsException:
    code = error.reason_code if isinstance(error, ChannelRefuses) else error.code
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else {}
    extra = {"who_can": error.who_can} if isinstance(error, Forbidden) else {}
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return _Problem(status, code, error.said, error.help, extra, headers)


def http_problem(error: HTTPException) -> ProblemDetailsException:
    """What the framework itself found wrong, mostly a body of another shape than documented."""
    extra: dict[str, Any] = {}
    if isinstance(error.extra, list):
        extra["errors"] = [
            {"field": part.get("key", "body"), "problem": Foreign(part["message"])}
            for part in error.extra
        ]
    code = {401: "NOT_ALLOWED", 404: "NOT_FOUND"}.get(error.status_code, "BAD_REQUEST")
    headers = dict(error.headers or {})
    return _Problem(error.status_code, code, Foreign(error.detail), _DOCUMENTED, extra, headers)


def _unreachable(error: Exception) -> ProblemDetailsException:
    log.warning("database_lost", error=str(error))
    return _Problem(503, "DATABASE_MISSING", lost_how(error), _REPEAT, {}, {"Retry-After": "1"})


def _out_of_reach(error: OutOfReach) -> ProblemDetailsException:
    log.warning("out_of_reach", error=str(error))
    return _Problem(503, error.code, error.happened, _LATER, {}, {"Retry-After": "5"})


def _unexpected(error: Exception) -> ProblemDetailsException:
    log.error("request_failed", exc_info=error)
    return _Problem(500, "BROKEN", _FAILED, _TRY_AGAIN)


class _Problem(ProblemDetailsException):
    """An error on its way out. Only its answer knows who reads it."""

    def __init__(
        self,
        status: int,
        code: str,
        what: Said | Foreign,
        cure: Said,
        extra: Mapping[str, Any] = {},
        headers: Mapping[str, str] = {},
    ) -> None:
        super().__init__(status_code=status)
        self._headers = headers
        self._what, self._cure, self._extra = what, cure, {"code": code, **extra}

    def to_response(self, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        language = language_of(request.headers.get("accept-language", ""))
        return Response(
            {
                "status": self.status_code,
                "type": "about:blank",
                "title": tell(_TITLES.get(self.status_code, _TITLE), language),
                "detail": _told(self._what, language),
                **{name: _told_within(value, language) for name, value in self._extra.items()},
                "cure": tell(self._cure, language),
            },
            headers={"Content-Language": language, "Vary": "Accept-Language", **self._headers},
            media_type=self._PROBLEM_DETAILS_MEDIA_TYPE,
            status_code=self.status_code,
        )


def _told(said: Said | Foreign, language: str) -> str:
    return tell_text(said.text, language) if isinstance(said, Foreign) else tell(said, language)


def _told_within(value: Any, language: str) -> Any:
    """What a program reads stays; only what a library said may lie deeper."""
    match value:
        case Foreign():
            return _told(value, language)
        case list():
            return [_told_within(one, language) for one in value]
        case dict():
            return {name: _told_within(one, language) for name, one in value.items()}
        case _:
            return value


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
