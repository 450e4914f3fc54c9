"""The words that people read for a status: title, meaning, what to do, button, why, what next.

The wording itself lies in `texts/status.*.json`, where the browser reads it too. Nothing is read
from there here: the texts come in as an argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from houston.channels.shown import Shown
from houston.kernel.words import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    """How one status is worded. `todo_too_late` takes the place of `todo` without a button."""

    title: str
    meaning: str
    todo: str
    todo_too_late: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonText:
    """How one reason is worded; some mean or ask for something else than their status does."""

    text: str
    meaning: str | None = None
    todo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The wording in one language, by code."""

    statuses: Mapping[str, StatusText]
    reasons: Mapping[str, ReasonText]
    actions: Mapping[str, str]
    next_steps: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person reads."""

    title: str
    meaning: str
    todo: str
    button: str | None
    reason: str
    next_step: str | None


def words(shown: Shown, language: str, texts: Mapping[str, Texts]) -> Words:
    """The words for what is shown. A language that we do not speak is answered in English."""
    spoken = nearest(language, texts)
    status = spoken.statuses[shown.status]
    why = spoken.reasons[shown.reason]
    detail, step = shown.detail or "-", shown.next_step
    too_late = status.todo_too_late if shown.action is None else None
    return Words(
        title=status.title,
        meaning=why.meaning or status.meaning,
        todo=why.todo or too_late or status.todo,
        button=None if shown.action is None else spoken.actions[shown.action],
        reason=why.text.format(detail=detail),
        next_step=None if step is None else spoken.next_steps[step].format(detail=detail),
    )
