"""What has to be known to reach the Open Channels of a Bitrix24, and where a person finds it."""

from typing import Final

from houston.crm.field import Field

_KEYS: Final = {
    "en": "Developer resources → Integrations, in the card of the local application, after it was saved",
    "ru": "Разработчикам → Интеграции, в карточке локального приложения, после его сохранения",
}

FIELDS: Final = (
    Field(
        name="portal",
        title={"en": "Address of your Bitrix24", "ru": "Адрес вашего Битрикс24"},
        where={
            "en": "What stands in the browser before the first / while you work in Bitrix24",
            "ru": "То, что стоит в браузере до первой косой черты, когда вы работаете в Битрикс24",
        },
        pattern=r"https://[A-Za-z0-9.:-]{1,250}",
        example="https://company.bitrix24.com",
    ),
    Field(
        name="client_id",
        title={"en": "Application ID (client_id)", "ru": "Код приложения (client_id)"},
        where=_KEYS,
        required=False,
        pattern=r"\S{8,100}",
        example="local.5f3a1b2c3d4e56.78901234",
    ),
    Field(
        name="client_secret",
        title={"en": "Application key (client_secret)", "ru": "Ключ приложения (client_secret)"},
        where=_KEYS,
        secret=True,
        required=False,
        pattern=r"\S{8,200}",
    ),
    Field(
        name="oauth",
        title={"en": "Authorization server", "ru": "Сервер авторизации"},
        where={
            "en": "Leave it empty, unless your Bitrix24 has one of its own",
            "ru": "Оставьте пустым, если у вашего Битрикс24 нет своего",
        },
        required=False,
        pattern=r"https://[A-Za-z0-9.:-]{1,250}",
        example="https://oauth.bitrix24.tech",
    ),
)
