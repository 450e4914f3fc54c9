"""The journal of the simulated WhatsApp: one line for all that must outlive its process.

Written without waiting for the disk: it survives a killed process, which is what it is for.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from houston.transports import events
from houston.transports.simulated_whatsapp.people import Arrival
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.wire_protocol import EVENTS
from houston.transports.simulated_whatsapp.world import World

_FILE: Final = "journal.jsonl"


class Journal:
    """Lines on disk, or nowhere when there is no folder for them."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / _FILE
        self._file = None
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab", buffering=0)

    def note(self, what: str, facts: dict[str, object]) -> None:
        if self._file is not None:
            event = facts.get("event")
            if event is not None:
                facts = {**facts, "kind": type(event).__name__}
            self._file.write(msgspec.json.encode({"what": what, **facts}) + b"\n")

    def replay(self, world: World, traffic: Traffic) -> None:
        """Let everything that was noted happen again, silently."""
        if self._path is None:
            return
        for line in self._path.read_bytes().splitlines():
            try:
                facts = msgspec.json.decode(line)
            except msgspec.DecodeError:
                continue  # The last line of a process that was killed while it wrote.
            _REPLAY[facts.pop("what")](world, traffic, facts)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _linked(world: World, _: Traffic, facts: dict[str, Any]) -> None:
    world.phone(facts["phone"]).linked = {bytes.fromhex(key) for key in facts["keys"]}


def _arrived(world: World, _: Traffic, facts: dict[str, Any]) -> None:
    to = facts.pop("to")
    world.mail.deliver(to, Arrival(**{**facts, "at": datetime.fromisoformat(facts["at"])}))


def _edited(world: World, _: Traffic, facts: dict[str, Any]) -> None:
    world.mail.edit(facts["from"], facts["id"], facts["text"])


def _revoked(world: World, _: Traffic, facts: dict[str, Any]) -> None:
    world.mail.revoke(facts["from"], facts["id"])


def _read(world: World, _: Traffic, facts: dict[str, Any]) -> None:
    for arrivals in world.mail.unread(world.mail.person(facts["phone"]), facts["sender"]).values():
        for arrival in arrivals:
            arrival.read = True


def _kept(_: World, traffic: Traffic, facts: dict[str, Any]) -> None:
    event = cast(events.MessageEvent, msgspec.convert(facts["event"], EVENTS[facts["kind"]]))
    traffic.keep_again(facts["phone"], facts["keep"], event)


def _acknowledged(world: World, _: Traffic, facts: dict[str, Any]) -> None:
    for keep in facts["keeps"]:
        world.phone(facts["phone"]).kept.pop(keep, None)


_REPLAY: Final = {
    "linked": _linked,
    "arrived": _arrived,
    "edited": _edited,
    "revoked": _revoked,
    "read": _read,
    "kept": _kept,
    "acknowledged": _acknowledged,
}
