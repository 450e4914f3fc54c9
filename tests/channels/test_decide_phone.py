"""What happens while the phone is away and when it is back, by the calendar (law S8)."""

import pytest

from houston.channels.orders import Claimed, Probed
from houston.channels.state import Link, Status
from houston.transports.events import Alive, Offline, PhoneLost, PhoneSeen
from tests.channels.life import Life, active_channel


def phone_gone(*, sends_without_phone: bool = False) -> Life:
    life = active_channel(sends_without_phone=sends_without_phone)
    life.hear(PhoneLost(life.now))
    return life.forget()


def test_a_phone_that_is_gone_is_shown_whatever_the_link_does():
    life = phone_gone()
    assert (life.status, life.state.link) == (Status.PHONE_UNAVAILABLE, Link.UP)
    life.hear(Offline("phone"))
    life.wait(60)
    assert life.status is Status.PHONE_UNAVAILABLE
    life.hear(Claimed())
    assert life.status is Status.PHONE_UNAVAILABLE


@pytest.mark.parametrize("hours", [0, 1, 30, 200])
@pytest.mark.parametrize("refuses", [True, False])
def test_it_is_active_within_three_minutes_after_the_phone_is_back(hours, refuses):
    life = phone_gone()
    for _ in range(hours * 120 + 1):
        life.wait(31)
        if refuses and life.state.link is Link.CONNECTING:
            life.hear(Offline("phone"))
    assert life.shown.status is Status.PHONE_UNAVAILABLE
    life.live_well(3 * 60)
    assert life.status is Status.ACTIVE


def test_a_sign_of_the_phone_makes_it_active_at_once():
    life = phone_gone()
    life.hear(PhoneSeen(life.at(1)))
    assert life.status is Status.ACTIVE


def test_a_phone_that_is_back_while_the_link_is_down_is_not_kept_waiting():
    life = phone_gone()
    for _ in range(8):
        life.hear(Offline("phone"))
        life.wait(0 if life.state.wire_open else 30)
    life.hear(Offline("phone"))
    assert life.hear(PhoneSeen(life.now)) == ["Connect"]


def test_an_old_sign_of_the_phone_says_nothing():
    life = active_channel(sends_without_phone=True)
    seen_last = life.now
    life.wait(60)
    life.hear(PhoneLost(life.now), PhoneSeen(seen_last))
    assert life.status is Status.PHONE_UNAVAILABLE


def test_a_probe_proves_the_phone_only_where_the_phone_must_answer_it():
    without, needed = phone_gone(sends_without_phone=True), phone_gone()
    for life in (without, needed):
        assert life.wait(30) == ["Probe"]
        life.hear(Probed(ok=True))
    assert (without.status, needed.status) == (Status.PHONE_UNAVAILABLE, Status.ACTIVE)


def test_an_answer_of_the_phone_counts_although_a_frame_came_before_it():
    """A frame proves the link, and the probe with it, but not the phone; its answer was ignored."""
    life = phone_gone()
    assert life.wait(30) == ["Probe"]
    seen = []
    for word in (Alive(life.at(1)), Probed(ok=True)):
        life.hear(word)
        seen.append(life.status)
    assert seen == [Status.PHONE_UNAVAILABLE, Status.ACTIVE]


def test_the_phone_is_looked_for_every_thirty_seconds():
    life = phone_gone(sends_without_phone=True)
    probes = 0
    for _ in range(600):
        if "Probe" in life.wait(1):
            probes += 1
            life.hear(Probed(ok=True), Alive(life.now))
    assert probes == 20


def test_a_second_loss_of_the_phone_does_not_move_the_first():
    life = phone_gone()
    first = life.state.phone_lost_at
    life.wait(10)
    life.hear(PhoneLost(life.now))
    assert life.state.phone_lost_at == first
