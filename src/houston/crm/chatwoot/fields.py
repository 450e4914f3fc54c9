"""What has to be known to reach Chatwoot, and where a person finds it there."""

from typing import Final

from houston.crm.field import Field
from houston.kernel.sentence import say

FIELDS: Final = (
    Field(
        name="url",
        title=say("Address of Chatwoot"),
        where=say("What your browser shows, up to the host: https://app.chatwoot.com"),
        pattern=r"https?://[^\s/?#]+",
        example="https://app.chatwoot.com",
    ),
    Field(
        name="account_id",
        title=say("Account number"),
        where=say("The number after /app/accounts/ in the address of any page"),
        pattern=r"[0-9]{1,12}",
        example="1",
    ),
    Field(
        name="inbox_id",
        title=say("Inbox number"),
        where=say(
            "Settings → Inboxes → the gear of the API inbox: the number at the end of the address"
        ),
        pattern=r"[0-9]{1,12}",
        example="3",
    ),
    Field(
        name="access_token",
        title=say("Access token"),
        where=say("Profile Settings → Access Token, of an administrator or an agent of the inbox"),
        secret=True,
        pattern=r"\S{8,200}",
    ),
    Field(
        name="hook_secret",
        title=say("Secret of the inbox"),
        where=say(
            "Settings → Inboxes → Configuration, in versions that sign their calls; else leave it empty"
        ),
        secret=True,
        required=False,
        pattern=r"\S{1,200}",
    ),
)
