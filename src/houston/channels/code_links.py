"""Links to a channel's code, for whoever holds its phone without a sign-in: soon over, and for one pairing."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from houston.channels import store, store_code_links
from houston.channels.codes import live_code
from houston.channels.desk import Desk, give, one, spread
from houston.channels.shown import shown
from houston.channels.state import Reason, Status, shows_codes
from houston.channels.status import status
from houston.channels.store import Channel
from houston.channels.texts import status_texts
from houston.channels.views import CodeView
from houston.channels.words import words
from houston.kernel import feed
from houston.kernel.db import Row, Tx
from houston.kernel.errors import Conflict, NotFound
from houston.kernel.facts import CodeLinkChanged
from houston.kernel.ids import AccountId, ChannelId, KeyId, new_id
from houston.kernel.wake import Topic
from houston.people.keyring import known_again
from houston.people.rules import Caller, Doing, key_hash, may
from houston.transports.transport import PairingWay

PRESSES: Final = frozenset({"rescan", "pairing-code"})
"""What may be pressed behind a link: another code, to scan or to type."""
_STOPPED: Final = frozenset({Status.DISABLED, Status.NOT_PAID, Status.BLOCKED})
_TOLD: Final = frozenset(
    {
        Reason.WRONG_NUMBER,
        Reason.PAIRING_FAILED,
        Reason.NO_CODE,
        Reason.PASSKEY_ASKED,
        Reason.PASSKEY_NOT_ANSWERED,
        Reason.TWO_STEP_CODE_ASKED,
    }
)
GONE: Final = NotFound("This link is used up or too old", "Ask whoever sent it for a new one")


class Stage(StrEnum):
    """How far whoever holds the phone has come."""

    CODE = "code"
    COMING = "coming"
    """A code is on its way."""
    CONFIRM = "confirm"
    """It was scanned, and the messenger asks for something more on the phone."""
    ASK = "ask"
    """Codes have run out: a press brings new ones."""
    STOPPED = "stopped"
    """The channel shows none now, and whoever holds the phone cannot change that."""
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Offered:
    """A link that was just made. The token is known to its maker alone."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that a link shows, and nothing else of the account."""

    stage: Stage
    phone: str
    code: CodeView | None
    can_type: bool
    """Its transport also links by a code that is typed."""
    note: str | None
    """What the messenger asks for besides, or what went wrong."""


# --- For those who may scan --------------------------------------------------------------------


async def offer(desk: Desk, caller: Caller, channel: ChannelId, minutes: int) -> Offered:
    """A link to the code; an earlier one of the channel ends.

    Raises:
        NotFound: the account has no such channel.
        Conflict: there is nothing to scan.
    """
    made = Offered(secrets.token_urlsafe(32), desk.clock.now() + timedelta(minutes=minutes))
    key = KeyId(caller.who) if caller.person is None else None
    async with desk.database.transaction() as tx:
        _check_unlinked(await one(tx, caller, channel))
        hashed = key_hash(made.token)
        await store_code_links.put(
            tx, channel, new_id(), hashed, caller.person, key, made.expires_at
        )
        await _tell(tx, desk, caller.account, channel, "made", made.expires_at, caller.actor)
    desk.wakes.here(Topic.FEED)
    return made


async def withdraw(desk: Desk, caller: Caller, channel: ChannelId) -> None:
    """End the channel's link at once. Harmless when there is none.

    Raises:
        NotFound: the account has no such channel.
    """
    async with desk.database.transaction() as tx:
        await one(tx, caller, channel)
        until = await store_code_links.withdraw(tx, channel, desk.clock.now())
        if until is not None:
            await _tell(tx, desk, caller.account, channel, "withdrawn", until, caller.actor)
    desk.wakes.here(Topic.FEED)


def _check_unlinked(channel: Channel) -> None:
    if channel.state.deleted_at is not None:
        raise Conflict("The channel is deleted", "Restore it first")
    if channel.state.paired:
        raise Conflict("There is no code to scan: the number is linked", "Use the channel as it is")


async def _tell(
    tx: Tx,
    desk: Desk,
    account: AccountId,
    channel: ChannelId,
    change: str,
    until: datetime,
    actor: str,
) -> None:
    fact = CodeLinkChanged(change=change, expires_at=until, actor=actor)
    await feed.write(tx, desk.clock.now(), feed.entries(account, channel, [fact]))


# --- For whoever holds the phone ---------------------------------------------------------------


async def look(desk: Desk, token: str, language: str) -> Seen:
    """What a link shows now.

    Raises:
        NotFound: it shows nothing any more.
    """
    async with desk.database.transaction() as tx:
        link, channel = await _behind(tx, desk, token)
        if link["opened_at"] is None and await store_code_links.open_first(
            tx, link["id"], desk.clock.now()
        ):
            until, actor = link["expires_at"], _actor(link["id"])
            await _tell(tx, desk, channel.account, channel.id, "opened", until, actor)
    code = live_code(channel, desk.clock.now())
    stage = _stage(channel, code)
    return Seen(
        stage=stage,
        phone=channel.phone,
        code=code if stage is Stage.CODE else None,
        can_type=PairingWay.CODE in desk.ways(channel),
        note=_note(channel, language, desk.clock.now()),
    )


async def press(desk: Desk, token: str, command: str) -> None:
    """Ask for another code. What can come to nothing is left alone: the page says how it is.

    Raises:
        NotFound: the link shows nothing any more.
    """
    async with desk.database.transaction() as tx:
        link, channel = await _behind(tx, desk, token)
        typed = command == "pairing-code"
        if channel.state.paired or (typed and PairingWay.CODE not in desk.ways(channel)):
            return
        await give(tx, desk, channel.account, channel.id, command, _actor(link["id"]))
    await spread(desk, channel.id)


async def _behind(tx: Tx, desk: Desk, token: str) -> tuple[Row, Channel]:
    """A link with its channel. Whoever made it must still be allowed to scan."""
    link = await store_code_links.found(tx, key_hash(token), desk.clock.now())
    if link is None:
        raise GONE
    account, channel = AccountId(link["account_id"]), ChannelId(link["channel_id"])
    maker = await known_again(tx, account, link["person_id"], link["key_id"])
    found = await store.one(tx, account, channel)
    if maker is None or found is None or not may(maker, Doing.STEER, channel):
        raise GONE
    state, used = found.state, link["used_at"] is not None
    if state.deleted_at is not None or (used and not state.paired):
        raise GONE  # A number that was logged out since takes a new link.
    return link, found


def _actor(link: UUID) -> str:
    """How the history names whoever holds the phone: nobody knows more of them."""
    return f"code link {link}"


def _stage(channel: Channel, code: CodeView | None) -> Stage:
    state = channel.state
    if state.paired:
        return Stage.LINKED
    word = status(state)
    if word in _STOPPED:
        return Stage.STOPPED
    if word is Status.CONFIRM_ON_PHONE:
        return Stage.CONFIRM
    if code is not None:
        return Stage.CODE
    return Stage.COMING if shows_codes(state) else Stage.ASK


def _note(channel: Channel, language: str, now: datetime) -> str | None:
    """The words of the reason, where it says something about this very scan."""
    seen = shown(channel.state, now)
    return words(seen, language, status_texts()).reason if seen.reason in _TOLD else None
