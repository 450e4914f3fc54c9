"""The wording of statuses, all languages that there are."""

from functools import cache

from houston.channels.words import Texts
from houston.kernel.texts import texts_of


@cache
def status_texts() -> dict[str, Texts]:
    return texts_of("status", Texts)
