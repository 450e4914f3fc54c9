"""A line of a linked client that has logged in: what the world tells it, and what it asks and sends."""

from typing import Final

from houston.transports import events
from houston.transports.events import LogoutCause, ReceiptKind
from houston.transports.transport import NotSent, Retry, SendResult
from tools.fake_whatsapp.addresses import by_number, hidden, number_of, sender
from tools.fake_whatsapp.companions import Companion
from tools.fake_whatsapp.contents import seconds
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.faults import Cut
from tools.fake_whatsapp.history import history
from tools.fake_whatsapp.intake import opened, taken
from tools.fake_whatsapp.letters import Written, author_of
from tools.fake_whatsapp.line import Line
from tools.fake_whatsapp.queries import answered, left_keys
from tools.fake_whatsapp.ratchet import Unreadable
from tools.fake_whatsapp.sealing import garbled_copy, sealed, sealed_for_own
from tools.fake_whatsapp.stanzas import SERVER, Stanza, child, children, stanza

_BANNED_FOR_A_TIME: Final = "402"
_BANNED_FOR_GOOD: Final = "406"
_KEYS_REFUSED: Final = "401"
_OUTDATED: Final = "405"
_BAN_REASON: Final = "104"
_UNAVAILABLE: Final = "503"
_BY_RETRY: Final = {
    Retry.NEVER: "404",
    Retry.LATER: _UNAVAILABLE,
    Retry.NOW: _UNAVAILABLE,
    Retry.WHEN_ONLINE: _UNAVAILABLE,
}
"""The error that WhatsApp gives a message, for refusals that bring no number of their own."""


class Attendance:
    """One such line: a stream of the world, worded as stanzas."""

    def __init__(self, exchange: Exchange, line: Line, companion: Companion) -> None:
        self._exchange = exchange
        self._line = line
        self._companion = companion
        self.number = companion.number
        self.credentials: bytes | None = companion.credentials
        self.without_phone = True
        self._admitted = False
        self._waiting: list[Stanza] | None = []
        """What is held back until the client says that it is ready; None from then on."""
        self._keeps: dict[str, list[int]] = {}
        """What the world keeps until this line acknowledges it, by the id on the wire."""
        self._handed_over: dict[str, Written] = {}
        """By the same id: who cannot read it may ask for it again."""
        self._backlog: list[Stanza] | None = None
        """What is handed over of what had waited: it is counted first."""

    def begin(self) -> None:
        refusal = self._exchange.faults.of(self.number).login_code
        if refusal is not None:
            self._refuse({"reason": str(refusal)})
        else:
            self._exchange.world.resume(self.number, self)

    def end(self) -> None:
        self._exchange.world.leave(self.number, self)

    # --- What the world tells ----------------------------------------------------------------

    def say(self, event: events.Event, keep: int | None = None) -> None:
        match event:
            case events.Online():
                self._admit()
            case events.Offline():
                self._line.cut()
            case events.Replaced():
                self._part(stanza("conflict", {"type": "replaced"}))
            case events.LoggedOut(cause=cause):
                self._log_out(cause)
            case events.Banned(until=None):
                self._refuse({"reason": _BANNED_FOR_GOOD})
            case events.Banned(until=until) if until is not None:
                left = int((until - self._exchange.clock.now()).total_seconds()) + 1
                ban = {"reason": _BANNED_FOR_A_TIME, "code": _BAN_REASON, "expire": str(left)}
                self._refuse(ban)
            case events.Outdated():
                self._refuse({"reason": _OUTDATED})
            case _:
                self._bring(event, keep)

    def _bring(self, event: events.Event, keep: int | None) -> None:
        match event:
            case events.PhoneSeen():
                self._say(*self._exchange.unseen.pop(self.number, ()))
            case events.BacklogBegan():
                self._backlog = []
            case events.BacklogEnded():
                handed_over, self._backlog = self._backlog or [], None
                self._say(_preview(handed_over), *handed_over)
                self._say(_bulletin("offline", {"count": str(len(handed_over))}))
            case _ if isinstance(event, Written):
                self._hand_over(event, keep)
            case events.Receipt():
                self._tell_receipt(event, keep)
            case _:
                return  # The wire has no word for it.

    def _admit(self) -> None:
        self._admitted = True
        now = self._exchange.now()
        own_id = hidden(self.number, self._companion.index)
        self._line.say(
            stanza("success", {"t": now, "props": "1", "location": "fake", "lid": own_id})
        )

    def _refuse(self, reason: dict[str, str]) -> None:
        """A login is refused; who is in already is put out, and refused when it comes back."""
        if not self._admitted:
            self._line.say(stanza("failure", reason))
        self._line.hang_up()

    def _log_out(self, cause: LogoutCause) -> None:
        if cause is LogoutCause.KEYS_REFUSED:
            self._refuse({"reason": _KEYS_REFUSED})
        else:
            self._part(stanza("conflict", {"type": "device_removed"}), code=_KEYS_REFUSED)

    def _part(self, *why: Stanza, code: str | None = None) -> None:
        self._line.say(stanza("stream:error", {} if code is None else {"code": code}, why))
        self._line.hang_up()

    def fault(self, code: str) -> None:
        """End the stream with an error of that number."""
        self._part(code=code)

    def cut(self) -> None:
        self._line.cut()

    def _say(self, *said: Stanza) -> None:
        if self._backlog is not None:
            self._backlog.extend(said)
        elif self._waiting is None:
            self._line.say(*said)
        else:
            self._waiting.extend(said)

    def _hand_over(self, event: Written, keep: int | None) -> None:
        assert keep is not None
        place = self._companion, keep
        if place not in self._exchange.sealed:
            self._exchange.sealed[place] = sealed(
                event, f"{keep:020X}", self._companion, self._exchange
            )
        stanza = self._exchange.sealed[place]
        self._handed_over[stanza.attrs["id"]] = event
        self._keep(stanza.attrs["id"], keep)
        garbled = self._exchange.faults.of(self.number).taken_garbling()
        self._say(garbled_copy(stanza) if garbled else stanza)

    def _tell_receipt(self, event: events.Receipt, keep: int | None) -> None:
        assert keep is not None
        first, *others = event.wire_ids
        head = {"id": first, "t": seconds(event.at)}
        head |= sender(event.chat, self._exchange.shown[event.chat])
        if event.kind is ReceiptKind.READ:
            head["type"] = "read"
        items = [stanza("item", {"id": wire_id}) for wire_id in others]
        self._keep(_receipt_place(first, head.get("type")), keep)
        self._say(stanza("receipt", head, [stanza("list", {}, items)] if items else None))

    def _keep(self, place: str, keep: int) -> None:
        self._keeps.setdefault(place, []).append(keep)

    # --- What the client asks and sends ------------------------------------------------------

    def hear(self, said: Stanza) -> None:
        """Whoever is silent hears nothing either: keep-alives, too, stay unanswered."""
        if self._exchange.world.phone(self.number).silent:
            return
        match said.tag:
            case "iq" if said.attrs.get("type") in ("get", "set"):
                self._answer(said)
            case "message":
                self._take(said)
            case "receipt":
                self._hear_receipt(said)
            case "ack":
                self._hear_ack(said)

    def _answer(self, query: Stanza) -> None:
        self._line.say(answered(query, self._companion, self._exchange))
        if child(query, "active") is not None:
            waiting, self._waiting = self._waiting or [], None
            self._line.say(*waiting)
        if child(query, "remove-companion-device") is not None:
            self._exchange.world.leave(self.number, self, forget=True)
            self._part(stanza("conflict", {"type": "device_removed"}), code=_KEYS_REFUSED)

    def _hear_receipt(self, said: Stanza) -> None:
        kind, wire_id = said.attrs.get("type"), said.attrs["id"]
        acknowledgement = {"class": "receipt", "id": wire_id, "from": said.attrs.get("to", SERVER)}
        if kind is not None:
            acknowledgement["type"] = kind
        self._line.say(stanza("ack", acknowledgement))
        if kind == "read":
            items = children(child(said, "list"), "item")
            read = (wire_id, *(item.attrs["id"] for item in items))
            self._exchange.traffic.mark_read(read)
        elif kind == "retry":
            self._seal_again(said)
        else:
            self._acknowledge(wire_id)

    def _seal_again(self, said: Stanza) -> None:
        """The client could not read a message, and says by which keys it should be sealed anew."""
        wire_id = said.attrs["id"]
        event = self._handed_over.get(wire_id)
        if event is None:
            return
        self._companion.take_keys_to_retry(said)
        self._exchange.mailroom.box(author_of(event, self.number)).forget(self._companion)
        self._say(sealed(event, wire_id, self._companion, self._exchange))

    def hand_over_history(self) -> str:
        """The own phone tells what was said before; the id of what it sends for that."""
        wire_id = f"HISTORY{len(self._handed_over):04}{self._exchange.now()}"
        said = history(self.number, self._exchange.world.mail)
        self._say(sealed_for_own(said, wire_id, self._companion, self._exchange))
        return wire_id

    def _hear_ack(self, said: Stanza) -> None:
        wire_id = said.attrs["id"]
        if said.attrs.get("class") == "receipt":
            self._acknowledge(_receipt_place(wire_id, said.attrs.get("type")))
        elif said.attrs.get("class") == "message":
            self._acknowledge(wire_id)

    def _acknowledge(self, place: str) -> None:
        keeps = self._keeps.pop(place, [])
        for keep in keeps:
            self._exchange.sealed.pop((self._companion, keep), None)
        if keeps:
            self._exchange.traffic.acknowledge(self.number, keeps)

    # --- Messages of the client --------------------------------------------------------------

    def _take(self, said: Stanza) -> None:
        faults = self._exchange.faults.of(self.number)
        cut = faults.taken_cut()
        refusal = faults.taken_refusal()
        if cut is Cut.BEFORE_TAKING:
            self._line.cut()
        elif refusal is not None:
            self._line.say(self._ack(said, str(refusal)))
        elif said.attrs.get("category") == "peer":
            self._line.say(self._ack(said))
        elif self._is_copy_alone(said):
            self._line.say(self._ack(said))
            self._read_on_phone(said)
        else:
            self._deliver(said, cut)

    def _is_copy_alone(self, said: Stanza) -> bool:
        """The own phone had asked for its copy again; the world has the message already."""
        return self._knows(said.attrs["id"]) and number_of(said.attrs["to"]) == self.number

    def _knows(self, wire_id: str) -> bool:
        return self._exchange.world.mail.knows(self.number, wire_id)

    def _deliver(self, said: Stanza, cut: Cut | None) -> None:
        try:
            message = taken(said, self._companion, self._exchange)
        except Unreadable:
            self._line.say(self._ack(said), self._asked_again(said, said.attrs["to"]))
            return
        was_known = self._knows(message.wire_id)

        def answer(result: SendResult) -> None:
            if cut is not Cut.BEFORE_ACK:
                self._line.say(self._ack(said, _error_of(result)))

        self._exchange.traffic.send(self.number, self, message, answer)
        if was_known:
            self._tell_seen(said)
        elif self._knows(message.wire_id):
            self._read_on_phone(said)
        if cut is Cut.BEFORE_ACK:
            self._line.cut()
        elif cut is Cut.AFTER_ACK:
            self._line.hang_up()

    def _ack(self, said: Stanza, error: str | None = None) -> Stanza:
        head = {"class": "message", "id": said.attrs["id"], "from": said.attrs["to"]}
        return stanza(
            "ack", head | {"t": self._exchange.now()} | ({"error": error} if error else {})
        )

    def _read_on_phone(self, said: Stanza) -> None:
        """The own phone gets a copy of everything."""
        try:
            opened(said, self.number, self._companion, self._exchange)
        except Unreadable:
            self._say_by_phone(self._asked_again(said, by_number(self.number)))
        else:
            self._tell_seen(said)

    def _tell_seen(self, said: Stanza) -> None:
        head = {"from": by_number(self.number), "id": said.attrs["id"], "type": "sender"}
        chat = said.attrs.get("recipient", said.attrs["to"])
        seen = head | {"recipient": chat, "t": self._exchange.now()}
        self._say_by_phone(stanza("receipt", seen))

    def _say_by_phone(self, told: Stanza) -> None:
        """As soon as it has a network."""
        if self._exchange.world.phone(self.number).online:
            self._line.say(told)
        else:
            self._exchange.unseen.setdefault(self.number, []).append(told)

    def _asked_again(self, said: Stanza, by: str) -> Stanza:
        """One of the sides could not read it, and wants it sealed anew."""
        number = number_of(by) or ""
        box = self._exchange.mailroom.box(number)
        box.forget(self._companion)
        now, wire_id = self._exchange.now(), said.attrs["id"]
        head = {"from": by, "id": wire_id, "type": "retry", "t": now}
        if number == self.number:
            head["recipient"] = said.attrs["to"]
        retry = stanza("retry", {"count": "1", "id": wire_id, "t": now, "v": "1"})
        registration, *keys = left_keys(box)
        return stanza("receipt", head, [retry, registration, stanza("keys", {}, keys)])


def _error_of(result: SendResult) -> str | None:
    if not isinstance(result, NotSent):
        return None
    return result.code if result.code.isdigit() else _BY_RETRY.get(result.retry, _UNAVAILABLE)


def _receipt_place(wire_id: str, kind: str | None) -> str:
    return f"{wire_id}/{kind or 'delivered'}"


def _preview(handed_over: list[Stanza]) -> Stanza:
    messages = sum(one.tag == "message" for one in handed_over)
    counts = {"count": str(len(handed_over)), "message": str(messages)}
    others = {"receipt": str(len(handed_over) - messages), "notification": "0", "appdata": "0"}
    return _bulletin("offline_preview", counts | others)


def _bulletin(tag: str, attributes: dict[str, str]) -> Stanza:
    return stanza("ib", {"from": SERVER}, [stanza(tag, attributes)])
