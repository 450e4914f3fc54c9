"""A link that is up and answers nothing, keep-alives or messages: it takes most of a minute to notice."""

import pytest

from tests.acceptance.town import Town, until

pytestmark = pytest.mark.slow
PERSON = "79165550011"


def test_a_link_that_answers_nothing_is_not_called_active(town: Town) -> None:
    channel = town.waiting
    town.whatsapp.do(channel["phone"], "silence", on=True)
    answer = town.api.send(channel["id"], PERSON, "into silence")
    assert answer.status_code == 201
    message = answer.json()["id"]

    def status() -> str:
        return str(town.api.get(f"/messages/{message}")["status"])

    until(lambda: town.api.status(channel["id"]) != "ACTIVE", what="the silence is noticed")
    town.whatsapp.do(channel["phone"], "silence", on=False)
    town.becomes(channel, "ACTIVE", 180)
    # What was certainly not sent goes out by itself. Where nobody can tell, and to repeat it would risk a
    # second one, a person decides.
    until(lambda: status() in ("delivered", "uncertain"), what="it is known what became of it")
    if status() == "uncertain":
        assert not town.capabilities.client_ids
        decided = town.api.http.post(f"/messages/{message}/decide", json={"arrived": False})
        assert decided.status_code == 200
    until(lambda: town.whatsapp.texts(PERSON) == ["into silence"], what="it reaches the person")
