"""The pure parts, as tables: PHP's forms, and BBCode to WhatsApp's marks and back."""

import time

import pytest

from houston.crm.bitrix24.bbcode import escaped, to_whatsapp
from houston.crm.bitrix24.form import unfolded


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", {}),
        (b"a=1&b=", {"a": "1", "b": ""}),
        (b"a[b][0][c]=1&a[b][1][c]=2", {"a": {"b": [{"c": "1"}, {"c": "2"}]}}),
        (b"a%5Bb%5D%5B0%5D=%D0%B4%D0%B0", {"a": {"b": ["да"]}}),
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (b"a[1]=1&a[0]=0", {"a": {"1": "1", "0": "0"}}),
        (b"a=1&a[b]=2", {}),
        (b"a[b]=1&a=2", {"a": "2"}),
        (b"a[b=1", {}),
        (b"[a]=1", {}),
        (b"\xff", {}),
        (b"a" + b"[b]" * 7 + b"=1", {"a": {"b": {"b": {"b": {"b": {"b": {"b": {"b": "1"}}}}}}}}),
        (b"a" + b"[b]" * 8 + b"=1", {}),
        (b"&".join(b"a%d=1" % n for n in range(2001)), {}),
    ],
)
def test_a_form_is_unfolded_as_php_means_it_or_not_at_all(body: bytes, said: dict[str, object]):
    assert unfolded(body) == said


@pytest.mark.parametrize(
    ("bbcode", "shown"),
    [
        ("plain", "plain"),
        (
            "[b]bold[/b] [I]it[/I] [s]no[/s] [u]under[/u] [code]x = 1[/code]",
            "*bold* _it_ ~no~ under ```x = 1```",
        ),
        ("[b] spaced [/b]!", " *spaced* !"),
        ("[b][i]both[/i][/b]", "*_both_*"),
        ("[b][/b]", ""),
        ("one[br]two[BR /]three", "one\ntwo\nthree"),
        ("[url]https://a.b/?c=1&d=2[/url]", "https://a.b/?c=1&d=2"),
        ("[url=https://a.b]https://a.b[/url]", "https://a.b"),
        ("[url=https://a.b]here[/url]", "here (https://a.b)"),
        ("[user=27]Olga[/user] [color=#f00]red[/color]", "Olga red"),
        ("[1] a [x] b]", "[1] a [x] b]"),
        ("[b]open", "open"),
    ],
)
def test_an_operators_marks_are_whatsapps(bbcode: str, shown: str):
    assert to_whatsapp(bbcode) == shown


@pytest.mark.parametrize("text", ["[b]x[/b]", "[user=1]x[/user]", "[[b]]", "[*] [1] [ b]", "plain"])
def test_what_was_escaped_is_no_bbcode_and_comes_back_as_it_was(text: str):
    assert to_whatsapp(escaped(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "[b]" * 30_000,
        "[b][i][url]" * 10_000,
        "[url=" * 20_000,
        "[b]" + " " * 100_000 + "[/i]",
        "[b]" * 10_000 + "x" + "[/b]" * 10_000,
        "[b]x[/b]" * 20_000,
    ],
    ids=len,
)
def test_nobody_waits_for_a_text_however_it_is_made(text: str):
    began = time.process_time()

    to_whatsapp(text)

    assert time.process_time() - began < 1
