"""The tokens of one portal: taken from its installation, renewed by the one node that may, kept before use."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from houston.crm.connector import Ask, AskPerson, Connection, Failure, GiveUp
from houston.crm.wire import Answer, Table, Wire, failure, table
from houston.kernel.clock import Clock
from houston.kernel.sentence import say

KEYS: Final = "keys"
INSTALL: Final = "install"
"""What the portal said when the app was installed: believed once the authorization server confirms it."""
REMOVED: Final = "removed"
"""The application token with which the portal said that the app was removed."""
_OAUTH: Final = "https://oauth.bitrix24.tech"
_VENDORS: Final = frozenset({"oauth.bitrix24.tech", "oauth.bitrix.info"})
"""Nobody else is given the secret, whatever an installation says."""
_LIFE_SECONDS: Final = 3600

_NOT_THERE: Final = "The app is not installed in the portal: save the local application there"
_UNKEYED: Final = "The app is installed: enter its client_id and client_secret in Houston"
_WAS_REMOVED: Final = "The app was removed from the portal: add the local application again"
_ANOTHER: Final = "The app is another one now: enter its client_id and client_secret in Houston"
_SPENT: Final = (
    "The keys have expired: open Houston in the portal's Contact Center as an administrator, or"
    " install the app anew"
)
_REFUSALS: Final = {
    "invalid_grant": AskPerson(Ask.KEYS_REFUSED, _SPENT),
    "invalid_client": AskPerson(
        Ask.KEYS_REFUSED, "client_id or client_secret is wrong: copy both from the app's card"
    ),
    "invalid_scope": AskPerson(
        Ask.KEYS_REFUSED, "The app lacks rights: imconnector, imopenlines, im"
    ),
    "PAYMENT_REQUIRED": AskPerson(Ask.GONE, "The portal's subscription does not include apps"),
    "PORTAL_DELETED": AskPerson(Ask.GONE, "The portal was deleted"),
    "NOT_INSTALLED": AskPerson(Ask.NOT_INSTALLED, _WAS_REMOVED),
    "APPLICATION_NOT_FOUND": AskPerson(Ask.NOT_INSTALLED, _WAS_REMOVED),
}


class Keys(msgspec.Struct, frozen=True):
    """What opens the portal's interface, and what proves that a call comes from it."""

    access: str
    refresh: str
    until: float
    application: str
    member: str
    user: str
    server: str
    taken: str
    """Of the installation that they come from."""


def known_keys(connection: Connection) -> Keys | None:
    kept = connection.memory.known.get(KEYS)
    return _decoded(kept) if kept else None


def _decoded(kept: str) -> Keys:
    return msgspec.json.decode(kept, type=Keys)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Whoever calls the portal asks here first."""

    wire: Wire
    clock: Clock
    connection: Connection

    async def keys(self) -> Keys | Failure:
        """The keys as they are, renewed if their time is over."""
        memory = self.connection.memory
        install = memory.known.get(INSTALL)
        before = known_keys(self.connection)
        if install is not None and (before is None or before.taken != self._digest(install)):
            made = await memory.renew(KEYS, lambda kept: self._taken_over(kept, install))
            if not isinstance(made, str):
                return made
            before = _decoded(made)
        if before is None:
            return AskPerson(Ask.NOT_INSTALLED, _NOT_THERE)
        if memory.known.get(REMOVED) == before.application:
            another = install is not None and before.application not in install
            return AskPerson(Ask.NOT_INSTALLED, _ANOTHER if another else _WAS_REMOVED)
        if before.until <= self.clock.now().timestamp():
            return await self.renewed(before)
        return before

    async def renewed(self, stale: Keys) -> Keys | Failure:
        """New keys for these. Where another node was faster, its own are taken."""

        async def make(kept: str | None) -> str | Failure:
            now = _decoded(kept) if kept else stale
            if kept and now.access != stale.access:
                return kept
            return await self._renew(now)

        made = await self.connection.memory.renew(KEYS, make)
        return _decoded(made) if isinstance(made, str) else made

    async def _taken_over(self, kept: str | None, install: str) -> str | Failure:
        """The keys of a new installation, if the authorization server knows it for the app's own."""
        before, digest = (_decoded(kept) if kept else None), self._digest(install)
        if kept and before and before.taken == digest:
            return kept
        said = table(msgspec.json.decode(install))
        made = await self._renew(_installed(said, digest))
        if isinstance(made, AskPerson) and before is not None:
            # Nobody's installation, or one whose keys are spent already: what works goes on working.
            return _encoded(msgspec.structs.replace(before, taken=digest))
        return made

    async def _renew(self, keys: Keys) -> str | Failure:
        settings = self.connection.settings
        client, secret = settings.get("client_id"), settings.get("client_secret")
        if not client or not secret:
            return AskPerson(Ask.NOT_INSTALLED, _UNKEYED)
        question = {
            "grant_type": "refresh_token",
            "client_id": client,
            "client_secret": secret,
            "refresh_token": keys.refresh,
        }
        url = f"{self._server(keys)}/oauth/token/"
        answer = await self.wire.call("GET", url, {}, params=question)
        if not isinstance(answer, Answer):
            return answer
        said = table(answer.json())
        if not answer.ok or not said.get("access_token"):
            return refusal(answer, said)
        home = urlsplit(str(said.get("client_endpoint") or settings["portal"])).netloc
        if home != urlsplit(settings["portal"]).netloc:
            why = say(
                "The app is installed in {portal}, and the connection is for another portal",
                portal=home,
            )
            return AskPerson(Ask.KEYS_REFUSED, str(why))
        return _encoded(self._made(keys, said))

    def _made(self, keys: Keys, said: Table) -> Keys:
        life = said.get("expires_in")
        seconds = (
            int(life) if isinstance(life, int | str) and str(life).isdigit() else _LIFE_SECONDS
        )
        return msgspec.structs.replace(
            keys,
            access=str(said["access_token"]),
            refresh=str(said.get("refresh_token") or keys.refresh),
            until=self.clock.now().timestamp() + seconds,
            member=str(said.get("member_id") or keys.member),
            user=str(said.get("user_id") or keys.user),
        )

    def _digest(self, install: str) -> str:
        """Of an installation as it was tried: with other client keys it may be the right one."""
        settings = self.connection.settings
        said = [install, settings.get("client_id"), settings.get("client_secret")]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()

    def _server(self, keys: Keys) -> str:
        """The vendor's own, as the portal names it, or the one that a person has entered."""
        own = self.connection.settings.get("oauth")
        named = urlsplit(keys.server)
        return own or (f"https://{named.netloc}" if named.netloc in _VENDORS else _OAUTH)


def _installed(said: Table, digest: str) -> Keys:
    return Keys(
        access=str(said.get("access_token") or ""),
        refresh=str(said.get("refresh_token") or ""),
        until=0.0,
        application=str(said.get("application_token") or ""),
        member=str(said.get("member_id") or ""),
        user=str(said.get("user_id") or ""),
        server=str(said.get("server_endpoint") or ""),
        taken=digest,
    )


def _encoded(keys: Keys) -> str:
    return msgspec.json.encode(keys).decode()


def refusal(answer: Answer, said: dict[str, Any]) -> Failure:
    """What an error means for a person: who has to do what."""
    code, text = str(said.get("error") or ""), str(said.get("error_description") or "")
    known = _REFUSALS.get(code) or _REFUSALS.get(code.upper())
    if known is not None:
        return AskPerson(known.ask, str(say("{why} ({code})", why=known.why, code=code)))
    meant = failure(answer)
    shown = f"{code}: {text}".strip(": ") or answer.shown()
    return GiveUp(shown) if isinstance(meant, GiveUp) else meant
