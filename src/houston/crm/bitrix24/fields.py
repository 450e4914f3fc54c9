"""What has to be known to reach the Open Channels of a Bitrix24, and where a person finds it."""

from typing import Final

from houston.crm.field import Field
from houston.kernel.sentence import say

_KEYS: Final = say(
    "Developer resources → Integrations, in the card of the local application, after it was saved"
)

FIELDS: Final = (
    Field(
        name="portal",
        title=say("Address of your Bitrix24"),
        where=say("What stands in the browser before the first / while you work in Bitrix24"),
        pattern=r"https://[A-Za-z0-9.:-]{1,250}",
        example="https://company.bitrix24.com",
    ),
    Field(
        name="client_id",
        title=say("Application ID (client_id)"),
        where=_KEYS,
        required=False,
        pattern=r"\S{8,100}",
        example="local.5f3a1b2c3d4e56.78901234",
    ),
    Field(
        name="client_secret",
        title=say("Application key (client_secret)"),
        where=_KEYS,
        secret=True,
        required=False,
        pattern=r"\S{8,200}",
    ),
    Field(
        name="oauth",
        title=say("Authorization server"),
        where=say("Leave it empty, unless your Bitrix24 has one of its own"),
        required=False,
        pattern=r"https://[A-Za-z0-9.:-]{1,250}",
        example="https://oauth.bitrix24.tech",
    ),
)
