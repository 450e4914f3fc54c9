"""Holds what transports say of themselves against the law; nothing is connected."""

from houston.transports import linked, simulator


def test_m9_a_played_number_has_no_pace_and_a_linked_one_that_of_a_person() -> None:
    assert simulator.CAPABILITIES.pacing.per_minute is None
    human = linked.CAPABILITIES.pacing
    assert human.per_minute is not None
    assert human.per_minute <= 60
    assert human.burst <= 20
