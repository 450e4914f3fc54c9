"""The HTTP side of Houston: every slice's routes under one roof, and what they are given to work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme
from litestar.routes import HTTPRoute
from litestar.types import HTTPScope, Receive, Scope, Send

from houston.billing.api import Cashier, billing_api, hear_stripe
from houston.billing.plans_api import plans_api
from houston.channels.api import channels_api
from houston.channels.desk import Desk
from houston.channels.supervisor import Supervisor
from houston.compat.wazzup_v3 import Counters, CounterSocket, WazzupV3, counter_host, wazzup_v3
from houston.compat.wazzup_v3 import answer as wazzup_answer
from houston.compat.wazzup_v3.counter_socket import PATH as COUNTERS_PATH
from houston.compat.wazzup_v3.send import PATH as SEND_PATH
from houston.compat.wazzup_v3.send import Message as SendBody
from houston.crm.api import Bench, crm_api
from houston.crm.hooks import Reception, hooks_api
from houston.curators.api import Board, curators_api
from houston.curators.planning import count_told
from houston.files.api import Counter, files_api, links_api
from houston.files.keeper import Keeper
from houston.health import health_api
from houston.inbox.api import inbox_api
from houston.inbox.code_page import code_gate, code_page
from houston.inbox.pages import Console, pages
from houston.inbox.playing import Toy, play
from houston.inbox.presence_api import herald, presence_api
from houston.inbox.sight import Lookout
from houston.inbox.stream import Hub
from houston.inbox.templates_api import Drawer, templates_api
from houston.kernel.clock import Clock
from houston.kernel.db import Database
from houston.kernel.language import language_of
from houston.kernel.node import Node
from houston.kernel.problems import http_problem, problem_details
from houston.kernel.settings import Settings
from houston.kernel.wake import Wakes
from houston.messages.api import messages_api
from houston.messages.outbox import Outbox
from houston.messages.owners import Owners
from houston.messages.sender import Sender
from houston.messages.views import QueueReader
from houston.people.api import people_api
from houston.people.asking import COOKIE, provide_caller
from houston.people.door import Door
from houston.people.keyring import Keyring
from houston.people.office import Office
from houston.people.rules import Doing
from houston.people.sign_in_api import Entrance
from houston.transports.transport import Transport
from houston.webhooks.api import webhooks_api
from houston.webhooks.desk import EndpointDesk

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes may ask for, by name."""

    database: Database
    clock: Clock
    wakes: Wakes
    transports: Mapping[str, Transport]
    keyring: Keyring
    outbox: Outbox
    sender: Sender
    supervisor: Supervisor
    hub: Hub
    node: Node
    settings: Settings
    cashier: Cashier
    keeper: Keeper
    reception: Reception
    endpoints: EndpointDesk


class Application:
    """All of it as one ASGI application.

    The hottest address is asked for first, by itself: the framework's own work for a request costs
    as much as accepting a message does.
    """

    def __init__(self, parts: Parts) -> None:
        dialect = wazzup_v3(
            parts.keyring,
            parts.outbox,
            parts.clock,
            parts.wakes,
            parts.settings,
            parts.endpoints.postman,
            parts.endpoints.vault,
        )
        self._send_message = dialect.send_message
        self.counters = Counters(
            parts.database,
            parts.clock,
            parts.keyring,
            parts.wakes,
            parts.hub,
            parts.settings.v3_requests_per_5s,
        )
        self.counter_socket = CounterSocket(self.counters)
        self.framework = _framework(parts, dialect, self.counter_socket)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == _HTTP and scope["path"] == SEND_PATH:
            await self._send_message(scope, receive, send)
        elif scope["path"].startswith(COUNTERS_PATH):
            await self.counter_socket(cast(HTTPScope, scope), receive, send)
        else:
            await self.framework(scope, receive, send)

    async def close(self) -> None:
        """End what stays open by itself, so that the server can stop."""
        await self.counter_socket.close()


_HTTP: Final = ScopeType.HTTP


def _framework(parts: Parts, wazzup: WazzupV3, counter_socket: CounterSocket) -> Litestar:
    native = Router(
        "/api/v1",
        route_handlers=[
            channels_api,
            messages_api,
            inbox_api,
            presence_api,
            templates_api,
            people_api,
            billing_api,
            plans_api,
            curators_api,
            crm_api,
            webhooks_api,
            files_api,
            play,
            openapi_json,
        ],
        dependencies={"caller": Provide(provide_caller)},
        security=[{"api_key": []}, {"cookie": []}],
    )
    return Litestar(
        route_handlers=[
            native,
            wazzup.router,
            wazzup.tech,
            counter_host,
            hear_stripe,
            links_api,
            hooks_api,
            health_api,
            code_page,
            pages,
        ],
        dependencies=_dependencies(parts, counter_socket),
        plugins=[problem_details()],
        exception_handlers={NotFoundException: _nowhere, MethodNotAllowedException: _nowhere},
        openapi_config=_openapi(),
        request_max_body_size=parts.settings.body_bytes_max,
        debug=False,
        logging_config=None,
    )


def _nowhere(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Addresses that do not exist are told in the words of the part that was meant."""
    if request.url.path.startswith(("/v3/", "/tech/")):
        return wazzup_answer(request, error)
    return http_problem(cast(HTTPException, error)).to_response(request)


def _dependencies(parts: Parts, counter_socket: CounterSocket) -> dict[str, Provide]:
    queues = QueueReader(parts.sender)
    door = Door(parts.database, parts.clock, parts.wakes)
    proxies = parts.settings.proxies
    desk = Desk(parts.database, parts.clock, parts.wakes, parts.transports, queues, count_told)
    things: dict[str, Any] = {
        "database": parts.database,
        "clock": parts.clock,
        "office": Office(parts.database, parts.clock, parts.wakes, parts.keyring),
        "entrance": Entrance(door, parts.keyring, parts.database, proxies),
        "owners": Owners(parts.database, parts.clock, parts.wakes),
        "lookout": Lookout(parts.database, parts.clock, parts.keyring),
        "keyring": parts.keyring,
        "outbox": parts.outbox,
        "supervisor": parts.supervisor,
        "sender": parts.sender,
        "hub": parts.hub,
        "herald": herald(parts.database, parts.clock, parts.wakes),
        "node": parts.node,
        "queues": queues,
        "files": Counter(parts.keeper, parts.settings.public_url),
        "desk": desk,
        "cashier": parts.cashier,
        "console": Console(),
        "code_gate": code_gate(parts.clock),
        "public_url": parts.settings.public_url,
        "drawer": Drawer(parts.database, parts.clock, parts.wakes),
        "toy": Toy(parts.settings.simulator_url),
        "bench": Bench(parts.reception, parts.settings.public_url),
        "reception": parts.reception,
        "endpoints": parts.endpoints,
        "counter_socket": counter_socket,
        "board": Board(parts.database, parts.clock, parts.wakes, parts.settings.private_routes),
    }
    provided = {
        name: Provide(_always(thing), sync_to_thread=False) for name, thing in things.items()
    }
    return {**provided, "language": Provide(provide_language, sync_to_thread=False)}


def provide_language(request: Request[Any, Any, Any]) -> str:
    """The language that a person reads."""
    return language_of(request.headers.get("accept-language", ""))


def _always(thing: Any) -> Callable[[], Any]:
    def give() -> Any:
        return thing

    return give


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return description(request.app)


def description(app: Litestar) -> dict[str, Any]:
    """The interface as OpenAPI 3.1. Errors are problems everywhere, so they are described once."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    document["components"]["schemas"]["Problem"] = _PROBLEM
    document["paths"][SEND_PATH] = {"post": _send_message()}
    for path, operations in document["paths"].items():
        problem = _PROBLEM_ANSWER if path.startswith("/api/") else _ANY_ANSWER
        for operation in operations.values():
            operation["responses"].pop("400", None)  # The framework describes its own, not ours.
            operation["responses"]["default"] = problem
    _name_scopes(app, document["paths"])
    return document


_WHO: Final = frozenset({"caller", "v3"})
"""The dependencies that ask who sends a request and whether they may."""


def _name_scopes(app: Litestar, paths: dict[str, Any]) -> None:
    """Each operation says which scope a key needs for it; without one it is open to whoever is known."""
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            doing = handler.opt.get("doing", Doing.ADMINISTER)
            asks_who = _WHO & handler.parsed_fn_signature.parameters.keys()
            for method in handler.http_methods if asks_who and doing is not None else ():
                if route.path_format in paths:
                    paths[route.path_format][method.lower()]["x-scope"] = doing.value


def _send_message() -> dict[str, Any]:
    """The one address that the framework does not know of."""
    described = msgspec.json.schema(SendBody)["$defs"]["Message"]
    ids = {"messageId": {"type": "string", "format": "uuid"}, "chatId": {"type": "string"}}
    answer = {"type": "object", "required": list(ids), "properties": ids}
    return {
        "tags": ["wazzup v3"],
        "summary": "Send a message",
        "operationId": "WazzupV3SendMessage",
        "requestBody": {"required": True, "content": {"application/json": {"schema": described}}},
        "responses": {
            "201": {"description": "Queued", "content": {"application/json": {"schema": answer}}}
        },
        "security": [{"api_key": []}],
        "x-scope": Doing.WRITE.value,
    }


_PROBLEM: Final = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong and what helps (RFC 9457).",
    "required": ["status", "title", "detail", "code", "cure"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "cure": {"type": "string", "description": "What helps, for people."},
        "field": {"type": "string"},
        "value": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_PROBLEM_ANSWER: Final = {
    "description": "Declined, with the reason and the cure",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_ANY_ANSWER: Final = {"description": "Declined, in the words of this part"}


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Houston",
        version=VERSION,
        description="Keeps WhatsApp numbers working for a business, and tells the truth about them.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        # With none at all the framework serves pages that load scripts from elsewhere.
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                "api_key": SecurityScheme(type="http", scheme="bearer"),
                "cookie": SecurityScheme(type="apiKey", security_scheme_in="cookie", name=COOKIE),
            }
        ),
        use_handler_docstrings=True,
    )
