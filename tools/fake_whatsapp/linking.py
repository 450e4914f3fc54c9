"""A line of somebody who has no number yet: codes to scan or to type, until a phone takes it in."""

import asyncio
import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from houston.transports import events
from houston.transports.simulated_whatsapp.pairing import Expired
from tools.fake_whatsapp.addresses import by_number, hidden, number_of
from tools.fake_whatsapp.companions import Registration, vouched
from tools.fake_whatsapp.curve import KeyPair, derived, fresh_pair, untyped
from tools.fake_whatsapp.exchange import Exchange
from tools.fake_whatsapp.line import Line
from tools.fake_whatsapp.stanzas import SERVER, Stanza, child, held, stanza

_ROUNDS: Final = 2 << 16
"""How often a typed code is hashed, so that nobody tries them all."""
_ANSWER_SECONDS: Final = 10.0
_COME_AGAIN: Final = "515"
_WELCOME: Final = "welcome"
"""The id of the query that tells a client that it is linked."""


@dataclass(slots=True)
class _Typing:
    """A code that is to be typed on one phone."""

    number: str
    ref: bytes
    wrapped: bytes
    """The client's ephemeral key, hidden by a code that we do not know."""
    finish: "asyncio.Future[bytes]"


class Linking:
    """One such line."""

    def __init__(self, exchange: Exchange, line: Line, who: Registration) -> None:
        self._exchange = exchange
        self._line = line
        self._who = who
        self.credentials: bytes | None = None
        self.without_phone = True
        self.refs = [_ref() for _ in exchange.world.pairings.code_seconds]
        self._live: tuple[int, str] | None = None
        """Which of them is shown now, and the code that the world knows it by."""
        self._typing: _Typing | None = None
        self._secret = b""

    def begin(self) -> None:
        codes = [stanza("ref", content=ref.encode()) for ref in self.refs]
        self._line.say(_query("md", "codes", stanza("pair-device", content=codes)))
        self._exchange.world.pairings.begin(self, None)

    def end(self) -> None:
        self._exchange.world.pairings.end(self)

    def say(self, event: events.Event, keep: int | None = None) -> None:
        """What the world says to whoever shows codes."""
        match event:
            case events.QrShown(code=code, number=number):
                self._live = number - 1, code
            case events.PairingCodeShown(code=code):
                self._live = -1, code
            case events.ConfirmationAsked(kind=events.ConfirmationKind.PASSKEY):
                self._ask_for_passkey()
            case events.Paired(phone=number, credentials=credentials):
                self._welcome(number, credentials)
            case events.QrExpired():
                self._line.hang_up()
            case events.Offline():
                self._line.cut()
            case _:
                return  # The wire has no word for it.

    def _ask_for_passkey(self) -> None:
        """A client that has understood it forgets the keys that its codes told of."""
        wanted = {
            "challenge": secrets.token_urlsafe(32),
            "timeout": 60_000,
            "rpId": "whatsapp.com",
            "allowCredentials": [],
            "userVerification": "required",
        }
        options = stanza("passkey_request_options", content=json.dumps(wanted).encode())
        kind = "passkey_prologue_request"
        head = {"from": SERVER, "id": _ref(), "type": kind, "t": self._exchange.now()}
        self._line.say(stanza("notification", head, [options]))

    def hear(self, said: Stanza) -> None:
        if said.tag != "iq":
            return
        if said.attrs.get("id") == _WELCOME:
            # "Come again, with your number": the client hangs up, and is confused when we do.
            self._line.say(stanza("stream:error", {"code": _COME_AGAIN}))
        elif said.attrs.get("type") != "result":
            self._line.say(self._answered(said))

    def _answered(self, query: Stanza) -> Stanza:
        asked = child(query, "link_code_companion_reg")
        stage = None if asked is None else asked.attrs.get("stage")
        content = []
        if asked is not None and stage == "companion_hello":
            content = [stanza("link_code_companion_reg", {}, [self._code_wanted(asked)])]
        elif asked is not None and stage == "companion_finish" and self._typing is not None:
            self._typing.finish.set_result(held(asked, "link_code_pairing_wrapped_key_bundle"))
        head = {"from": SERVER, "type": "result", "id": query.attrs["id"]}
        return stanza("iq", head, content)

    # --- Scanned -----------------------------------------------------------------------------

    def scanned(self, ref: str, secret: bytes) -> str | None:
        """A phone has read a code; what the world knows it by, if it is the one shown now."""
        if self._live is None or self.refs.index(ref) != self._live[0]:
            return None
        self._secret = secret
        return self._live[1]

    # --- Typed -------------------------------------------------------------------------------

    def typed_on(self) -> str | None:
        return None if self._typing is None else self._typing.number

    def _code_wanted(self, asked: Stanza) -> Stanza:
        """The client has made up a code; from now on that is the way in."""
        number = number_of(asked.attrs["jid"]) or ""
        wrapped = held(asked, "link_code_pairing_wrapped_companion_ephemeral_pub")
        finish = asyncio.get_running_loop().create_future()
        self._typing = _Typing(number, secrets.token_bytes(16), wrapped, finish)
        self._exchange.world.pairings.end(self)
        self._exchange.world.pairings.begin(self, number)
        return stanza("link_code_pairing_ref", content=self._typing.ref)

    async def typed(self, code: str) -> str:
        """A code was typed on the phone; what the world knows it by.

        Raises:
            Expired: it is not the code that this client shows.
        """
        if self._typing is None or self._live is None:
            raise Expired(code)
        account = self._exchange.mailroom.box(self._typing.number).identity
        ephemeral = fresh_pair()
        self._line.say(self._primary_hello(code, account, ephemeral))
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                finish = await self._typing.finish
            theirs = _unwrapped(code, self._typing.wrapped)
            self._secret = _agreed_secret(finish, ephemeral.agree(theirs), account, self._who)
        except (TimeoutError, InvalidTag, ValueError) as error:
            raise Expired(code) from error
        finally:
            self._typing.finish = asyncio.get_running_loop().create_future()
        return self._live[1]

    def _primary_hello(self, code: str, account: KeyPair, ephemeral: KeyPair) -> Stanza:
        assert self._typing is not None
        said = [
            stanza("link_code_pairing_ref", content=self._typing.ref),
            stanza("primary_identity_pub", content=account.public),
            stanza(
                "link_code_pairing_wrapped_primary_ephemeral_pub",
                content=_wrapped(code, ephemeral.public),
            ),
        ]
        kind = "link_code_companion_reg"
        head = {"from": SERVER, "id": _ref(), "type": kind, "t": self._exchange.now()}
        inner = stanza(kind, {"stage": "primary_hello"}, said)
        return stanza("notification", head, [inner])

    # --- Taken in ----------------------------------------------------------------------------

    def _welcome(self, number: str, credentials: bytes) -> None:
        exchange = self._exchange
        companion = exchange.companions.add(number, credentials, self._who)
        account = exchange.mailroom.box(number).identity
        word = vouched(companion, account, self._secret, exchange.clock.now().timestamp())
        self._live, self._secret = None, b""
        index = companion.index
        success = [
            stanza("device-identity", content=word),
            stanza("biz", {"name": ""}),
            stanza("device", {"jid": by_number(number, index), "lid": hidden(number, index)}),
            stanza("platform", {"name": "android"}),
        ]
        self._line.say(_query("md", _WELCOME, stanza("pair-success", content=success)))


class Linkings:
    """All lines that show codes."""

    def __init__(self) -> None:
        self._all: list[Linking] = []

    def add(self, linking: Linking) -> Callable[[], None]:
        """Keep it; how to let it go."""
        self._all.append(linking)
        return lambda: self._all.remove(linking)

    def scan(self, code: str) -> str:
        """The world's name of a code that a phone has read.

        Raises:
            Expired: nobody shows it now.
        """
        parts = code.rpartition("#")[2].split(",")
        found = next((one for one in self._all if parts[0] in one.refs), None)
        try:
            secret = base64.b64decode(parts[3], validate=True)
        except (IndexError, binascii.Error) as error:
            raise Expired(code) from error
        known_as = None if found is None else found.scanned(parts[0], secret)
        if known_as is None:
            raise Expired(code)
        return known_as

    async def type(self, number: str, code: str) -> str:
        """The world's name of a code that was typed on a phone.

        Raises:
            Expired: nobody shows it to that phone now.
        """
        found = next((one for one in reversed(self._all) if one.typed_on() == number), None)
        if found is None:
            raise Expired(code)
        return await found.typed(code.replace("-", "").upper())


def _query(namespace: str, query_id: str, content: Stanza) -> Stanza:
    head = {"from": SERVER, "type": "set", "id": query_id, "xmlns": namespace}
    return stanza("iq", head, [content])


def _ref() -> str:
    return "2@" + base64.b64encode(secrets.token_bytes(30)).decode()


# --- What a typed code hides -----------------------------------------------------------------------


def _wrapped(code: str, public: bytes) -> bytes:
    salt, iv = secrets.token_bytes(32), secrets.token_bytes(16)
    return salt + iv + _hidden_by(code, salt, iv, public)


def _unwrapped(code: str, wrapped: bytes) -> bytes:
    return _hidden_by(code, wrapped[:32], wrapped[32:48], wrapped[48:])


def _hidden_by(code: str, salt: bytes, iv: bytes, public: bytes) -> bytes:
    """The same step hides and shows."""
    key = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, _ROUNDS, 32)
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor().update(public)


def _agreed_secret(finish: bytes, shared: bytes, account: KeyPair, who: Registration) -> bytes:
    """The secret that a scanned code would have told, agreed on over the typed one."""
    salt, nonce, sealed = finish[:32], finish[32:44], finish[44:]
    key = derived(shared, b"link_code_pairing_key_bundle_encryption_key", 32, salt)
    bundle = AESGCM(key).decrypt(nonce, sealed, None)
    identity, chance = untyped(bundle[:32]), bundle[64:]
    if identity != who.identity:
        raise ValueError("the bundle is of another client")
    return derived(shared + account.agree(identity) + chance, b"adv_secret", 32)
