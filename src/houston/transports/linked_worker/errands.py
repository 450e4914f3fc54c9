"""What a channel in the worker is asked to do: send, find out, prove that it lives, mark as read."""

import asyncio
from typing import Final

from houston.transports import events
from houston.transports.linked_worker import rules
from houston.transports.linked_worker.connection import Connection
from houston.transports.linked_worker.frames import Answer, Loaded
from houston.transports.linked_worker.freight import upload
from houston.transports.linked_worker.line import Line
from houston.transports.linked_worker.media import Described
from houston.transports.transport import (
    NotSent,
    Outgoing,
    Retry,
    SendResult,
    Sent,
    Unknown,
)

_TURN_SECONDS_MAX: Final = 5.0
_PROOF_SECONDS_MAX: Final = 4.0
_PROOF_LOOK_SECONDS: Final = 0.2
_PROBE_SECONDS_MAX: Final = 20.0

_NOT_ONLINE: Final = NotSent(retry=Retry.WHEN_ONLINE, code="not_online", text="There is no link")


async def send(line: Line, message: Outgoing, load: Loaded | None = None) -> Answer:
    """Hand a message to the library and wait for WhatsApp's acknowledgement. Its file goes first."""
    connection = line.connection
    if connection is None or not connection.is_online:
        return _NOT_ONLINE
    line.under_way.add(message.key)
    try:
        file = None if load is None else await upload(line, connection, load)
        if isinstance(file, NotSent):
            return file
        return await _in_turn(line, connection, message, file)
    finally:
        line.under_way.discard(message.key)


async def _in_turn(
    line: Line, connection: Connection, message: Outgoing, file: Described | None
) -> SendResult:
    try:
        async with asyncio.timeout(_TURN_SECONDS_MAX):
            await connection.mouth.acquire()
    except TimeoutError:
        later = line.ground.clock.now()
        return NotSent(
            retry=Retry.LATER, code="busy", text="Its turn has not come", not_before=later
        )
    connection.in_flight += 1
    try:
        return await _spoken(line, connection, message, file)
    finally:
        connection.sent_at = line.ground.clock.monotonic()
        connection.in_flight -= 1
        connection.mouth.release()


async def _spoken(
    line: Line, connection: Connection, message: Outgoing, file: Described | None
) -> SendResult:
    if connection is not line.connection or not connection.is_online:
        return _NOT_ONLINE
    ground = line.ground
    secret = ground.seal.message_secret(message.key)
    content = ground.translator.outgoing(message, secret, ground.clock.now(), file)
    address = ground.translator.address(message.chat)
    if line.holding.books is not None:
        line.holding.books.know(secret.hex(), ground.clock.now())
    try:
        async with asyncio.timeout(rules.LIBRARY_SEND_SECONDS_MAX):
            answer = await ground.call(ground.library.send, connection.run, address, content)
    except TimeoutError:
        # Until the run is over the message could still leave; only then can anything be said of it.
        await line.give_up(connection)
        return Unknown(None)
    result = ground.translator.sent(answer, ground.clock.now())
    _take_notice(line, result)
    return result


def _take_notice(line: Line, result: SendResult) -> None:
    match result:
        case Sent():
            line.phone.asked()
        case NotSent(code="restricted", not_before=until) if until is not None:
            line.say(events.Restricted(until))


async def resolve(line: Line, key: str) -> Answer:
    """What became of a message: by the library's own store, and by receipts."""
    deadline = line.ground.clock.monotonic() + _PROOF_SECONDS_MAX
    while True:
        found = _verdict(line, key)
        if not isinstance(found, Unknown) or line.ground.clock.monotonic() >= deadline:
            return found
        await line.ground.clock.sleep(_PROOF_LOOK_SECONDS)


def _verdict(line: Line, key: str) -> SendResult:
    store, books = line.holding.store, line.holding.books
    if store is None or books is None or key in line.under_way:
        return Unknown(None)
    written = store.written_as(line.ground.seal.message_secret(key))
    wire_id, later = written if written is not None else (None, [])
    trace = rules.Trace(
        wire_id=wire_id,
        proven_at=None if wire_id is None else books.proven_at(wire_id),
        phone_saw_later_ones=books.phone_saw_any(later),
        store_is_whole=store.is_whole,
    )
    return rules.verdict(trace)


async def probe(line: Line) -> Answer:
    """A question to WhatsApp's servers and back; True when there was an answer of any kind."""
    connection, ground = line.connection, line.ground
    if connection is None or not connection.is_online:
        return False
    if not await ground.call(ground.library.is_up, connection.run):
        return False
    try:
        async with asyncio.timeout(_PROBE_SECONDS_MAX):
            answer = await ground.call(ground.library.ask_something, connection.run)
    except TimeoutError:
        return False
    return ground.translator.was_answered(answer)


async def mark_read(line: Line, chat: str, wire_ids: tuple[str, ...]) -> None:
    connection, ground = line.connection, line.ground
    if connection is None or not connection.is_online or not wire_ids:
        return
    address, now = ground.translator.address(chat), int(ground.clock.now().timestamp())
    ids = " ".join(wire_ids)
    await ground.call(ground.library.mark_read, connection.run, ids, now, address, address)
