"""What has to be known to reach the chats of amoCRM or Kommo, and where a person finds it."""

from typing import Final

from houston.crm.field import Field

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
    Field(
        name="account_url",
        title={
            "en": "Address of your amoCRM (for contacts)",
            "ru": "Адрес вашей amoCRM (для контактов)",
        },
        where={
            "en": "The address of your amoCRM in the browser; without it amoCRM makes contacts by itself",
            "ru": "Адрес вашей amoCRM в браузере; не указывайте, если контакты создаёт сама amoCRM",
        },
        required=False,
        pattern=r"https?://[^\s/?#]+",
        example="https://flowers.amocrm.ru",
    ),
    Field(
        name="token",
        title={"en": "Long-lived token", "ru": "Долгосрочный токен"},
        where={
            "en": "amoCRM: your integration, Keys and access rights, Generate a long-lived token",
            "ru": "amoCRM: ваша интеграция, «Ключи и доступы», «Сгенерировать токен»",
        },
        secret=True,
        required=False,
        pattern=r"[!-~]{20,4000}",
    ),
    Field(
        name="client_id",
        title={
            "en": "Integration id (without a long-lived token)",
            "ru": "ID интеграции (без токена)",
        },
        where={"en": "amoCRM: your integration, Keys", "ru": "amoCRM: ваша интеграция, «Ключи»"},
        required=False,
        pattern=_UUID,
    ),
    Field(
        name="client_secret",
        title={"en": "Secret key of the integration", "ru": "Секретный ключ интеграции"},
        where={"en": "amoCRM: your integration, Keys", "ru": "amoCRM: ваша интеграция, «Ключи»"},
        secret=True,
        required=False,
        pattern=r"[!-~]{10,200}",
    ),
    Field(
        name="redirect_uri",
        title={"en": "Redirect link of the integration", "ru": "Ссылка для перенаправления"},
        where={
            "en": "What stands in your integration; without it, this connection's hook_url followed by /oauth",
            "ru": "Как в вашей интеграции; без неё берётся hook_url подключения и /oauth",
        },
        required=False,
        pattern=r"https?://\S+",
    ),
    Field(
        name="leads",
        title={"en": "Make leads", "ru": "Создавать сделки"},
        where={
            "en": "on or off: whether a client without an open lead gets one",
            "ru": "on или off: создавать ли сделку клиенту, у которого нет открытой",
        },
        required=False,
        pattern=r"on|off",
        example="on",
    ),
    Field(
        name="pipeline_id",
        title={"en": "Pipeline of new leads", "ru": "Воронка новых сделок"},
        where={
            "en": "The number in the pipeline's address; without it, the main pipeline",
            "ru": "Число в адресе воронки; без него — главная воронка",
        },
        required=False,
        pattern=r"[1-9]\d{0,18}",
    ),
    Field(
        name="source",
        title={"en": "Name of the number as a source", "ru": "Название номера как источника"},
        where={
            "en": "Up to 100 characters: its name among your sources; the integration needs a widget for it",
            "ru": "До 100 знаков: имя номера среди источников; интеграции для этого нужен виджет",
        },
        required=False,
        pattern=r"[^\x00-\x1f]{1,100}",
        example="WhatsApp +7 900 111-22-33",
    ),
)
