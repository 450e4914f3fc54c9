"""Whether Houston may use an account's contacts and leads, and the page for whoever has just allowed it."""

from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from houston.crm.connector import Connection, Hook, Page
from houston.crm.wire import Wire
from houston.kernel.clock import Clock

if TYPE_CHECKING:
    from houston.crm.amocrm.rest import Rest

_TITLE: Final = "Houston · amoCRM"
_GOOD: Final = (
    "Houston may use contacts and leads of this amoCRM now. You can close this page."
    "<br>Хьюстон теперь может работать с контактами и сделками этой amoCRM. Страницу можно закрыть."
)


def is_set_up(connection: Connection) -> bool:
    """Whether there is an account, and something that opens it."""
    settings = connection.settings
    opens = "token" in settings or {"client_id", "client_secret"} <= settings.keys()
    return "account_url" in settings and opens


def rest_of(connection: Connection, wire: Wire, clock: Clock) -> "Rest | None":
    """The account's contacts and leads. What speaks to them is large, and loaded only for those who use it."""
    if not is_set_up(connection):
        return None
    from houston.crm.amocrm.rest import Rest

    return Rest(connection, wire, clock)


async def allowed(connection: Connection, hook: Hook, rest: "Rest") -> Page:
    """Somebody comes back from amoCRM's question, with a code or with a no."""
    said = {name: values[0] for name, values in parse_qs(hook.query).items()}
    ours, theirs = urlsplit(connection.settings["account_url"]).hostname, said.get("referer")
    if theirs is not None and theirs != ours:
        return _bad(f"This is another account: {theirs} instead of {ours}")
    if "code" not in said:
        return _bad(f"amoCRM gave no code: {said.get('error', 'nothing was said')}")
    failure = await rest.allow(said["code"])
    if failure is not None:
        return _bad(f"amoCRM did not take the code: {failure.why}")
    return _page(f'<p class="good">{_GOOD}</p>', anew=True)


def _bad(why: str) -> Page:
    return _page(f'<p class="bad">{escape(why)}</p>', anew=False)


def _page(body: str, *, anew: bool) -> Page:
    return Page(language="en", title=_TITLE, body=body, framed_by="'none'", anew=anew)
