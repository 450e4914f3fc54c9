"""Plays lives, one after the other or several at once, and says what became of them."""

import gc
import os
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import count

from tests.simulation.law import Finding
from tests.simulation.life import Life
from tests.simulation.player import Player

DAYS = 10.0
"""How long a life is, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one life."""

    seed: int
    days: float
    asked_days: float
    rule: str | None
    """The rule that was broken; `crash` if the machine raised an error."""
    story: str
    days_in: dict[str, float]
    messages: Counter[str]

    def __str__(self) -> str:
        command = f"python -m tests.simulation --seed {self.seed} --days {self.asked_days:g}"
        return f"seed {self.seed}\n{self.story}\n  To see it again: {command}"


def play(seed: int, days: float = DAYS) -> Outcome:
    """Live one life to its end, or to the first break of the law."""
    life = Life(seed)
    rule: str | None = None
    story = ""
    try:
        Player(life).play(days)
    except Finding as finding:
        rule, story = finding.rule, _story(life, str(finding))
    except Exception:  # noqa: BLE001 - whatever the machine raises is a finding as well
        rule, story = "crash", _story(life, traceback.format_exc())
    life.referee.eyes.close_the_books()
    return Outcome(
        seed=seed,
        days=life.days or life.age_days(),
        asked_days=days,
        rule=rule,
        story=story,
        days_in=dict(life.referee.eyes.days_in),
        messages=Counter(letter.said for letter in life.referee.post.letters.values()),
    )


def _story(life: Life, what: str) -> str:
    return f"{life.calendar.now:%Y-%m-%d %H:%M:%S.%f}  {what}\n  {life.traits}\n{life.tape}"


def play_for(seconds: float, first_seed: int, days: float) -> Iterator[Outcome]:
    """Play on every processor until the time is over; each seed once, in about their order."""
    end = time.monotonic() + seconds
    seeds = count(first_seed)
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, initializer=_prepare) as pool:
        playing: set[Future[Outcome]] = set()
        while time.monotonic() < end:
            while len(playing) < 2 * workers:
                playing.add(pool.submit(play, next(seeds), days))
            done, playing = wait(playing, timeout=1, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
        yield from (future.result() for future in playing if not future.cancel())


def _prepare() -> None:
    """What a life leaves behind is collected seldom: it costs a tenth of the time otherwise."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
