"""What has to be known to reach the chats of amoCRM or Kommo, and where a person finds it."""

from typing import Final

from houston.crm.field import Field
from houston.kernel.sentence import say

_REGISTERED: Final = say(
    "In the answer of amoCRM's support to your request to register a chat channel"
)
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

FIELDS: Final = (
    Field(
        name="host",
        title=say("Address of the chats"),
        where=say("https://amojo.amocrm.ru, https://amojo.amocrm.com or https://amojo.kommo.com"),
        pattern=r"https?://[^\s/?#]+",
        example="https://amojo.amocrm.ru",
    ),
    Field(
        name="channel_id",
        title=say("Id of the chat channel"),
        where=_REGISTERED,
        pattern=_UUID,
    ),
    Field(
        name="secret",
        title=say("Secret of the chat channel"),
        where=_REGISTERED,
        secret=True,
        pattern=r"[0-9a-f]{40}",
    ),
    Field(
        name="bot_id",
        title=say("Id of the channel's bot"),
        where=_REGISTERED,
        pattern=_UUID,
    ),
    Field(
        name="account_id",
        title=say("Id of your account in the chats"),
        where=say("`amojo_id` in the answer of /api/v4/account?with=amojo_id of your amoCRM"),
        pattern=_UUID,
    ),
    Field(
        name="account_url",
        title=say("Address of your amoCRM (for contacts)"),
        where=say(
            "The address of your amoCRM in the browser; without it amoCRM makes contacts by itself"
        ),
        required=False,
        pattern=r"https?://[^\s/?#]+",
        example="https://flowers.amocrm.ru",
    ),
    Field(
        name="token",
        title=say("Long-lived token"),
        where=say("amoCRM: your integration, Keys and access rights, Generate a long-lived token"),
        secret=True,
        required=False,
        pattern=r"[!-~]{20,4000}",
    ),
    Field(
        name="client_id",
        title=say("Integration id (without a long-lived token)"),
        where=say("amoCRM: your integration, Keys"),
        required=False,
        pattern=_UUID,
    ),
    Field(
        name="client_secret",
        title=say("Secret key of the integration"),
        where=say("amoCRM: your integration, Keys"),
        secret=True,
        required=False,
        pattern=r"[!-~]{10,200}",
    ),
    Field(
        name="redirect_uri",
        title=say("Redirect link of the integration"),
        where=say(
            "What stands in your integration; without it, this connection's hook_url followed by /oauth"
        ),
        required=False,
        pattern=r"https?://\S+",
    ),
    Field(
        name="leads",
        title=say("Make leads"),
        where=say("on or off: whether a client without an open lead gets one"),
        required=False,
        pattern=r"on|off",
        example="on",
    ),
    Field(
        name="pipeline_id",
        title=say("Pipeline of new leads"),
        where=say("The number in the pipeline's address; without it, the main pipeline"),
        required=False,
        pattern=r"[1-9]\d{0,18}",
    ),
    Field(
        name="source",
        title=say("Name of the number as a source"),
        where=say(
            "Up to 100 characters: its name among your sources; the integration needs a widget for it"
        ),
        required=False,
        pattern=r"[^\x00-\x1f]{1,100}",
        example="WhatsApp +7 900 111-22-33",
    ),
)
