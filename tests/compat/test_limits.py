"""How many requests a key may make: a clock that stands still, and a whole server that allows only a few."""

import json
from uuid import UUID, uuid4

import pytest

from houston.compat.wazzup_v3.errors import WazzupError
from houston.compat.wazzup_v3.limits import Limit
from houston.kernel.settings import Settings
from tests.clocks import StoppedClock
from tests.compat.conftest import Crm


def refusal(limit: Limit, key: UUID) -> WazzupError | None:
    try:
        limit.count(key)
    except WazzupError as error:
        return error
    return None


def test_five_hundred_in_five_seconds_are_let_through_and_the_next_one_is_told_when() -> None:
    clock, anna, boris = StoppedClock(), uuid4(), uuid4()
    limit = Limit(clock, Settings().v3_requests_per_5s)
    assert [refusal(limit, anna) for _ in range(500)] == [None] * 500
    error = refusal(limit, anna)
    assert error is not None
    assert (error.status, json.loads(error.body())["error"]) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(error.headers["Retry-After"]) <= 5
    assert refusal(limit, boris) is None
    clock.advance(int(error.headers["Retry-After"]))
    assert refusal(limit, anna) is None


def test_no_limit_is_none() -> None:
    limit = Limit(StoppedClock(), 0)
    assert [refusal(limit, uuid4()) for _ in range(1_000)] == [None] * 1_000


@pytest.mark.parametrize("hall", [{"v3_requests_per_5s": 3}], indirect=True)
async def test_all_routes_of_the_dialect_count_together_and_the_native_ones_do_not(
    crm: Crm,
) -> None:
    asked = [("GET", "/v3/channels"), ("GET", "/tech/channels/list"), ("POST", "/v3/message")]
    for method, path in asked:
        assert (await crm.ask(method, path, {})).status_code != 429
    for method, path in asked:
        answer = await crm.ask(method, path, {})
        assert (answer.status_code, answer.json()["error"]) == (429, "TOO_MANY_REQUESTS")
        assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert await crm.account.key.get("/channels") == []
