"""Passwords hashed and checked by argon2id, a few at a time: each takes 64 MB and a tenth of a second."""

import asyncio
from typing import Final

from argon2 import PasswordHasher, profiles
from argon2.exceptions import VerifyMismatchError

COST = profiles.RFC_9106_LOW_MEMORY
"""The second choice of RFC 9106, for servers that cannot spare 2 GB for each sign-in."""
_AT_ONCE: Final = 2


class Passwords:
    """Every password of the house goes through here."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(COST)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, password_hash: str, password: str) -> bool:
        async with self._room:
            return await asyncio.to_thread(self._verify, password_hash, password)

    async def nobodys(self) -> str:
        """The hash of what nobody has, so that an unknown name takes as long as a known one."""
        if self._nobodys is None:
            self._nobodys = await self.hash("")
        return self._nobodys

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the library has raised its cost since."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password.encode("utf-8", "replace"))
        except VerifyMismatchError:
            return False
