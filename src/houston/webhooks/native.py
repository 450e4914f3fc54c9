"""Houston's own webhooks: each fact by itself, in the shape of the feed, signed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from houston.kernel.event_view import event_view
from houston.kernel.facts import KINDS
from houston.kernel.feed import Event
from houston.webhooks.posts import Dialect, Item, Post
from houston.webhooks.signing import signed

NAME: Final = "native"
"""Of the dialect, where endpoints are stored."""


def _item(event: Event) -> Item:
    return Item(event.kind, event_view(event), alone=True)


def _content(post: Post) -> bytes:
    return msgspec.json.encode(post.items[0].body)


def _headers(post: Post, content: bytes, secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """The id is the fact's: a repeat has the same one, so that a receiver can tell."""
    return signed(str(post.told[0]), at, content, secrets)


DIALECT: Final = Dialect(frozenset(KINDS), _item, _content, _headers)
