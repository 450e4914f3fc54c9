"""Sentences said in other languages, and texts of others known again. The catalogues are the real ones."""

import time

import msgspec
import pytest

from houston.kernel.sentence import say
from houston.kernel.telling import tell, tell_text
from tests.kernel.foreign import OF_LITESTAR, OF_MSGSPEC

CUT = "The portal did not take it: "


def test_a_sentence_is_said_with_its_values_in_the_readers_language():
    said = say("Your role does not let you {deed}", deed=say("write here"))

    assert tell(said, "en") == "Your role does not let you write here"
    assert tell(said, "ru") == "Ваша роль не позволяет здесь писать"
    assert tell("There is no such chat", "es") == "No existe ese chat"


def test_numbers_are_written_as_the_language_writes_them():
    said = say("The file is larger than {max:,} bytes", max=1_234_567)

    assert tell(said, "en") == "The file is larger than 1,234,567 bytes"
    assert "1\u00a0234\u00a0567" in tell(said, "ru")
    assert "1.234.567" in tell(said, "pt")


def test_what_people_wrote_stays_as_they_wrote_it():
    said = say("There is a template “{name}” already", name="{name} {0} manager, or not")

    for language in ("en", "ru", "es", "pt"):
        assert "{name} {0} manager, or not" in tell(said, language)


def test_a_sentence_without_words_is_said_in_english_and_so_is_a_language_of_others():
    said = say("Nobody ever said {what}", what=say("write here"))

    assert tell(said, "ru") == "Nobody ever said здесь писать"
    assert tell(said, "tlh") == "Nobody ever said write here"


@pytest.mark.parametrize("sentence", OF_MSGSPEC)
def test_what_msgspec_finds_wrong_is_known_again(sentence: str):
    wanted, content = OF_MSGSPEC[sentence]
    with pytest.raises(msgspec.DecodeError) as found:
        msgspec.json.decode(content, type=wanted, strict=False)
    text = str(found.value)

    assert tell_text(text, "en") == text
    for language in ("ru", "es", "pt"):
        began = tell(sentence, language).partition("{")[0]
        assert began in tell_text(text, language), text
    assert not {"Expected", "Invalid", "malformed", "missing"} & set(tell_text(text, "ru").split())


@pytest.mark.parametrize("sentence", OF_LITESTAR)
def test_what_the_framework_finds_wrong_is_known_again(sentence: str):
    text = OF_LITESTAR[sentence]

    assert tell_text(text, "ru").startswith(tell(sentence, "ru").partition("{")[0])
    assert tell_text(text, "ru") != text


@pytest.mark.parametrize(
    ("stored", "russian"),
    [
        ("No answer within 15 seconds", "Ответа не было, секунд прошло: 15"),
        (
            "The connector was not registered: No answer within 15 seconds",
            "Коннектор не зарегистрирован: Ответа не было, секунд прошло: 15",
        ),
        ("The portal asks for a pause (QUERY_LIMIT)", "Портал просит паузу (QUERY_LIMIT)"),
        ("Houston stumbled over it: KeyError('a')", "Хьюстон об это споткнулся: KeyError('a')"),
        ("The signature is wrong. Try again", "Подпись неверна. Попробуйте ещё раз"),
        ("Object contains unknown field `seller`", "Лишнее поле `seller`"),
    ],
)
def test_a_text_that_was_stored_is_known_again_with_what_is_inside(stored: str, russian: str):
    assert tell_text(stored, "ru") == russian


@pytest.mark.parametrize(
    "text", ["HTTP 401 Unauthorized (x)", "This is bad: really", "one or the other", "", ". "]
)
def test_the_words_of_others_stay_as_they_are(text: str):
    assert tell_text(text, "ru") == text


@pytest.mark.parametrize(
    "part", [" is : ", ". ", " or ", " (byte ", "` got `", "JSON is malformed: "]
)
def test_nobody_can_make_it_think_for_long(part: str):
    began = time.process_time()

    for length in (400, 500, 1_000_000):
        tell_text(CUT + (part * length)[: length - len(CUT)], "ru")

    assert time.process_time() - began < 0.5
