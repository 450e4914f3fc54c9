"""Where Wazzup's webhooks go and which of them: one address for an account, tested before it is taken."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody

from houston.compat.wazzup_v3 import store_crm_keys
from houston.compat.wazzup_v3.emit import CHANNELS, CONTACT, DEAL, MESSAGES, STATUSES
from houston.compat.wazzup_v3.errors import WazzupError
from houston.compat.wazzup_v3.manners import Manners
from houston.kernel.db import Database, Tx
from houston.kernel.vault import WrongKey
from houston.people.rules import Caller, Doing
from houston.people.store import lock_account
from houston.webhooks import store
from houston.webhooks.postman import wrong_address
from houston.webhooks.posts import TEST, bearer
from houston.webhooks.store import Endpoint

NAME: Final = "wazzup_v3"
"""Of the dialect, where endpoints are stored."""
_URI_CHARACTERS_MAX: Final = 200
_KEY: Final = re.compile(r"[\x21-\x7e]{0,200}")
_SWITCHES: Final = {
    "messagesAndStatuses": (MESSAGES, STATUSES),
    "channelsUpdates": (CHANNELS,),
    "contactsAndDealsCreation": (CONTACT, DEAL),
    "wabaTemplatesStatus": ("templateStatus",),
}
_ALIASES: Final = {"templateStatus": "wabaTemplatesStatus"}
_ON: Final = (True, "true", 1)


class WebhooksChange(msgspec.Struct, frozen=True, rename="camel"):
    """What is left out stays. An empty address removes the webhook, an empty key the key."""

    webhooks_uri: str | None = None
    subscriptions: dict[str, Any] | None = None
    crm_key: str | None = None


@get("/webhooks", summary="Where webhooks go, and which", doing=Doing.SET_UP)
async def get_webhooks(
    v3: NamedDependency[Caller], database: NamedDependency[Database]
) -> dict[str, Any]:
    async with database.single() as tx:
        found = await store.sole(tx, v3.account, NAME)
    chosen = frozenset[str]() if found is None else found.kinds or frozenset[str]()
    switches = {name: chosen.issuperset(kinds) for name, kinds in _SWITCHES.items()}
    aliases = {alias: switches[name] for alias, name in _ALIASES.items()}
    return {"webhooksUri": found.url if found else "", "subscriptions": switches | aliases}


@patch("/webhooks", summary="Set where webhooks go, and which", doing=Doing.SET_UP)
async def set_webhooks(
    data: JSONBody[WebhooksChange],
    v3: NamedDependency[Caller],
    database: NamedDependency[Database],
    manners: NamedDependency[Manners],
) -> Response[Any]:
    """A new address is called with `{"test": true}` first and must answer 200."""
    async with database.single() as tx:
        found = await store.sole(tx, v3.account, NAME)
        key = data.crm_key
        if key is None and found is None:
            key = await _handed_over(tx, v3, manners)
    if data.webhooks_uri == "":
        async with database.transaction() as tx:
            await store.remove_sole(tx, v3.account, NAME, manners.clock.now())
        return manners.ok()
    url = check_address(data.webhooks_uri or (found.url if found else ""))
    check_key(key or "")
    if data.webhooks_uri:
        await try_address(url, _keys(key, found, manners), manners)
    async with database.transaction() as tx:
        await lock_account(tx, v3.account)  # Of two changes at once, the second adds to the first.
        found = await store.sole(tx, v3.account, NAME)
        url = url if data.webhooks_uri or found is None else found.url
        if data.crm_key is None and found is None:
            key = await _handed_over(tx, v3, manners)
        kinds = _chosen((found.kinds or ()) if found else (), data.subscriptions or {})
        endpoint = await store.put_sole(tx, v3.account, NAME, url, kinds, manners.clock.now())
        if key is not None:
            sealed = manners.vault.seal(key, endpoint) if key else None
            await store.keep_key(tx, endpoint, sealed)
        await store_crm_keys.forget(tx, v3.account)
    return manners.ok()


async def _handed_over(tx: Tx, caller: Caller, manners: Manners) -> str | None:
    """The key that waits for an address, if there is one."""
    try:
        return await store_crm_keys.waiting(tx, caller.account, manners.vault)
    except WrongKey as error:
        raise _sealed_otherwise() from error


def _sealed_otherwise() -> WazzupError:
    said = "The crmKey was sealed with another HOUSTON_SEALING_KEY: give crmKey again"
    return WazzupError("testPostNotPassed", said)


def check_address(url: str) -> str:
    if len(url) <= _URI_CHARACTERS_MAX and wrong_address(url, private_too=True) is None:
        return url
    said = f"Give webhooksUri, an http(s) address of at most {_URI_CHARACTERS_MAX} characters"
    raise WazzupError("uriNotValid", said)


def check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        said = "crmKey: use up to 200 visible ASCII characters without spaces"
        raise WazzupError("VALIDATION_ERROR", said, data={"fields": ["crmKey"]})


def _keys(given: str | None, found: Endpoint | None, manners: Manners) -> Sequence[str]:
    """The key that webhooks carry, so that the receiver knows who calls; none, if it has none."""
    if given is not None:
        return [given] if given else []
    try:
        return found.secrets(manners.vault, manners.clock.now()) if found else []
    except WrongKey as error:
        raise _sealed_otherwise() from error


def _chosen(kinds: Collection[str], switches: Mapping[str, Any]) -> list[str]:
    """The kinds after the switches were turned; an unknown switch turns nothing."""
    chosen = set(kinds)
    for name, value in switches.items():
        meant = _SWITCHES.get(_ALIASES.get(name, name), ())
        chosen = chosen | set(meant) if value in _ON else chosen - set(meant)
    return sorted(chosen)


async def try_address(url: str, keys: Sequence[str], manners: Manners) -> None:
    heard = await manners.postman.post(url, TEST, bearer(keys))
    if heard.code != 200:
        said = f"The address did not answer 200 to the test: {heard.error or heard.code}"
        raise WazzupError("testPostNotPassed", said, data=heard.code)
