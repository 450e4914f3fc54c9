"""The wording of notices, all languages that there are."""

from functools import cache

from houston.curators.words import Texts
from houston.kernel.texts import texts_of


@cache
def notice_texts() -> dict[str, Texts]:
    return texts_of("notice", Texts)
