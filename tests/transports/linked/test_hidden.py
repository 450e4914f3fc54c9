"""People whose number WhatsApp hides, as a linked device hears and answers them."""

import pytest

from houston.transports import events
from houston.transports.transport import Sent
from tests.transports.linked.channel import online
from tests.transports.linked.played import LinkedHarness
from tests.transports.linking import words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_somebody_hidden_is_answered_and_known_once_the_number_comes_along(
    harness: LinkedHarness,
):
    one = await online(harness)
    await harness.post(f"/people/{harness.person}/show", by="hidden")
    await harness.say(harness.person, harness.phone, "guess who")
    heard = await one.ear.hears(events.Incoming)
    assert heard.chat.endswith("@lid")
    assert heard.hidden is None
    assert isinstance(await one.wire.send(words(heard.chat, "who are you?")), Sent)
    assert await harness.texts() == ["who are you?"]
    await harness.post(f"/people/{harness.person}/show", by="both")
    await harness.say(harness.person, harness.phone, "it is me")
    known = await one.ear.hears(events.Incoming, times=2)
    assert (known.chat, known.author) == (harness.person, harness.person)
    assert known.hidden == heard.chat
