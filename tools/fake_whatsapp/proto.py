"""The protobuf messages that WhatsApp's parts exchange, by the names that WhatsApp gives them.

They come generated, without types; this is the one door to them.
"""

from typing import Any

from pyaileys.proto import WAProto_pb2

words: Any = WAProto_pb2
