"""Tables for the pure rules: what each answer means, when the next try is, how much goes into it."""

from datetime import UTC, datetime, timedelta

import pytest

from houston.webhooks.rules import (
    GIVE_UP_AFTER,
    ITEMS_MAX,
    NO_TROUBLE,
    Again,
    Answer,
    Dead,
    Done,
    Trouble,
    Verdict,
    items_max,
    judge,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(answer: Answer, trouble: Trouble = NO_TROUBLE, chance: float = 0.0) -> Verdict:
    return judge(answer, trouble, NOW, chance)


def pause(answer: Answer, trouble: Trouble = NO_TROUBLE, chance: float = 0.0) -> float:
    """In how many seconds it is tried again."""
    verdict = after(answer, trouble, chance)
    assert isinstance(verdict, Again)
    assert verdict.trouble.retry_at is not None
    return (verdict.trouble.retry_at - NOW).total_seconds()


def failing(fails: int, *, refusals: int = 0, ago: timedelta = timedelta()) -> Trouble:
    return Trouble(fails=fails, refusals=refusals, first_failed_at=NOW - ago, retry_at=NOW)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_success_is_done(code: int) -> None:
    assert after(Answer(code), failing(7, refusals=2)) == Done()


@pytest.mark.parametrize("code", [None, 408, 425, 429, 500, 502, 503, 504, 599])
def test_a_server_in_trouble_is_tried_for_days(code: int | None) -> None:
    trouble = failing(200, refusals=2, ago=GIVE_UP_AFTER - timedelta(seconds=1))
    assert isinstance(after(Answer(code), trouble), Again)


@pytest.mark.parametrize("code", [301, 302, 307, 308, 401, 403, 404, 405, 410])
def test_a_wrong_address_is_tried_for_days_because_somebody_may_mend_it(code: int) -> None:
    trouble = failing(200, refusals=2, ago=GIVE_UP_AFTER - timedelta(seconds=1))
    assert isinstance(after(Answer(code), trouble), Again)


@pytest.mark.parametrize("code", [400, 402, 406, 409, 413, 415, 422, 451])
def test_a_refused_body_is_put_aside_at_its_third_refusal(code: int) -> None:
    second = after(Answer(code), failing(1, refusals=1))
    assert isinstance(second, Again)
    assert after(Answer(code), second.trouble) == Dead(f"refused with {code}")


def test_an_outage_before_a_refusal_does_not_count_as_one() -> None:
    verdict = after(Answer(422), failing(40, ago=timedelta(hours=5)))
    assert isinstance(verdict, Again)
    assert verdict.trouble.refusals == 1


@pytest.mark.parametrize("answer", [Answer(500), Answer(404), Answer(None, error="no answer")])
def test_gives_one_post_up_after_three_days(answer: Answer) -> None:
    verdict = after(answer, failing(90, ago=timedelta(days=3)))
    assert isinstance(verdict, Dead)
    assert str(answer.error or answer.code) in verdict.why


def test_pauses_grow_from_a_second_to_an_hour_and_stay_there() -> None:
    pauses = [pause(Answer(500), failing(fails)) for fails in range(12)]
    assert pauses == [1, 2, 5, 15, 30, 60, 300, 900, 1800, 3600, 3600, 3600]


def test_chance_makes_a_pause_longer_by_up_to_a_quarter() -> None:
    assert pause(Answer(500), failing(5), chance=0.0) == 60
    assert 74 < pause(Answer(500), failing(5), chance=0.999) < 75


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(None, 2), (0.0, 2), (1.0, 2), (90.0, 90), (3600.0, 3600), (1e9, 3600)],
)
def test_retry_after_is_honoured_within_our_own_bounds(asked: float | None, waited: float) -> None:
    assert pause(Answer(503, retry_after_seconds=asked), failing(1)) == waited


def test_the_first_fail_starts_the_count_of_days() -> None:
    first = after(Answer(500))
    assert isinstance(first, Again)
    assert (first.trouble.fails, first.trouble.first_failed_at) == (1, NOW)
    later = judge(Answer(500), first.trouble, NOW + timedelta(hours=1), 0.0)
    assert isinstance(later, Again)
    assert (later.trouble.fails, later.trouble.first_failed_at) == (2, NOW)


def test_a_post_that_failed_is_made_smaller_until_it_is_a_single_item() -> None:
    assert [items_max(failing(fails)) for fails in range(4)] == [ITEMS_MAX, 10, 1, 1]
