"""What the control of the simulated WhatsApp may be asked, and how it says no."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.params import PathParameter
from litestar.status_codes import HTTP_400_BAD_REQUEST

from houston.transports.events import ConfirmationKind
from houston.transports.simulated_whatsapp.attachments import Attachments
from houston.transports.simulated_whatsapp.pairing import Expired, Impossible
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.world import World

_DIGITS: Final = r"^[0-9]{5,20}$"
Number = Annotated[str, PathParameter(pattern=_DIGITS, description="Digits without +")]
Digits = Annotated[str, msgspec.Meta(pattern=_DIGITS)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
DONE: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Play:
    """What the routes play with."""

    world: World
    traffic: Traffic
    files: Attachments


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A misspelt field is told, never ignored."""


class Code(Asked, frozen=True):
    code: str


class Phones(Asked, frozen=True):
    phones: list[Digits]


class Elsewhere(Asked, frozen=True):
    stubborn_times: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """How often the other client takes the stream back when it loses it."""


class Seconds(Asked, frozen=True):
    """For how long; 0 ends it."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=10**9)] = 3600


class BanSeconds(Asked, frozen=True):
    """For how long; null is for good, 0 lifts it."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=10**9)] | None = 3600


class Switch(Asked, frozen=True):
    on: bool = True


class Protection(Asked, frozen=True):
    """What linking asks for besides the code; null is nothing."""

    kind: ConfirmationKind | None = ConfirmationKind.TWO_STEP_CODE


class Typed(Asked, frozen=True):
    to: Digits
    text: str


class Said(Asked, frozen=True):
    """A person writes to the channel of the phone `to`. `quoted` is the id of a message."""

    to: Digits
    text: str | None = None
    content_uri: str | None = None
    quoted: str | None = None


class SaidBy(Asked, frozen=True):
    person: Digits
    to: Digits
    text: str


class SaidByMany(Asked, frozen=True):
    messages: list[SaidBy]


class NewText(Asked, frozen=True):
    """Another text for what was said."""

    id: str
    text: str


class Regret(Asked, frozen=True):
    """What was said is taken back."""

    id: str


class Reaction(Asked, frozen=True):
    """An emoji on the message `id` of the talk with `to`; without one it is taken off."""

    to: Digits
    id: str
    emoji: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None


class Reading(Asked, frozen=True):
    """Everything is read, or all of one channel."""

    channel: Digits | None = None


class NetworkChange(Asked, frozen=True):
    """What is left out stays as it is."""

    up: bool | None = None
    latency_ms: Annotated[float, msgspec.Meta(ge=0, le=60_000)] | None = None
    lose_ack_rate: Share | None = None
    refuse_rate: Share | None = None
    seed: int | None = None
    code_seconds: (
        Annotated[
            list[Annotated[float, msgspec.Meta(gt=0, le=3600)]],
            msgspec.Meta(min_length=1, max_length=20),
        ]
        | None
    ) = None
    """How long each code of a round is shown, for the rounds that begin from now on."""


# --- How it says no ----------------------------------------------------------------------------


def impossible(_: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """It was understood, and cannot be done now."""
    assert isinstance(error, Impossible | Expired)
    return refused(410 if isinstance(error, Expired) else 409, error.field, error.value, error.cure)


def refused(status: int, field: str, value: str, cure: str) -> Response[Any]:
    return Response({"field": field, "value": value, "cure": cure}, status_code=status)


def no_such_message(wire_id: str) -> Response[Any]:
    return refused(404, "id", wire_id[:80], "name a message of the talk of these two")


def not_understood(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Another address, method or body than there is."""
    assert isinstance(error, HTTPException)
    wrong = error.extra if isinstance(error.extra, list) else []
    for part in wrong:
        if part.get("key") in request.path_params:
            cure = "write 5 to 20 digits, without a plus"
            return refused(400, part["key"], str(request.path_params[part["key"]])[:80], cure)
    problems = "; ".join(str(part["message"]) for part in wrong) or error.detail
    cure = "compare with docs/developers/simulated-whatsapp.md"
    field = "body" if error.status_code == HTTP_400_BAD_REQUEST else "path"
    body = {"field": field, "value": problems, "cure": cure}
    return Response(body, status_code=error.status_code)
