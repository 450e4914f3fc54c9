"""What is remembered of one connection: read once, written through, one at a time over all nodes."""

from collections.abc import Awaitable, Callable, Mapping

from houston.crm import store_memory
from houston.crm.connector import Failure
from houston.kernel.db import Database
from houston.kernel.ids import ConnectionId
from houston.kernel.vault import Vault


class Remembered:
    """The memory of a connection, as its connector gets it."""

    def __init__(
        self, database: Database, vault: Vault, connection: ConnectionId, known: dict[str, str]
    ) -> None:
        self._database = database
        self._vault = vault
        self._connection = connection
        self._known = known

    @property
    def known(self) -> Mapping[str, str]:
        return self._known

    async def keep(self, name: str, value: str | None) -> None:
        sealed = None if value is None else self._vault.seal(value, self._connection)
        async with self._database.single() as tx:
            await store_memory.put(tx, self._connection, name, sealed)
        self._learn(name, value)

    async def renew(
        self, name: str, make: Callable[[str | None], Awaitable[str | Failure]]
    ) -> str | Failure:
        """A new secret is made by one node at a time. No transaction is open while the CRM is asked: it
        would hold back the whole feed."""
        async with (
            self._database.single() as tx,
            store_memory.alone(tx, self._connection, name),
        ):
            sealed = await store_memory.one(tx, self._connection, name)
            before = self._vault.open(sealed, self._connection) if sealed else None
            made = await make(before)
            if isinstance(made, str) and made != before:
                sealed = self._vault.seal(made, self._connection)
                await store_memory.put(tx, self._connection, name, sealed)
        if isinstance(made, str):
            self._learn(name, made)
        return made

    def _learn(self, name: str, value: str | None) -> None:
        if value is None:
            self._known.pop(name, None)
        else:
            self._known[name] = value
