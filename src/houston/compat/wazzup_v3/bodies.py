"""What a CRM tells of its users, contacts, deals and pipelines, and what can be wrong with it.

The shapes are wide, so that what is wrong is told in Wazzup's words: which entry, which fields.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

from houston.compat.wazzup_v3.errors import WazzupError

ENTITIES_MAX: Final = 100
"""In one request, and on one page."""
_ID_MAX: Final = 100
_USER_ID_MAX: Final = 200
_NAME_MAX: Final = 200
_STAGE_NAME_MAX: Final = 100
_PHONE: Final = re.compile(r"[0-9]{8,15}")
_WHATSAPP_CHAT: Final = re.compile(r"[0-9]{7,20}")
_NAMELESS_CHATS: Final = frozenset({"telegram", "max"})
"""Whom one can write to without knowing the chat: by phone or username."""
CHAT_TYPES: Final = frozenset(
    [
        "whatsapp",
        "whatsgroup",
        "viber",
        "instagram",
        "telegram",
        "telegroup",
        "vk",
        "avito",
        "max",
        "maxgroup",
    ]
)


class UserBody(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody who works with the CRM."""

    id: str | int
    name: str
    phone: str | int | None = None


class ContactPoint(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where a contact can be written to."""

    chat_type: str
    chat_id: str | int | None = None
    username: str | None = None
    phone: str | int | None = None


class ContactBody(msgspec.Struct, frozen=True, rename="camel"):
    id: str | int
    responsible_user_id: str | int
    name: str
    contact_data: list[ContactPoint]
    uri: str | None = None


class DealBody(msgspec.Struct, frozen=True, rename="camel"):
    """`link` is what Wazzup's own sample calls `uri`."""

    id: str | int
    responsible_user_id: str | int
    name: str
    contacts: list[str | int]
    uri: str | None = None
    link: str | None = None
    closed: bool = False


class StageBody(msgspec.Struct, frozen=True, rename="camel"):
    id: str | int
    name: str


class PipelineBody(msgspec.Struct, frozen=True, rename="camel"):
    id: str | int
    name: str
    stages: list[StageBody] | None = None


class User(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A user as it is stored and told."""

    id: str
    name: str
    phone: str | None = None


class Contact(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    id: str
    responsible_user_id: str
    name: str
    contact_data: list[ContactPoint]
    uri: str | None = None

    @property
    def chats(self) -> list[str]:
        """The numbers under which the contact writes by WhatsApp."""
        return [str(one.chat_id) for one in self.contact_data if one.chat_type == "whatsapp"]


class Deal(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    responsible_user_id: str
    name: str
    uri: str
    contacts: list[str]
    closed: bool


class Stage(msgspec.Struct, frozen=True):
    id: str
    name: str


class Pipeline(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    name: str
    stages: list[Stage] = []


Body = TypeVar("Body", UserBody, ContactBody, DealBody, PipelineBody)


def users(bodies: Sequence[UserBody]) -> list[User]:
    """The users, without phone numbers that are none: so does Wazzup.

    Raises:
        WazzupError: too many, or something is wrong with them.
    """
    _check("INVALID_USERS_DATA", bodies, _wrong_of_user)
    return [User(str(one.id), one.name, _phone(one.phone)) for one in bodies]


def contacts(bodies: Sequence[ContactBody]) -> list[Contact]:
    """The same for contacts."""
    _check("INVALID_CONTACTS_DATA", bodies, _wrong_of_contact)
    return [
        Contact(str(one.id), str(one.responsible_user_id), one.name, one.contact_data, one.uri)
        for one in bodies
    ]


def deals(bodies: Sequence[DealBody]) -> list[Deal]:
    _check("INVALID_DEALS_DATA", bodies, _wrong_of_deal)
    return [
        Deal(
            str(one.id),
            str(one.responsible_user_id),
            one.name,
            one.uri or one.link or "",
            [str(contact) for contact in one.contacts],
            one.closed,
        )
        for one in bodies
    ]


def pipelines(bodies: Sequence[PipelineBody]) -> list[Pipeline]:
    _check("INVALID_PIPELINES_DATA", bodies, _wrong_of_pipeline)
    return [
        Pipeline(str(one.id), one.name, [Stage(str(s.id), s.name) for s in one.stages or ()])
        for one in bodies
    ]


def check_number(count: int) -> None:
    """More than a hundred at once are refused, of whatever.

    Raises:
        WazzupError: there are more.
    """
    if count > ENTITIES_MAX:
        said = f"There are {count:,} entries; send at most {ENTITIES_MAX} at once"
        raise WazzupError("TOO_MANY_ENTITIES", said)


def _check(code: str, bodies: Sequence[Body], wrong: Callable[[Body], list[str]]) -> None:
    check_number(len(bodies))
    faults = list[dict[str, object]]()
    seen = set[str]()
    for index, one in enumerate(bodies):
        twice = ["id"] if str(one.id) in seen else []
        seen.add(str(one.id))
        fields = list(dict.fromkeys(twice + wrong(one)))
        if fields:
            faults.append({"index": index, "fields": fields})
    if faults:
        said = "See data: empty, too long, unknown or, with an id, given twice; nothing was stored"
        raise WazzupError(code, said, data=faults)


def _wrong_of_user(user: UserBody) -> list[str]:
    return _named_wrong(
        {"id": _is_said(user.id, _USER_ID_MAX), "name": _is_said(user.name, _NAME_MAX)}
    )


def _wrong_of_contact(contact: ContactBody) -> list[str]:
    points = contact.contact_data
    return _named_wrong(
        {
            "id": _is_said(contact.id, _ID_MAX),
            "responsibleUserId": _is_said(contact.responsible_user_id, _ID_MAX),
            "name": _is_said(contact.name, _NAME_MAX),
            "contactData": bool(points) and all(map(_is_point, points)),
            "uri": not contact.uri or _is_said(contact.uri, _NAME_MAX),
        }
    )


def _wrong_of_deal(deal: DealBody) -> list[str]:
    contacts = deal.contacts
    return _named_wrong(
        {
            "id": _is_said(deal.id, _ID_MAX),
            "responsibleUserId": _is_said(deal.responsible_user_id, _ID_MAX),
            "name": _is_said(deal.name, _NAME_MAX),
            "uri": _is_said(deal.uri or deal.link or "", _NAME_MAX),
            "contacts": bool(contacts) and all(_is_said(one, _ID_MAX) for one in contacts),
        }
    )


def _wrong_of_pipeline(pipeline: PipelineBody) -> list[str]:
    stages = pipeline.stages
    return _named_wrong(
        {
            "id": _is_said(pipeline.id, _ID_MAX),
            "name": _is_said(pipeline.name, _STAGE_NAME_MAX),
            "stages": stages is None or (bool(stages) and all(map(_is_stage, stages))),
        }
    )


def _named_wrong(right: dict[str, bool]) -> list[str]:
    return [field for field, is_right in right.items() if not is_right]


def _is_stage(stage: StageBody) -> bool:
    return _is_said(stage.id, _ID_MAX) and _is_said(stage.name, _STAGE_NAME_MAX)


def _is_point(point: ContactPoint) -> bool:
    given = [str(one) for one in (point.chat_id, point.username, point.phone) if one is not None]
    if point.chat_type not in CHAT_TYPES or not all(_is_said(one, _NAME_MAX) for one in given):
        return False
    if point.chat_type == "whatsapp":
        return bool(_WHATSAPP_CHAT.fullmatch(str(point.chat_id)))
    return point.chat_id is not None or (point.chat_type in _NAMELESS_CHATS and bool(given))


def _is_said(value: str | int, characters_max: int) -> bool:
    """Something, not too much of it, and nothing that cannot be stored."""
    text = str(value)
    return bool(text.strip()) and len(text) <= characters_max and "\x00" not in text


def _phone(phone: str | int | None) -> str | None:
    digits = str(phone or "").removeprefix("+")
    return digits if _PHONE.fullmatch(digits) else None
