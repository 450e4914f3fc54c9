"""Makes requests for every address that the served description knows, out of values that a test gives.

A value is chosen by the name of what it is for, and otherwise by its type; chance decides between them.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

METHODS = ("get", "post", "put", "patch", "delete")
MAY_BE_AWAY = "/health/ready"
"""Says 503 on a machine that is too busy to ask its database in time; all others must never fail."""


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    operation: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_stream(self) -> bool:
        return self.path.endswith("/stream")


@dataclass(frozen=True)
class Asked:
    """A request that can be sent."""

    method: str
    path: str
    params: Mapping[str, Any]
    body: Any

    @property
    def words(self) -> str:
        """Everything that was said; an answer may repeat it without telling anything."""
        return f"{self.path} {self.params} {self.body}"


def routes(document: Mapping[str, Any]) -> list[Route]:
    """Every method of every address; what ends something comes last, so that the rest finds it whole."""
    found = [
        Route(method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]
    return sorted(found, key=lambda one: (one.method == "DELETE", one.path.endswith("/reset")))


@dataclass(frozen=True)
class Requests:
    """A maker of requests. `values` are by name (`channel_id`); those under `uuid` and `string` are for
    names that are not known."""

    document: Mapping[str, Any]
    values: Mapping[str, Sequence[Any]]
    chance: random.Random

    def to(self, route: Route, times: int) -> Iterator[Asked]:
        for _ in range(times):
            yield self._one(route)

    def _one(self, route: Route) -> Asked:
        path, params = route.path, {}
        for parameter in route.operation.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", str(self._value(name, schema)))
            elif parameter["in"] == "query" and self.chance.random() < 0.5:
                params[name] = self._value(name, schema)
        kept = {name: one for name, one in params.items() if one is not None}
        content = route.operation.get("requestBody", {}).get("content", {})
        described = content.get("application/json", {}).get("schema")
        body = None if described is None else self._value("", described)
        return Asked(route.method, path, kept, body)

    def _value(self, name: str, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        for choices in (schema.get("oneOf"), schema.get("anyOf"), schema.get("allOf")):
            if choices:
                return self._value(name, self.chance.choice(choices))
        kind = schema.get("type", "string")
        if isinstance(kind, list):
            kind = self.chance.choice(kind)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            length = self.chance.randint(0, 2)
            return [self._value(_singular(name), schema.get("items", {})) for _ in range(length)]
        return self._plain(name, kind, schema)

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self._value(name, one)
            for name, one in schema.get("properties", {}).items()
            if name in required or self.chance.random() < 0.6
        }

    def _plain(self, name: str, kind: str, schema: Mapping[str, Any]) -> Any:
        if kind == "integer":
            least = int(schema.get("minimum", 0))
            return self.chance.randint(least, min(int(schema.get("maximum", least + 9)), least + 9))
        if kind == "number":
            return self.chance.random()
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "null":
            return None
        if name in self.values:
            return self.chance.choice(self.values[name])
        wanted = "uuid" if schema.get("format") == "uuid" else "string"
        if schema.get("format") == "date-time":
            return "2026-01-01T00:00:00Z"
        return self.chance.choice(self.values[wanted])


def _singular(name: str) -> str:
    return name.removesuffix("s")


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
