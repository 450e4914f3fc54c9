"""Passwords, sign-ins, invitations and the tries that failed, on disk."""

from collections.abc import Sequence
from datetime import datetime

from houston.kernel.db import Row, Tx
from houston.kernel.ids import PersonId


async def set_password(tx: Tx, person: PersonId, password_hash: str | None) -> None:
    await tx.execute("update people set password_hash = $2 where id = $1", person, password_hash)


async def still_has_password(tx: Tx, person: PersonId, password_hash: str) -> bool:
    """Whether a password that was just checked has not been reset meanwhile; nor can it be until the
    transaction ends."""
    found = await tx.fetchval(
        "select true from people where id = $1 and password_hash = $2 and removed_at is null for update",
        person,
        password_hash,
    )
    return found is not None


async def add_sign_in(
    tx: Tx,
    cookie_hash: bytes,
    person: PersonId,
    address: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    await tx.execute("delete from sign_ins where person_id = $1 and expires_at <= $2", person, now)
    await tx.execute(
        "insert into sign_ins (hash, person_id, address, created_at, expires_at)"
        " values ($1, $2, $3, $4, $5)",
        cookie_hash,
        person,
        address,
        now,
        expires_at,
    )


async def end_sign_in(tx: Tx, cookie_hash: bytes) -> None:
    await tx.execute("delete from sign_ins where hash = $1", cookie_hash)


async def end_sign_ins(tx: Tx, person: PersonId) -> None:
    """Sign somebody out everywhere."""
    await tx.execute("delete from sign_ins where person_id = $1", person)


# --- Invitations -------------------------------------------------------------------------------


async def invite(tx: Tx, token_hash: bytes, person: PersonId, expires_at: datetime) -> None:
    """The one way in from now on: earlier invitations of this person end."""
    await tx.execute("delete from invitations where person_id = $1", person)
    await tx.execute(
        "insert into invitations (hash, person_id, expires_at) values ($1, $2, $3)",
        token_hash,
        person,
        expires_at,
    )


async def end_invitations(tx: Tx, person: PersonId) -> None:
    await tx.execute("delete from invitations where person_id = $1", person)


async def take_invitation(tx: Tx, token_hash: bytes, now: datetime) -> Row | None:
    """Use an invitation up, and whom it was for; None when it is unknown, used or too old."""
    return await tx.fetchrow(
        "delete from invitations i using people p"
        " where i.hash = $1 and i.expires_at > $2 and p.id = i.person_id and p.removed_at is null"
        " returning p.id, p.account_id",
        token_hash,
        now,
    )


# --- Tries -------------------------------------------------------------------------------------


async def lock_tries(tx: Tx, subjects: Sequence[str], now: datetime) -> dict[str, Row]:
    """How often each failed, for us alone until the transaction ends: tries at once are counted too."""
    await tx.execute(
        "insert into sign_in_tries (subject, failures, last_at) select s, 0, $2"
        " from unnest($1::text[]) as s order by s on conflict do nothing",
        subjects,
        now,
    )
    rows = await tx.fetch(
        "select subject, failures, last_at from sign_in_tries where subject = any($1)"
        " order by subject for update",
        subjects,
    )
    return {row["subject"]: row for row in rows}


async def note_failures(tx: Tx, subject: str, failures: int, now: datetime) -> None:
    await tx.execute(
        "update sign_in_tries set failures = $2, last_at = $3 where subject = $1",
        subject,
        failures,
        now,
    )


async def forgive(tx: Tx, subject: str) -> None:
    """Take the last failure back: it was none."""
    await tx.execute(
        "update sign_in_tries set failures = greatest(failures - 1, 0) where subject = $1", subject
    )


async def forget_tries(tx: Tx, subject: str) -> None:
    await tx.execute("delete from sign_in_tries where subject = $1", subject)


async def forget_old_tries(tx: Tx, before: datetime) -> None:
    """Forget everybody who has been quiet for long; who is amid a try is left in peace."""
    await tx.execute(
        "delete from sign_in_tries where subject in ("
        "select subject from sign_in_tries where last_at < $1 limit 100 for update skip locked)",
        before,
    )
