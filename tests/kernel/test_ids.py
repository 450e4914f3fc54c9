"""Ids are unique, sorted by the time of their making, and the same chat always has the same one."""

import time
from uuid import UUID

from houston.kernel.ids import ChannelId, chat_id, new_id


def test_ids_are_unique() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_a_later_id_sorts_after_an_earlier_one() -> None:
    made = []
    for _ in range(5):
        made.append(new_id())
        time.sleep(0.002)
    assert sorted(made) == made
    assert {one.version for one in made} == {7}


def test_a_chat_is_known_by_its_channel_and_address() -> None:
    channel, other = ChannelId(new_id()), ChannelId(new_id())
    assert chat_id(channel, "79991110001") == chat_id(channel, "79991110001")
    assert len({chat_id(c, a) for c in (channel, other) for a in ("1", "2")}) == 4


def test_the_id_of_a_chat_never_changes_from_one_version_to_the_next() -> None:
    """It is stored; a chat that is computed anew must be found again."""
    channel = ChannelId(UUID(int=1))
    assert chat_id(channel, "79991110001") == UUID("bea8d4c4-7706-57eb-ae62-937fd5674bd9")
