"""Plays lives with fixed seeds before the referee; then plants bugs, and the referee must find each."""

import re

import pytest

from tests.simulation.bugs import BUGS, Bug
from tests.simulation.law import LAW
from tests.simulation.run import Outcome, play

LIVES = range(1, 41)
DAYS = 3.0
SEEDS_TO_FIND_A_BUG = range(1000, 1060)


@pytest.mark.parametrize("seed", LIVES)
def test_no_life_breaks_the_law(seed: int):
    outcome = play(seed, DAYS)

    assert outcome.rule is None, str(outcome)


def test_a_seed_plays_the_same_life_every_time():
    assert play(7, DAYS) == play(7, DAYS)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_referee_finds_a_planted_bug(bug: Bug, monkeypatch: pytest.MonkeyPatch):
    bug.plant(monkeypatch.setattr)

    assert _first_broken(DAYS).rule in bug.rules


def test_a_finding_tells_what_happened_and_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch):
    bug = next(bug for bug in BUGS if bug.name == "six_take_backs_are_allowed")
    bug.plant(monkeypatch.setattr)

    outcome = _first_broken(DAYS)

    assert f"S7: {LAW['S7']}" in str(outcome)
    assert f"--seed {outcome.seed} --days 3" in str(outcome)
    assert len(re.findall(r"^  \d\d-\d\d \d\d:\d\d:\d\d", outcome.story, re.MULTILINE)) >= 20
    assert play(outcome.seed, DAYS).story == outcome.story


def _first_broken(days: float) -> Outcome:
    for seed in SEEDS_TO_FIND_A_BUG:
        outcome = play(seed, days)
        if outcome.rule is not None:
            return outcome
    raise AssertionError("the referee found nothing")
