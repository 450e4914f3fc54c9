"""The people of an account over HTTP."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.kernel.db import Database, Row
from houston.kernel.errors import BadRequest
from houston.kernel.ids import ChannelId, PersonId
from houston.kernel.wake import Topic
from houston.people import roster, store
from houston.people.account_api import change_account
from houston.people.audit_api import list_audit
from houston.people.keyring import roles_of
from houston.people.keys_api import add_key, list_keys, revoke_key
from houston.people.office import Office
from houston.people.roster import Invitation, Newcomer
from houston.people.rules import Caller, Doing, Role, check_email, check_name
from houston.people.sign_in_api import (
    change_password,
    get_sign_in,
    sign_in,
    sign_out,
    take_invitation,
)
from houston.people.windows_api import take_link


class ChannelRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody is to one channel."""

    channel_id: ChannelId
    role: Role


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to invite. `role` counts on every channel that `channels` does not name, also on those to
    come; null sees no others."""

    name: str
    email: str
    role: Role | None = None
    channels: list[ChannelRole] = []


class PersonChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a person can be set. What is left out stays; `channels` takes the place of all before."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    role: Role | msgspec.UnsetType | None = msgspec.UNSET
    channels: list[ChannelRole] | msgspec.UnsetType = msgspec.UNSET


class PersonView(msgspec.Struct, frozen=True):
    """Somebody who can sign in, or is invited to."""

    id: PersonId
    name: str
    email: str
    role: Role | None
    channels: list[ChannelRole]
    invited: bool
    """They have not chosen a password yet."""
    created_at: datetime


class ColleagueView(msgspec.Struct, frozen=True):
    """Somebody whose own a chat can be."""

    id: PersonId
    name: str


class InvitationView(msgspec.Struct, frozen=True):
    """Shown this once: whoever opens the link first chooses the password."""

    token: str
    path: str
    expires_at: datetime


class InvitedView(msgspec.Struct, frozen=True):
    """A person with the one way in."""

    person: PersonView
    invitation: InvitationView


@get("/people", summary="Who can sign in", tags=["people"], doing=Doing.ADMINISTER)
async def list_people(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[PersonView]:
    async with database.single() as tx:
        return [_view(row) for row in await store.people(tx, caller.account)]


@get(
    "/people/names",
    summary="Who works here: the names alone, for whoever sees chats",
    tags=["people"],
    doing=Doing.READ,
)
async def list_names(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[ColleagueView]:
    """To show whose a chat is, and to give it to somebody."""
    async with database.single() as tx:
        rows = await store.people(tx, caller.account)
    return [ColleagueView(PersonId(row["id"]), row["name"]) for row in rows]


@get("/people/{person_id:uuid}", summary="One person", tags=["people"], doing=Doing.ADMINISTER)
async def get_person(
    person_id: FromPath[PersonId],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PersonView:
    async with database.single() as tx:
        return _view(await roster.one(tx, caller.account, person_id))


@post("/people", summary="Invite somebody", tags=["people"], doing=Doing.ADMINISTER)
async def add_person(
    data: JSONBody[NewPerson],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> InvitedView:
    """Houston sends no mail: give the link to whom it is for."""
    newcomer = Newcomer(
        name=check_name(data.name),
        email=check_email(data.email),
        role=data.role,
        roles=_roles(data.channels),
    )
    async with office.database.transaction() as tx:
        made = await roster.invite(tx, caller.account, newcomer, caller.actor, office.clock.now())
        row = await roster.one(tx, caller.account, made.person)
    office.wakes.here(Topic.FEED)
    return InvitedView(_view(row), _invitation(made))


@patch(
    "/people/{person_id:uuid}",
    summary="Rename somebody, or give other roles",
    tags=["people"],
    doing=Doing.ADMINISTER,
)
async def change_person(
    person_id: FromPath[PersonId],
    data: JSONBody[PersonChange],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> PersonView:
    """The new roles count from the person's next request on."""
    async with office.database.transaction() as tx:
        row = await roster.lock(tx, caller.account, person_id)
        old = _view(row)
        name = old.name if data.name is msgspec.UNSET else check_name(data.name)
        role = old.role if data.role is msgspec.UNSET else data.role
        channels = old.channels if data.channels is msgspec.UNSET else data.channels
        roles = _roles(channels)
        await roster.change(
            tx, caller.account, row, name, role, roles, caller.actor, office.clock.now()
        )
        changed = await roster.one(tx, caller.account, person_id)
    office.wakes.here(Topic.FEED)
    return _view(changed)


@delete(
    "/people/{person_id:uuid}",
    summary="Remove somebody: signed out everywhere, at once",
    tags=["people"],
    status_code=204,
    doing=Doing.ADMINISTER,
)
async def remove_person(
    person_id: FromPath[PersonId],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> None:
    async with office.database.transaction() as tx:
        row = await roster.lock(tx, caller.account, person_id)
        await roster.remove(tx, caller.account, row, caller.actor, office.clock.now())
    office.wakes.here(Topic.FEED)


@post(
    "/people/{person_id:uuid}/reset",
    summary="Void a password: signed out everywhere, and a new invitation",
    tags=["people"],
    status_code=200,
    doing=Doing.ADMINISTER,
)
async def reset_person(
    person_id: FromPath[PersonId],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> InvitedView:
    async with office.database.transaction() as tx:
        row = await roster.lock(tx, caller.account, person_id)
        made = await roster.reset(tx, caller.account, row, caller.actor, office.clock.now())
        row = await roster.one(tx, caller.account, person_id)
    office.wakes.here(Topic.FEED)
    return InvitedView(_view(row), _invitation(made))


def _view(row: Row) -> PersonView:
    return PersonView(
        id=PersonId(row["id"]),
        name=row["name"],
        email=row["email"],
        role=None if row["role"] is None else Role(row["role"]),
        channels=[ChannelRole(channel, role) for channel, role in roles_of(row).items()],
        invited=row["password_hash"] is None,
        created_at=row["created_at"],
    )


def _invitation(made: Invitation) -> InvitationView:
    """The token stands behind a #, so that no server on the way writes it into a log."""
    return InvitationView(made.token, f"/invitation#{made.token}", made.expires_at)


def _roles(channels: Sequence[ChannelRole]) -> dict[ChannelId, Role]:
    for one in channels:
        if one.role is Role.ADMINISTRATOR:
            cure = "an administrator is one of the whole account: give it as `role`"
            raise BadRequest("channels", one.role.value, cure)
    return {one.channel_id: one.role for one in channels}


people_api = Router(
    "/",
    route_handlers=[
        list_people,
        list_names,
        get_person,
        add_person,
        change_person,
        remove_person,
        reset_person,
        list_keys,
        add_key,
        revoke_key,
        list_audit,
        change_account,
        sign_in,
        get_sign_in,
        sign_out,
        change_password,
        take_invitation,
        take_link,
    ],
)
