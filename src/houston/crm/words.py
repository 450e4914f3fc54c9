"""What the state of a connection means and what to do about it, in words for people. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from houston.crm.rules import State


@dataclass(frozen=True, slots=True)
class Words:
    """How one state is told."""

    title: str
    meaning: str
    todo: str


LANGUAGE: Final = "en"
WORDS: Final[Mapping[str, Mapping[State, Words]]] = {
    "en": {
        State.OFF: Words(
            "Switched off",
            "Nothing goes to the CRM, and nothing comes from it.",
            "Switch the connection on when you want it.",
        ),
        State.UNTRIED: Words(
            "Just a minute", "The connection is being tried.", "Nothing: wait a moment."
        ),
        State.WORKING: Words("Working", "Messages go both ways.", "Nothing."),
        State.UNREACHABLE: Words(
            "The CRM does not answer",
            "What happens meanwhile is kept and told when the CRM answers again.",
            "Nothing, if the CRM is only down. If it lasts, check its address.",
        ),
        State.KEYS_REFUSED: Words(
            "The CRM refuses the keys",
            "The token or the secret is wrong, has expired, or lacks rights. What happens is kept.",
            "Put a valid token into the connection.",
        ),
        State.GONE: Words(
            "The CRM's account is gone",
            "It was moved, closed or is not paid. What happens is kept.",
            "Look into the CRM, then correct or delete the connection.",
        ),
        State.NOT_INSTALLED: Words(
            "Not installed in the CRM",
            "Houston's app is not in the CRM yet, or was removed there. What happens is kept.",
            "Install it in the CRM as the guide to this CRM says.",
        ),
    },
    "ru": {
        State.OFF: Words(
            "Выключено",
            "В CRM ничего не передаётся и из неё ничего не приходит.",
            "Включите подключение, когда оно понадобится.",
        ),
        State.UNTRIED: Words("Минутку", "Подключение проверяется.", "Ничего: подождите немного."),
        State.WORKING: Words("Работает", "Сообщения ходят в обе стороны.", "Ничего."),
        State.UNREACHABLE: Words(
            "CRM не отвечает",
            "Всё, что происходит, сохраняется и будет передано, когда CRM ответит.",
            "Ничего, если CRM просто недоступна. Если это надолго, проверьте её адрес.",
        ),
        State.KEYS_REFUSED: Words(
            "CRM не принимает ключи",
            "Токен или секрет неверен, истёк или лишён прав. Всё, что происходит, сохраняется.",
            "Введите в подключение действующий токен.",
        ),
        State.GONE: Words(
            "Аккаунта CRM больше нет",
            "Он переехал, закрыт или не оплачен. Всё, что происходит, сохраняется.",
            "Посмотрите в CRM, затем исправьте или удалите подключение.",
        ),
        State.NOT_INSTALLED: Words(
            "Не установлено в CRM",
            "Приложения Houston в CRM ещё нет или его там удалили. Всё, что происходит, сохраняется.",
            "Установите его в CRM, как сказано в руководстве к ней.",
        ),
    },
}


def words(language: str, state: State) -> Words:
    """The words in a language that we speak, or else in English."""
    return WORDS.get(language.split("-")[0].lower(), WORDS[LANGUAGE])[state]
