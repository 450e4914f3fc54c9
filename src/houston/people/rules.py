"""Who may do what: roles, scopes and the one question that every route asks, `may`."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Final

from houston.kernel.errors import BadRequest, Forbidden, NotAllowed, NotFound
from houston.kernel.ids import AccountId, ChannelId, KeyId, PersonId
from houston.kernel.sentence import Sentence, say


class Doing(StrEnum):
    """What a request is about. The scopes of a key are the same words."""

    READ = "read"
    """See channels, chats, messages, queues and what happens to them."""
    WRITE = "write"
    """Send, edit, take back, settle, take out of the queue, mark as answered."""
    STEER = "steer"
    """Enable, disable, use here, scan: the buttons of a channel."""
    SET_UP = "set_up"
    """Add, change, delete and restore channels; webhooks and curators."""
    PAY = "pay"
    """See the ledger and top up."""
    ADMINISTER = "administer"
    """People, keys and the audit log."""


class Role(StrEnum):
    """What a person is to a channel; the administrator, to the whole account."""

    AUDITOR = "auditor"
    SELLER = "seller"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


RIGHTS: Final[Mapping[Role, frozenset[Doing]]] = {
    Role.AUDITOR: frozenset({Doing.READ}),
    Role.SELLER: frozenset({Doing.READ, Doing.WRITE}),
    Role.MANAGER: frozenset({Doing.READ, Doing.WRITE, Doing.STEER}),
    Role.ADMINISTRATOR: frozenset(Doing),
}
OF_CHANNELS: Final = frozenset({Doing.READ, Doing.WRITE, Doing.STEER})
"""What is asked about one channel. The rest concerns the whole account."""
EVERYTHING: Final = frozenset(Doing)


@dataclass(frozen=True, slots=True)
class Window:
    """Through what a user of a CRM looks at the console."""

    user: str
    name: str
    chats: frozenset[str] | None
    """The numbers of the chats that are shown; None is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: an account through one of its keys or one of its people."""

    account: AccountId
    who: KeyId | PersonId
    """The id of the key or of the person."""
    scopes: frozenset[Doing] = EVERYTHING
    """What a key was made for; people are held by their roles alone."""
    person: PersonId | None = None
    role: Role | None = Role.ADMINISTRATOR
    """On every channel for which `roles` says nothing else; None: no others are seen."""
    roles: Mapping[ChannelId, Role]
    administrators: tuple[str, ...] = ()
    """Names of those who may do everything, for whoever may not."""
    window: Window | None = None
    """They look through a window: only at what routes offer there (`window=True`)."""

    @property
    def actor(self) -> str:
        """How the history names this caller."""
        return f"api key {self.who}" if self.person is None else f"person {self.person}"

    @property
    def is_limited(self) -> bool:
        """Whether the answer of `may` can differ from one channel or chat to another."""
        return self.role is not Role.ADMINISTRATOR

    def sees_chat(self, address: str) -> bool:
        """Whether a chat with this number may be shown, whatever else is asked about it."""
        chats = None if self.window is None else self.window.chats
        return chats is None or address in chats

    def role_at(self, channel: ChannelId) -> Role | None:
        return self.role if not self.is_limited else self.roles.get(channel, self.role)


def may(
    caller: Caller,
    doing: Doing,
    channel: ChannelId | None = None,
    owner: PersonId | None = None,
) -> bool:
    """Whether a caller may do something: to a channel or, without one, at all.

    `owner` is whose chat it is about: a seller's own are those, and the ones of nobody yet.
    """
    if doing not in caller.scopes:
        return False
    if channel is None:
        return any(doing in RIGHTS[role] for role in _roles(caller))
    role = caller.role_at(channel)
    return role is not None and doing in RIGHTS[role] and _is_theirs(caller, role, owner)


def require(
    caller: Caller,
    doing: Doing,
    channel: ChannelId | None = None,
    owner: PersonId | None = None,
) -> None:
    """The same, for those who go on only if it is so.

    Raises:
        NotFound: the caller may not even know of it.
        Forbidden: somebody else could, and who.
    """
    if may(caller, doing, channel, owner):
        return
    if (
        channel is not None
        and doing in caller.scopes
        and not may(caller, Doing.READ, channel, owner)
    ):
        raise NotFound("There is no such channel or chat", "List them to see their ids")
    raise _not_theirs(caller, doing)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees, as a statement can use it. The same answer as `may`, for many at once."""

    channels: list[ChannelId] | None
    """Only these; None: all of the account."""
    seller: PersonId | None
    """Who sees no chats of colleagues where they are a seller; None: the caller is one nowhere."""
    listed: list[ChannelId]
    all_but_listed: bool
    """They are a seller on the channels listed, or on all others."""
    chats: list[str] | None = None
    """Only chats with these numbers; None: with all."""


EVERYWHERE: Final = Sight(None, None, [], False)


def sight(caller: Caller) -> Sight:
    """What of an account a caller sees."""
    if not caller.is_limited:
        return EVERYWHERE
    everywhere = caller.role is Role.SELLER
    listed = [one for one, role in caller.roles.items() if (role is Role.SELLER) is not everywhere]
    is_seller = everywhere or bool(listed)
    seen = list(caller.roles) if caller.role is None else None
    chats = None if caller.window is None else caller.window.chats
    return Sight(
        seen,
        caller.person if is_seller else None,
        listed,
        everywhere,
        None if chats is None else sorted(chats),
    )


def who_can(doing: Doing) -> list[str]:
    """The roles that may do something."""
    return [role.value for role in Role if doing in RIGHTS[role]]


def _roles(caller: Caller) -> Iterable[Role]:
    return [role for role in (caller.role, *caller.roles.values()) if role is not None]


def _is_theirs(caller: Caller, role: Role, owner: PersonId | None) -> bool:
    return role is not Role.SELLER or owner is None or owner == caller.person


_DEEDS: Final[Mapping[Doing, Sentence]] = {
    Doing.READ: say("read this"),
    Doing.WRITE: say("write here"),
    Doing.STEER: say("press the buttons of this channel"),
    Doing.SET_UP: say("set up channels, webhooks or curators"),
    Doing.PAY: say("see or move money"),
    Doing.ADMINISTER: say("see or change people and keys, or read the audit log"),
}
_CALLED: Final[Mapping[Role, Sentence]] = {
    Role.AUDITOR: say("auditor"),
    Role.SELLER: say("seller"),
    Role.MANAGER: say("manager"),
    Role.ADMINISTRATOR: say("administrator"),
}


def _not_theirs(caller: Caller, doing: Doing) -> Forbidden:
    names, deed = ", ".join(caller.administrators), _DEEDS[doing]
    if doing not in caller.scopes:
        what = say(
            "This API key may not {deed}: it lacks the scope `{scope}`",
            deed=deed,
            scope=doing.value,
        )
        asked = say("Ask {names} for a key with that scope", names=names or say("an administrator"))
        return Forbidden(what, asked, who_can(doing))
    what = say("Your role does not let you {deed}", deed=deed)
    roles = reduce(_either, [_CALLED[Role(role)] for role in who_can(doing)])
    cure = say("This takes the role {roles}", roles=roles)
    if names:
        cure = say("This takes the role {roles}; ask {names}", roles=roles, names=names)
    return Forbidden(what, cure, who_can(doing))


def _either(one: Sentence, other: Sentence) -> Sentence:
    return say("{one} or {other}", one=one, other=other)


# --- What is asked for -------------------------------------------------------------------------


def check_scopes(scopes: Iterable[Doing]) -> frozenset[Doing]:
    """Scopes for a key.

    Raises:
        BadRequest: there are none; such a key would only ever be a riddle.
    """
    chosen = frozenset(scopes)
    if not chosen:
        raise BadRequest(
            "scopes", [], say("give at least one of {scopes}", scopes=", ".join(Doing))
        )
    return chosen


# --- Keys --------------------------------------------------------------------------------------

KEY_PREFIX = "hk_"
WINDOW_PREFIX = "hw_"
"""So that one can be told from the other without asking the database."""
_BEARER = re.compile(r"Bearer +(\S{1,200})", re.IGNORECASE | re.ASCII)


def key_hash(key: str) -> bytes:
    """What is stored of a key.

    A key is 256 bits of luck, so a plain hash is enough: there is nothing to guess word by word.
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def bearer_key(authorization: str | None) -> str:
    """The key in an Authorization header.

    Raises:
        NotAllowed: there is none.
    """
    found = _BEARER.fullmatch((authorization or "").strip())
    if found is None:
        raise NotAllowed(
            "The request carries no API key", "Send the header `Authorization: Bearer <your key>`"
        )
    return found[1]


# --- Signing in --------------------------------------------------------------------------------

SIGNED_IN_FOR: Final = timedelta(days=30)
INVITED_FOR: Final = timedelta(days=7)
TRIES_FORGOTTEN_AFTER: Final = timedelta(hours=1)
PASSWORD_CHARACTERS_MIN: Final = 10
_PASSWORD_CHARACTERS_MAX: Final = 200
_NAME_CHARACTERS_MAX: Final = 100
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_READING_ONLY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and how long each further one makes the next try wait."""

    free: int
    seconds_max: float


OF_NAME: Final = Patience(free=5, seconds_max=60.0)
"""Short, because whoever knows an address could else lock its owner out."""
OF_ADDRESS: Final = Patience(free=20, seconds_max=900.0)


def wait_seconds(patience: Patience, failures: int, last_at: datetime, now: datetime) -> float:
    """How long until the next try is listened to: each failure doubles it. 0 is now."""
    if failures < patience.free or now - last_at > TRIES_FORGOTTEN_AFTER:
        return 0.0
    pause = min(patience.seconds_max, 2.0 ** min(failures - patience.free, 20))
    return max(0.0, pause - (now - last_at).total_seconds())


def failures_with(failures: int, last_at: datetime, now: datetime) -> int:
    """How many there are with one more; the old ones are forgotten after an hour of quiet."""
    return 1 if now - last_at > TRIES_FORGOTTEN_AFTER else failures + 1


def csrf_token(cookie: str) -> str:
    """What a page must send along: only a page of ours can learn it, for it comes from the cookie."""
    return hashlib.sha256(b"csrf " + cookie.encode("utf-8", "replace")).hexdigest()


def only_reads(method: str) -> bool:
    return method in _READING_ONLY


def is_csrf_token(cookie: str, token: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(csrf_token(cookie).encode(), token.encode("utf-8", "replace"))


def comes_from_elsewhere(site: str | None, origin: str | None, host: str) -> bool:
    """Whether a browser says that a page of somebody else sent the request.

    `site` is Sec-Fetch-Site; older browsers send only Origin. Programs send neither.
    """
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and origin.partition("://")[2] != host


def check_email(email: str) -> str:
    """The address in the one way in which it is stored.

    Raises:
        BadRequest: it cannot be one.
    """
    tidy = email.strip().lower()
    if not _EMAIL.fullmatch(tidy) or not tidy.isprintable():
        raise BadRequest("email", email, "give an address such as anna@example.com")
    return tidy


def check_name(name: str) -> str:
    """The name without spaces around it.

    Raises:
        BadRequest: it is empty, too long or not printable.
    """
    tidy = name.strip()
    if not 0 < len(tidy) <= _NAME_CHARACTERS_MAX or not tidy.isprintable():
        cure = say("use 1 to {max} printable characters", max=_NAME_CHARACTERS_MAX)
        raise BadRequest("name", name, cure)
    return tidy


def check_password(password: str) -> str:
    """A password that may be used. Length is all that is asked: other rules make worse ones.

    Raises:
        BadRequest: it is too short or too long. The complaint does not repeat it.
    """
    if not PASSWORD_CHARACTERS_MIN <= len(password) <= _PASSWORD_CHARACTERS_MAX:
        least, most = PASSWORD_CHARACTERS_MIN, _PASSWORD_CHARACTERS_MAX
        cure = say("use {min} to {max} characters", min=least, max=most)
        raise BadRequest("password", "...", cure)
    if not password.isprintable():
        raise BadRequest("password", "...", "use printable characters")
    return password
