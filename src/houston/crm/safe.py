"""A connection whole: its open settings, the secret ones that the vault keeps, and what is remembered."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from houston.crm import store_memory
from houston.crm.connector import Connection, Hook
from houston.crm.field import Field
from houston.crm.memory import Remembered
from houston.crm.store import Stored
from houston.kernel.db import Database
from houston.kernel.errors import Conflict
from houston.kernel.ids import ConnectionId
from houston.kernel.vault import Vault, WrongKey

_HOOK: Final = "hook token"
_TOKEN_BYTES: Final = 24


class SecretsLost(Conflict):
    """The secrets were sealed with another key than this server has; nothing is destroyed."""

    code = "SECRETS_LOST"


class Safe:
    """Parts settings into what may lie open and what may not, and brings them together again."""

    def __init__(self, vault: Vault, database: Database, public_url: str = "") -> None:
        self._vault = vault
        self._database = database
        self._public_url = public_url

    def new_token(self) -> str:
        """The random part of the address that a CRM calls."""
        return secrets.token_urlsafe(_TOKEN_BYTES)

    def close(
        self,
        connection: ConnectionId,
        fields: Mapping[str, Field],
        values: Mapping[str, str],
        token: str,
    ) -> tuple[dict[str, str], bytes]:
        """The open settings, and the sealed ones."""
        plain = {name: value for name, value in values.items() if not fields[name].secret}
        hidden = {name: value for name, value in values.items() if fields[name].secret}
        sealed = msgspec.json.encode({**hidden, _HOOK: token}).decode()
        return plain, self._vault.seal(sealed, connection)

    def open(
        self, one: Stored, base_url: str = "", sealed: Mapping[str, bytes] | None = None
    ) -> Connection:
        """The connection with its settings.

        Raises:
            SecretsLost: the server's key is another one now.
        """
        hidden = self._hidden(one)
        token = hidden.pop(_HOOK)
        known = {name: self._opened(value, one.id) for name, value in (sealed or {}).items()}
        return Connection(
            id=one.id,
            channels=one.channels,
            settings={**one.settings, **hidden},
            hook_url=f"{(base_url or self._public_url).rstrip('/')}/crm/{one.kind}/{token}",
            memory=Remembered(self._database, self._vault, one.id, known),
        )

    async def recall(self, one: Stored, base_url: str = "") -> Connection:
        """The connection as its connector needs it: with what is remembered of it now.

        Raises:
            SecretsLost: the server's key is another one now.
        """
        async with self._database.single() as tx:
            sealed = await store_memory.all_of(tx, one.id)
        return self.open(one, base_url, sealed)

    def seal(self, connection: ConnectionId, plain: str) -> bytes:
        return self._vault.seal(plain, connection)

    def close_hook(self, connection: ConnectionId, hook: Hook) -> bytes:
        """A hook as it is kept: what a CRM sends may carry keys to it."""
        return self.seal(connection, msgspec.json.encode(hook).decode())

    def open_hook(self, connection: ConnectionId, sealed: bytes) -> Hook:
        """
        Raises:
            SecretsLost: the server's key is another one now.
        """
        return msgspec.json.decode(self._opened(sealed, connection), type=Hook)

    def token(self, one: Stored) -> str:
        return self._hidden(one)[_HOOK]

    def _hidden(self, one: Stored) -> dict[str, str]:
        return msgspec.json.decode(self._opened(one.secrets, one.id), type=dict[str, str])

    def _opened(self, sealed: bytes, connection: ConnectionId) -> str:
        try:
            return self._vault.open(sealed, connection)
        except WrongKey as error:
            what = "The secrets of this connection cannot be opened with this server's key"
            cure = (
                "Give HOUSTON_SEALING_KEY back its value, or delete the connection and make it anew"
            )
            raise SecretsLost(what, cure) from error


def hook_hash(token: str) -> bytes:
    """What is kept of a token to find its connection by: whoever reads the table cannot call."""
    return hashlib.sha256(token.encode()).digest()
