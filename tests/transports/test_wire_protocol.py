"""The frames between a node and the simulated WhatsApp, as bytes."""

from houston.transports.simulated_whatsapp.wire_protocol import (
    MESSAGE_BYTES_MAX,
    FromNode,
    Send,
    packed,
    unpack_from_node,
)
from tests.transports.linking import words


def test_however_much_waits_each_message_fits_the_socket_and_nothing_is_lost():
    longest = words("79160000001", "\U0001f680" * 10_000)
    frames: list[FromNode] = [Send(stream=1, ref=ref, message=longest) for ref in range(2500)]
    messages = list(packed(frames))
    assert max(map(len, messages)) < MESSAGE_BYTES_MAX
    assert [frame for data in messages for frame in unpack_from_node(data)] == frames


def test_nothing_to_say_is_no_message():
    assert list(packed([])) == []
