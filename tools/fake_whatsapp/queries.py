"""Questions of a linked client that WhatsApp's servers answer from their books: keys, numbers, hosts."""

from typing import Final

from tools.fake_whatsapp.addresses import by_number, device_of, hidden, number_of
from tools.fake_whatsapp.companions import Companion
from tools.fake_whatsapp.curve import typed
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.mailroom import SIGNED_ID, Mailbox
from tools.fake_whatsapp.stanzas import SERVER, Stanza, child, children, held, stanza

MEDIA_HOST: Final = "mmg.whatsapp.net"
_KIND: Final = b"\x05"
_DAY: Final = "86400"


def answered(query: Stanza, asker: Companion, exchange: Exchange) -> Stanza:
    """The answer to any query; what we have no books for is answered with nothing, as a success."""
    content: list[Stanza] = []
    match query.attrs.get("xmlns"):
        case "encrypt":
            content = _keys(query, asker, exchange)
        case "usync":
            content = [_numbers(query, exchange)]
        case "w:m":
            content = [_media_hosts()]
    return stanza("iq", {"from": SERVER, "type": "result", "id": query.attrs["id"]}, content)


def _keys(query: Stanza, asker: Companion, exchange: Exchange) -> list[Stanza]:
    if child(query, "list") is not None:
        asker.take_keys(query)
        exchange.companions.write_down(asker)
    elif child(query, "count") is not None:
        return [stanza("count", {"value": str(len(asker.once))})]
    elif child(query, "key") is not None:
        users = (user.attrs["jid"] for user in children(child(query, "key"), "user"))
        return [stanza("list", {}, [_bundle(user, exchange) for user in users])]
    return []


def _bundle(address: str, exchange: Exchange) -> Stanza:
    """What is needed to write first to somebody. Everybody but the companions has one device."""
    number = number_of(address)
    if number is None or device_of(address) or _is_absent(number, exchange):
        missing = stanza("error", {"code": "404", "text": "item-not-found"})
        return stanza("user", {"jid": address}, [missing])
    return stanza("user", {"jid": address}, left_keys(exchange.mailroom.box(number)))


def left_keys(box: Mailbox) -> list[Stanza]:
    """What a device leaves for whoever wants to write to it first."""
    once_id, once = box.offer()
    signature = box.identity.sign(typed(box.signed.public))
    signed = [
        stanza("id", content=SIGNED_ID.to_bytes(3, "big")),
        stanza("value", content=box.signed.public),
        stanza("signature", content=signature),
    ]
    single = [
        stanza("id", content=once_id.to_bytes(3, "big")),
        stanza("value", content=once.public),
    ]
    return [
        stanza("registration", content=box.registration.to_bytes(4, "big")),
        stanza("type", content=_KIND),
        stanza("identity", content=box.identity.public),
        stanza("skey", {}, signed),
        stanza("key", {}, single),
    ]


def _numbers(query: Stanza, exchange: Exchange) -> Stanza:
    """Who is on WhatsApp, under which addresses, with which devices."""
    asked = child(query, "usync")
    wanted = {part.tag for part in children(child(asked, "query"))}
    users = [_user(user, wanted, exchange) for user in children(child(asked, "list"), "user")]
    attributes = {} if asked is None else asked.attrs
    head = {
        "sid": attributes.get("sid", ""),
        "mode": attributes.get("mode", "query"),
        "context": attributes.get("context", "message"),
        "index": "0",
        "last": "true",
    }
    return stanza("usync", head, [stanza("result", {}, []), stanza("list", {}, users)])


def _user(user: Stanza, wanted: set[str], exchange: Exchange) -> Stanza:
    address = user.attrs.get("jid") or _typed_in(user)
    number = number_of(address)
    if number is None or _is_absent(number, exchange):
        told = [stanza("contact", {"type": "out"})] if "contact" in wanted else []
        return stanza("user", {"jid": address}, told)
    told = []
    if "contact" in wanted:
        address = by_number(number)
        told.append(stanza("contact", {"type": "in"}))
    if "lid" in wanted:
        told.append(stanza("lid", {"val": hidden(number)}))
    if "devices" in wanted:
        told.append(_devices())
    return stanza("user", {"jid": address}, told)


def _typed_in(user: Stanza) -> str:
    return by_number(held(user, "contact").decode().lstrip("+"))


def _devices() -> Stanza:
    return stanza("devices", {}, [stanza("device-list", {}, [stanza("device", {"id": "0"})])])


def _media_hosts() -> Stanza:
    head = {"auth": "fake", "ttl": _DAY, "auth_ttl": _DAY, "max_buckets": "12"}
    host = stanza("host", {"hostname": MEDIA_HOST, "type": "primary"}, [])
    return stanza("media_conn", head, [host])


def _is_absent(number: str, exchange: Exchange) -> bool:
    """Asking about somebody does not bring them into the world."""
    person = exchange.world.mail.people.get(number)
    return person is not None and person.absent
