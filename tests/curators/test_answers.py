"""Curators who answer a notice in WhatsApp; loops moved by hand, answers as facts of the feed."""

from houston.channels.state import Status
from houston.kernel.ids import ChannelId
from tests.curators.conftest import MARY, Office

FIRST, SECOND, THIRD = "79990000001", "79990000002", "79990000003"
JOHN = "79165550002"
QUARTER = 15 * 60
DAYS = 7 * 86_400


async def called(office: Office) -> tuple[ChannelId, ChannelId]:
    """Mary is told at once that a channel stopped, John would be a quarter of an hour later."""
    down, works = await office.channel(FIRST), await office.channel(SECOND)
    await office.curator()
    await office.curator(JOHN, after_minutes=15)
    await office.turns(down, Status.SCAN_QR)
    assert [address for _, address, _ in await office.queued()] == [MARY]
    return down, works


async def told(office: Office) -> list[str]:
    return [address for _, address, _ in await office.queued()]


async def test_who_answers_is_reminded_no_more_and_nobody_else_is_called(office: Office) -> None:
    down, works = await called(office)
    await office.says(MARY, works)
    await office.passes(QUARTER)
    await office.passes(DAYS)
    assert await told(office) == [MARY]

    await office.turns(down, Status.ACTIVE, old=Status.SCAN_QR)
    await office.passes(QUARTER)
    assert await told(office) == [MARY, MARY]


async def test_only_an_answer_of_a_curator_after_the_notice_where_it_came_from_counts(
    office: Office,
) -> None:
    _, works = await called(office)
    elsewhere = await office.channel(THIRD)
    await office.says("79165559999", works)
    await office.says(JOHN, works)
    await office.says(MARY, elsewhere)
    await office.says(MARY, works, echo=True)
    await office.says(MARY, works, ago_seconds=60)
    await office.passes(QUARTER)
    assert await told(office) == [MARY, JOHN]


async def test_an_answer_is_about_all_that_was_told_in_that_chat_and_about_nothing_later(
    office: Office,
) -> None:
    _, works = await called(office)
    second = await office.channel(THIRD)
    await office.says(MARY, works)
    await office.turns(second, Status.SCAN_QR)
    await office.passes(QUARTER)
    assert (await told(office)).count(JOHN) == 1


async def test_a_notice_says_what_an_answer_does_only_where_it_can_be_answered(
    office: Office,
) -> None:
    down, last = await office.channel(FIRST), await office.channel(SECOND)
    await office.curator(routes=["json://mail"])
    await office.turns(down, Status.SCAN_QR)
    await office.turns(last, Status.SCAN_QR)
    [(_, _, text)] = await office.queued()
    [(_, carried)] = office.post.came
    assert "Answer this message" in text
    assert "Answer" not in carried
