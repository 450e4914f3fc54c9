"""Reads every address that can be read, on a server with something in every table, and compares all rows."""

import random
import re
from typing import Any

import pytest

from tests.people.hall import Hall
from tests.people.requests import MAY_BE_AWAY, Requests, routes
from tests.people.tenants import IMGHDR, settle, values, whole
from tests.people.tenants import hall as hall

pytestmark = pytest.mark.filterwarnings(IMGHDR)
READS_PER_ROUTE = 4


async def rows(hall: Hall) -> dict[str, list[str]]:
    """All of them, but for when a key was used last: that is about the reader."""
    return {
        table: sorted(re.sub(r'"last_used_at":[^,}]+', '"last_used_at":0', row) for row in kept)
        for table, kept in (await whole(hall)).items()
    }


async def test_s12_no_read_of_any_route_changes_a_row(hall: Hall) -> None:
    own = await settle(hall, "Flowers", "79990001")
    document: dict[str, Any] = await own.account.key.get("/openapi.json")
    before = await rows(hall)
    requests = Requests(document, values(own, own, before), random.Random(1))
    reads = [route for route in routes(document) if route.method == "GET" and not route.is_stream]
    read = 0
    for asked in (one for route in reads for one in requests.to(route, READS_PER_ROUTE)):
        answer = await own.account.key.ask("GET", asked.path, params=dict(asked.params))
        assert answer.status_code < 500 or asked.path == MAY_BE_AWAY, f"{asked}: {answer.text}"
        read += answer.status_code == 200
    after = await rows(hall)
    assert {table for table in before if before[table] != after[table]} == set()
    assert read > 2 * len(reads)
