"""Help Scout's fixed bodies, as requests like those that it sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.errors import MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.signatures import HELP_SCOUT
from connectors.tickets.help_scout.webhook import EVENTS, delivery_key, parse
from tests.contract.captured import FIXTURES, captured

SECRET = "made-up-help-scout-secret-key"
NAMES = sorted(path.stem for path in (FIXTURES / "help_scout").glob("*.http"))
CHANGED, CLOSED, MERGED = TicketEventKind.CHANGED, TicketEventKind.CLOSED, TicketEventKind.MERGED
TOUCHED = datetime(2026, 3, 2, 10, 29, 58, tzinfo=UTC)


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"help_scout/{name}"))
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_is_signed(name: str) -> None:
    HELP_SCOUT.verify(captured(f"help_scout/{name}"), [SECRET])


def test_the_conversation_and_the_event_are_told() -> None:
    assert only("tags") == TicketEvent(CHANGED, "291938", "convo.tags", "", TOUCHED)


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("created", "customer@example.com"),
        ("customer-wrote", "customer@example.com"),
        ("agent-noted", "agent@example.com"),
        ("closed", ""),
    ],
)
def test_who_acted_is_who_wrote_the_newest_thread(name: str, actor: str) -> None:
    assert only(name).actor == actor


@pytest.mark.parametrize(("name", "kind"), [("closed", CLOSED), ("deleted", CLOSED), ("merged", MERGED)])
def test_what_happened(name: str, kind: TicketEventKind) -> None:
    assert (only(name).kind, only(name).ticket_id) == (kind, "291938")


def test_our_own_note_is_no_event_whoever_we_are() -> None:
    assert parse(captured("help_scout/our-own-note")) == []


def test_a_customer_who_quotes_our_line_is_heard() -> None:
    sample = captured("help_scout/our-own-note")
    quoted = replace(sample, body=sample.body.replace(b'"type":"note"', b'"type":"customer"'))
    assert len(parse(quoted)) == 1


@pytest.mark.parametrize("name", ["stranger", "without-event"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected") as refused:
        parse(captured(f"help_scout/{name}"))
    assert "private" not in str(refused.value)


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize(
    "body", [b'{"id": 7}', b'{"id": 7, "_embedded": 1}', b'{"id": 7, "_embedded": {"threads": [1]}}']
)
def test_a_bare_conversation_is_enough(event: str, body: bytes) -> None:
    sample = captured("help_scout/tags")
    bare = replace(sample, body=body, headers={**sample.headers, "x-helpscout-event": event})
    assert [one.ticket_id for one in parse(bare)] == ["7"]


def test_the_same_body_under_another_event_is_another_delivery() -> None:
    sample = captured("help_scout/tags")
    assert delivery_key(sample) != delivery_key(replace(sample, headers={"x-helpscout-event": "convo.status"}))
