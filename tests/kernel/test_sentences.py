"""Every sentence that the code can say is held against the catalogues; the code is read, not run.

What the finder misses or wrongly allows is proved on planted files, as in test_tidy.py.
"""

import json
import re
from pathlib import PurePosixPath

import pytest

from houston.kernel.language import LANGUAGES
from houston.kernel.words import LANGUAGE
from tests.house_files import ROOT, File, house
from tests.kernel.foreign import FOREIGN
from tests.sentences import Found, places, sentences
from tests.tidy import Complaint

OTHERS = sorted(LANGUAGES.keys() - {LANGUAGE})
AS_THEY_ARE = {"https://", "providerId", "Set HOUSTON_", "{what}. {cure}", "{why} ({code})"}
"""How sentences begin that may be the same in Russian: names of things, and what only puts others together."""


def wording(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(
        (ROOT / f"src/houston/texts/sentence.{language}.json").read_text("utf-8")
    )
    return found


@pytest.fixture(scope="module")
def said() -> list[Found | Complaint]:
    return list(sentences(house()))


def test_every_sentence_can_be_read_off_the_code(said: list[Found | Complaint]):
    complaints = [str(one) for one in said if isinstance(one, Complaint)]

    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_words_in_every_language(language: str, said: list[Found | Complaint]):
    known = wording(language)
    found = {one.text: one.where for one in said if isinstance(one, Found)}

    missing = [f"{where}: {text}" for text, where in found.items() if text not in known]

    assert len(found) > 300
    assert not missing, f"add to texts/sentence.{language}.json:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalogue_holds_what_nobody_says(language: str, said: list[Found | Complaint]):
    ours = {one.text for one in said if isinstance(one, Found)}

    assert wording(language).keys() - ours - FOREIGN == set()
    assert wording(language).keys() >= FOREIGN


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_names_the_same_in_every_language(language: str):
    known = wording(language)

    assert [english for english, text in known.items() if places(english) != places(text)] == []
    assert [english for english, text in known.items() if not text.strip()] == []
    assert list(known) == sorted(known), "sort them, so that two who add some seldom meet"


def test_russian_is_written_in_russian():
    known = {
        english: text
        for english, text in wording("ru").items()
        if not english.startswith(tuple(AS_THEY_ARE))
    }

    assert [text for text in known.values() if not re.search("[а-яё]", text.lower())] == []


@pytest.mark.parametrize(
    "code",
    [
        'raise NotFound(f"There is no {name}", "Look again")',
        'raise NotFound("There is none", cure)',
        'raise NotFound("There is none", cure.capitalize())',
        'raise NotFound("There is none")',
        "raise NotFound(*why())",
        'raise BadRequest("name", name, "use " + most)',
        'raise BadRequest("name", name, f"use {most}")',
        'cure = f"use {most}"\nraise BadRequest("name", name, cure)',
        'raise OutOfReach(f"It is gone: {error}")',
        'say("use {min} to {max}", min=1)',
        'say("use {min}", min=1, max=2)',
        "say(text)",
        'say(f"use {most}")',
    ],
)
def test_a_sentence_that_cannot_be_translated_is_complained_of(code: str):
    (complaint, *_) = [one for one in _of(code) if isinstance(one, Complaint)]
    assert complaint.where.startswith("src/houston/a.py:")


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('raise NotFound("There is none", "Look")', {"There is none", "Look"}),
        ('raise NotFound("None", "A" if x else "B")', {"None", "A", "B"}),
        ('raise NotFound(what="None", cure="A")', {"None", "A"}),
        ('cure = "A"\nraise errors.Conflict("None", cure)', {"None", "A"}),
        ('raise ChannelRefuses("CODE", "None", "A")', {"None", "A"}),
        ('raise TooMany("None", say("{s} s", s=s), s)', {"None", "{s} s"}),
        ('def f(cure: Sentence):\n raise Conflict("None", cure)\nf(say("A"))', {"None", "A"}),
        ('def f() -> Sentence: ...\nraise Conflict("None", f())', {"None"}),
    ],
)
def test_a_sentence_is_found_wherever_it_stands(code: str, texts: set[str]):
    assert {one.text for one in _of(code) if isinstance(one, Found)} == texts
    assert not [one for one in _of(code) if isinstance(one, Complaint)]


def _of(code: str) -> list[Found | Complaint]:
    return list(sentences([File(PurePosixPath("src/houston/a.py"), code)]))
