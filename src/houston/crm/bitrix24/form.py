"""The bodies that Bitrix24 posts: forms whose names nest in brackets, as PHP writes them. Pure."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from houston.crm.wire import Table, table

_FIELDS_MAX: Final = 2_000
_DEPTH_MAX: Final = 8
_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def unfolded(body: bytes) -> Table:
    """`a[b][0]=1` as {"a": {"b": ["1"]}}; nothing of a body that is too large, too deep, or no form."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return {}
    found: Table = {}
    for name, value in pairs:
        if not _put(found, name, value):
            return {}
    return table(_with_lists(found))


def _put(found: Table, name: str, value: str) -> bool:
    """Whether the name is one that PHP would have written."""
    match = _NAME.fullmatch(name)
    if match is None:
        return False
    path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(path) > _DEPTH_MAX:
        return False
    at = found
    for step in path[:-1]:
        inner = at.setdefault(step or str(len(at)), {})
        if not isinstance(inner, dict):
            return False
        at = inner
    at[path[-1] or str(len(at))] = value
    return True


def _with_lists(value: Any) -> Any:
    """What PHP numbers from nought on is a list."""
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    return list(inner.values()) if list(inner) == [str(n) for n in range(len(inner))] else inner
