"""The dialect of Wazzup's API v3, so that its clients need only another address."""

from houston.compat.wazzup_v3.emit import translate
from houston.compat.wazzup_v3.errors import answer
from houston.compat.wazzup_v3.routes import DIALECT, wazzup_v3

__all__ = ["DIALECT", "answer", "translate", "wazzup_v3"]
