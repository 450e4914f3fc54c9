"""The wording of statuses, all languages that there are."""

from dataclasses import dataclass
from functools import cache

from houston.channels.state import Status
from houston.channels.words import Texts
from houston.kernel.texts import texts_of
from houston.kernel.words import nearest


@cache
def status_texts() -> dict[str, Texts]:
    return texts_of("status", Texts)


@dataclass(frozen=True, slots=True)
class StatusNamed:
    """A status in a sentence: its code for programs that read English, its title for everybody else."""

    status: Status

    def __str__(self) -> str:
        return self.status

    def in_language(self, language: str) -> str:
        return nearest(language, status_texts()).statuses[self.status].title
