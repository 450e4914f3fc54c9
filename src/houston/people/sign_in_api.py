"""Signing in over HTTP: `/session`, whose cookie opens whatever a key opens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from houston.kernel.db import Database
from houston.kernel.errors import Conflict
from houston.kernel.ids import AccountId, ChannelId, PersonId
from houston.people import roster, store
from houston.people.asking import COOKIE, refuse_other_pages
from houston.people.door import Door, SignedIn
from houston.people.keyring import Keyring
from houston.people.rules import SIGNED_IN_FOR, Caller, Role, check_email, csrf_token

_BY_COOKIE: Final = [{"cookie": list[str]()}]
Password = Annotated[str, msgspec.Meta(max_length=1_000)]


class SignInRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who comes, and how they show it."""

    email: Annotated[str, msgspec.Meta(max_length=300)]
    password: Password


class TakeInvitationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of an invitation, and the password that whoever opened it chooses."""

    token: Annotated[str, msgspec.Meta(max_length=200)]
    password: Password


class PasswordRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password so far, and the one from now on."""

    old: Password
    new: Password


class SignedInView(msgspec.Struct, frozen=True):
    """Who I am. A page sends `csrf_token` as the header X-CSRF-Token with whatever changes something."""

    person_id: PersonId
    name: str
    email: str
    account_id: AccountId
    account_name: str
    role: Role | None
    """On every channel that `channels` does not name."""
    channels: Mapping[ChannelId, Role]
    administrators: list[str]
    csrf_token: str


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the routes here need, and what they learn from a request before anybody is known."""

    door: Door
    keyring: Keyring
    database: Database
    proxies: int
    """How many reverse proxies of our own stand in front: so many addresses can be believed."""

    def address(self, request: Request[Any, Any, Any]) -> str:
        """Where a request comes from: the address that the outermost proxy of ours saw."""
        peer = "" if request.client is None else request.client.host
        passed = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",")]
        way = [*passed, peer]
        return way[-1 - self.proxies] if self.proxies < len(way) else peer

    def is_https(self, request: Request[Any, Any, Any]) -> bool:
        """Believing whoever says so does no harm: the cookie is only sent more carefully."""
        return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))

    async def let_in(
        self, request: Request[Any, Any, Any], made: SignedIn
    ) -> Response[SignedInView]:
        caller = await self.keyring.visitor(made.cookie)
        view = await self.view(caller, made.cookie)
        seconds = int(SIGNED_IN_FOR.total_seconds())
        return Response(view, cookies=[self._cookie(request, made.cookie, seconds)])

    def let_out(self, request: Request[Any, Any, Any]) -> Response[None]:
        return Response(None, status_code=204, cookies=[self._cookie(request, "", 0)])

    async def view(self, caller: Caller, cookie: str) -> SignedInView:
        assert caller.person is not None  # Who has a cookie is one.
        async with self.database.single() as tx:
            person = await roster.one(tx, caller.account, caller.person)
            account = await store.account(tx, caller.account)
        assert account is not None
        return SignedInView(
            caller.person,
            person["name"],
            person["email"],
            caller.account,
            account["name"],
            caller.role,
            caller.roles,
            list(caller.administrators),
            csrf_token(cookie),
        )

    def _cookie(self, request: Request[Any, Any, Any], value: str, max_age: int) -> Cookie:
        return Cookie(
            COOKIE,
            value=value,
            max_age=max_age,
            httponly=True,
            samesite="lax",
            secure=self.is_https(request),
        )


@post(
    "/session",
    summary="Sign in",
    tags=["session"],
    status_code=200,
    security=[{}],
)
async def sign_in(
    data: JSONBody[SignInRequest],
    request: Request[Any, Any, Any],
    entrance: NamedDependency[Entrance],
) -> Response[SignedInView]:
    """Sets the cookie. Wrong passwords make the next try wait: 429 says how long."""
    refuse_other_pages(request)
    email = check_email(data.email)
    made = await entrance.door.sign_in(email, data.password, entrance.address(request))
    return await entrance.let_in(request, made)


@post(
    "/session/invitation",
    summary="Take up an invitation: choose a password and be signed in",
    tags=["session"],
    status_code=200,
    security=[{}],
)
async def take_invitation(
    data: JSONBody[TakeInvitationRequest],
    request: Request[Any, Any, Any],
    entrance: NamedDependency[Entrance],
) -> Response[SignedInView]:
    """Works once."""
    refuse_other_pages(request)
    address = entrance.address(request)
    made = await entrance.door.take_invitation(data.token, data.password, address)
    return await entrance.let_in(request, made)


@get("/session", summary="Who am I?", tags=["session"], doing=None, security=_BY_COOKIE)
async def get_sign_in(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    entrance: NamedDependency[Entrance],
) -> SignedInView:
    _only_people(caller)
    return await entrance.view(caller, request.cookies[COOKIE])


@delete(
    "/session",
    summary="Sign out, here or everywhere",
    tags=["session"],
    doing=None,
    security=_BY_COOKIE,
)
async def sign_out(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    entrance: NamedDependency[Entrance],
    everywhere: FromQuery[bool] = False,
) -> Response[None]:
    person = _only_people(caller)
    if everywhere:
        await entrance.door.sign_out_everywhere(person)
    else:
        await entrance.door.sign_out(request.cookies[COOKIE])
    return entrance.let_out(request)


@put(
    "/session/password",
    summary="Change my password; every other sign-in ends",
    tags=["session"],
    doing=None,
    security=_BY_COOKIE,
)
async def change_password(
    data: JSONBody[PasswordRequest],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    entrance: NamedDependency[Entrance],
) -> Response[SignedInView]:
    person = _only_people(caller)
    address = entrance.address(request)
    made = await entrance.door.change_password(caller.account, person, data.old, data.new, address)
    return await entrance.let_in(request, made)


def _only_people(caller: Caller) -> PersonId:
    if caller.person is None:
        raise Conflict("An API key is not signed in", "Sign in, or ask GET /api/v1/account")
    return caller.person
