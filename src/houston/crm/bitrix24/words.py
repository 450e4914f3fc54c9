"""The words of the page in the portal, by language, and what an operator is told of a line. Pure."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "WhatsApp (Houston)",
        "question": "Which WhatsApp number speaks in this open line?",
        "switch_on": "Connect",
        "switch_off": "Disconnect this line",
        "here": "connected to this line",
        "elsewhere": "connected to another line, will move here",
        "done": "Connected. Clients' messages come into this open line from now on.",
        "off": "Disconnected. What clients write is kept until the number is connected to a line again.",
        "choose": "Choose a number.",
        "choose_line": "Houston is connected. Choose an open line for it in the Contact Center.",
        "not_admin": "Only an administrator of the portal can set this up. Ask one to open this page.",
        "not_connected": "Houston cannot work with the portal yet.",
        "no_secret": "Enter the app's client_id and client_secret in Houston, then open this page again.",
        "not_done": "That did not work.",
        "too_old": "This page was open too long. Close it and open it again.",
        "later": "The portal does not answer now. Open the page again in a moment.",
    },
    "ru": {
        "title": "WhatsApp (Houston)",
        "question": "Какой номер WhatsApp работает в этой открытой линии?",
        "switch_on": "Подключить",
        "switch_off": "Отключить от этой линии",
        "here": "подключён к этой линии",
        "elsewhere": "подключён к другой линии и перейдёт в эту",
        "done": "Подключено. Сообщения клиентов теперь приходят в эту открытую линию.",
        "off": "Отключено. Сообщения клиентов хранятся, пока номер снова не подключат к линии.",
        "choose": "Выберите номер.",
        "choose_line": "Houston подключён. Выберите для него открытую линию в Контакт-центре.",
        "not_admin": "Это может настроить только администратор портала. Попросите его открыть эту страницу.",
        "not_connected": "Houston пока не может работать с порталом.",
        "no_secret": "Введите в Houston client_id и client_secret приложения и откройте эту страницу снова.",
        "not_done": "Не получилось.",
        "too_old": "Страница была открыта слишком долго. Закройте её и откройте снова.",
        "later": "Портал сейчас не отвечает. Откройте страницу через минуту.",
    },
}


def nobody_speaks_in(line: str) -> str:
    return (
        f"This was not sent: no WhatsApp number is connected to this open line ({line}). Ask an administrator"
        " to choose one under Contact Center, WhatsApp (Houston), and send it again then"
    )
