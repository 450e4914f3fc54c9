"""API keys over HTTP: made with scopes, shown once, revoked."""

from datetime import datetime

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.kernel import feed
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import Forbidden, NotFound
from houston.kernel.facts import KeyChanged
from houston.kernel.ids import KeyId, new_id
from houston.kernel.sentence import say
from houston.kernel.wake import Topic
from houston.people import store
from houston.people.keyring import new_key
from houston.people.office import Office
from houston.people.rules import EVERYTHING, Caller, Doing, check_name, check_scopes, key_hash


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make. Without scopes it may do everything."""

    name: str
    scopes: list[Doing] | None = None


class KeyView(msgspec.Struct, frozen=True):
    """A key, without what opens."""

    id: KeyId
    name: str
    scopes: list[Doing]
    created_at: datetime
    last_used_at: datetime | None


class MadeKeyView(msgspec.Struct, frozen=True):
    """A key that was just made; `api_key` is shown this once."""

    key: KeyView
    api_key: str


@get("/keys", summary="The keys of the account", tags=["keys"], doing=Doing.ADMINISTER)
async def list_keys(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[KeyView]:
    async with database.single() as tx:
        return [_view(row) for row in await store.keys(tx, caller.account)]


@post("/keys", summary="Make a key; it is shown this once", tags=["keys"], doing=Doing.ADMINISTER)
async def add_key(
    data: JSONBody[NewKey],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> MadeKeyView:
    """Nobody can make a key that may do more than they may."""
    scopes = EVERYTHING if data.scopes is None else check_scopes(data.scopes)
    if not scopes <= caller.scopes:
        lacking = ", ".join(sorted(scopes - caller.scopes))
        what = say("This API key lacks {scopes} itself", scopes=lacking)
        raise Forbidden(what, "Use a key or sign-in that has it")
    made, secret, name, now = KeyId(new_id()), new_key(), check_name(data.name), office.clock.now()
    async with office.database.transaction() as tx:
        await store.add_key(tx, made, caller.account, name, key_hash(secret), scopes, now)
        await _tell(tx, caller, made, name, "made", scopes, now)
    office.wakes.here(Topic.FEED)
    return MadeKeyView(KeyView(made, name, sorted(scopes), now, None), secret)


@delete(
    "/keys/{key_id:uuid}",
    summary="Revoke a key: it opens nothing any more",
    tags=["keys"],
    status_code=204,
    doing=Doing.ADMINISTER,
)
async def revoke_key(
    key_id: FromPath[KeyId],
    caller: NamedDependency[Caller],
    office: NamedDependency[Office],
) -> None:
    """At once here, and within five seconds on other nodes."""
    now = office.clock.now()
    async with office.database.transaction() as tx:
        row = await store.revoke_key(tx, caller.account, key_id, now)
        if row is None:
            raise NotFound("There is no such key", "List the keys to see their ids")
        scopes = frozenset(Doing(word) for word in row["scopes"])
        await _tell(tx, caller, key_id, row["name"], "revoked", scopes, now)
    office.keyring.forget()
    office.wakes.here(Topic.FEED)


async def _tell(
    tx: Tx,
    caller: Caller,
    key: KeyId,
    name: str,
    change: str,
    scopes: frozenset[Doing],
    now: datetime,
) -> None:
    fact = KeyChanged(
        key_id=key, name=name, change=change, scopes=sorted(scopes), actor=caller.actor
    )
    await feed.write(tx, now, [feed.Entry(caller.account, None, fact)])


def _view(row: Row) -> KeyView:
    scopes = [Doing(word) for word in row["scopes"]]
    return KeyView(KeyId(row["id"]), row["name"], scopes, row["created_at"], row["last_used_at"])
