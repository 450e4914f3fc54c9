"""What has to be known to reach a CRM, one thing at a time."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that has to be known to reach a CRM; the form is drawn from it."""

    name: str
    title: Mapping[str, str]
    """By language."""
    where: Mapping[str, str]
    """Where in the CRM it is found."""
    secret: bool = False
    required: bool = True
    pattern: str = r".{1,500}"
    example: str = ""
