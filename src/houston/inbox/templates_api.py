"""Templates over HTTP: texts that an account keeps, for whoever answers its chats."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from houston.inbox import store
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Row, Tx
from houston.kernel.errors import Conflict, NotFound
from houston.kernel.facts import TemplateChanged
from houston.kernel.ids import TemplateId, new_id
from houston.kernel.sentence import say
from houston.kernel.wake import Topic, Wakes
from houston.messages.rules import check_text
from houston.people.rules import Caller, Doing, check_name
from houston.people.store import lock_account

_TEMPLATES_MAX: Final = 500
_UNKNOWN: Final = NotFound("There is no such template", "List the templates to see their ids")


class NewTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A template to keep. `{name}` in its text becomes the name of whoever is answered."""

    name: str
    text: str


class TemplateChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a template can be set. What is left out, or null, stays."""

    name: str | None = None
    text: str | None = None


class TemplateView(msgspec.Struct, frozen=True):
    """A text that people put into the field with `/` and the beginning of its name."""

    id: TemplateId
    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Drawer:
    """Where templates lie."""

    database: Database
    clock: Clock
    wakes: Wakes


@get("/templates", summary="The templates of the account, by name", doing=Doing.READ, window=True)
async def list_templates(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[TemplateView]:
    async with database.single() as tx:
        return [_view(row) for row in await store.templates(tx, caller.account)]


@post("/templates", summary="Keep a template", doing=Doing.STEER)
async def add_template(
    data: JSONBody[NewTemplate], caller: NamedDependency[Caller], drawer: NamedDependency[Drawer]
) -> TemplateView:
    """Managers keep them; everybody who writes uses them."""
    name, text, now = (
        check_name(data.name),
        check_text("text", data.text.strip()),
        drawer.clock.now(),
    )
    made = TemplateId(new_id())
    async with drawer.database.transaction() as tx:
        await lock_account(tx, caller.account)  # Two at once must not take the same name.
        if await store.count_templates(tx, caller.account) >= _TEMPLATES_MAX:
            what = say("There are {max} templates", max=_TEMPLATES_MAX)
            raise Conflict(what, "Remove some that nobody uses")
        await _require_free(tx, caller, name, made)
        row = await store.keep_template(tx, made, caller.account, name, text, now)
        await _tell(tx, caller, made, name, "added", now)
    drawer.wakes.here(Topic.FEED)
    return _view(row)


@patch("/templates/{template_id:uuid}", summary="Rename or reword a template", doing=Doing.STEER)
async def change_template(
    template_id: FromPath[TemplateId],
    data: JSONBody[TemplateChange],
    caller: NamedDependency[Caller],
    drawer: NamedDependency[Drawer],
) -> TemplateView:
    name = None if data.name is None else check_name(data.name)
    text = None if data.text is None else check_text("text", data.text.strip())
    now = drawer.clock.now()
    async with drawer.database.transaction() as tx:
        await lock_account(tx, caller.account)
        known = await store.template(tx, caller.account, template_id)
        if known is None:
            raise _UNKNOWN
        wanted = (name or known["name"], text or known["text"])
        if wanted == (known["name"], known["text"]):
            return _view(known)
        await _require_free(tx, caller, wanted[0], template_id)
        row = await store.keep_template(tx, template_id, caller.account, *wanted, now)
        await _tell(tx, caller, template_id, wanted[0], "changed", now)
    drawer.wakes.here(Topic.FEED)
    return _view(row)


@delete(
    "/templates/{template_id:uuid}",
    summary="Remove a template",
    status_code=204,
    doing=Doing.STEER,
)
async def remove_template(
    template_id: FromPath[TemplateId],
    caller: NamedDependency[Caller],
    drawer: NamedDependency[Drawer],
) -> None:
    """What was written with it stays."""
    async with drawer.database.transaction() as tx:
        name = await store.drop_template(tx, caller.account, template_id)
        if name is None:
            raise _UNKNOWN
        await _tell(tx, caller, template_id, name, "removed", drawer.clock.now())
    drawer.wakes.here(Topic.FEED)


async def _require_free(tx: Tx, caller: Caller, name: str, apart_from: TemplateId) -> None:
    if await store.is_taken(tx, caller.account, name, apart_from):
        what = say("There is a template “{name}” already", name=name)
        raise Conflict(what, "Choose another name")


async def _tell(
    tx: Tx, caller: Caller, template: TemplateId, name: str, change: str, now: datetime
) -> None:
    fact = TemplateChanged(template_id=template, name=name, change=change, actor=caller.actor)
    await feed.write(tx, now, [feed.Entry(caller.account, None, fact)])


def _view(row: Row) -> TemplateView:
    return TemplateView(TemplateId(row["id"]), row["name"], row["text"], row["created_at"])


templates_api = Router(
    "/",
    route_handlers=[list_templates, add_template, change_template, remove_template],
    tags=["templates"],
)
