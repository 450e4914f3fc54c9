"""What counts as one emoji. Unicode adds some every year, so a library knows them."""

from houston.kernel.errors import BadRequest


def check_emoji(field: str, text: str) -> str:
    """The text, if it is one emoji and nothing else.

    Raises:
        BadRequest: it is not.
    """
    import emoji  # Tables of 5 MB, for whoever reacts.

    if not emoji.is_emoji(text):
        raise BadRequest(field, text, "give exactly one emoji, or null to take yours off")
    return text
