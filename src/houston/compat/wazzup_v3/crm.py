"""What a CRM keeps here: its users, contacts, deals and pipelines, each under the CRM's own id."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, Parameter

from houston.compat.wazzup_v3 import bodies, store_crm
from houston.compat.wazzup_v3.bodies import (
    ENTITIES_MAX,
    Contact,
    ContactBody,
    Deal,
    DealBody,
    Pipeline,
    PipelineBody,
    User,
    UserBody,
)
from houston.compat.wazzup_v3.clerk import contacts_came
from houston.compat.wazzup_v3.emit import CONTACT, DEAL
from houston.compat.wazzup_v3.errors import WazzupError
from houston.compat.wazzup_v3.manners import Manners
from houston.compat.wazzup_v3.store_crm import Book
from houston.kernel.db import Database, Tx
from houston.kernel.ids import AccountId
from houston.kernel.wake import Topic, Wakes
from houston.people.rules import Caller, Doing
from houston.people.store import lock_account

_USERS_MAX: Final = 1_000
Offset = Annotated[int, Parameter(ge=0, le=2**31 - 1, description="How many to pass over")]
Ids = list[str | int]


class ContactsPage(msgspec.Struct, frozen=True):
    """Up to a hundred, by id; `count` is how many there are in all."""

    count: int
    data: list[Contact]


class DealsPage(msgspec.Struct, frozen=True):
    """The same of deals."""

    count: int
    data: list[Deal]


@asynccontextmanager
async def _books(database: Database, wakes: Wakes, caller: Caller) -> AsyncIterator[Tx]:
    """A transaction in which nobody else changes what the CRM keeps here: two at once take turns."""
    async with database.transaction() as tx:
        await lock_account(tx, caller.account)
        yield tx
    await wakes.everywhere(Topic.BOOKS, [caller.account])


# --- Users -------------------------------------------------------------------------------------


@get("/users", summary="The CRM's users, by name", doing=Doing.READ)
async def list_users(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[User]:
    async with database.single() as tx:
        return await store_crm.users(tx, v3.account)


@get("/users/{user_id:str}", summary="One of the CRM's users", doing=Doing.READ)
async def get_user(
    user_id: FromPath[str], v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> User:
    async with database.single() as tx:
        found = await store_crm.user(tx, v3.account, _known(user_id))
    return found or _raise_no(user_id)


@post("/users", summary="Make or change users", doing=Doing.SET_UP, invalid="INVALID_USERS_DATA")
async def put_users(
    data: JSONBody[list[UserBody]],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    """A phone number that is none is left out."""
    users = bodies.users(data)
    async with _books(database, manners.wakes, v3) as tx:
        await _check_phones(tx, v3.account, users)
        await store_crm.put_users(tx, v3.account, users)
        if await store_crm.count(tx, "crm_users", v3.account) > _USERS_MAX:
            said = f"There would be more than {_USERS_MAX:,} users: delete some first"
            raise WazzupError("USER_LIMIT_EXCEEDED", said)
    return manners.ok()


@delete("/users/{user_id:str}", summary="Forget a user", status_code=200, doing=Doing.SET_UP)
async def delete_user(
    user_id: FromPath[str],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    await _forget_one(database, manners.wakes, "crm_users", v3, user_id)
    return manners.ok()


@patch("/users/bulk_delete", summary="Forget many users", doing=Doing.SET_UP)
async def delete_users(
    data: JSONBody[Ids],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> list[str]:
    """Answers with the ids that were not there."""
    return await _forget(database, manners.wakes, "crm_users", v3, data)


async def _check_phones(tx: Tx, account: AccountId, users: list[User]) -> None:
    phones = [user.phone for user in users if user.phone is not None]
    taken = await store_crm.phones_of_others(tx, account, users)
    twice = {phone for phone in phones if phones.count(phone) > 1}
    if taken | twice:
        data = [
            {"index": n, "fields": ["phone"]}
            for n, u in enumerate(users)
            if u.phone in taken | twice
        ]
        said = "Another user has the same phone number; nothing was stored"
        raise WazzupError("DUPLICATE_PHONE_NUMBER", said, data=data)


# --- Contacts ----------------------------------------------------------------------------------


@get("/contacts", summary="The CRM's contacts, by id", doing=Doing.READ)
async def list_contacts(
    v3: NamedDependency[Caller], database: NamedDependency[Database], offset: Offset = 0
) -> ContactsPage:
    async with database.single() as tx:
        count = await store_crm.count(tx, "crm_contacts", v3.account)
        return ContactsPage(count, await store_crm.contacts(tx, v3.account, offset, ENTITIES_MAX))


@get("/contacts/{contact_id:str}", summary="One contact", doing=Doing.READ)
async def get_contact(
    contact_id: FromPath[str], v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> Contact:
    async with database.single() as tx:
        found = await store_crm.contact(tx, v3.account, _known(contact_id))
    return found or _raise_no(contact_id)


@post(
    "/contacts",
    summary="Make or change contacts",
    doing=Doing.WRITE,
    invalid="INVALID_CONTACTS_DATA",
)
async def put_contacts(
    data: JSONBody[list[ContactBody]],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    contacts = bodies.contacts(data)
    async with _books(database, manners.wakes, v3) as tx:
        await store_crm.put_contacts(tx, v3.account, contacts)
        await contacts_came(tx, v3.account, contacts, manners.clock)
    manners.wakes.here(Topic.FEED)
    return manners.ok()


@delete(
    "/contacts/{contact_id:str}",
    summary="Forget a contact; its chat stays",
    status_code=200,
    doing=Doing.WRITE,
)
async def delete_contact(
    contact_id: FromPath[str],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    await _forget_one(database, manners.wakes, "crm_contacts", v3, contact_id)
    return manners.ok()


@patch("/contacts/bulk_delete", summary="Forget many contacts", doing=Doing.WRITE)
async def delete_contacts(
    data: JSONBody[Ids],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> list[str]:
    """Answers with the ids that were not there."""
    return await _forget(database, manners.wakes, "crm_contacts", v3, data)


# --- Deals -------------------------------------------------------------------------------------


@get("/deals", summary="The CRM's deals, by id", doing=Doing.READ)
async def list_deals(
    v3: NamedDependency[Caller], database: NamedDependency[Database], offset: Offset = 0
) -> DealsPage:
    async with database.single() as tx:
        count = await store_crm.count(tx, "crm_deals", v3.account)
        return DealsPage(count, await store_crm.deals(tx, v3.account, offset, ENTITIES_MAX))


@get("/deals/{deal_id:str}", summary="One deal", doing=Doing.READ)
async def get_deal(
    deal_id: FromPath[str], v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> Deal:
    async with database.single() as tx:
        found = await store_crm.deal(tx, v3.account, _known(deal_id))
    return found or _raise_no(deal_id)


@post("/deals", summary="Make or change deals", doing=Doing.WRITE, invalid="INVALID_DEALS_DATA")
async def put_deals(
    data: JSONBody[list[DealBody]],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    deals = bodies.deals(data)
    async with _books(database, manners.wakes, v3) as tx:
        await store_crm.put_deals(tx, v3.account, deals)
        with_deal = [contact for deal in deals for contact in deal.contacts]
        await store_crm.forget_asked(tx, v3.account, DEAL, with_deal)
    return manners.ok()


@delete("/deals/{deal_id:str}", summary="Forget a deal", status_code=200, doing=Doing.WRITE)
async def delete_deal(
    deal_id: FromPath[str],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    await _forget_one(database, manners.wakes, "crm_deals", v3, deal_id)
    return manners.ok()


@patch("/deals/bulk_delete", summary="Forget many deals", doing=Doing.WRITE)
async def delete_deals(
    data: JSONBody[Ids],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> list[str]:
    """Answers with the ids that were not there."""
    return await _forget(database, manners.wakes, "crm_deals", v3, data)


# --- Pipelines ---------------------------------------------------------------------------------


@get("/pipelines", summary="The CRM's pipelines, by id", doing=Doing.READ)
async def list_pipelines(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[Pipeline]:
    async with database.single() as tx:
        return await store_crm.pipelines(tx, v3.account)


@post(
    "/pipelines",
    summary="Make or change pipelines",
    doing=Doing.SET_UP,
    invalid="INVALID_PIPELINES_DATA",
)
async def put_pipelines(
    data: JSONBody[list[PipelineBody]],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    """Stages, where they are given, cannot be empty."""
    pipelines = bodies.pipelines(data)
    async with _books(database, manners.wakes, v3) as tx:
        await store_crm.put_pipelines(tx, v3.account, pipelines)
    return manners.ok()


# --- Forgetting --------------------------------------------------------------------------------


async def _forget_one(
    database: Database, wakes: Wakes, book: Book, caller: Caller, named: str
) -> None:
    if await _remove(database, wakes, book, caller, [_known(named)]):
        _raise_no(named)


async def _forget(
    database: Database, wakes: Wakes, book: Book, caller: Caller, ids: Ids
) -> list[str]:
    bodies.check_number(len(ids))
    named = list(dict.fromkeys(map(str, ids)))
    storable = [one for one in named if "\x00" not in one]
    left = set(await _remove(database, wakes, book, caller, storable))
    return [one for one in named if one in left or one not in storable]


async def _remove(
    database: Database, wakes: Wakes, book: Book, caller: Caller, ids: list[str]
) -> list[str]:
    """Those that were not there. Whoever is forgotten as a contact may be asked for again."""
    async with _books(database, wakes, caller) as tx:
        if book == "crm_contacts":
            chats = await store_crm.chats_of(tx, caller.account, ids)
            await store_crm.forget_asked(tx, caller.account, CONTACT, chats)
            await store_crm.forget_asked(tx, caller.account, DEAL, ids)
        return await store_crm.remove(tx, book, caller.account, ids)


def _known(named: str) -> str:
    """An id that could be one."""
    return _raise_no(named) if "\x00" in named else named


def _raise_no(named: str) -> Any:
    said = f"There is nothing with the id {named[:100]!r}; list them to see what there is"
    raise WazzupError("NOT_FOUND", said, status=404)


crm_routes: Final = [
    list_users,
    get_user,
    put_users,
    delete_user,
    delete_users,
    list_contacts,
    get_contact,
    put_contacts,
    delete_contact,
    delete_contacts,
    list_deals,
    get_deal,
    put_deals,
    delete_deal,
    delete_deals,
    list_pipelines,
    put_pipelines,
]
