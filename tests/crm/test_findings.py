"""What the test of a connection says: the words are compared with each other and with the sources."""

import re
from pathlib import Path

import pytest

import houston.crm
from houston.crm.connector import Finding
from houston.crm.words import finding_words
from houston.kernel.texts import integration_texts

_SOURCES = Path(houston.crm.__file__).parent
_NAMED = re.compile(r'Finding\(.+?, "(\w+)"(?: if \w+ else "(\w+)")?')
_WITHOUT = re.compile(r'_without\(\w+, "(\w+)"')


def named_in(kind: str) -> set[str]:
    """The findings that a connector can come to, off its source."""
    files = [*(_SOURCES / kind).glob("*.py"), *_SOURCES.glob(f"{kind}.py")]
    source = "\n".join(file.read_text("utf-8") for file in files)
    single = {name for pair in _NAMED.findall(source) for name in pair if name}
    return single | {one for name in _WITHOUT.findall(source) for one in (name, f"{name}_missing")}


@pytest.mark.parametrize("kind", ["amocrm", "bitrix24", "chatwoot", "planfix"])
@pytest.mark.parametrize("language", ["en", "ru", "es", "pt"])
def test_every_finding_has_words_in_every_language_that_name_the_same(kind: str, language: str):
    told, english = (integration_texts()[one].findings[kind] for one in (language, "en"))
    assert named_in(kind) == set(told)
    for name, text in told.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[name])), name
        assert language == "en" or text != english[name]


def test_a_channel_is_called_by_its_name():
    finding = Finding(True, "line_on", {"channel": "an-id", "line": "108"})
    told = finding_words("ru-RU", "bitrix24", finding, {"an-id": "Sales"}, integration_texts())
    assert told == "Канал Sales включён в открытой линии 108"
