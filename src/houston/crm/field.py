"""What has to be known to reach a CRM, one thing at a time."""

from dataclasses import dataclass

from houston.kernel.sentence import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that has to be known to reach a CRM; the form is drawn from it."""

    name: str
    title: Sentence
    where: Sentence
    """Where in the CRM it is found."""
    secret: bool = False
    required: bool = True
    pattern: str = r".{1,500}"
    example: str = ""
