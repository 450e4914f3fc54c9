"""The interface of one portal over HTTP: in its pace, with keys that are renewed, failures as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from houston.crm.bitrix24.keys import Keyring, Keys, refusal
from houston.crm.connector import Ask, AskPerson, Connection, Failure, GiveUp, Later
from houston.crm.wire import Answer, Table, Wire, table
from houston.kernel.clock import Clock
from houston.kernel.sentence import Sentence, say

_JSON: Final = {"content-type": "application/json", "accept": "application/json"}
_BATCH_MAX: Final = 50
_BURST_MAX: Final = 45
"""A portal takes 50 calls at once and two a second from then on; a few are left for others from here."""
_CALLS_PER_SECOND: Final = 2.0
_LIMIT_SECONDS: Final = 5.0
_OVERLOAD_SECONDS: Final = 60.0
_OPERATING_SECONDS: Final = 600.0
_KEYS: Final = frozenset(
    {
        "NO_AUTH_FOUND",
        "INVALID_CREDENTIALS",
        "INVALID_TOKEN",
        "WRONG_AUTH_TYPE",
        "USER_ACCESS_ERROR",
    }
)

LINE_OFF: Final = say("The connector is off in the open line: connect it in the Contact Center")
_ONLY_THIS: Final = frozenset({"ACCESS_DENIED", "ACCESS_ERROR", "ALLOWED_ONLY_INTRANET_USER"})
"""Refused to one user for one thing: it says nothing about the keys."""


class Pace:
    """How many calls a portal had lately."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    async def wait(self, portal: str) -> None:
        level, then = self._levels.get(portal, (0.0, 0.0))
        now = self._clock.monotonic()
        level = max(0.0, level - (now - then) * _CALLS_PER_SECOND)
        if level >= _BURST_MAX:
            await self._clock.sleep(1 / _CALLS_PER_SECOND)
            level -= 1
        self._levels[portal] = (level + 1, now)


@dataclass(frozen=True, slots=True)
class Portal:
    """One portal."""

    wire: Wire
    clock: Clock
    pace: Pace
    connection: Connection

    @property
    def ring(self) -> Keyring:
        return Keyring(self.wire, self.clock, self.connection)

    async def call(self, method: str, params: Mapping[str, Any]) -> Any | Failure:
        """What the method answers to the app's own keys; expired ones are renewed, once."""
        keys = await self.ring.keys()
        if not isinstance(keys, Keys):
            return keys
        answer = await self._post(method, params, keys.access)
        if _is_expired(answer):
            keys = await self.ring.renewed(keys)
            if not isinstance(keys, Keys):
                return keys
            answer = await self._post(method, params, keys.access)
        return _meant(answer, self.clock)

    async def call_as(self, token: str, method: str, params: Mapping[str, Any]) -> Any | Failure:
        """What the method answers to somebody who works in the portal."""
        return _meant(await self._post(method, params, token), self.clock)

    async def batch(
        self, calls: Sequence[tuple[str, Mapping[str, str]]]
    ) -> list[Any | GiveUp] | Failure:
        """The answers to many calls, in their order, for the price of a few."""
        found: list[Any | GiveUp] = []
        for start in range(0, len(calls), _BATCH_MAX):
            some = calls[start : start + _BATCH_MAX]
            commands = {f"c{n}": f"{name}?{urlencode(p)}" for n, (name, p) in enumerate(some)}
            answer = await self.call("batch", {"halt": 0, "cmd": commands})
            if isinstance(answer, Failure):
                return answer
            good, bad = table(table(answer).get("result")), table(table(answer).get("result_error"))
            for name in commands:
                wrong = table(bad.get(name))
                found.append(good[name] if name in good else GiveUp(str(wrong.get("error", "?"))))
        return found

    async def _post(self, method: str, params: Mapping[str, Any], token: str) -> Answer | Later:
        home = self.connection.settings["portal"]
        await self.pace.wait(home)
        content = msgspec.json.encode({**params, "auth": token})
        return await self.wire.call("POST", f"{home}/rest/{method}.json", _JSON, content=content)


def _is_expired(answer: Answer | Later) -> bool:
    return isinstance(answer, Answer) and table(answer.json()).get("error") == "expired_token"


def _meant(answer: Answer | Later, clock: Clock) -> Any | Failure:
    if not isinstance(answer, Answer):
        return answer
    said = table(answer.json())
    if answer.ok and "result" in said:
        return said["result"]
    code = str(said.get("error") or "").upper()
    text = str(said.get("error_description") or "")
    match code:
        case "QUERY_LIMIT_EXCEEDED":
            return Later(
                why=_coded(say("The portal asks for a pause"), code), seconds=_LIMIT_SECONDS
            )
        case "OVERLOAD_LIMIT":
            why = _coded(say("The portal has blocked calls for a while"), code)
            return Later(why=why, seconds=_OVERLOAD_SECONDS)
        case "OPERATION_TIME_LIMIT":
            why = _coded(say("The portal has worked too long for this app"), code)
            return Later(why=why, whole=False, seconds=_until_reset(said, clock))
        case "NOT_ACTIVE_LINE" | "IMCONNECTOR_NO_CORRECT_PROVIDER":
            return GiveUp(_coded(LINE_OFF, code))
        case "INSUFFICIENT_SCOPE":
            why = _coded(say("The app lacks rights: imconnector, imopenlines, im"), code)
            return AskPerson(Ask.KEYS_REFUSED, why)
        case "EXPIRED_TOKEN":
            return AskPerson(
                Ask.KEYS_REFUSED, _coded(say("The portal calls new keys expired"), code)
            )
        case "ACCESS_DENIED" if "commercial" in text.lower():
            why = _coded(say("The portal's subscription does not include apps"), code)
            return AskPerson(Ask.GONE, why)
        case _ if code in _ONLY_THIS:
            return GiveUp(": ".join((code, text)))
        case _ if code in _KEYS:
            return AskPerson(
                Ask.KEYS_REFUSED, _coded(say("The portal refuses the app's keys"), code)
            )
        case _:
            return refusal(answer, said)


def _until_reset(said: Table, clock: Clock) -> float:
    """The portal says at which second it will have forgotten."""
    reset = table(said.get("time")).get("operating_reset_at")
    if not isinstance(reset, int | float):
        return _OPERATING_SECONDS
    return max(1.0, float(reset) - clock.now().timestamp())


def _coded(why: Sentence, code: str) -> str:
    return str(say("{why} ({code})", why=why, code=code))
