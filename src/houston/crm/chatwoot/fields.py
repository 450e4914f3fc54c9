"""What has to be known to reach Chatwoot, and where a person finds it there."""

from typing import Final

from houston.crm.field import Field

FIELDS: Final = (
    Field(
        name="url",
        title={"en": "Address of Chatwoot", "ru": "Адрес Chatwoot"},
        where={
            "en": "What your browser shows, up to the host: https://app.chatwoot.com",
            "ru": "То, что показывает браузер, до имени узла: https://app.chatwoot.com",
        },
        pattern=r"https?://[^\s/?#]+",
        example="https://app.chatwoot.com",
    ),
    Field(
        name="account_id",
        title={"en": "Account number", "ru": "Номер аккаунта"},
        where={
            "en": "The number after /app/accounts/ in the address of any page",
            "ru": "Число после /app/accounts/ в адресе любой страницы",
        },
        pattern=r"[0-9]{1,12}",
        example="1",
    ),
    Field(
        name="inbox_id",
        title={"en": "Inbox number", "ru": "Номер источника (inbox)"},
        where={
            "en": "Settings → Inboxes → the gear of the API inbox: the number at the end of the address",
            "ru": "Настройки → Источники → шестерёнка источника API: число в конце адреса",
        },
        pattern=r"[0-9]{1,12}",
        example="3",
    ),
    Field(
        name="access_token",
        title={"en": "Access token", "ru": "Токен доступа"},
        where={
            "en": "Profile Settings → Access Token, of an administrator or an agent of the inbox",
            "ru": "Настройки профиля → Токен доступа администратора или агента источника",
        },
        secret=True,
        pattern=r"\S{8,200}",
    ),
    Field(
        name="hook_secret",
        title={"en": "Secret of the inbox", "ru": "Секрет источника"},
        where={
            "en": "Settings → Inboxes → Configuration, in versions that sign their calls; else leave it empty",
            "ru": "Настройки → Источники → Конфигурация, если версия подписывает вызовы; иначе оставьте пустым",
        },
        secret=True,
        required=False,
        pattern=r"\S{1,200}",
    ),
)
