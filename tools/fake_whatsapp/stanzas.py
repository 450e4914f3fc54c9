"""Stanzas: the XML-like nodes that WhatsApp's parts say to each other, and how they become bytes."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from pyaileys.wabinary import BinaryNode, encode_binary_node
from pyaileys.wabinary.decode import decode_decompressed_binary_node

SERVER: Final = "@s.whatsapp.net"
"""The address of WhatsApp itself: nobody, at its host."""
_COMPRESSED: Final = 2

Stanza = BinaryNode
Content = bytes | Iterable[Stanza] | None


def stanza(tag: str, attributes: dict[str, str] | None = None, content: Content = None) -> Stanza:
    """A node; what it holds is bytes or further nodes."""
    inner = content if isinstance(content, bytes) or content is None else list(content)
    return BinaryNode(tag, attributes or {}, inner)


def children(node: Stanza | None, tag: str | None = None) -> Iterator[Stanza]:
    if node is not None and isinstance(node.content, list):
        yield from (child for child in node.content if tag in (None, child.tag))


def child(node: Stanza | None, *path: str) -> Stanza | None:
    """The first child of that tag, or the one that a path of tags leads to."""
    for tag in path:
        node = next(children(node, tag), None)
    return node


def held(node: Stanza | None, *path: str) -> bytes:
    """The bytes inside; none when there is no such child."""
    found = child(node, *path)
    content = None if found is None else found.content
    if isinstance(content, str):
        return content.encode()
    return content if isinstance(content, bytes) else b""


def written(node: Stanza) -> bytes:
    return encode_binary_node(node)


def read(data: bytes) -> Stanza:
    """The node in a frame, whose first byte says whether it is compressed."""
    body = zlib.decompress(data[1:]) if data[0] & _COMPRESSED else data[1:]
    return decode_decompressed_binary_node(body)
