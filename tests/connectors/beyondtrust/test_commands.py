"""Every command of the command API that concerns sessions and chat: what is sent, and what comes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, ConnectorError, NobodyThere, NotFound, Rejected, Unavailable, UnknownOutcome
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.commands.bbcode import Markup
from connectors.platforms.beyondtrust.commands.values import CustomAttribute, Queue, VirtualCustomer, queue
from tests.connectors.beyondtrust.appliance import LSID, Appliance, commands

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = """<session_key>
 <type>support</type><ttl>3600</ttl><expires>1772370000</expires>
 <queue available="1">team</queue><queue_id>1</queue_id>
 <external_key>4711</external_key><short_key>1234567</short_key>
 <key_url>https://support.example.com/?ak=0123456789abcdef</key_url>
 <mail_subject>Support Invitation</mail_subject><mail_body>Follow the link</mail_body>
</session_key>"""
SUCCESS = "<success>Done</success>"


def sent(appliance: Appliance) -> dict[str, str]:
    """The parameters of the last command without its name."""
    return {name: value for name, value in appliance.form().items() if name != "action"}


def test_a_session_key() -> None:
    appliance = Appliance({"generate_session_key": KEY})
    with commands(appliance) as given:
        key = given.generate_session_key(queue("team:1"))
    assert sent(appliance) == {"type": "support", "queue_id": "team:1"}
    assert (key.type, key.ttl, key.expires) == ("support", 3600, datetime(2026, 3, 1, 13, tzinfo=UTC))
    assert (key.queue, key.queue_available, key.queue_id) == ("team", True, "1")
    assert (key.external_key, key.short_key) == ("4711", "1234567")
    assert key.key_url == "https://support.example.com/?ak=0123456789abcdef"
    assert (key.mail_subject, key.mail_body, key.cut) == ("Support Invitation", "Follow the link", ())


def test_a_session_key_with_everything() -> None:
    appliance = Appliance({"generate_session_key": KEY})
    with commands(appliance) as given:
        key = given.generate_session_key(
            queue("issue:printer"),
            external_key="4711",
            attributes={"asset": "PC-7", "long": "x" * 2_000},
            priority=1,
            skills=["macs", "printers"],
            ttl=900,
            url_hostname="help.example.com",
        )
    assert key.cut == ("long",)
    assert sent(appliance) == {
        "type": "support",
        "queue_id": "issue:printer",
        "session.custom.external_key": "4711",
        "session.custom.asset": "PC-7",
        "session.custom.long": "x" * 1_023 + "…",
        "session.priority": "1",
        "session.skills": "macs,printers",
        "ttl": "900",
        "url_hostname": "help.example.com",
    }


def test_a_key_with_missing_and_empty_elements_and_an_iso_expiry() -> None:
    answer = """<session_key><short_key>1234567</short_key><expires>2026-03-01T13:00:00+01:00</expires>
     <external_key></external_key><queue available="0">rep</queue></session_key>"""
    with commands(Appliance({"generate_session_key": answer})) as given:
        key = given.generate_session_key(queue("general"))
    assert (key.expires, key.external_key, key.ttl) == (NOW, "", None)
    assert (key.queue_available, key.key_url) == (False, "")


def test_a_key_is_not_shown() -> None:
    with commands(Appliance({"generate_session_key": KEY})) as given:
        shown = repr(given.generate_session_key(queue("general")))
    assert "1234567" not in shown
    assert "0123456789abcdef" not in shown
    assert "Follow the link" not in shown


@pytest.mark.parametrize("answer", ["<session_key></session_key>", SUCCESS, httpx.ReadTimeout("slow")])
def test_an_answer_without_a_key_may_have_made_one(answer: Any) -> None:
    with commands(Appliance({"generate_session_key": answer})) as given, pytest.raises(UnknownOutcome):
        given.generate_session_key(queue("general"))


@pytest.mark.parametrize("text", ["general", "rep:5", "team:1", "rep_username:Jo Doe", "issue:other"])
def test_a_queue(text: str) -> None:
    assert queue(text) == text


@pytest.mark.parametrize("text", ["", "General", "rep:", "rep:five", "team:-1", "issue:", "rep_username: ", "skill:1"])
def test_no_queue(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        queue(text)
    assert refused.value.code == "queue"


def test_join_by_id_or_by_name() -> None:
    appliance = Appliance({"join_session": "<success>Representative successfully added</success>"})
    with commands(appliance) as given:
        assert given.join_session(LSID, rep_id=5) == "Representative successfully added"
        assert sent(appliance) == {"lsid": LSID, "rep_id": "5"}
        given.join_session(LSID, rep_username="jdoe")
        assert sent(appliance) == {"lsid": LSID, "rep_username": "jdoe"}


def test_leave() -> None:
    appliance = Appliance({"leave_session": [SUCCESS, "<leave_session/>", SUCCESS]})
    with commands(appliance) as given:
        given.leave_session(LSID, rep_id="5")
        assert sent(appliance) == {"lsid": LSID, "rep_id": "5"}
        given.leave_session(LSID, customer=True)
        assert sent(appliance) == {"lsid": LSID, "customer": "1"}
        given.leave_session(LSID, rep_username="jdoe")
        assert sent(appliance) == {"lsid": LSID, "rep_username": "jdoe"}


def test_transfer() -> None:
    appliance = Appliance({"transfer_session": "<success>Successfully transferred</success>"})
    with commands(appliance) as given:
        assert given.transfer_session(LSID, queue("team:1")) == "Successfully transferred"
    assert sent(appliance) == {"lsid": LSID, "queue_id": "team:1"}


def test_terminate() -> None:
    appliance = Appliance({"terminate_session": "<success>Successfully terminated</success>"})
    with commands(appliance) as given:
        assert given.terminate_session(LSID) == "Successfully terminated"
    assert sent(appliance) == {"lsid": LSID}


def test_attributes_are_set_by_name_and_cleared_by_an_empty_text() -> None:
    appliance = Appliance({"set_session_attributes": "<success>Session attributes were set</success>"})
    with commands(appliance) as given:
        cut = given.set_session_attributes(LSID, {"asset": "", "external_key": "4712", "long": "y" * 1_025})
    assert cut == ("long",)
    assert sent(appliance) == {
        "lsid": LSID,
        "session.custom.external_key": "4712",
        "session.custom.asset": "",
        "session.custom.long": "y" * 1_023 + "…",
    }


def test_no_attribute_nothing_sent() -> None:
    appliance = Appliance()
    with commands(appliance) as given:
        assert given.set_session_attributes(LSID, {}) == ()
    assert appliance.asked == []


def test_attributes_are_read_back() -> None:
    answer = """<custom_attributes>
      <custom_attribute display_name="External Key" code_name="external_key">4711</custom_attribute>
      <custom_attribute display_name="Asset" code_name="asset"></custom_attribute><custom_attribute/>
    </custom_attributes>"""
    with commands(Appliance({"get_session_attributes": answer})) as given:
        assert given.get_session_attributes(LSID) == (
            CustomAttribute("external_key", "External Key", "4711"),
            CustomAttribute("asset", "Asset", ""),
            CustomAttribute("", "", ""),
        )


def test_a_message_into_a_session_is_what_was_typed() -> None:
    appliance = Appliance({"send_chat_message": SUCCESS})
    with commands(appliance) as given:
        given.send_chat_message(
            "see [url]evil[/url]", lsid=LSID, impersonate="customer", timestamp=NOW, clock=lambda: NOW
        )
    assert sent(appliance) == {
        "lsid": LSID,
        "body": "see ［url］evil［/url］",
        "impersonate": "customer",
        "timestamp": str(int(NOW.timestamp())),
    }


def test_a_message_with_markup_to_a_team() -> None:
    appliance = Appliance({"send_chat_message": SUCCESS})
    with commands(appliance) as given:
        given.send_chat_message(Markup("[b]hi[/b]"), team_id=3, to_rep=7, impersonate="rep:5")
        assert sent(appliance) == {"team_id": "3", "body": "[b]hi[/b]", "to_rep": "7", "impersonate": "rep:5"}
        given.send_chat_message("hi", team_id="3", to_rep_username="jdoe", impersonate="rep_username:boss")
        assert sent(appliance)["to_rep_username"] == "jdoe"


def test_a_virtual_customer() -> None:
    answer = """<virtual_customer><download_url>https://x/d</download_url><chat_url>https://x/c</chat_url>
    </virtual_customer>"""
    appliance = Appliance({"create_virtual_customer": answer})
    who = {"name": "Ann", "ip_address": "192.0.2.7", "operating_system": "Linux", "computer_name": "pc-7"}
    with commands(appliance) as given:
        made = given.create_virtual_customer("1234567", **who, locale="pt-br")
    assert made == VirtualCustomer("https://x/d", "https://x/c")
    assert sent(appliance) == {"short_key": "1234567", **who, "locale": "pt-br"}
    assert "https" not in repr(made)


WHO: dict[str, Any] = {"name": "a", "ip_address": "b", "operating_system": "c", "computer_name": "d"}
WRONG: list[tuple[str, Callable[[Commands], object]]] = [
    ("attribute", lambda c: c.generate_session_key(queue("general"), attributes={"a b": ""})),
    ("priority", lambda c: c.generate_session_key(queue("general"), priority=4)),
    ("skills", lambda c: c.generate_session_key(queue("general"), skills=["a,b"])),
    ("ttl", lambda c: c.generate_session_key(queue("general"), ttl=0)),
    ("url_hostname", lambda c: c.generate_session_key(queue("general"), url_hostname="https://x/")),
    ("external key", lambda c: c.generate_session_key(queue("general"), external_key="x" * 1_025)),
    ("lsid", lambda c: c.terminate_session("")),
    ("lsid", lambda c: c.get_session_attributes("a&b")),
    ("lsid", lambda c: c.set_session_attributes("ü", {"a": "b"})),
    ("rep_id or rep_username", lambda c: c.join_session(LSID)),
    ("not both", lambda c: c.join_session(LSID, rep_id=1, rep_username="x")),
    ("rep_id", lambda c: c.join_session(LSID, rep_id="one")),
    ("rep_id or rep_username", lambda c: c.leave_session(LSID)),
    ("customer", lambda c: c.leave_session(LSID, rep_id=1, customer=True)),
    ("transferred", lambda c: c.transfer_session(LSID, queue("general"))),
    ("transferred", lambda c: c.transfer_session(LSID, Queue("issue:other"))),
    ("lsid or team_id", lambda c: c.send_chat_message("x")),
    ("lsid or team_id", lambda c: c.send_chat_message("x", lsid=LSID, team_id=1)),
    ("body", lambda c: c.send_chat_message("", lsid=LSID)),
    ("body", lambda c: c.send_chat_message("\ud800", lsid=LSID)),
    ("impersonate", lambda c: c.send_chat_message("x", lsid=LSID, impersonate="admin")),
    ("session only", lambda c: c.send_chat_message("x", team_id=1, impersonate="customer")),
    ("to_rep", lambda c: c.send_chat_message("x", lsid=LSID, to_rep=1, impersonate="rep:2")),
    ("to_rep", lambda c: c.send_chat_message("x", team_id=1, to_rep=1)),
    ("to_rep", lambda c: c.send_chat_message("x", team_id=1, to_rep=1, to_rep_username="x", impersonate="rep:2")),
    ("timestamp", lambda c: c.send_chat_message("x", lsid=LSID, timestamp=datetime(9999, 1, 1, tzinfo=UTC))),
    ("timestamp", lambda c: c.send_chat_message("x", lsid=LSID, timestamp=NOW.replace(tzinfo=None))),
    ("locale", lambda c: c.create_virtual_customer("1", **WHO, locale="German")),
    ("computer_name", lambda c: c.create_virtual_customer("1", **{**WHO, "computer_name": ""})),
    ("short_key", lambda c: c.create_virtual_customer("", **WHO)),
]


@pytest.mark.parametrize(("names", "ask"), WRONG)
def test_what_does_not_fit_is_rejected_before_anything_is_sent(names: str, ask: Callable[[Commands], object]) -> None:
    appliance = Appliance()
    with commands(appliance) as given, pytest.raises(Rejected, match=names):
        ask(given)
    assert (appliance.asked, appliance.tokens) == ([], [])


ORDERS: dict[str, Callable[[Commands], object]] = {
    "generate_session_key": lambda c: c.generate_session_key(queue("rep_username:jdoe"), external_key="4711"),
    "join_session": lambda c: c.join_session(LSID, rep_id=5),
    "leave_session": lambda c: c.leave_session(LSID, customer=True),
    "transfer_session": lambda c: c.transfer_session(LSID, queue("rep:5")),
    "set_session_attributes": lambda c: c.set_session_attributes(LSID, {"asset": "x"}),
    "terminate_session": lambda c: c.terminate_session(LSID),
    "send_chat_message": lambda c: c.send_chat_message("hello", lsid=LSID),
    "create_virtual_customer": lambda c: c.create_virtual_customer("1", **WHO),
    "set_rep_status": lambda c: c.set_rep_status(5, "busy"),
    "set_failover_role": lambda c: c.set_failover_role("backup"),
}
QUESTIONS: dict[str, Callable[[Commands], object]] = {
    "get_session_attributes": lambda c: c.get_session_attributes(LSID),
    "get_logged_in_reps": lambda c: c.get_logged_in_reps(),
    "get_support_teams": lambda c: c.get_support_teams(),
    "get_appliances": lambda c: c.get_appliances(),
    "get_connected_client_list": lambda c: c.get_connected_client_list(),
    "get_connected_clients": lambda c: c.get_connected_clients(),
    "check_health": lambda c: c.check_health(),
    "get_api_info": lambda c: c.get_api_info(),
}
REFUSALS: list[tuple[str, type[ConnectorError]]] = [
    ("<error>The session is not active</error>", NotFound),
    ("<error>You do not have permission</error>", AccessDenied),
    ("<error>The representative is not logged in</error>", NobodyThere),
    ("<error>Something else</error>", Rejected),
    ("<any><error>Something else</error></any>", Rejected),
]


@pytest.mark.parametrize("action", [*ORDERS, *QUESTIONS])
@pytest.mark.parametrize(("answer", "error"), REFUSALS)
def test_every_command_hears_its_refusal(action: str, answer: str, error: type[ConnectorError]) -> None:
    vault_untouched = Appliance({action: answer})
    with commands(vault_untouched) as given, pytest.raises(error):
        {**ORDERS, **QUESTIONS}[action](given)
    assert vault_untouched.calls == [action]


@pytest.mark.parametrize("action", ORDERS)
def test_a_cut_answer_to_an_order_is_an_unknown_outcome(action: str) -> None:
    with commands(Appliance({action: httpx.RemoteProtocolError("gone")})) as given, pytest.raises(UnknownOutcome):
        ORDERS[action](given)


@pytest.mark.parametrize(
    "action", [action for action in ORDERS if action not in ("leave_session", "send_chat_message")]
)
def test_an_order_without_its_success_is_an_unknown_outcome(action: str) -> None:
    with commands(Appliance({action: "<nothing/>"})) as given, pytest.raises(UnknownOutcome):
        ORDERS[action](given)


@pytest.mark.parametrize("action", QUESTIONS)
def test_a_cut_answer_to_a_question_may_be_asked_again(action: str) -> None:
    with commands(Appliance({action: httpx.RemoteProtocolError("gone")})) as given, pytest.raises(Unavailable) as cut:
        QUESTIONS[action](given)
    assert not isinstance(cut.value, UnknownOutcome)


@pytest.mark.parametrize("action", QUESTIONS)
def test_another_document_is_no_answer(action: str) -> None:
    with commands(Appliance({action: "<nothing/>"})) as given, pytest.raises(Unavailable):
        QUESTIONS[action](given)
