"""What a try carried, put together again from the feed: bodies are not stored a second time."""

from houston.kernel import feed
from houston.kernel.db import Row, Tx
from houston.kernel.feed import Cursor
from houston.kernel.ids import AccountId
from houston.webhooks.posts import Dialect, Post
from houston.webhooks.store_replays import around

_FACTS_MAX = 2_000
"""So many are looked through for those of one POST: others of the account lie between them."""


async def posted(tx: Tx, account: AccountId, dialect: Dialect, attempt: Row) -> bytes | None:
    """The body of a try; None for those of a version that did not note what was in them."""
    if attempt["first_event"] is None:
        return None
    first, last = Cursor.parse(attempt["first_event"]), Cursor.parse(attempt["last_event"])
    events = await feed.read(
        tx,
        around(first, last).after,
        account=account,
        kinds=list(dialect.hears),
        limit=_FACTS_MAX,
    )
    told = [event for event in events if event.cursor <= last]
    items = tuple(
        item
        for item in map(dialect.translate, told)
        if item is not None and item.kind == attempt["kind"]
    )
    if not items:
        return None
    post = Post(items, tuple(event.cursor for event in told), last, len(told))
    return dialect.content(post)
