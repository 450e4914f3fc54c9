"""Where channels are made and given commands, whichever dialect asks: `Desk`, and what is done there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from houston.channels import store
from houston.channels.hearing import hear
from houston.channels.orders import (
    Check,
    Command,
    Delete,
    Disable,
    Enable,
    EnableHere,
    Rescan,
    Restore,
    UseHere,
)
from houston.channels.state import may_restore, new_channel
from houston.channels.store import Channel
from houston.channels.texts import status_texts
from houston.channels.views import ChannelView, Queues, Told, channel_view
from houston.kernel import feed
from houston.kernel.clock import Clock
from houston.kernel.db import Database, Tx
from houston.kernel.errors import BadRequest, Conflict, NotFound
from houston.kernel.facts import ChannelAdded, ChannelCommanded
from houston.kernel.ids import AccountId, ChannelId, new_id
from houston.kernel.sentence import say
from houston.kernel.wake import Topic, Wakes
from houston.people.rules import Caller
from houston.transports.transport import PairingWay, Transport

_NAME_CHARACTERS_MAX: Final = 100

COMMANDS: Final[Mapping[str, Callable[[str], Command]]] = {
    "enable": Enable,
    "disable": Disable,
    "use-here": UseHere,
    "enable-here": EnableHere,
    "rescan": Rescan,
    "pairing-code": partial(Rescan, typed=True),
    "check": Check,
    "restore": Restore,
    "delete": Delete,
}
BUTTONS: Final = [name for name in COMMANDS if name != "delete"]
"""Deleting has a method of its own."""


class NewChannel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number to connect. `phone` is digits with the country code."""

    name: str
    phone: str
    transport: str | None = None
    """Which way to WhatsApp; null takes the server's first one."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every route here needs."""

    database: Database
    clock: Clock
    wakes: Wakes
    transports: Mapping[str, Transport]
    queues: Queues
    told: Told

    async def view(self, tx: Tx, channel: Channel, language: str) -> ChannelView:
        return (await self.views(tx, [channel], language))[0]

    async def views(self, tx: Tx, channels: list[Channel], language: str) -> list[ChannelView]:
        queues, told = await self.queues(tx, channels), await self.told(tx, channels)
        now, texts = self.clock.now(), status_texts()
        return [
            channel_view(
                one,
                queues.get(one.id),
                self._pacing(one),
                language,
                texts,
                now,
                told.get(one.id, 0),
            )
            for one in channels
        ]

    def ways(self, channel: Channel) -> frozenset[PairingWay]:
        """How the channel's number can be linked here."""
        transport = self.transports.get(channel.transport)
        return frozenset() if transport is None else transport.capabilities.pairing

    def _pacing(self, channel: Channel) -> int | None:
        transport = self.transports.get(channel.transport)
        return None if transport is None else transport.capabilities.pacing.per_minute


async def make_channel(desk: Desk, caller: Caller, data: NewChannel, language: str) -> ChannelView:
    """A new channel, which waits for its scan.

    Raises:
        BadRequest: something of it cannot be.
        Conflict: another channel has the number.
    """
    kind = data.transport if data.transport is not None else next(iter(desk.transports), "")
    if kind not in desk.transports:
        known = ", ".join(desk.transports) or say("none is set up")
        cure = say("use one of this server's: {transports}", transports=known)
        raise BadRequest("transport", data.transport, cure)
    name, phone, now = check_name(data.name), _phone(data.phone), desk.clock.now()
    capabilities = desk.transports[kind].capabilities
    state = new_channel(
        phone, now, actor=caller.actor, sends_without_phone=capabilities.sends_without_phone
    )
    channel = ChannelId(new_id())
    async with desk.database.transaction() as tx:
        await store.add(tx, channel, caller.account, name, kind, state, now)
        fact = ChannelAdded(name=name, phone=phone, transport=kind, actor=caller.actor)
        await feed.write(tx, now, feed.entries(caller.account, channel, [fact]))
        view = await desk.view(tx, await one(tx, caller, channel), language)
    await desk.wakes.everywhere(Topic.CHANNEL, [channel])
    return view


async def press(
    desk: Desk, caller: Caller, channel: ChannelId, command: str, language: str
) -> ChannelView:
    """Give one of the commands of a channel. Whoever calls has asked for the right.

    Raises:
        NotFound: the account has no such channel.
        Conflict: it can come to nothing.
    """
    async with desk.database.transaction() as tx:
        _check_possible(desk, await one(tx, caller, channel), command)
        changed = await give(tx, desk, caller.account, channel, command, caller.actor)
        view = await desk.view(tx, changed, language)
    await spread(desk, channel)
    return view


async def give(
    tx: Tx, desk: Desk, account: AccountId, channel: ChannelId, command: str, actor: str
) -> Channel:
    """Let a channel hear a command that can come to something; how it is then."""
    now, fact = desk.clock.now(), ChannelCommanded(command=command, actor=actor)
    await feed.write(tx, now, feed.entries(account, channel, [fact]))
    turn = await hear(tx, channel, [COMMANDS[command](actor)], now, account=account)
    return turn.channel


async def spread(desk: Desk, channel: ChannelId) -> None:
    """Wake who drives a channel and who follows the feed, once what they look for is stored."""
    await desk.wakes.everywhere(Topic.CHANNEL, [channel])
    desk.wakes.here(Topic.FEED)


def _check_possible(desk: Desk, channel: Channel, command: str) -> None:
    """Two commands can come to nothing for good; all others lead somewhere from every status."""
    state = channel.state
    match command:
        case "restore" if state.deleted_at and not may_restore(state, desk.clock.now()):
            said = "It was deleted more than 30 days ago"
            raise Conflict(said, "Add the number as a new channel")
        case "pairing-code" if PairingWay.CODE not in desk.ways(channel):
            raise Conflict("Its transport shows no codes to type", "Use `rescan` and scan the code")


async def one(tx: Tx, caller: Caller, channel: ChannelId) -> Channel:
    found = await store.one(tx, caller.account, channel)
    if found is None:
        raise NotFound("There is no such channel", "List the channels to see their ids")
    return found


# --- Input -------------------------------------------------------------------------------------


def check_name(name: str) -> str:
    if not 0 < len(name.strip()) <= _NAME_CHARACTERS_MAX or not name.isprintable():
        cure = say("use 1 to {max} printable characters", max=_NAME_CHARACTERS_MAX)
        raise BadRequest("name", name, cure)
    return name.strip()


def _phone(phone: str) -> str:
    digits = phone.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        raise BadRequest("phone", phone, "give the number with country code, 7 to 15 digits")
    return digits
