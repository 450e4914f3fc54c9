"""Reactions over linked devices: the contract that every transport keeps, by the library itself."""

import pytest

from tests.transports import test_any_transport_reactions as contract

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

test_an_emoji_stands_on_a_message_of_either_side_until_it_is_taken_off = (
    contract.test_an_emoji_stands_on_a_message_of_either_side_until_it_is_taken_off
)
test_an_emoji_for_a_message_that_never_was_fails_for_good = (
    contract.test_an_emoji_for_a_message_that_never_was_fails_for_good
)
test_reactions_of_people_and_on_the_phone_are_told = (
    contract.test_reactions_of_people_and_on_the_phone_are_told
)
test_reactions_among_what_waited_are_no_shortfall_of_messages = (
    contract.test_reactions_among_what_waited_are_no_shortfall_of_messages
)
