"""The key by which a CRM knows Houston's webhooks, handed over before there is an address for them."""

from houston.kernel.db import Tx
from houston.kernel.ids import AccountId
from houston.kernel.vault import Vault


async def keep(tx: Tx, account: AccountId, key: str, vault: Vault) -> None:
    """It waits, sealed, for the address that will carry it."""
    await tx.execute(
        "insert into crm_keys (account_id, sealed) values ($1, $2)"
        " on conflict (account_id) do update set sealed = excluded.sealed",
        account,
        vault.seal(key, account),
    )


async def waiting(tx: Tx, account: AccountId, vault: Vault) -> str | None:
    """The key that was handed over and that no address carries yet.

    Raises:
        WrongKey: there is one, and this server cannot open it.
    """
    sealed = await tx.fetchval("select sealed from crm_keys where account_id = $1", account)
    return None if sealed is None else vault.open(sealed, account)


async def forget(tx: Tx, account: AccountId) -> None:
    """There is an address now, with this key or another one."""
    await tx.execute("delete from crm_keys where account_id = $1", account)
