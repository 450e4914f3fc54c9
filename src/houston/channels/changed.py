"""The state of a channel with some facts changed, and nothing else."""

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from houston.channels.state import State

__all__ = ["changed"]

if TYPE_CHECKING:
    # The same signature, so that names and types of the facts are checked.
    from dataclasses import replace as changed
else:
    _NAMES = tuple(field.name for field in fields(State))
    _SETTERS = tuple(getattr(State, name).__set__ for name in _NAMES)
    _values = attrgetter(*_NAMES)

    def changed(state: State, **facts: Any) -> State:
        """What `dataclasses.replace` does, in a third of its time.

        A hack: millions of channel lives are simulated, and most of their time goes by here. It
        ends when the standard library copies a frozen dataclass as fast.
        """
        other = object.__new__(State)
        for put, value in zip(_SETTERS, _values(state), strict=True):
            put(other, value)
        for name, value in facts.items():
            object.__setattr__(other, name, value)
        return other
