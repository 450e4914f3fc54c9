"""The journal of the simulated WhatsApp: one line for all that must outlive its process.

Written without waiting for the disk: it survives a killed process, which is what it is for.
"""

import fcntl
from pathlib import Path
from typing import Final, cast

import msgspec

from houston.kernel.errors import BadSetting
from houston.transports import events
from houston.transports.simulated_whatsapp.entries import (
    Acknowledged,
    Altered,
    Counted,
    Emoted,
    Entry,
    Kept,
    OperatorRead,
    PersonNoted,
    PersonRead,
    PhoneNoted,
    Took,
    put_back,
)
from houston.transports.simulated_whatsapp.traffic import Traffic
from houston.transports.simulated_whatsapp.wire_protocol import EVENTS
from houston.transports.simulated_whatsapp.world import World

_FILE: Final = "journal.jsonl"
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)


class Journal:
    """Lines on disk, or nowhere when there is no folder for them.

    Raises:
        BadSetting: another simulated WhatsApp writes to that folder, or its journal is damaged.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / _FILE).open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            cure = "another simulated WhatsApp runs there: end it, or choose another folder"
            raise BadSetting("data", str(folder), cure) from error

    def note(self, entry: Entry) -> None:
        if self._file is not None:
            self._file.write(_encoder.encode(entry) + b"\n")

    def replay(self, world: World, traffic: Traffic) -> None:
        """Let everything that was noted happen again, silently."""
        if self._file is None:
            return
        self._file.seek(0)
        whole, _, torn = self._file.read().rpartition(b"\n")
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                _play(_decoder.decode(line), world, traffic)
            except msgspec.DecodeError as error:
                cure = "remove the folder to begin anew, or mend that line"
                raise BadSetting(
                    "data", f"{self._file.name}:{number}", f"{error}: {cure}"
                ) from error
        if torn:
            # The process was killed while it wrote its last line: nobody was told of that one.
            self._file.truncate(len(whole) + 1 if whole else 0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _play(entry: Entry, world: World, traffic: Traffic) -> None:
    match entry:
        case PhoneNoted(number=number):
            put_back(world.phone(number), entry)
        case PersonNoted(phone=phone, online=online, absent=absent, at=at):
            world.mail.switch(phone, online=online, absent=absent, now=at)
        case Took(to=to, message=message):
            world.mail.take(to, message)
        case Altered(sender=sender, wire_id=wire_id, target=target, text=text):
            world.mail.alter(sender, wire_id, target, text)
        case Emoted(sender=sender, wire_id=wire_id, target=target, emoji=emoji):
            world.mail.react_under(sender, wire_id, target, emoji)
        case Kept(phone=phone, keep=keep, kind=kind, body=body):
            event = cast(events.MessageEvent, msgspec.json.decode(body, type=EVENTS[kind]))
            traffic.keep_again(phone, keep, event)
        case Acknowledged(phone=phone, keeps=keeps):
            traffic.forget(phone, keeps)
        case PersonRead(phone=phone, sender=sender):
            world.mail.read(phone, sender)
        case OperatorRead(wire_ids=wire_ids):
            world.mail.mark_read(wire_ids)
        case Counted(tally=tally):
            world.mail.count(tally)
