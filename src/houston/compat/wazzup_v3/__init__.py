"""The dialect of Wazzup's API v3, so that its clients need only another address."""

from houston.compat.wazzup_v3.emit import DIALECT
from houston.compat.wazzup_v3.errors import answer
from houston.compat.wazzup_v3.hooks import NAME
from houston.compat.wazzup_v3.routes import WazzupV3, wazzup_v3

__all__ = ["DIALECT", "NAME", "WazzupV3", "answer", "wazzup_v3"]
