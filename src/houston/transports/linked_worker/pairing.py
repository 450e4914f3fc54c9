"""A round of linking in the worker: codes on a clock of our own, then the wait for the new keys."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from houston.transports import events
from houston.transports.linked_worker.connection import Connection
from houston.transports.linked_worker.frames import Open
from houston.transports.linked_worker.ground import Ground

_NO_CODE_SECONDS: Final = 25.0
_NEXT_CODE_SECONDS_MAX: Final = 2.0
_AFTER_SCAN_SECONDS_MAX: Final = 30.0


class Pairing:
    """One round. The library shows no end of it, so it ends by itself."""

    def __init__(
        self,
        wanted: Open,
        ground: Ground,
        say: Callable[[events.Event], None],
        fail: Callable[[events.Event], None],
        sealed: Callable[[], bytes],
    ) -> None:
        self._wanted = wanted
        self._ground = ground
        self._say = say
        self._fail = fail
        self._sealed = sealed
        self._let_in = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.is_scanned = False
        self._asks_passkey = False
        self._codes = 0

    def begin(self) -> None:
        self._next(self._expect_codes())

    def code_came(self, connection: Connection, code: str) -> None:
        """The library gives one code after another; the first is also the sign that one can be typed."""
        self._codes += 1
        if self._asks_passkey:
            return  # The keys that these codes told of are not the library's any more.
        if self._wanted.typed_on is None:
            self._next(self._show(code, self._codes))
        elif self._codes == 1:
            self._next(self._show_typed(connection, self._wanted.typed_on))

    def passkey_asked(self) -> None:
        """A phone has scanned, and WhatsApp wants what the library cannot give: this round comes to nothing.
        A person can take the passkey off and scan anew."""
        if not self._asks_passkey and not self.is_scanned:
            self._asks_passkey = True
            self._next(self._await_confirmation())

    def scanned(self, phone: str) -> None:
        self.is_scanned = True
        self._next(self._await_keys(phone))

    def let_in(self) -> None:
        """The library has come back with the new keys."""
        self._let_in.set()

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _next(self, step: Coroutine[Any, Any, None]) -> None:
        self.end()
        self._task = asyncio.create_task(step)

    async def _expect_codes(self) -> None:
        await self._ground.clock.sleep(_NO_CODE_SECONDS)
        self._fail(events.PairingFailed(events.NO_CODE))

    async def _show(self, code: str, number: int) -> None:
        times, clock = self._wanted.qr_seconds, self._ground.clock
        if number <= len(times):
            seconds = times[number - 1]
            until = clock.now() + timedelta(seconds=seconds)
            self._say(events.QrShown(code, until, number, len(times)))
            await clock.sleep(seconds if number == len(times) else seconds + _NEXT_CODE_SECONDS_MAX)
        self._fail(events.QrExpired())

    async def _show_typed(self, connection: Connection, phone: str) -> None:
        ground, seconds = self._ground, sum(self._wanted.qr_seconds)
        wish = ground.translator.pairing_wish(phone)
        answer = await ground.call(ground.library.pair_phone, connection.run, wish)
        code = ground.translator.pairing_code(answer)
        if code is None:
            self._fail(events.PairingFailed(events.NO_CODE))
            return
        self._say(events.PairingCodeShown(code, ground.clock.now() + timedelta(seconds=seconds)))
        await ground.clock.sleep(seconds)
        self._fail(events.QrExpired())

    async def _await_confirmation(self) -> None:
        self._say(events.ConfirmationAsked(events.ConfirmationKind.PASSKEY))
        await self._ground.clock.sleep(self._wanted.confirm_seconds)
        self._fail(events.PairingFailed(events.PASSKEY_NOT_ANSWERED))

    async def _await_keys(self, phone: str) -> None:
        """The keys are whole when WhatsApp has let the library in with them."""
        try:
            async with asyncio.timeout(_AFTER_SCAN_SECONDS_MAX):
                await self._let_in.wait()
        except TimeoutError:
            self._fail(events.PairingFailed("not_let_in"))
        else:
            self._say(events.Paired(phone, self._sealed()))
