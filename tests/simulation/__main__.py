"""Plays lives of channels before a referee. The exit code is 1 if the law was broken."""

import argparse
import sys
import time
from collections import Counter, defaultdict

from tests.simulation.run import DAYS, Outcome, play, play_for


def main() -> int:
    asked = _asked()
    if asked.seed is not None:
        outcome = play(asked.seed, asked.days)
        print(
            outcome if outcome.rule else f"seed {asked.seed}: {outcome.days:.0f} days, all lawful"
        )
        return 1 if outcome.rule else 0
    first_seed = time.time_ns() // 1_000_000 % 1_000_000_000
    print(f"Lives of {asked.days:g} days from seed {first_seed} on, for {asked.seconds:g} s")
    return _play_many(first_seed, asked.days, asked.seconds)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument(
        "seed_alone", nargs="?", type=int, metavar="SEED", help="the same as --seed"
    )
    parser.add_argument("--seed", type=int, help="play this one life only")
    parser.add_argument("--days", type=float, default=DAYS, help="how long a life is (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="how long to play (%(default)s)"
    )
    asked = parser.parse_args()
    asked.seed = asked.seed if asked.seed is not None else asked.seed_alone
    return asked


def _play_many(first_seed: int, days: float, seconds: float) -> int:
    start = time.monotonic()
    outcomes: list[Outcome] = []
    for outcome in play_for(seconds, first_seed, days):
        outcomes.append(outcome)
        if outcome.rule:
            print(f"\n{outcome}")
            break
    _sum_up(outcomes, time.monotonic() - start)
    return 1 if any(outcome.rule for outcome in outcomes) else 0


def _sum_up(outcomes: list[Outcome], seconds: float) -> None:
    days = sum(outcome.days for outcome in outcomes)
    days_in: defaultdict[str, float] = defaultdict(float)
    messages: Counter[str] = Counter()
    for outcome in outcomes:
        for word, days_there in outcome.days_in.items():
            days_in[word] += days_there
        messages.update(outcome.messages)
    print(f"\n{len(outcomes)} lives, {days:,.0f} channel-days in {seconds:.0f} s:", end=" ")
    print(f"{60 * days / seconds:,.0f} a minute")
    print("Days spent in " + ", ".join(f"{word} {days_in[word]:,.1f}" for word in sorted(days_in)))
    print("Messages " + ", ".join(f"{word} {messages[word]:,}" for word in sorted(messages)))
    broken = [outcome for outcome in outcomes if outcome.rule]
    print("The law was broken." if broken else "The law was kept.")


if __name__ == "__main__":
    sys.exit(main())
