"""Every status, reason, button and next step has words, in every language there is."""

import re

import pytest

from houston.channels.orders import Claimed, Delete, EnableHere, PaidChanged
from houston.channels.shown import Action, NextStep, Shown
from houston.channels.state import Reason, Status
from houston.channels.texts import status_texts
from houston.channels.words import Words, words
from houston.transports.events import LoggedOut, LogoutCause, Paired, PhoneLost, Replaced
from tests.channels.life import ANNA, START, Life, active_channel, fresh_channel, given_up

TEXTS = status_texts()
LANGUAGES = sorted(TEXTS)

REASONS: dict[Status, list[Reason]] = {
    Status.DELETED: [Reason.DELETED],
    Status.DISABLED: [Reason.DISABLED],
    Status.NOT_PAID: [Reason.BALANCE_EXHAUSTED],
    Status.SCAN_QR: [
        Reason.AWAITING_SCAN,
        Reason.CODE_EXPIRED,
        Reason.LOGGED_OUT_EVERYWHERE,
        Reason.UNLINKED_ON_PHONE,
        Reason.KEYS_REFUSED,
        Reason.WRONG_NUMBER,
        Reason.PAIRING_FAILED,
        Reason.NO_CODE,
        Reason.PASSKEY_NOT_ANSWERED,
        Reason.LINK_LOST,
        Reason.LIBRARY_OUTDATED,
    ],
    Status.CONFIRM_ON_PHONE: [Reason.PASSKEY_ASKED, Reason.TWO_STEP_CODE_ASKED],
    Status.OPENED_ELSEWHERE: [Reason.OPENED_ELSEWHERE],
    Status.BLOCKED: [Reason.BLOCKED_FOR_A_TIME, Reason.BLOCKED_FOR_GOOD],
    Status.PHONE_UNAVAILABLE: [Reason.PHONE_LOST, Reason.PHONE_NOT_SEEN],
    Status.ACTIVE: [Reason.WORKING, Reason.RESTRICTED],
    Status.JUST_A_MINUTE: [
        Reason.STARTING,
        Reason.LINK_LOST,
        Reason.NO_PROOF_OF_LIFE,
        Reason.TAKING_BACK,
        Reason.LIBRARY_OUTDATED,
    ],
}
PAIRS = [(status, reason) for status, reasons in REASONS.items() for reason in reasons]


def spoken(
    status: Status,
    reason: Reason,
    language: str = "en",
    action: Action | None = None,
    next_step: NextStep | None = None,
    detail: str | None = "515",
) -> Words:
    shown = Shown(
        status=status,
        wire_state=None,
        reason=reason,
        detail=detail,
        since=START,
        actor=ANNA,
        evidence_at=None,
        action=action,
        next_step=next_step,
        next_step_at=None,
    )
    return words(shown, language, TEXTS)


def read(life: Life, language: str = "en") -> Words:
    return words(life.shown, language, TEXTS)


def test_there_are_english_and_russian_words_at_least():
    assert {"en", "ru"} <= set(LANGUAGES)


def test_every_reason_belongs_to_a_status():
    assert {reason for _, reason in PAIRS} == set(Reason)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_words_for_everything_and_for_nothing_else(language):
    texts = TEXTS[language]
    assert set(texts.statuses) == set(Status)
    assert set(texts.reasons) == set(Reason)
    assert set(texts.actions) == set(Action)
    assert set(texts.next_steps) == set(NextStep)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("status", "reason"), PAIRS)
def test_whatever_is_shown_can_be_read(status, reason, language):
    for action in (None, *Action):
        said = spoken(status, reason, language, action, NextStep.CONNECT)
        sentences = [said.title, said.meaning, said.todo, said.reason, said.next_step, said.button]
        for sentence in sentences[: 6 if action else 5]:
            assert sentence
            assert not re.search(r"[{}]|[A-Z]+_[A-Z]+", sentence)
        assert (said.button is None) is (action is None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", Status)
def test_what_is_meant_and_what_to_do_are_sentences(status, language):
    text = TEXTS[language].statuses[status]
    assert text.meaning.endswith(".")
    assert text.todo.endswith(".")
    assert not text.title.endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_statuses_have_the_same_title(language):
    assert len({text.title for text in TEXTS[language].statuses.values()}) == len(Status)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (Status.DELETED, "Deleted"),
        (Status.DISABLED, "Disabled"),
        (Status.NOT_PAID, "Not paid"),
        (Status.SCAN_QR, "Scan the QR code"),
        (Status.CONFIRM_ON_PHONE, "Confirm on the phone"),
        (Status.OPENED_ELSEWHERE, "Opened in another place"),
        (Status.BLOCKED, "Blocked by WhatsApp"),
        (Status.PHONE_UNAVAILABLE, "No connection with the phone"),
        (Status.ACTIVE, "Active"),
        (Status.JUST_A_MINUTE, "Just a minute"),
    ],
)
def test_titles_are_those_of_the_law(status, title):
    assert spoken(status, REASONS[status][0]).title == title


@pytest.mark.parametrize(
    ("action", "button"),
    [
        (Action.ENABLE, "Enable the channel"),
        (Action.TOP_UP, "Top up"),
        (Action.SCAN, "Scan"),
        (Action.CONTINUE, "Continue"),
        (Action.ENABLE_HERE, "Enable here"),
        (Action.USE_HERE, "Use here"),
        (Action.CHECK_NOW, "Check now"),
        (Action.RESTORE, "Restore"),
        (Action.READ_ADVICE, "What to do"),
    ],
)
def test_buttons_are_named_as_in_the_law(action, button):
    assert spoken(Status.ACTIVE, Reason.WORKING, action=action).button == button


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("status", "reason"), PAIRS)
def test_a_button_that_the_words_name_is_the_button_that_is_there(status, reason, language):
    quoted = r"[“«](.+?)[”»]"
    buttons = set(TEXTS[language].actions.values())
    named = set(re.findall(quoted, spoken(status, reason, language).todo)) & buttons
    actions = {
        Status.DELETED: Action.RESTORE,
        Status.DISABLED: Action.ENABLE,
        Status.SCAN_QR: Action.SCAN,
        Status.CONFIRM_ON_PHONE: Action.CONTINUE,
        Status.OPENED_ELSEWHERE: Action.ENABLE_HERE,
        Status.JUST_A_MINUTE: Action.USE_HERE,
    }
    own = TEXTS[language].actions[actions[status]] if status in actions else None
    assert named <= {own}


@pytest.mark.parametrize(
    ("language", "advice"),
    [
        ("en", "“Log out from all devices”"),
        ("ru", "«Выйти на всех устройствах»"),
        ("es", "«Cerrar sesión en todos los dispositivos»"),
        ("pt", "“Sair de todos os dispositivos”"),
    ],
)
def test_if_enabling_here_does_not_help_the_advice_is_to_log_out_everywhere(language, advice):
    assert advice in read(given_up(), language).todo


def test_while_it_takes_the_number_back_the_button_is_use_here():
    life = active_channel()
    life.hear(Replaced())
    assert (read(life).title, read(life).button) == ("Just a minute", "Use here")
    life = given_up()
    assert read(life).button == "Enable here"
    life.hear(EnableHere(ANNA))
    assert read(life).button == "Use here"


def test_the_phone_s_status_promises_three_minutes():
    life = active_channel()
    life.hear(PhoneLost(life.now))
    assert "within 3 minutes" in read(life).todo


def test_a_messenger_that_delivers_without_the_phone_warns_of_the_unlinking_instead():
    life = active_channel(sends_without_phone=True)
    life.hear(PhoneLost(life.now))
    assert "unlinked by WhatsApp" in read(life).todo
    assert "wait in the queue" not in read(life).meaning


def test_the_number_that_scanned_by_mistake_is_named():
    life = fresh_channel()
    life.hear(Paired("79995550000", b"keys"))
    assert "79995550000" in read(life).reason


def test_what_is_too_late_is_not_advised_any_more():
    life = active_channel()
    life.hear(Delete(ANNA))
    assert "Restore" in read(life).todo
    life.wait(31 * 86400)
    assert "cannot be restored" in read(life).todo


@pytest.mark.parametrize("language", ["ru", "ru-RU", "RU"])
def test_a_language_is_known_by_its_first_part(language):
    life = active_channel()
    life.hear(PaidChanged(paid=False))
    assert read(life, language).title == "Не оплачен"


def test_a_language_that_we_do_not_speak_is_answered_in_english():
    assert read(active_channel(), "tlh").title == "Active"


def test_words_of_the_other_side_are_shown_as_they_are():
    said = spoken(Status.JUST_A_MINUTE, Reason.LINK_LOST, detail="{oops} 100%")
    assert "{oops} 100%" in said.reason
    assert "(-)" in spoken(Status.JUST_A_MINUTE, Reason.LINK_LOST, detail=None).reason


def test_why_it_must_be_scanned_again_is_said():
    life = active_channel()
    life.hear(LoggedOut(LogoutCause.LOGGED_OUT_EVERYWHERE), Claimed())
    assert read(life).reason == "“Log out from all devices” was pressed on the phone."
