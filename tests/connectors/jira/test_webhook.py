"""Jira's two kinds of bodies, as captured requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.contract import ConnectionConfig
from connectors.tickets.jira import Jira
from connectors.tickets.jira.webhook import EVENTS, delivery_key, parse
from tests.contract.captured import FIXTURES, captured
from tests.contract.workshop import no_network, workshop

SECRET = "made-up-jira-webhook-secret"
NAMES = sorted(path.stem for path in (FIXTURES / "jira").glob("*.http"))
CHANGED, CLOSED, MERGED = TicketEventKind.CHANGED, TicketEventKind.CLOSED, TicketEventKind.MERGED
AGENT = "5b10a2844c20165700ede21g"
AT = datetime(2026, 3, 2, 10, 29, 58, 465000, UTC)


@pytest.fixture
def jira() -> Iterator[Jira]:
    keys = {"email": "Bridge@Acme.com", "api_token": "x", "account_id": "712020:AbC"}
    config = ConnectionConfig("jira", "jira", "https://acme.atlassian.net", (SECRET,), keys)
    with workshop(config.base_url, no_network) as given:
        yield Jira(config, given)


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"jira/{name}"))
    return event


@pytest.mark.parametrize("name", [name for name in NAMES if name != "automation-wrong-key"])
def test_every_captured_request_proves_itself(jira: Jira, name: str) -> None:
    jira.verify(captured(f"jira/{name}"))


def test_another_key_of_an_automation_rule_is_refused(jira: Jira) -> None:
    with pytest.raises(BadSignature):
        jira.verify(captured("jira/automation-wrong-key"))


def test_a_wrong_signature_is_not_made_good_by_the_secret_beside_it(jira: Jira) -> None:
    delivery = captured("jira/issue-updated")
    headers = {**delivery.headers, "x-hub-signature": "sha256=00", "x-deskbridge-key": SECRET}
    with pytest.raises(BadSignature):
        jira.verify(replace(delivery, headers=headers, query={"key": SECRET}))


def test_a_changed_issue_says_who_and_when() -> None:
    assert only("issue-updated") == TicketEvent(CHANGED, "DESK-17", "jira:issue_updated", AGENT, AT)


@pytest.mark.parametrize(
    ("name", "word", "kind"),
    [
        ("issue-created", "jira:issue_created", CHANGED),
        ("issue-deleted", "jira:issue_deleted", CLOSED),
        ("comment-created", "comment_created", CHANGED),
    ],
)
def test_an_event_has_our_kind_and_the_vendors_word(name: str, word: str, kind: TicketEventKind) -> None:
    event = only(name)
    assert (event.kind, event.name, event.ticket_id) == (kind, word, "DESK-17")


def test_a_comment_is_its_authors() -> None:
    assert only("comment-created").actor == AGENT


def test_a_comment_without_its_issue_names_it_by_the_number_in_its_address() -> None:
    assert only("comment-without-issue").ticket_id == "10148"


def test_a_comment_that_names_no_issue_is_told_by_another_event() -> None:
    delivery = captured("jira/comment-without-issue")
    assert parse(replace(delivery, body=delivery.body.replace(b"/issue/10148", b""))) == []


def test_an_issue_that_moved_lives_on_under_its_new_key() -> None:
    merged, changed = parse(captured("jira/issue-moved"))
    assert (merged.kind, merged.ticket_id, merged.merged_into) == (MERGED, "DESK-17", "OPS-3")
    assert (changed.kind, changed.ticket_id) == (CHANGED, "OPS-3")
    assert merged.actor == changed.actor == AGENT


def test_a_field_that_is_called_key_moves_nothing() -> None:
    delivery = captured("jira/issue-moved")
    assert len(parse(replace(delivery, body=delivery.body.replace(b'"DESK-17"', b'"the spare one"')))) == 1


@pytest.mark.parametrize("name", ["unknown-event", "worklog-created"])
def test_jiras_other_events_are_ignored(name: str) -> None:
    assert parse(captured(f"jira/{name}")) == []


@pytest.mark.parametrize("name", ["stranger", "issue-without-key"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected") as refused:
        parse(captured(f"jira/{name}"))
    assert "private" not in str(refused.value)


def test_every_event_of_the_table_is_understood() -> None:
    sample = captured("jira/issue-updated")
    for word, kind in EVENTS.items():
        [event] = parse(replace(sample, body=sample.body.replace(b"jira:issue_updated", word.encode())))
        assert (event.kind, event.name) == (kind, word)


# -- Automation ------------------------------------------------------------------------------------------------


def test_a_rule_may_ask_outright() -> None:
    event = only("automation")
    assert (event.kind, event.ticket_id, event.actor) == (TicketEventKind.REQUESTED, "DESK-17", AGENT)


def test_a_quote_in_a_smart_value_leaves_only_the_ticket_id() -> None:
    assert only("automation-broken") == TicketEvent(CHANGED, "DESK-17", f"ticket.updated {BROKEN}")


def test_a_smart_value_cannot_name_another_ticket() -> None:
    with pytest.raises(MalformedPayload, match="no single ticket_id"):
        parse(captured("jira/automation-forged"))


def test_a_template_without_its_smart_values_says_what_was_expected() -> None:
    with pytest.raises(MalformedPayload, match=r"not one of this system.*\{\{issue.key\}\}"):
        parse(captured("jira/automation-not-filled"))


def test_a_rule_that_sends_the_whole_issue_is_understood() -> None:
    assert only("automation-issue-data") == TicketEvent(CHANGED, "DESK-17", "automation")


@pytest.mark.parametrize("key", ["desk-17", "DESK-017", "DESK-0", "D-1", "DESK_17", "-17", "0", "DESK-1/../2"])
def test_what_could_not_be_an_issues_key_is_refused(key: str) -> None:
    body = b'{"event": "ticket.updated", "ticket_id": "%s"}' % key.encode()
    delivery = replace(captured("jira/automation"), body=body)
    with pytest.raises(MalformedPayload):
        parse(delivery)


# -- the same delivery again -----------------------------------------------------------------------------------


def test_the_key_is_the_identifier_that_a_retry_repeats() -> None:
    assert delivery_key(captured("jira/issue-updated")) == "7c1f0d4e-0000-4000-8000-000000000001"


def test_a_rules_key_is_its_own() -> None:
    assert delivery_key(captured("jira/automation")) == "DESK-17-1772447398465"


def test_without_any_id_two_moments_are_two_deliveries() -> None:
    first = replace(captured("jira/issue-updated"), headers={})
    later = replace(first, body=first.body.replace(b"1772447398465", b"1772447398466"))
    assert delivery_key(first) == delivery_key(first) != delivery_key(later)


def test_our_own_writes_are_known_by_account_and_by_mail(jira: Jira) -> None:
    assert jira.own_actors == {"712020:abc", "bridge@acme.com"}
