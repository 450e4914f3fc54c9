"""Which language an Accept-Language header chooses: a table."""

import pytest

from houston.kernel.language import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("RU-ru", "ru"),
        ("pt-BR", "pt"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en;q=0.2, es ; q=0.7", "es"),
        ("es,pt", "es"),
        ("pt;q=0.5,es;q=0.5", "pt"),
        ("de", "en"),
        ("de,ru;q=0.3", "ru"),
        ("de-DE,de;q=0.9,en;q=0.8,ru;q=0.7", "en"),
        ("*", "en"),
        ("ru;q=0,*", "en"),
        ("en;q=0,*;q=0.5", "ru"),
        ("*;q=0.1,es;q=0.05", "en"),
        ("ru;q=0", "en"),
        ("en-GB;q=0.1,en;q=0.9,ru;q=0.5", "en"),
        ("ru;q=1.5,es", "es"),
        ("ru;level=1,es;q=0.1", "es"),
        (",;,=;q,пт,es", "es"),
        ("x" * 10_000 + ",ru", "en"),
    ],
)
def test_the_language_that_is_liked_best_is_spoken(header: str, language: str) -> None:
    assert language_of(header) == language
