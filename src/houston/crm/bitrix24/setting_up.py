"""The connector in the portal: registered, called back, attached to lines; and a look at all of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from houston.crm.bitrix24 import remembered
from houston.crm.bitrix24.events import BOUND
from houston.crm.bitrix24.portal import Portal
from houston.crm.bitrix24.words import nobody_speaks_in
from houston.crm.connector import Ask, AskPerson, Failure, Finding, GiveUp
from houston.crm.wire import table
from houston.kernel.ids import ChannelId
from houston.kernel.sentence import say

_SCOPES: Final = ("imconnector", "imopenlines", "im")
_ICON: Final = (
    "data:image/svg+xml;charset=US-ASCII,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 70 71'%3E"
    "%3Cpath fill='%23fff' d='M35 12c8 6 12 15 12 25l6 7v9l-10-4H27l-10 4v-9l6-7c0-10 4-19 12-25zm0 17a5 5"
    " 0 1 0 0 10 5 5 0 0 0 0-10z'/%3E%3C/svg%3E"
)
_FLAGS: Final = {
    "NEED_SIGNATURE": False,  # Else every text begins with the operator's name.
    "NEED_SYSTEM_MESSAGES": False,  # Else Bitrix24's own notices go to the client.
    "NEWSLETTER": False,
    "CHAT_GROUP": False,
    "DEL_EXTERNAL_MESSAGES": True,
    "EDIT_INTERNAL_MESSAGES": True,
    "DEL_INTERNAL_MESSAGES": True,
}
_NOT_HTTPS: Final = "Bitrix24 calls https only: set HOUSTON_PUBLIC_URL to Houston's public address"


async def set_up(portal: Portal) -> Failure | None:
    """Register the connector and ask to be called. A repeat changes nothing."""
    connection = portal.connection
    if not connection.hook_url.startswith("https://"):
        return AskPerson(Ask.NOT_INSTALLED, _NOT_HTTPS)
    answer = await portal.call(
        "imconnector.register",
        {
            "ID": remembered.connector_id(connection.id),
            "NAME": "WhatsApp (Houston)",
            "ICON": {
                "DATA_IMAGE": _ICON,
                "COLOR": "#1a6dd4",
                "SIZE": "90%",
                "POSITION": "center",
            },
            "ICON_DISABLED": {"DATA_IMAGE": _ICON, "COLOR": "#aab2bf"},
            "PLACEMENT_HANDLER": f"{connection.hook_url}/page",
            **_FLAGS,
        },
    )
    if isinstance(answer, GiveUp):
        return AskPerson(Ask.NOT_INSTALLED, _unregistered(answer.why))
    if isinstance(answer, Failure):
        return answer
    said = table(answer)  # Failure comes as a success, too.
    if not said.get("result"):
        why = f"{said.get('error')} {said.get('error_description', '')}"
        return AskPerson(Ask.NOT_INSTALLED, _unregistered(why.strip()))
    return await _be_called(portal) or await _leave_lines(portal)


def _unregistered(why: str) -> str:
    return str(say("The connector was not registered: {why}", why=why))


async def _leave_lines(portal: Portal) -> Failure | None:
    """A channel that was taken out of the connection hears nothing more, so nobody shall write to it."""
    for line, channel in list(remembered.lines(portal.connection).items()):
        if channel not in map(str, portal.connection.channels):
            failed = await detach(portal, line)
            if failed is not None:
                return failed
    return None


async def _be_called(portal: Portal) -> Failure | None:
    wanting = await _unbound(portal)
    if not isinstance(wanting, list):
        return wanting
    handler = portal.connection.hook_url
    calls = [("event.bind", {"event": event, "handler": handler}) for event in wanting]
    bound = await portal.batch(calls)
    if isinstance(bound, Failure):
        return bound
    for event, answer in zip(wanting, bound, strict=True):
        if isinstance(answer, GiveUp):
            why = say("The portal will not call about {event}: {why}", event=event, why=answer.why)
            return AskPerson(Ask.NOT_INSTALLED, str(why))
    return None


async def _unbound(portal: Portal) -> list[str] | Failure:
    """The events about which the portal does not call yet."""
    bound = await portal.call("event.get", {})
    if isinstance(bound, Failure):
        return bound
    here = portal.connection.hook_url
    found = {
        str(table(one).get("event")).upper()
        for one in (bound if isinstance(bound, list) else [])
        if table(one).get("handler") == here
    }
    return [event for event in BOUND if event not in found]


async def attach(
    portal: Portal, line: str, channel: ChannelId, name: str, phone: str
) -> Failure | None:
    """Let one channel speak in one open line, and in no other."""
    before = remembered.line_of(portal.connection, channel)
    if before is not None and before != line:
        failed = await detach(portal, before)
        if failed is not None:
            return failed
    where = {"CONNECTOR": remembered.connector_id(portal.connection.id), "LINE": line}
    answer = await portal.call("imconnector.activate", {**where, "ACTIVE": "1"})
    if isinstance(answer, Failure):
        return answer
    uri = f"https://wa.me/{phone}"
    shown = {"ID": str(channel), "URL": uri, "URL_IM": uri, "NAME": name}
    answer = await portal.call("imconnector.connector.data.set", {**where, "DATA": shown})
    if isinstance(answer, Failure):
        return answer
    await portal.connection.memory.keep(f"{remembered.LINE}{line}", str(channel))
    await remembered.forget_told(portal.connection, nobody_speaks_in(line))
    return None


async def detach(portal: Portal, line: str) -> Failure | None:
    """Switch the connector off in an open line; one that is gone already is off."""
    where = {"CONNECTOR": remembered.connector_id(portal.connection.id), "LINE": line}
    answer = await portal.call("imconnector.activate", {**where, "ACTIVE": "0"})
    if isinstance(answer, Failure) and not isinstance(answer, GiveUp):
        return answer
    await portal.connection.memory.keep(f"{remembered.LINE}{line}", None)
    return None


# --- A look ------------------------------------------------------------------------------------


async def looked_at(portal: Portal) -> Sequence[Finding]:
    """Everything that has to work, asked without changing anything in the portal."""
    connection = portal.connection
    https = connection.hook_url.startswith("https://")
    where = {"where": connection.hook_url}
    address = Finding(https, "address" if https else "not_https", where)
    scopes = await portal.call("scope", {})
    if isinstance(scopes, Failure):
        return [address, Finding(False, "refused", {"why": scopes.why})]
    missing = [one for one in _SCOPES if one not in scopes]
    return [
        address,
        Finding(True, "keys"),
        _without(missing, "rights", {"rights": ", ".join(_SCOPES)}),
        await _calls_us(portal),
        *[await _attached(portal, channel) for channel in connection.channels],
    ]


def _without(missing: Sequence[str], name: str, values: Mapping[str, str]) -> Finding:
    """Good if nothing is missing."""
    if missing:
        return Finding(False, f"{name}_missing", {"missing": ", ".join(missing)})
    return Finding(True, name, values)


async def _calls_us(portal: Portal) -> Finding:
    unbound = await _unbound(portal)
    if not isinstance(unbound, list):
        return Finding(False, "events_unknown", {"why": unbound.why})
    return _without(unbound, "events", {})


async def _attached(portal: Portal, channel: ChannelId) -> Finding:
    line = remembered.line_of(portal.connection, channel)
    if line is None:
        return Finding(False, "unattached", {"channel": str(channel)})
    where = {"CONNECTOR": remembered.connector_id(portal.connection.id), "LINE": line}
    answer: Any = await portal.call("imconnector.status", where)
    if isinstance(answer, Failure):
        return Finding(False, "line_unknown", {"line": line, "why": answer.why})
    works = table(answer).get("STATUS") is True and not table(answer).get("ERROR")
    values = {"channel": str(channel), "line": line}
    return Finding(works, "line_on" if works else "line_off", values)


def unattached(channel: ChannelId) -> str:
    why = say(
        "The channel {channel} is attached to no open line: open WhatsApp (Houston) in the portal's"
        " Contact Center",
        channel=channel,
    )
    return str(why)
