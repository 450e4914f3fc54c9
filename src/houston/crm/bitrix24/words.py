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
    "es": {
        "title": "WhatsApp (Houston)",
        "question": "¿Qué número de WhatsApp habla en esta línea abierta?",
        "switch_on": "Conectar",
        "switch_off": "Desconectar esta línea",
        "here": "conectado a esta línea",
        "elsewhere": "conectado a otra línea; pasará a esta",
        "done": "Conectado. Los mensajes de los clientes llegan desde ahora a esta línea abierta.",
        "off": "Desconectado. Lo que escriban los clientes se guarda hasta que el número vuelva a una línea.",
        "choose": "Elija un número.",
        "choose_line": "Houston está conectado. Elija una línea abierta para él en el Centro de contacto.",
        "not_admin": "Solo un administrador del portal puede configurarlo. Pídale que abra esta página.",
        "not_connected": "Houston aún no puede trabajar con el portal.",
        "no_secret": "Introduzca en Houston el client_id y el client_secret y abra de nuevo esta página.",
        "not_done": "No se pudo.",
        "too_old": "La página estuvo abierta demasiado tiempo. Ciérrela y ábrala de nuevo.",
        "later": "El portal no responde ahora. Abra la página de nuevo en un momento.",
    },
    "pt": {
        "title": "WhatsApp (Houston)",
        "question": "Qual número de WhatsApp fala nesta linha aberta?",
        "switch_on": "Conectar",
        "switch_off": "Desconectar esta linha",
        "here": "conectado a esta linha",
        "elsewhere": "conectado a outra linha; passará para esta",
        "done": "Conectado. As mensagens dos clientes chegam a esta linha aberta a partir de agora.",
        "off": "Desconectado. O que os clientes escreverem é guardado até o número voltar a uma linha.",
        "choose": "Escolha um número.",
        "choose_line": "O Houston está conectado. Escolha uma linha aberta para ele na Central de contato.",
        "not_admin": "Só um administrador do portal pode configurar isto. Peça que ele abra esta página.",
        "not_connected": "O Houston ainda não consegue trabalhar com o portal.",
        "no_secret": "Informe no Houston o client_id e o client_secret e abra esta página de novo.",
        "not_done": "Não deu certo.",
        "too_old": "A página ficou aberta tempo demais. Feche-a e abra-a de novo.",
        "later": "O portal não responde agora. Abra a página de novo em um momento.",
    },
}


def nobody_speaks_in(line: str) -> str:
    return (
        f"This was not sent: no WhatsApp number is connected to this open line ({line}). Ask an administrator"
        " to choose one under Contact Center, WhatsApp (Houston), and send it again then"
    )
