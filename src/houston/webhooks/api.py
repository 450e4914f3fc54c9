"""Webhooks over HTTP: which addresses are told what, how it went, and what is told again."""

from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from houston.kernel.errors import BadRequest
from houston.kernel.ids import ChannelId, EndpointId
from houston.kernel.telling import tell_text
from houston.people.rules import Caller, Doing, check_name
from houston.webhooks.desk import EndpointDesk
from houston.webhooks.store_endpoints import Wanted
from houston.webhooks.views import (
    AttemptView,
    DeadLetterView,
    EndpointView,
    NewEndpointView,
    PostedView,
    ReplayView,
    TestView,
    attempt_view,
    dead_letter_view,
    endpoint_view,
    posted_view,
)

_OVERLAP_HOURS: Final = 24.0
Limit = Annotated[int, Parameter(ge=1, le=200, description="At most so many")]
AttemptId = Annotated[int, Parameter(ge=1, le=2**63 - 1)]
Before = Annotated[
    int | None, Parameter(ge=1, le=2**63 - 1, description="Only those before this `id`")
]


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint as it is asked for."""

    name: str
    url: str
    kinds: list[str] | None = None
    """Kinds of facts, such as `message.received`; null is everything."""
    channels: list[ChannelId] | None = None
    """Null is all channels. Facts about the account as a whole are told in any case."""


class EndpointChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    kinds: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    channels: list[ChannelId] | msgspec.UnsetType | None = msgspec.UNSET


class SecretRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long the secret of before signs beside the new one, so that receivers have time to change."""

    overlap_hours: float = _OVERLAP_HOURS


class SecretView(msgspec.Struct, frozen=True):
    """Shown this once."""

    secret: str


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to tell again: one event, or a stretch of time, or what was given up."""

    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    dead_letters: list[int] | bool = False
    """True is all of them."""


@get("/endpoints", summary="Who is told what happens", doing=Doing.SET_UP)
async def list_endpoints(
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> list[EndpointView]:
    now, found = endpoints.clock.now(), await endpoints.all(caller.account)
    return [endpoint_view(row, last, now, language) for row, last in found]


@post("/endpoints", summary="Tell an address what happens, from now on", doing=Doing.SET_UP)
async def add_endpoint(
    data: JSONBody[NewEndpoint],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> NewEndpointView:
    """The answer shows the secret by which the receiver checks signatures; it is not shown again."""
    wanted = Wanted(
        name=check_name(data.name), url=data.url, kinds=data.kinds, channels=data.channels
    )
    made, secret = await endpoints.add(caller, wanted)
    return NewEndpointView(await _view(endpoints, caller, made, language), secret)


@get("/endpoints/{endpoint_id:uuid}", summary="One endpoint", doing=Doing.SET_UP)
async def get_endpoint(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> EndpointView:
    return await _view(endpoints, caller, endpoint_id, language)


@patch("/endpoints/{endpoint_id:uuid}", summary="Change an endpoint", doing=Doing.SET_UP)
async def change_endpoint(
    endpoint_id: FromPath[EndpointId],
    data: JSONBody[EndpointChange],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> EndpointView:
    """It goes on where it stood, and what failed is tried at once."""
    row, _ = await endpoints.one(caller.account, endpoint_id)
    wanted = Wanted(
        name=row["name"] if data.name is msgspec.UNSET else check_name(data.name),
        url=row["url"] if data.url is msgspec.UNSET else data.url,
        kinds=row["kinds"] if data.kinds is msgspec.UNSET else data.kinds,
        channels=row["channels"] if data.channels is msgspec.UNSET else data.channels,
    )
    await endpoints.change(caller, endpoint_id, wanted)
    return await _view(endpoints, caller, endpoint_id, language)


@delete("/endpoints/{endpoint_id:uuid}", summary="Remove an endpoint", doing=Doing.SET_UP)
async def remove_endpoint(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
) -> None:
    await endpoints.remove(caller, endpoint_id)


@post(
    "/endpoints/{endpoint_id:uuid}/pause",
    summary="Keep everything back for later",
    status_code=200,
    doing=Doing.SET_UP,
)
async def pause_endpoint(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> EndpointView:
    await endpoints.pause(caller, endpoint_id, on=True)
    return await _view(endpoints, caller, endpoint_id, language)


@post(
    "/endpoints/{endpoint_id:uuid}/resume",
    summary="Go on where it was paused",
    status_code=200,
    doing=Doing.SET_UP,
)
async def resume_endpoint(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> EndpointView:
    await endpoints.pause(caller, endpoint_id, on=False)
    return await _view(endpoints, caller, endpoint_id, language)


@post(
    "/endpoints/{endpoint_id:uuid}/secret",
    summary="Sign with a new secret",
    status_code=200,
    doing=Doing.SET_UP,
)
async def renew_secret(
    endpoint_id: FromPath[EndpointId],
    data: JSONBody[SecretRequest],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
) -> SecretView:
    overlap = _hours(data.overlap_hours)
    return SecretView(await endpoints.new_secret(caller, endpoint_id, overlap))


@post(
    "/endpoints/{endpoint_id:uuid}/test",
    summary="Post a test now",
    status_code=200,
    doing=Doing.SET_UP,
)
async def test_endpoint(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> TestView:
    """Its `kind` is `test`. It overtakes what waits and changes nothing."""
    tested = await endpoints.test(caller.account, endpoint_id)
    answer = tested.answer
    ok = answer.code is not None and 200 <= answer.code < 300
    error = None if answer.error is None else tell_text(answer.error, language)
    return TestView(ok, answer.code, answer.start, error, tested.took_ms)


@post(
    "/endpoints/{endpoint_id:uuid}/replay",
    summary="Tell facts again",
    status_code=202,
    doing=Doing.SET_UP,
)
async def replay(
    endpoint_id: FromPath[EndpointId],
    data: JSONBody[ReplayRequest],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
) -> ReplayView:
    """In order, beside what is new, and with the same ids as the first time."""
    match data:
        case ReplayRequest(event_id=str(event), since=None, until=None, dead_letters=False):
            found = await endpoints.replay_event(caller, endpoint_id, event)
        case ReplayRequest(event_id=None, since=datetime(), until=datetime(), dead_letters=False):
            since, until = _aware("since", data.since), _aware("until", data.until)
            found = await endpoints.replay_window(caller, endpoint_id, since, until)
        case ReplayRequest(event_id=None, since=None, until=None) if data.dead_letters:
            ids = None if data.dead_letters is True else data.dead_letters
            found = await endpoints.replay_dead(caller, endpoint_id, ids)
        case _:
            cure = "give one of: event_id; since and until; dead_letters"
            raise BadRequest("body", msgspec.to_builtins(data), cure)
    return ReplayView(found)


@get("/endpoints/{endpoint_id:uuid}/attempts", summary="Tries to deliver", doing=Doing.SET_UP)
async def list_attempts(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
    before: FromQuery[Before] = None,
    limit: FromQuery[Limit] = 50,
) -> list[AttemptView]:
    """The newest first; they are kept for two weeks."""
    rows = await endpoints.attempts(caller.account, endpoint_id, before, limit)
    return [attempt_view(row, language) for row in rows]


@get(
    "/endpoints/{endpoint_id:uuid}/attempts/{attempt_id:int}",
    summary="One try, with what was posted",
    doing=Doing.SET_UP,
)
async def get_attempt(
    endpoint_id: FromPath[EndpointId],
    attempt_id: FromPath[AttemptId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
) -> PostedView:
    row, body = await endpoints.attempt(caller.account, endpoint_id, attempt_id)
    return posted_view(row, body, language)


@get("/endpoints/{endpoint_id:uuid}/dead-letters", summary="What was given up", doing=Doing.SET_UP)
async def list_dead_letters(
    endpoint_id: FromPath[EndpointId],
    caller: NamedDependency[Caller],
    endpoints: NamedDependency[EndpointDesk],
    language: NamedDependency[str],
    before: FromQuery[Before] = None,
    limit: FromQuery[Limit] = 50,
) -> list[DeadLetterView]:
    """The newest first; they are kept until they are replayed."""
    rows = await endpoints.dead_letters(caller.account, endpoint_id, before, limit)
    return [dead_letter_view(row, language) for row in rows]


async def _view(
    endpoints: EndpointDesk, caller: Caller, endpoint: EndpointId, language: str
) -> EndpointView:
    row, last = await endpoints.one(caller.account, endpoint)
    return endpoint_view(row, last, endpoints.clock.now(), language)


def _hours(hours: float) -> timedelta:
    try:
        return timedelta(hours=hours)
    except (OverflowError, ValueError) as error:
        raise BadRequest("overlap_hours", hours, "use a number of hours") from error


def _aware(field: str, at: datetime | None) -> datetime:
    if at is None or at.tzinfo is None:
        raise BadRequest(field, str(at), "give a time with its zone, such as 2026-03-01T12:00:00Z")
    return at


webhooks_api = Router(
    "/",
    route_handlers=[
        list_endpoints,
        add_endpoint,
        get_endpoint,
        change_endpoint,
        remove_endpoint,
        pause_endpoint,
        resume_endpoint,
        renew_secret,
        test_endpoint,
        replay,
        list_attempts,
        get_attempt,
        list_dead_letters,
    ],
    tags=["webhooks"],
)
