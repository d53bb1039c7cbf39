"""Zammad's fixed body and our template, as requests like those that it sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.errors import MalformedPayload
from bridge.model import TicketEvent, TicketEventKind
from connectors.bodies import BROKEN
from connectors.signatures import ZAMMAD
from connectors.tickets.zammad.webhook import delivery_key, parse
from tests.contract.captured import FIXTURES, captured

SECRET = "made-up-zammad-signature-token"
NAMES = sorted(path.stem for path in (FIXTURES / "zammad").glob("*.http"))
CHANGED, CLOSED, MERGED = TicketEventKind.CHANGED, TicketEventKind.CLOSED, TicketEventKind.MERGED


def only(name: str) -> TicketEvent:
    [event] = parse(captured(f"zammad/{name}"))
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_is_signed(name: str) -> None:
    ZAMMAD.verify(captured(f"zammad/{name}"), [SECRET])


def test_the_fixed_body_says_what_who_and_when() -> None:
    when = datetime(2026, 3, 2, 10, 29, 58, 465000, UTC)
    assert only("updated") == TicketEvent(CHANGED, "7", "Remote support", "Agent@example.com", when)


def test_whoever_wrote_the_article_is_the_actor() -> None:
    assert only("customer-wrote").actor == "customer@example.com"


@pytest.mark.parametrize(("name", "kind"), [("updated", CHANGED), ("closed", CLOSED), ("merged", MERGED)])
def test_the_state_says_what_happened(name: str, kind: TicketEventKind) -> None:
    assert (only(name).kind, only(name).ticket_id) == (kind, "7")


def test_our_own_note_is_no_event_whoever_we_are() -> None:
    assert parse(captured("zammad/our-own-note")) == []


def test_an_event_is_called_as_its_trigger() -> None:
    sample = captured("zammad/updated")
    headers = {**sample.headers, "x-zammad-trigger": "  Remote\t support " + "x" * 300}
    [event] = parse(replace(sample, headers=headers))
    assert event.name.startswith("Remote support xxx")
    assert len(event.name) == 200
    assert only("without-delivery").name == "ticket.updated"


def test_a_template_names_the_ticket_and_who_changed_it() -> None:
    assert only("template") == TicketEvent(CHANGED, "7", "ticket.updated", "Agent@example.com")


def test_a_template_may_ask_outright() -> None:
    assert only("template-asks").kind is TicketEventKind.REQUESTED


def test_a_quote_in_a_placeholder_leaves_only_the_ticket_id() -> None:
    assert only("template-broken") == TicketEvent(CHANGED, "7", f"ticket.updated {BROKEN}")


@pytest.mark.parametrize("name", ["stranger", "template-refused-by-zammad"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected") as refused:
        parse(captured(f"zammad/{name}"))
    assert "private" not in str(refused.value)


def test_a_template_whose_placeholders_were_not_filled_says_so() -> None:
    with pytest.raises(MalformedPayload, match="not one of this system"):
        parse(captured("zammad/template-not-filled"))


@pytest.mark.parametrize("number", ["", "7a", "-7", "7.5", [], None, True])
def test_an_id_that_zammad_does_not_give(number: object) -> None:
    body = (
        b'{"ticket": {"id": %s}}' % str(number).encode() if not isinstance(number, str) else b'{"ticket": {"id": "x"}}'
    )
    with pytest.raises(MalformedPayload):
        parse(replace(captured("zammad/updated"), body=body))


def test_the_key_is_the_id_of_zammads_job() -> None:
    delivery = captured("zammad/updated")
    assert delivery_key(delivery) == delivery.headers["x-zammad-delivery"]


def test_without_one_the_key_is_a_digest_of_the_body() -> None:
    delivery = captured("zammad/without-delivery")
    assert delivery_key(delivery) == delivery_key(replace(delivery, headers={}))
    assert delivery_key(delivery) != delivery_key(replace(delivery, body=delivery.body + b" "))
