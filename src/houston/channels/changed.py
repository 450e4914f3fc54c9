"""The state of a channel with some facts changed, and nothing else."""

from typing import TYPE_CHECKING, Any

from houston.channels.state import State

__all__ = ["changed"]

if TYPE_CHECKING:
    # The same signature, so that names and types of the facts are checked.
    from dataclasses import replace as changed
else:

    def changed(state: State, **facts: Any) -> State:
        """What `dataclasses.replace` does, ten times as fast.

        A hack: millions of channel lives are simulated, and most of their time would go by here.
        It ends when the standard library copies a frozen dataclass as fast.
        """
        other = object.__new__(State)
        object.__setattr__(other, "__dict__", {**state.__dict__, **facts})
        return other
