"""The unanswered counter over socket.io, as Wazzup's clients hear it.

Source: its API v3 page "Unanswered counter". A client connects to `PATH`, says `counterConnecting {type,
apiKey, userId}`, and hears `counterUpdate {counter, counterV2, type}` at once and with every change. Who is
refused hears `counterError {error, description}` and is disconnected.
"""

import asyncio
import importlib
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.params import FromPath
from litestar.types import HTTPScope, Message, Receive, Send, WebSocketScope

from houston.compat.wazzup_v3.counters import Counters, Seat
from houston.compat.wazzup_v3.errors import WazzupError, answer, as_wazzup
from houston.compat.wazzup_v3.unanswered import Counter
from houston.kernel.problems import TOLD

log = structlog.get_logger(__name__)

PATH: Final = "/ws-counters/"
_TYPE: Final = "api_v3"
_CONNECTIONS_MAX: Final = 2_000
"""On this node. Beyond it whoever has not said who they are has to go, the oldest first."""
_ENGINE: Final = "houston.compat.wazzup_v3.engine"
_NO_ROOM: Final = b"Too many connections: try again later"


class Introduction(msgspec.Struct, frozen=True, rename="camel"):
    """What a client says of itself. Ids of a CRM may come as numbers."""

    type: str
    api_key: str
    user_id: str | int


class CounterSocket:
    """Everything under `PATH`, as an ASGI application. Its library is loaded when somebody first comes."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters
        self._opening = asyncio.Lock()
        self._is_closed = False
        self._engine: Any = None
        self._server: Any = None
        self._wire: Any = None
        self._places: dict[str, str] = {}
        """The connection underneath, by the library's id of who talks over it."""
        self._seats: dict[str, Seat] = {}
        """Who introduced themselves, by the connection underneath."""

    async def __call__(
        self, scope: HTTPScope | WebSocketScope, receive: Receive, send: Send
    ) -> None:
        if not self._is_closed:
            await self._open()
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            if self._is_closed or (_is_new(scope) and not await self._make_room()):
                await _close(scope, send, 503, _NO_ROOM)
            else:
                await self._wire(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the library stumbles over what is no packet
            log.info("counter_socket_stumbled", error=repr(error)[:200])
            if not began:
                await _close(scope, send, 400, b"This is no packet of socket.io")

    async def close(self) -> None:
        """End all connections, so that the server can stop."""
        if self._is_closed or self._server is None:
            return
        self._is_closed = True
        for place in list(self._server.eio.sockets):
            await self._server.eio.disconnect(place)
        await self._server.shutdown()

    async def _open(self) -> None:
        async with self._opening:
            if self._wire is not None:
                return
            engine: Any = await asyncio.to_thread(importlib.import_module, _ENGINE)
            server = engine.Server()
            server.on("connect", self._welcome)
            server.on("disconnect", self._gone)
            server.on("counterConnecting", self._introduced)
            self._engine, self._server = engine, server
            self._wire = engine.wire(server, PATH)

    async def _make_room(self) -> bool:
        """Whether one more may connect. Connections without a seat are the first to go."""
        sockets = self._server.eio.sockets
        if len(sockets) < _CONNECTIONS_MAX:
            return True
        idle = next((one for one in sockets if one not in self._seats), None)
        if idle is None:
            return False
        await self._server.eio.disconnect(idle)
        return True

    async def _introduced(self, sid: str, *said: object) -> None:
        """Any number of times: the last one counts."""
        place = self._places.get(sid)
        if place is None:
            return
        try:
            seat = await self._seat(sid, _read(said))
            self._stand_up(place)
            if sid in self._places:  # They may have gone meanwhile.
                self._seats[place] = seat
                await self.counters.sit(seat)
        except Exception as error:  # noqa: BLE001 - every error has an answer here
            self._stand_up(place)
            await self._refuse(sid, as_wazzup(error))

    async def _seat(self, sid: str, said: Introduction) -> Seat:
        authorization = f"Bearer {said.api_key}"
        caller = await self.counters.known(authorization)

        async def tell(counter: Counter) -> None:
            count = counter.counterV2
            told = {"counter": count, "counterV2": count, "type": counter.type}
            await self._server.emit("counterUpdate", told, to=sid)

        async def refuse(error: Exception) -> None:
            await self._refuse(sid, as_wazzup(error))

        return Seat(
            account=caller.account,
            authorization=authorization,
            user=str(said.user_id),
            tell=tell,
            refuse=refuse,
        )

    async def _refuse(self, sid: str, why: WazzupError) -> None:
        told = {"error": why.error, "description": why.description}
        await self._server.emit("counterError", told, to=sid)
        await self._server.disconnect(sid)

    async def _welcome(self, sid: str, *_: object) -> bool:
        """Whoever connects, unless they were let go already; who they are, they say later."""
        place = self._server.manager.eio_sid_from_sid(sid, "/")
        if place not in self._server.eio.sockets:
            return False
        self._places[sid] = place
        return True

    async def _gone(self, sid: str, *_: object) -> None:
        place = self._places.pop(sid, "")
        self._stand_up(place)
        if place in self._server.eio.sockets:
            self._engine.unblock(self._server.eio.sockets[place])

    def _stand_up(self, place: str) -> None:
        seat = self._seats.pop(place, None)
        if seat is not None:
            self.counters.leave(seat)


def _is_new(scope: HTTPScope | WebSocketScope) -> bool:
    return b"sid" not in parse_qs(scope["query_string"])


def _read(said: tuple[object, ...]) -> Introduction:
    try:
        found = msgspec.convert(said[0] if said else None, Introduction)
    except msgspec.ValidationError as error:
        raise WazzupError("VALIDATION_ERROR", f"counterConnecting: {error}") from error
    if found.type != _TYPE:
        raise WazzupError("VALIDATION_ERROR", f"counterConnecting: give type, {_TYPE}")
    return found


async def _close(scope: HTTPScope | WebSocketScope, send: Send, status: int, said: bytes) -> None:
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": 1013, "reason": said.decode()})
        return
    headers = [(b"content-type", b"text/plain"), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": said, "more_body": False})


@get(
    "/counters/ws_host/api_v3/{api_key:str}",
    summary="Where the unanswered counter is told live",
    exception_handlers=dict.fromkeys(TOLD, answer),
    tags=["wazzup v3"],
    security=[{}],
)
async def counter_host(
    api_key: FromPath[str],
    request: Request[Any, Any, Any],
    counter_socket: NamedDependency[CounterSocket],
    public_url: NamedDependency[str | None],
) -> Response[dict[str, str]]:
    """Pages of other addresses may ask: they have the key."""
    await counter_socket.counters.known(f"Bearer {api_key}")
    host = request.base_url.netloc if public_url is None else public_url.partition("://")[2]
    return Response({"host": host.rstrip("/")}, headers={"Access-Control-Allow-Origin": "*"})
