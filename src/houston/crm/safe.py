"""The settings of a connection, whole: the open ones, and the secret ones that the vault keeps."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from houston.crm.connector import Connection, Field
from houston.crm.store import Stored
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

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

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

    def open(self, one: Stored, base_url: str = "") -> Connection:
        """The connection as its connector needs it.

        Raises:
            SecretsLost: the server's key is another one now.
        """
        hidden = self._hidden(one)
        token = hidden.pop(_HOOK)
        return Connection(
            id=one.id,
            channels=one.channels,
            settings={**one.settings, **hidden},
            hook_url=f"{base_url.rstrip('/')}/crm/{one.kind}/{token}",
        )

    def token(self, one: Stored) -> str:
        return self._hidden(one)[_HOOK]

    def _hidden(self, one: Stored) -> dict[str, str]:
        try:
            opened = self._vault.open(one.secrets, one.id)
        except WrongKey as error:
            what = "The secrets of this connection cannot be opened with this server's key"
            cure = (
                "Give HOUSTON_SEALING_KEY back its value, or delete the connection and make it anew"
            )
            raise SecretsLost(what, cure) from error
        return msgspec.json.decode(opened, type=dict[str, str])


def hook_hash(token: str) -> bytes:
    """What is kept of a token to find its connection by: whoever reads the table cannot call."""
    return hashlib.sha256(token.encode()).digest()
