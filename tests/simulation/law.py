"""The sentences of the law that the referee watches over, and what it says when one is broken.

The numbers are those of the law of statuses and messages; P is its table of precedence.
"""

from dataclasses import dataclass

LAW: dict[str, str] = {
    "P": "The first line of the table of precedence that holds gives the status.",
    "S1": "Codes refresh for a bounded number of rounds; then a press, and only that, brings a new one.",
    "S2": "Just a minute while connecting and catching up, then Active.",
    "S3": "Disable: at once Disabled; the link is closed, nothing is received, keys are kept.",
    "S4": "Not paid: the link is closed, keys are kept; after the top-up it resumes without a scan.",
    "S5": "Logged out: Scan QR until a person scans. Keys are destroyed only on proof of logout.",
    "S6": "A wrong number that scans is told so, is forgotten, and nothing is released to it.",
    "S7": "Houston takes back by itself, but not when it did so 5 times in the last 10 minutes.",
    "S8": "Active within 3 minutes after what prevented it is over, whatever backoff it had reached.",
    "S9": "A link that says up but proves nothing is not Active: probe, then reconnect.",
    "S10": "Deleted: soft, repeatable, and restorable for 30 days with its queue; not later.",
    "S11": "Every change is recorded: from, to, reason, actor, time; and nothing else is.",
    "S12": "Commands are idempotent: a repeat changes nothing.",
    "S13": "A channel is held by exactly one node, and driven to what is wanted: it never sleeps.",
    "M1": "Refused: nothing is stored, nothing is sent later, and the code names the reason.",
    "M2": "Held: accepted, kept without limit of time, sent when the channel is Active.",
    "M3": "What was accepted stays accepted, and is sent when the channel works again.",
    "M5": "Per chat strictly first in, first out, over restarts, retries and moves.",
    "M6": "Never twice: an uncertain attempt is repeated with the same id, or not at all.",
    "M7": "What is said of a message is true, and only moves forward.",
    "M8": "What was cancelled while it waited is not sent.",
    "M9": "The flush of a waiting queue is paced: a burst, and then so many a minute.",
    "I1": "What comes in is saved once, whatever the status is.",
    "I2": "Everything WhatsApp kept is retrieved: in order, once, with its own time, marked so.",
}


@dataclass
class Finding(Exception):
    """The law was broken. `what` says how, in words that can be checked against the story."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {LAW[self.rule]}\n  {self.what}"
