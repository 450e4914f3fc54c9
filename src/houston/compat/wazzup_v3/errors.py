"""Errors as Wazzup writes them. Source: the error tables of its API v3 pages "Sending messages" and
"Common errors"."""

import secrets
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from houston.kernel.db import LOST, lost_how
from houston.kernel.errors import (
    BadInput,
    Broken,
    ChannelRefuses,
    Conflict,
    HoustonError,
    NotAllowed,
    NotFound,
    TooMany,
)

log = structlog.get_logger(__name__)

_JSON: Final = "application/json"


class WazzupError(HoustonError):
    """An answer of the dialect that is not a success."""

    code = "WAZZUP_ERROR"

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.error = error
        self.description = description
        self.status = status
        self.data = data
        self.headers = headers or {}
        super().__init__(f"{error}: {description}")

    def body(self) -> bytes:
        """`requestId` is what a person can name when asking for help; it stands in our log too."""
        fields: dict[str, Any] = {
            "status": self.status,
            "requestId": secrets.token_hex(16),
            "error": self.error,
            "description": self.description,
        }
        if self.data is not None:
            fields["data"] = self.data
        return msgspec.json.encode(fields)


_FIELDS: Final = {"chat_id": "chatId", "content": "contentUri", "client_ref": "crmMessageId"}


def as_wazzup(error: Exception) -> WazzupError:
    """Any error of ours in Wazzup's words."""
    match error:
        case WazzupError():
            return error
        case NotAllowed():
            return WazzupError("UNAUTHORIZED", str(error), status=401)
        case TooMany():
            after = {"Retry-After": str(error.retry_after_s)}
            return WazzupError("TOO_MANY_REQUESTS", str(error), status=429, headers=after)
        case ChannelRefuses():
            return WazzupError(error.reason_code, str(error))
        case NotFound():
            return WazzupError("CHANNEL_NOT_FOUND", str(error))
        case Conflict():
            return WazzupError("VALIDATION_ERROR", str(error))
        case BadInput():
            return invalid(_FIELDS.get(error.field, error.field), str(error))
        case HTTPException():
            return _http(error)
        case _ if isinstance(error, (Broken, *LOST)):
            said = f"{lost_how(error)}; repeat with the same crmMessageId"
            return WazzupError("UNKNOWN_ERROR", said, status=503, headers={"Retry-After": "1"})
        case _:
            log.error("request_failed", exc_info=error)
            return WazzupError("UNKNOWN_ERROR", "Houston failed; its log says why", status=500)


def invalid(field: str, description: str) -> WazzupError:
    return WazzupError("INVALID_MESSAGE_DATA", description, data={"fields": [field]})


def _http(error: HTTPException) -> WazzupError:
    words = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "REQUEST_TOO_LARGE"}
    code = words.get(error.status_code, "VALIDATION_ERROR")
    data = {"fields": error.extra} if error.extra else None
    return WazzupError(code, error.detail, status=error.status_code, data=data)


def answer(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The exception handler of every route of the dialect."""
    said = as_wazzup(error)
    return Response(said.body(), status_code=said.status, media_type=_JSON, headers=said.headers)
