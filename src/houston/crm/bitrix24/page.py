"""The page that a portal opens in a frame: which channel speaks in an open line, and the press that says so."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Final
from urllib.parse import parse_qs

import msgspec

from houston.crm.bitrix24 import remembered
from houston.crm.bitrix24.form import unfolded
from houston.crm.bitrix24.keys import INSTALL, known_keys
from houston.crm.bitrix24.portal import Portal
from houston.crm.bitrix24.setting_up import attach, detach
from houston.crm.bitrix24.words import WORDS
from houston.crm.connector import AskPerson, Failure, Hook, NamedChannel, Page
from houston.crm.wire import Table, table
from houston.kernel.telling import tell_text

_TICKET_SECONDS: Final = 3600
_PARTS: Final = 4


_LANGUAGES: Final = {"la": "es", "br": "pt"}
"""Bitrix24 has names of its own for some (B24LocaleMap of its b24jssdk)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody looks at the page of one line."""

    portal: Portal
    language: str
    line: str
    channels: Sequence[NamedChannel]
    now: datetime

    @property
    def words(self) -> Mapping[str, str]:
        return WORDS.get(self.language, WORDS["en"])

    def wrong(self, what: str, why: str) -> str:
        """What went wrong, and the reason of it, which may be the portal's own words."""
        return f"{self.words[what]} {tell_text(why, self.language)}"


async def shown_page(portal: Portal, hook: Hook, channels: Sequence[NamedChannel]) -> Page:
    said, query = unfolded(hook.body), parse_qs(hook.query)
    named = str((query.get("LANG") or [said.get("LANG") or "en"])[0])[:2].lower()
    language = _LANGUAGES.get(named, named)
    visit = Visit(portal=portal, language=language, line="", channels=channels, now=hook.at)
    if not portal.connection.settings.get("client_secret"):
        return _page(visit, bad=visit.words["no_secret"])
    if "ticket" in said:
        return await _pressed(visit, said)
    return await _opened(visit, said)


async def _opened(visit: Visit, said: Table) -> Page:
    """The portal vouches for whoever opens the page by their token; only administrators choose."""
    token = str(said.get("AUTH_ID") or "")
    admin = await visit.portal.call_as(token, "user.admin", {}) if token else False
    if isinstance(admin, Failure) and not isinstance(admin, AskPerson):
        return _page(visit, bad=visit.wrong("later", admin.why))
    if admin is not True:
        return _page(visit, bad=visit.words["not_admin"])
    mended = await _mended(visit.portal, said)
    visit = replace(visit, line=_line(said))
    if isinstance(mended, Failure):
        return _page(visit, bad=visit.wrong("not_connected", mended.why))
    if not visit.line:
        return _page(visit, good=visit.words["choose_line"])
    return replace(_page(visit, form=True), anew=mended)


async def _mended(portal: Portal, said: Table) -> bool | Failure:
    """An administrator's own keys take the place of the app's, where those are missing or spent."""
    keys = await portal.ring.keys()
    works = keys if isinstance(keys, Failure) else await portal.call("app.info", {})
    if not isinstance(works, AskPerson):
        return works if isinstance(works, Failure) else False
    before = known_keys(portal.connection)
    install = {
        "access_token": said.get("AUTH_ID"),
        "refresh_token": said.get("REFRESH_ID"),
        "application_token": said.get("APPLICATION_TOKEN")
        or (before.application if before else ""),
        "member_id": said.get("member_id"),
        "server_endpoint": said.get("SERVER_ENDPOINT"),
    }
    if not install["refresh_token"]:
        return works
    await portal.connection.memory.keep(INSTALL, msgspec.json.encode(install).decode())
    again = await portal.call("app.info", {})
    return again if isinstance(again, Failure) else True


def _line(said: Table) -> str:
    try:
        options = table(msgspec.json.decode(str(said.get("PLACEMENT_OPTIONS") or "")))
    except msgspec.DecodeError:
        return ""
    line = str(options.get("LINE") or "")
    return line if line.isdigit() else ""


async def _pressed(visit: Visit, said: Table) -> Page:
    """The ticket was given to an administrator, with the page."""
    line = _line_of_ticket(visit, str(said["ticket"]))
    if line is None:
        return _page(visit, bad=visit.words["too_old"])
    visit = replace(visit, line=line)
    chosen = next((one for one in visit.channels if str(one.id) == said.get("channel")), None)
    if said.get("do") == "off":
        failed = await detach(visit.portal, line)
    elif chosen is None:
        return _page(visit, bad=visit.words["choose"], form=True)
    else:
        failed = await attach(visit.portal, line, chosen.id, chosen.name, chosen.phone)
    if failed is not None:
        return _page(visit, bad=visit.wrong("not_done", failed.why), form=True)
    done = visit.words["off" if said.get("do") == "off" else "done"]
    return replace(
        _page(visit, good=done, form=True), anew=True
    )  # Something may wait for the line.


# --- Tickets -----------------------------------------------------------------------------------


def _ticket(visit: Visit) -> str:
    until = int(visit.now.timestamp()) + _TICKET_SECONDS
    said = f"{visit.line}.{until}.{visit.language}"
    return f"{said}.{_proof(visit, said)}"


def _line_of_ticket(visit: Visit, ticket: str) -> str | None:
    parts = ticket.split(".")
    if len(parts) != _PARTS or not parts[1].isdigit():
        return None
    right = hmac.compare_digest(_proof(visit, ".".join(parts[:-1])).encode(), parts[-1].encode())
    return parts[0] if right and int(parts[1]) > visit.now.timestamp() else None


def _proof(visit: Visit, said: str) -> str:
    connection = visit.portal.connection
    secret = f"houston page {connection.settings['client_secret']}".encode()
    return hmac.new(secret, f"{connection.id} {said}".encode(), "sha256").hexdigest()


# --- Drawing -----------------------------------------------------------------------------------


def _page(visit: Visit, *, good: str = "", bad: str = "", form: bool = False) -> Page:
    connection, words = visit.portal.connection, visit.words
    body = "".join(
        f'<p class="{kind}" role="status">{escape(text)}</p>'
        for kind, text in (("good", good), ("bad", bad))
        if text
    )
    return Page(
        language=visit.language if visit.language in WORDS else "en",
        title=words["title"],
        body=body + (_form(visit) if form else ""),
        framed_by=connection.settings["portal"],
    )


def _form(visit: Visit) -> str:
    words, attached = visit.words, remembered.lines(visit.portal.connection)
    current = attached.get(visit.line)
    choices = "".join(_choice(visit, one, attached) for one in visit.channels)
    off = f'<button class="quiet" name="do" value="off">{escape(words["switch_off"])}</button>'
    return (
        f"<p>{escape(words['question'])}</p>"
        f'<form method="post" action="?LANG={escape(visit.language)}">'
        f'<input type="hidden" name="ticket" value="{escape(_ticket(visit))}">'
        f"{choices}"
        f'<button name="do" value="on">{escape(words["switch_on"])}</button>'
        f"{off if current else ''}</form>"
    )


def _choice(visit: Visit, one: NamedChannel, attached: Mapping[str, str]) -> str:
    lines = [line for line, channel in attached.items() if channel == str(one.id)]
    here = visit.line in lines or (len(visit.channels) == 1 and not lines)
    note = "" if not lines else visit.words["here" if visit.line in lines else "elsewhere"]
    shown = f"{escape(one.name)} <small>+{escape(one.phone)} {escape(note)}</small>"
    checked = " checked" if here else ""
    return f'<label><input type="radio" name="channel" value="{one.id}"{checked} required> {shown}</label>'
