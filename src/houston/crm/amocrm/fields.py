"""What has to be known to reach the chats of amoCRM or Kommo, and where a person finds it."""

from typing import Final

from houston.crm.connector import Field

_REGISTERED: Final = {
    "en": "In the answer of amoCRM's support to your request to register a chat channel",
    "ru": "В ответе поддержки amoCRM на заявку о регистрации канала чатов",
}
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

FIELDS: Final = (
    Field(
        name="host",
        title={"en": "Address of the chats", "ru": "Адрес чатов"},
        where={
            "en": "https://amojo.amocrm.ru, https://amojo.amocrm.com or https://amojo.kommo.com",
            "ru": "https://amojo.amocrm.ru, https://amojo.amocrm.com или https://amojo.kommo.com",
        },
        pattern=r"https?://[^\s/?#]+",
        example="https://amojo.amocrm.ru",
    ),
    Field(
        name="channel_id",
        title={"en": "Id of the chat channel", "ru": "ID канала чатов"},
        where=_REGISTERED,
        pattern=_UUID,
    ),
    Field(
        name="secret",
        title={"en": "Secret of the chat channel", "ru": "Секретный ключ канала чатов"},
        where=_REGISTERED,
        secret=True,
        pattern=r"[0-9a-f]{40}",
    ),
    Field(
        name="bot_id",
        title={"en": "Id of the channel's bot", "ru": "ID бота канала"},
        where=_REGISTERED,
        pattern=_UUID,
    ),
    Field(
        name="account_id",
        title={"en": "Id of your account in the chats", "ru": "ID вашего аккаунта в чатах"},
        where={
            "en": "`amojo_id` in the answer of /api/v4/account?with=amojo_id of your amoCRM",
            "ru": "`amojo_id` в ответе /api/v4/account?with=amojo_id вашей amoCRM",
        },
        pattern=_UUID,
    ),
)
