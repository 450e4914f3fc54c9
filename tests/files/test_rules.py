"""Names and kinds of files, as tables; what a browser may show in its place."""

import pytest

from houston.files.api import disposition
from houston.files.rules import (
    NothingThere,
    Span,
    check_mime,
    check_name,
    link_hash,
    opens,
    span,
)
from houston.kernel.errors import BadRequest


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Счёт №5.pdf", "Счёт №5.pdf"),
        (" spaced.txt ", "spaced.txt"),
    ],
)
def test_a_file_keeps_the_last_part_of_its_name(given: str, kept: str) -> None:
    assert check_name(given) == kept


@pytest.mark.parametrize("name", ["", "..", "folder/", "a\x00b", "line\nfeed", "x" * 121])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="name is"):
        check_name(name)


@pytest.mark.parametrize(
    ("said", "mime"),
    [
        ("image/PNG", "image/png"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("", "application/octet-stream"),
    ],
)
def test_a_kind_is_what_the_header_says_without_its_parameters(said: str, mime: str) -> None:
    assert check_mime(said) == mime


@pytest.mark.parametrize("said", ["png", "image/", "image/p\r\nx: y", "*/*"])
def test_what_is_no_kind_is_refused(said: str) -> None:
    with pytest.raises(BadRequest, match="Content-Type"):
        check_mime(said)


@pytest.mark.parametrize(
    ("mime", "way"),
    [
        ("image/png", "inline"),
        ("video/mp4", "inline"),
        ("audio/ogg", "inline"),
        ("text/html", "attachment"),
        ("image/svg+xml", "attachment"),
        ("application/pdf", "attachment"),
    ],
)
def test_only_what_can_carry_no_program_is_shown_in_its_place(mime: str, way: str) -> None:
    said = disposition('a "b"; c.x', mime)
    assert said == f"{way}; filename*=UTF-8''a%20%22b%22%3B%20c.x"


def test_a_link_is_opened_by_its_key_alone() -> None:
    assert opens("key", link_hash("key"))
    assert not opens("Key", link_hash("key"))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, None),
        ("bytes=0-", Span(0, 10)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=3-6", Span(3, 7)),
        ("bytes=3-99", Span(3, 10)),
        ("bytes=-4", Span(6, 10)),
        ("bytes=-99", Span(0, 10)),
        ("bytes=-", None),
        ("bytes=6-3", None),
        ("bytes=0-1,4-5", None),
        ("lines=1-2", None),
    ],
)
def test_a_part_is_found_as_the_standard_says(asked: str | None, given: Span | None) -> None:
    assert span(asked, 10) == given


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_behind_the_end_there_is_nothing(asked: str) -> None:
    with pytest.raises(NothingThere):
        span(asked, 10)
