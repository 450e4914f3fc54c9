"""What the state of a connection means, what to do about it, and what went wrong, in words for people. Pure."""

from collections.abc import Mapping

from houston.crm.connector import Finding
from houston.crm.rules import State
from houston.kernel.words import Integrations, Told, nearest


def words(language: str, state: State, texts: Mapping[str, Integrations]) -> Told:
    """The words in a language that we speak, or else in English."""
    return nearest(language, texts).states["crm"][state]


def fault_words(language: str, fault: str | None, texts: Mapping[str, Integrations]) -> str | None:
    """What went wrong the last time, for those who do not read what CRMs answer."""
    return None if fault is None else nearest(language, texts).faults[fault]


def finding_words(
    language: str,
    kind: str,
    finding: Finding,
    channels: Mapping[str, str],
    texts: Mapping[str, Integrations],
) -> str:
    """What a test has looked at, with the names of the channels that it speaks of."""
    values = dict(finding.values)
    if "channel" in values:
        values["channel"] = channels.get(values["channel"], values["channel"])
    return nearest(language, texts).findings[kind][finding.name].format(**values)
