"""What is measured. Each section prints its figures beside their aims."""

import statistics
import sys
import time
from datetime import UTC, datetime
from functools import partial
from itertools import count

from bench.meter import cost, resident_bytes
from bench.town import load, message_plan, program, town
from tests.acceptance.storm import rounds
from tests.acceptance.town import Town, until

ROUNDS = 3
SECONDS = 4.0
CONNECTIONS = 64


def tell(what: str, figure: str, aim: str = "", met: bool | None = None) -> None:
    judged = "" if met is None else ("  met" if met else "  MISSED")
    sys.stdout.write(f"{what:<58} {figure:>22}  {aim}{judged}\n")
    sys.stdout.flush()


def accept() -> None:
    """Durable acceptance against a bare echo, in turn, so that the machine's moods cancel out."""
    ratios, each, seconds = [], [], []
    with town() as here, program("bench.echo") as echo:
        here.whatsapp.do(here.paired["phone"], "offline")
        here.becomes(here.paired, "PHONE_UNAVAILABLE")
        pid, starts = here.houston.process.pid, count(0, 1_000_000)
        for _ in range(ROUNDS):
            plan = message_plan(here, next(starts))
            before = cost(echo.pid)
            echoed = load(echo.url, SECONDS, CONNECTIONS, plan)["good"]
            bare = cost(echo.pid).since(before).python / echoed
            before = cost(pid)
            done = load(here.card["url"], SECONDS, CONNECTIONS, plan)
            spent = cost(pid).since(before)
            assert not done["bad"], done
            ratios.append(bare / (spent.python / done["good"]))
            each.append(spent.both / done["good"] * 1e6)
            seconds.append(done["good"] / SECONDS)
    ratio, micros = statistics.median(ratios), statistics.median(each)
    tell(
        "accept, requests per CPU second of the server, vs echo",
        f"{ratio:.2f}",
        ">= 0.35",
        ratio >= 0.35,
    )
    tell(
        "accept, CPU per message, Python + PostgreSQL",
        f"{micros:.0f} us",
        "<= 250 us",
        micros <= 250,
    )
    tell("accept, messages per second on this machine", f"{statistics.median(seconds):.0f}")


def life() -> None:
    """Accepted, sent, delivered, and all of it told to a webhook."""
    with town() as here, program("bench.receiver") as hook:
        chosen = {"webhooksUri": hook.url, "subscriptions": {"messagesAndStatuses": True}}
        here.api.v3.patch("/webhooks", json=chosen).raise_for_status()
        pid = here.houston.process.pid
        before, began = cost(pid), time.monotonic()
        done = load(here.card["url"], SECONDS, CONNECTIONS, message_plan(here, 0))["good"]
        until(lambda: here.whatsapp.stats()["delivered"] >= done, 120)
        until(lambda: _told(here, hook.url) >= done, 120, "all webhooks came")
        spent, seconds = cost(pid).since(before), time.monotonic() - began
    tell("whole life to the webhook, messages per CPU second", f"{done / spent.both:.0f}")
    tell(
        "whole life, CPU per message, Python / PostgreSQL",
        f"{spent.python / done * 1e6:.0f} / {spent.postgres / done * 1e6:.0f} us",
    )
    tell("whole life, messages per second on this machine", f"{done / seconds:.0f}")


def latency() -> None:
    """From the caller's request to the simulated WhatsApp, with idle queues."""
    took = []
    with town() as here:
        for number in range(300):
            began = datetime.now(UTC)
            here.api.send(here.paired["id"], "79161112233", f"latency #{number}").raise_for_status()
            arrived = until(partial(_arrival, here, number), 5)
            took.append((arrived - began).total_seconds())
    took.sort()
    p50, p99 = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    tell("accept to WhatsApp, p50, idle queues", f"{p50:.1f} ms", "<= 15 ms", p50 <= 15)
    tell("accept to WhatsApp, p99", f"{p99:.1f} ms")


def kill() -> None:
    """Fifty kills under load, judged by WhatsApp's books."""
    with town() as here:
        verdict = rounds(here, 50, seed=1, tell=lambda line: tell("kill", line[:60]))
    tell("kills under load", f"{verdict.rounds}, {verdict.accepted} accepted")
    zero = f"{verdict.lost} / {verdict.repeats} / {verdict.reordered}"
    tell("lost / doubled / out of order", zero, "0 / 0 / 0", verdict.clean)
    tell(
        "incoming lost / doubled",
        f"{verdict.incoming_lost} / {verdict.incoming_doubled}",
        "0 / 0",
        verdict.clean,
    )


def memory_of(here: Town) -> int:
    return resident_bytes(here.houston.process.pid)


def _told(here: Town, hook: str) -> int:
    found = here.api.open.get(hook).json()
    return int(found.get("delivered", 0))


def _arrival(here: Town, number: int) -> datetime | None:
    """When it arrived, as WhatsApp's books have it; all processes of a machine share one clock."""
    inbox = here.whatsapp.inbox("79161112233")
    if not inbox or inbox[-1]["text"] != f"latency #{number}":
        return None
    return datetime.fromisoformat(inbox[-1]["at"])
