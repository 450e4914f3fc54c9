"""Everything that Houston refuses or that can go wrong, as one tree with stable codes.

Houston
├── BadInput              the caller's fault: says field, value and cure
│   ├── BadSetting        the person who set Houston up
│   └── BadRequest        the person or program that asked
├── Refused               understood, but not now or not for you
│   ├── NotAllowed        we do not know who asks
│   ├── Forbidden         we do, and it is not for them; says who can
│   ├── NotFound
│   ├── Conflict
│   ├── TooMany
│   ├── TooLarge
│   └── ChannelRefuses    the channel's status refuses outgoing messages (law M1)
└── Broken                our fault, or the machine's
    ├── DatabaseMissing
    ├── OutOfReach        something that Houston works with does not answer
    └── LeaseLost         another node holds the channel now

Words for people are sentences (kernel/sentence.py): a text, or `say(...)` with what it names. They are put
together when somebody reads them: raising costs nothing for it.
"""

from collections.abc import Sequence
from typing import ClassVar

from houston.kernel.sentence import Said, Sentence, inside, say


class HoustonError(Exception):
    """Root of all errors that Houston raises on purpose."""

    code: ClassVar[str] = "ERROR"


class BadInput(HoustonError):
    """A value that cannot be used: which one, what it was, and what would be right."""

    code = "BAD_INPUT"
    value_characters_max: ClassVar[int] = 80

    def __init__(self, field: str, value: object, cure: Said) -> None:
        self.field = field
        self.met = _shortened(value, self.value_characters_max)
        self.value = str(self.met)
        self.help = cure
        super().__init__(field, self.value, cure)

    @property
    def cure(self) -> str:
        """What would be right, in English."""
        return str(self.help)

    @property
    def said(self) -> Sentence:
        """All of it, for whatever language."""
        return say(
            "{field} is {value}: {cure}",
            field=self.field,
            value=self.met,
            cure=inside(self.help),
        )

    def __str__(self) -> str:
        return str(self.said)


class BadSetting(BadInput):
    """A setting of the server. Paths are shown whole: their end is what matters."""

    code = "BAD_SETTING"
    value_characters_max = 1_000


class BadRequest(BadInput):
    """A field of a request."""

    code = "BAD_REQUEST"


class Refused(HoustonError):
    """The request was understood and is declined; `cure` says what would help."""

    code = "REFUSED"

    def __init__(self, what: Said, cure: Said) -> None:
        self.happened = what
        self.help = cure
        super().__init__(what, cure)

    @property
    def what(self) -> str:
        """What is the matter, in English."""
        return str(self.happened)

    @property
    def cure(self) -> str:
        """What would help, in English."""
        return str(self.help)

    @property
    def said(self) -> Sentence:
        """All of it, for whatever language."""
        return say("{what}. {cure}", what=inside(self.happened), cure=inside(self.help))

    def __str__(self) -> str:
        return str(self.said)


class NotAllowed(Refused):
    """The key or the sign-in is missing or unknown."""

    code = "NOT_ALLOWED"


class Forbidden(Refused):
    """The caller is known and lacks the right; `who_can` are the roles that have it."""

    code = "FORBIDDEN"

    def __init__(self, what: Said, cure: Said, who_can: Sequence[str] = ()) -> None:
        self.who_can = list(who_can)
        super().__init__(what, cure)


class NotFound(Refused):
    """Nothing of that id belongs to the caller."""

    code = "NOT_FOUND"


class Conflict(Refused):
    """It contradicts what is already there."""

    code = "CONFLICT"


class TooMany(Refused):
    """Faster or more than agreed; `retry_after_s` says when to come back."""

    code = "TOO_MANY"

    def __init__(self, what: Said, cure: Said, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(what, cure)


class TooLarge(Refused):
    """More bytes than are taken; nothing of them was stored."""

    code = "TOO_LARGE"


class ChannelRefuses(Refused):
    """The channel is disabled, deleted or not paid: nothing was stored, nothing will be sent."""

    def __init__(self, code: str, what: Said, cure: Said) -> None:
        self.reason_code = code
        super().__init__(what, cure)

    code = "CHANNEL_REFUSES"


class Broken(HoustonError):
    """Houston or its machine failed."""

    code = "BROKEN"


class DatabaseMissing(Broken):
    """PostgreSQL cannot be found, started or reached."""

    code = "DATABASE_MISSING"


class OutOfReach(Broken):
    """Something that Houston works with does not answer now; what was asked was not done."""

    code = "OUT_OF_REACH"

    def __init__(self, what: Said) -> None:
        self.happened = what
        super().__init__(what)


class LeaseLost(Broken):
    """Another node holds the channel now; whatever was under way stops here."""

    code = "LEASE_LOST"


def shortened(value: object, characters_max: int = 80) -> str:
    """The value as a person can read it in an error, never pages of it."""
    return str(_shortened(value, characters_max))


def _shortened(value: object, characters_max: int) -> Said:
    if value is None:
        return say("None")
    text = repr(value)
    if len(text) <= characters_max:
        return text
    return say("{begin}... ({length} characters)", begin=text[:characters_max], length=len(text))
