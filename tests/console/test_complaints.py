"""Complaints of the server in forms of the Russian console: once each, at its field, in sight."""

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.town import Town
from tests.console.conftest import OpenWindow
from tests.console.screen import Screen

pytestmark = pytest.mark.slow
SHORT = {"width": 1200, "height": 640}
"""So that the long form of a curator has to be scrolled."""


@pytest.fixture
def russian(open_window: OpenWindow) -> Screen:
    return open_window(locale="ru-RU", viewport=SHORT)


def open_form(window: Screen, path: str, button: str) -> Locator:
    window.go(path)
    window.page.get_by_role("button", name=button).first.click()
    return window.page.get_by_role("dialog")


def told_once(window: Screen, form: Locator, field: str, complaint: str) -> None:
    """At this field, and nowhere else; whoever sent the form is there again."""
    place = form.get_by_label(field, exact=True)
    shown = form.locator(".mantine-InputWrapper-error")
    expect(shown).to_have_text([complaint])
    expect(place).to_be_focused()
    expect(place).to_be_in_viewport()
    expect(shown).to_be_in_viewport(ratio=1)
    expect(window.page.locator(".toast")).to_have_count(0)
    window.complaints.clear()  # The browser notes each answer that declines.


@pytest.mark.parametrize(
    ("phone", "complaint"),
    [
        ("12", "Укажите номер с кодом страны, от 7 до 15 цифр"),
        (
            "{own}",
            "У номера {own} уже есть канал. Пользуйтесь тем каналом или сначала удалите его: "
            "номер, открытый дважды, мешает сам себе",
        ),
    ],
)
def test_a_wrong_number_of_a_channel(
    russian: Screen, town: Town, phone: str, complaint: str
) -> None:
    own = town.paired["phone"]
    form = open_form(russian, "/channels", "Добавить канал")
    form.get_by_label("Название").fill("Склад")
    form.get_by_label("Номер телефона").fill(phone.format(own=own))
    form.get_by_role("button", name="Добавить и показать код").click()

    told_once(russian, form, "Номер телефона", complaint.format(own=own))


def test_a_wrong_number_of_a_curator_is_scrolled_to(russian: Screen) -> None:
    form = open_form(russian, "/curators", "Добавить куратора")
    form.get_by_label("Название").fill("Мария")
    form.get_by_label("Их номер в WhatsApp").fill("восемь")
    form.get_by_role("button", name="Сохранить").click()

    told_once(russian, form, "Их номер в WhatsApp", "Укажите номер цифрами, с кодом страны")


def test_an_address_that_somebody_has(russian: Screen, town: Town) -> None:
    form = open_form(russian, "/people", "Пригласить")
    form.get_by_label("Имя").fill("Мария")
    form.get_by_label("Почта").fill(town.card["login"]["email"])
    form.get_by_role("button", name="Создать ссылку-приглашение").click()

    complaint = "Эта почта уже у кого-то есть. Измените того человека или удалите его"
    told_once(russian, form, "Почта", complaint)


def test_an_address_of_a_webhook_that_nothing_can_be_posted_to(russian: Screen) -> None:
    form = open_form(russian, "/webhooks", "Добавить адрес")
    form.get_by_label("Название").fill("Учёт")
    form.get_by_label("Адрес").fill("https://user:word@flowers.example")
    form.get_by_role("button", name="Создать").click()

    complaint = "Укажите адрес https в интернете: в нём имя пользователя или пароль"
    told_once(russian, form, "Адрес", complaint)


def test_a_wrong_password_signs_nobody_out(russian: Screen) -> None:
    russian.go("/settings")
    form = russian.page.locator("form", has=russian.page.get_by_label("Прежний пароль"))
    form.get_by_label("Прежний пароль").fill("not the password")
    form.get_by_label("Новый пароль").fill("a new password")
    form.get_by_role("button", name="Сменить пароль").click()

    complaint = (
        "Почта или пароль неверны. Попробуйте ещё раз или попросите администратора сбросить пароль"
    )
    told_once(russian, form, "Новый пароль", complaint)
    expect(russian.page.locator(".frame[data-link=live]")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "button", "labels", "complaint"),
    [
        (
            "es-MX",
            "Nuevo chat",
            ("Número de teléfono", "Primer mensaje", "Enviar"),
            "Indique un número de teléfono con el código de país, de 5 a 20 dígitos",
        ),
        (
            "pt-BR",
            "Nova conversa",
            ("Número de telefone", "Primeira mensagem", "Enviar"),
            "Informe um número de telefone com o código do país, de 5 a 20 dígitos",
        ),
    ],
)
def test_operators_are_told_in_spanish_and_portuguese(
    open_window: OpenWindow,
    town: Town,
    locale: str,
    button: str,
    labels: tuple[str, str, str],
    complaint: str,
) -> None:
    window = open_window(locale=locale)
    form = open_form(window, "/inbox", button)
    phone, text, send = labels
    form.get_by_label(phone).fill("abc")
    form.get_by_label(text).fill("Hola")
    form.get_by_role("button", name=send).click()

    told_once(window, form, phone, complaint)
