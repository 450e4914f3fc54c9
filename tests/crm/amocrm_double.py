"""An amoCRM account in memory, chats and all: strict about tokens and fields, with cards as plain data.

A client who writes in a chat that is nobody's becomes an unsorted contact, as in the real one; a refresh
token works once; what is made twice is there twice.
"""

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.crm.amojo_double import ACCOUNT, PREFIX, SCOPE, AmojoDouble, Strict

URL = "https://flowers.amocrm.example"
TOKEN = "a-long-lived-token-of-an-integration"
CLIENT_ID, CLIENT_SECRET = "0b0832f6-d123-4123-9123-e73f2368333c", "secret-of-the-integration"
REDIRECT = "https://houston.example/oauth"
CODE = "def502-code"


class AmoCrmDouble(AmojoDouble):
    """`cards` are contacts by id, `leads` too; `attached` says whose a chat is."""

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.cards: dict[int, dict[str, Any]] = {}
        self.leads: dict[int, dict[str, Any]] = {}
        self.attached: dict[str, int] = {}
        self.sources: dict[int, dict[str, Any]] = {}
        self.has_widget = True
        self.access = {TOKEN}
        self.refresh = ""
        self.codes = {CODE}
        self._last_id = 1000

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != httpx.URL(URL).host:
            self._unsorted(request)
            return await super().answer(request)
        self.calls.append(f"{request.method} {request.url.path}")
        try:
            body = self._rest(request)
        except Strict as error:
            said = {"title": "Error", "status": error.status, "detail": error.why}
            if error.why == "AlreadyExists":
                said["validation-errors"] = [{"request_id": "0", "errors": [{"code": error.why}]}]
            return httpx.Response(error.status, json=said)
        return httpx.Response(204) if body is None else httpx.Response(200, json=body)

    # --- What people see -------------------------------------------------------------------

    def card(self, name: str, phone: str) -> int:
        return self._made(
            self.cards, {"name": name, "phones": [phone], "leads": [], "unsorted": False}
        )

    def lead(self, contact: int, status: int = 1, pipeline: int | None = None) -> int:
        lead = self._made(self.leads, {"status_id": status, "pipeline_id": pipeline})
        self.cards[contact]["leads"].append(lead)
        return lead

    def _made(self, table: dict[int, dict[str, Any]], row: dict[str, Any]) -> int:
        self._last_id += 1
        table[self._last_id] = {"id": self._last_id, **row}
        return self._last_id

    def _unsorted(self, request: httpx.Request) -> None:
        """amoCRM's own way with a client whose chat is nobody's."""
        if request.url.path != PREFIX + SCOPE or request.method != "POST":
            return
        payload = json.loads(request.content)["payload"]
        chat = payload.get("conversation_ref_id")
        if "receiver" not in payload and chat and chat not in self.attached:
            row = {"name": payload["sender"]["name"], "phones": [], "leads": [], "unsorted": True}
            self.attached[chat] = self._made(self.cards, row)

    # --- The interface ---------------------------------------------------------------------

    def _rest(self, request: httpx.Request) -> Any:
        body: Any = json.loads(request.content) if request.content else None
        path = request.url.path.removeprefix("/api/v4/")
        query = dict(parse_qsl(request.url.query.decode()))
        if request.url.path == "/oauth2/access_token":
            return self._token(body)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.access:
            raise Strict(401, "Unauthorized")
        match request.method, path.split("/"):
            case "GET", ["account"]:
                return {
                    "id": 1,
                    **({"amojo_id": ACCOUNT} if query.get("with") == "amojo_id" else {}),
                }
            case "GET", ["contacts"]:
                return self._search(query["query"])
            case "POST", ["contacts"]:
                return _embedded("contacts", [self._add_contact(one) for one in body])
            case "POST", ["contacts", "chats"]:
                return _embedded("chats", [self._attach(one) for one in body])
            case "GET", ["contacts", id] if query.get("with") == "leads":
                return _embedded("leads", [{"id": one} for one in self.cards[int(id)]["leads"]])
            case "GET", ["leads"]:
                ids = [int(one) for name, one in query.items() if name.startswith("filter[id][")]
                return _embedded("leads", [self.leads[one] for one in ids])
            case "POST", ["leads"]:
                return _embedded("leads", [self._add_lead(one) for one in body])
            case method, ["sources"]:
                return self._of_sources(method, query.get("filter[external_id]"), body)
        raise Strict(404, f"{request.method} {path} is not there")

    def _search(self, query: str) -> Any:
        found = [
            one
            for one in self.cards.values()
            if any(query in "".join(filter(str.isdigit, phone)) for phone in one["phones"])
        ]
        return _embedded("contacts", [_shown(one) for one in found]) if found else None

    def _add_contact(self, one: dict[str, Any]) -> Any:
        (field,) = one["custom_fields_values"]
        if field["field_code"] != "PHONE" or not one["name"]:
            raise Strict(400, "custom_fields_values")
        return {"id": self.card(one["name"], field["values"][0]["value"]), "request_id": "0"}

    def _attach(self, one: dict[str, Any]) -> Any:
        chat, contact = one["chat_id"], one["contact_id"]
        if chat not in self.chats or contact not in self.cards:
            raise Strict(400, "NotFound")
        if chat in self.attached:
            raise Strict(400, "AlreadyExists")
        self.attached[chat] = contact
        return {**one, "id": 1, "request_id": "0"}

    def _add_lead(self, one: dict[str, Any]) -> Any:
        (contact,) = one["_embedded"]["contacts"]
        return {"id": self.lead(contact["id"], pipeline=one.get("pipeline_id")), "request_id": "0"}

    def _of_sources(self, method: str, wanted: str | None, body: Any) -> Any:
        if not self.has_widget:
            raise Strict(403, "the integration has no widget")
        if method == "GET":
            found = [one for one in self.sources.values() if one["external_id"] == wanted]
            return _embedded("sources", found) if found else None
        do = {"POST": self._add_source, "PATCH": self._change_source}[method]
        return _embedded("sources", [do(one) for one in body])

    def _add_source(self, one: dict[str, Any]) -> Any:
        there = {known["external_id"] for known in self.sources.values()}
        if not one["name"] or len(one["external_id"]) > 36 or one["external_id"] in there:
            raise Strict(400, "name, external_id")
        row = {"pipeline_id": 1, "default": False, "services": [], **one}
        return self.sources[self._made(self.sources, row)]

    def _change_source(self, one: dict[str, Any]) -> Any:
        if one["id"] not in self.sources or "external_id" in one:
            raise Strict(400, "id, external_id")
        self.sources[one["id"]] |= one
        return self.sources[one["id"]]

    def _token(self, body: dict[str, Any]) -> Any:
        known = (CLIENT_ID, CLIENT_SECRET, REDIRECT)
        if (body["client_id"], body["client_secret"], body["redirect_uri"]) != known:
            raise Strict(400, "client_id, client_secret, redirect_uri")
        if body["grant_type"] == "authorization_code" and body["code"] in self.codes:
            self.codes.remove(body["code"])
        elif body["grant_type"] != "refresh_token" or body["refresh_token"] != self.refresh:
            raise Strict(400, "Token has been revoked")
        self._last_id += 1
        self.access, self.refresh = {f"access {self._last_id}"}, f"refresh {self._last_id}"
        return {
            "token_type": "Bearer",
            "expires_in": 86_400,
            "access_token": f"access {self._last_id}",
            "refresh_token": self.refresh,
        }


def _embedded(kind: str, rows: list[Any]) -> Any:
    return {"_embedded": {kind: rows}}


def _shown(card: dict[str, Any]) -> Any:
    values = [{"value": phone, "enum_code": "WORK"} for phone in card["phones"]]
    fields = [{"field_code": "PHONE", "field_id": 7, "values": values}]
    return {"id": card["id"], "name": card["name"], "custom_fields_values": fields}
