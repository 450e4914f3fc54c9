"""The rules of who may what, without a server; chance looks for a caller about whom two answers differ."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houston.kernel.errors import BadRequest, Forbidden, NotFound
from houston.kernel.ids import AccountId, ChannelId, PersonId, new_id
from houston.people.rules import (
    EVERYTHING,
    OF_NAME,
    Caller,
    Doing,
    Role,
    check_email,
    check_password,
    comes_from_elsewhere,
    csrf_token,
    failures_with,
    is_csrf_token,
    may,
    require,
    sight,
    wait_seconds,
)

CHANNELS = [ChannelId(new_id()) for _ in range(3)]
ME, COLLEAGUE = PersonId(new_id()), PersonId(new_id())
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def person(role: Role | None, roles: dict[ChannelId, Role] | None = None) -> Caller:
    return Caller(
        account=AccountId(new_id()),
        who=ME,
        person=ME,
        role=role,
        roles=roles or {},
        administrators=("Anna", "Boris"),
    )


PEOPLE = st.builds(
    person,
    st.none() | st.sampled_from(Role),
    st.dictionaries(st.sampled_from(CHANNELS), st.sampled_from([*Role][:3])),
)


@given(PEOPLE, st.sampled_from(CHANNELS), st.sampled_from([None, ME, COLLEAGUE]))
def test_what_a_statement_lets_through_is_what_may_be_read(
    caller: Caller, channel: ChannelId, owner: PersonId | None
) -> None:
    eyes = sight(caller)
    seen = eyes.channels is None or channel in eyes.channels
    own = eyes.seller is None or owner is None or owner == eyes.seller
    sells = (channel in eyes.listed) is not eyes.all_but_listed
    assert (seen and (own or not sells)) == may(caller, Doing.READ, channel, owner)


@given(PEOPLE, st.sampled_from(Doing), st.sampled_from(CHANNELS))
def test_who_may_nowhere_may_not_there_either(
    caller: Caller, doing: Doing, channel: ChannelId
) -> None:
    assert may(caller, doing) or not may(caller, doing, channel)


@given(PEOPLE, st.sampled_from(Doing), st.sampled_from(CHANNELS))
def test_of_a_channel_that_is_not_seen_nothing_is_told(
    caller: Caller, doing: Doing, channel: ChannelId
) -> None:
    if may(caller, doing, channel):
        require(caller, doing, channel)
    else:
        expected = Forbidden if may(caller, Doing.READ, channel) else NotFound
        with pytest.raises(expected):
            require(caller, doing, channel)


def test_who_may_not_is_told_who_can() -> None:
    with pytest.raises(Forbidden) as refused:
        require(person(Role.SELLER), Doing.STEER, CHANNELS[0])
    assert refused.value.who_can == ["manager", "administrator"]
    assert refused.value.cure.endswith("ask Anna, Boris")


def test_a_role_on_a_channel_stands_before_the_one_on_all() -> None:
    caller = person(Role.MANAGER, {CHANNELS[0]: Role.AUDITOR})
    assert not may(caller, Doing.WRITE, CHANNELS[0])
    assert may(caller, Doing.WRITE, CHANNELS[1])


def test_an_administrator_may_everything_everywhere() -> None:
    caller = person(Role.ADMINISTRATOR, {CHANNELS[0]: Role.AUDITOR})
    assert all(may(caller, doing, CHANNELS[0], COLLEAGUE) for doing in EVERYTHING)


# --- Signing in --------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.floats(0, 7_200))
def test_nobody_is_locked_out_for_longer_than_a_minute_by_name(failures: int, ago: float) -> None:
    last = NOW - timedelta(seconds=ago)
    wait = wait_seconds(OF_NAME, failures, last, NOW)
    assert 0 <= wait <= 60
    assert wait == 0 or failures >= OF_NAME.free


def test_failures_of_an_hour_ago_count_no_more() -> None:
    long_ago = NOW - timedelta(seconds=3_601)
    assert failures_with(99, long_ago, NOW) == 1
    assert wait_seconds(OF_NAME, 99, long_ago, NOW) == 0


@pytest.mark.parametrize(
    ("site", "origin", "elsewhere"),
    [
        (None, None, False),
        ("same-origin", "https://houston.example", False),
        ("none", None, False),
        ("same-site", "https://evil.houston.example", True),
        ("cross-site", None, True),
        (None, "https://houston.example", False),
        (None, "https://houston.example:444", True),
        (None, "https://evil.example", True),
        (None, "null", True),
    ],
)
def test_a_browser_tells_when_another_page_sent_a_request(
    site: str | None, origin: str | None, elsewhere: bool
) -> None:
    assert comes_from_elsewhere(site, origin, "houston.example") == elsewhere


@given(st.text(), st.text())
def test_only_the_token_of_the_same_cookie_counts(cookie: str, other: str) -> None:
    assert is_csrf_token(cookie, csrf_token(cookie))
    assert is_csrf_token(cookie, csrf_token(other)) == (csrf_token(cookie) == csrf_token(other))
    assert not is_csrf_token(cookie, other)


@pytest.mark.parametrize("email", ["", "anna", "anna@", "@flowers", "a b@c", "a@b@c", "x" * 300])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(BadRequest):
        check_email(email)


@pytest.mark.parametrize("password", ["", "x" * 9, "x" * 201, "nul \x00 is no letter"])
def test_a_password_that_cannot_be_used_is_never_repeated(password: str) -> None:
    with pytest.raises(BadRequest) as refused:
        check_password(password)
    assert not password or password not in str(refused.value)
