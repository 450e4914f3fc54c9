"""What went wrong with a message, as it was stored and as people read it: a table."""

import pytest

from houston.messages.faults import fault_words


@pytest.mark.parametrize(
    ("code", "stored", "russian"),
    [
        (
            "content_gone",
            "The file cannot be fetched: it answered 404",
            "Файл не удалось скачать: пришёл ответ 404",
        ),
        (
            "content_not_allowed",
            "The file is not fetched: it leads into a private network",
            "Файл не скачивается: он ведёт в закрытую сеть",
        ),
        (
            "content_too_large",
            "The file is larger than 16,000,000 bytes",
            "Файл слишком большой, байт может быть не больше 16,000,000",
        ),
        (
            "content_gone",
            "There is no such file. Check the link; files are not kept for ever",
            "Такого файла нет. Проверьте ссылку; файлы хранятся не вечно",
        ),
        ("not_on_whatsapp", "no LID found for 7999 from server", "Этого номера нет в WhatsApp"),
        (
            "refused_479",
            "server returned error 479",
            "WhatsApp это не принял: server returned error 479",
        ),
        (
            "uncertain",
            "It may have been sent: nothing can tell",
            "Возможно, оно отправлено: узнать нельзя",
        ),
        ("other", "what nobody has ever seen", "what nobody has ever seen"),
        ("other", "", ""),
    ],
)
def test_a_fault_is_told_in_the_language_of_the_reader(code: str, stored: str, russian: str):
    assert fault_words(code, stored, "ru") == russian
    assert fault_words(code, stored, "en") == stored
