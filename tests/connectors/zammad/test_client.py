"""Zammad's quirks, against the fake one; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    Rejected,
    TicketClosed,
    TicketMerged,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Person, TicketStatus
from connectors.contract import Capability
from connectors.tickets.zammad import Zammad, client
from connectors.tickets.zammad.client import ZammadClient
from tests.connectors.zammad.desk import ZammadDesk
from tests.connectors.zammad.fake import User
from tests.contract.desk import Entry
from tests.contract.tickets import CALLS, MARK, OTHER_MARK, following, note, spent
from tests.contract.workshop import Handler, workshop

LONG_MARK = "card:rescue:123:zammad:" + "7" * 180


@contextmanager
def answering(handler: Handler) -> Iterator[ZammadClient]:
    with workshop("https://help.example.com", handler) as given:
        yield ZammadClient(given.transport, {"api_token": "made-up", "group": "x"})


def always(status: int, body: object) -> Handler:
    return lambda request: httpx.Response(status, json=body)


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: ZammadDesk) -> None:
    desk.ticket.tags[:] = ["printer", "remote-support"]
    desk.ticket.custom["asset"] = "Laptop 7"
    desk.ticket.owner_id = 4
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.number, ticket.subject) == (desk.ticket_id, desk.ticket.number, "Printer stuck")
    assert ticket.tags == {"printer", "remote-support"}
    assert ticket.requester == Person("Chris Customer", "customer@example.com", "9", username="customer@example.com")
    assert ticket.assignee.label == "Alex Agent"
    assert (ticket.fields["asset"], ticket.fields["priority"], ticket.fields["remote_session"]) == (
        "Laptop 7",
        "2 normal",
        "",
    )
    assert ticket.url == f"{desk.url}/#ticket/zoom/{desk.ticket_id}"


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [
        (1, TicketStatus.OPEN, "new"),
        (3, TicketStatus.OPEN, "pending reminder"),
        (4, TicketStatus.SOLVED, "closed"),
        (7, TicketStatus.OPEN, "pending close"),
    ],
)
def test_a_tickets_status(desk: ZammadDesk, number: int, status: TicketStatus, word: str) -> None:
    desk.ticket.state_id = number
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


def test_states_count_by_their_type_not_by_their_name(desk: ZammadDesk) -> None:
    desk.zammad.states[3]["name"] = "erledigt"
    desk.ticket.state_id = 4
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (TicketStatus.SOLVED, "erledigt")


def test_states_are_read_once(desk: ZammadDesk) -> None:
    connector = desk.connector()
    for _ in range(3):
        connector.fetch_ticket(desk.ticket_id)
    assert len(desk.faults.requests("*/ticket_states")) == 1


def test_a_ticket_of_nobody_has_no_assignee(desk: ZammadDesk) -> None:
    assert desk.connector().fetch_ticket(desk.ticket_id).assignee == Person()


def test_whom_we_may_not_see_is_known_by_login(desk: ZammadDesk) -> None:
    desk.ticket.owner_id = 4
    assert desk.customers().fetch_ticket(desk.ticket_id).assignee == Person(id="4", username="agent@example.com")


def test_a_ticket_merged_twice_is_read_where_it_lives_on(desk: ZammadDesk) -> None:
    second, third = (desk.zammad.open_ticket(name) for name in ("second", "third"))
    desk.zammad.merge(desk.ticket, second)
    desk.zammad.merge(second, third)
    assert desk.connector().fetch_ticket(desk.ticket_id).subject == "third"


def test_a_merged_ticket_that_says_not_where_is_closed(desk: ZammadDesk) -> None:
    desk.ticket.state_id = 5
    connector = desk.connector()
    assert connector.fetch_ticket(desk.ticket_id).status is TicketStatus.CLOSED
    with pytest.raises(TicketClosed):
        connector.add_note(desk.ticket_id, note())
    assert desk.notes() == []


@pytest.mark.parametrize("body", [[], {}, {"ticket": []}, "x"])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(always(200, body)) as asked, pytest.raises(Unavailable):
        asked.fetch_ticket("7")


# -- notes -----------------------------------------------------------------------------------------------------


def test_the_mark_stands_where_nobody_reads_it(desk: ZammadDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(mark=LONG_MARK))
    [article] = desk.articles()
    assert LONG_MARK not in article.body + article.subject
    assert desk.connector().find_note(desk.ticket_id, LONG_MARK)


def test_a_public_note_is_for_the_portal_and_mailed_to_nobody(desk: ZammadDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note(public=True))
    [article] = desk.articles()
    assert (article.type, article.internal) == ("note", False)
    assert desk.zammad.mails == []


def test_a_public_note_is_mailed_to_the_customer_where_the_operator_wants_it(desk: ZammadDesk) -> None:
    connector = desk.built(public_as="email")
    connector.add_note(desk.ticket_id, note(public=True))
    [mail] = desk.zammad.mails
    assert (mail.to, mail.subject, mail.internal) == ("customer@example.com", "Printer stuck", False)
    assert connector.find_note(desk.ticket_id, MARK)


def test_an_internal_note_is_never_mailed(desk: ZammadDesk) -> None:
    desk.built(public_as="email").add_note(desk.ticket_id, note())
    assert desk.zammad.mails == []
    assert desk.articles()[0].internal


def test_a_customer_without_an_address_gets_no_mail(desk: ZammadDesk) -> None:
    desk.zammad.users[77] = User(77, "by-phone", "Only", "Phone")
    desk.ticket.customer_id = 77
    with pytest.raises(Rejected, match="no e-mail address"):
        desk.built(public_as="email").add_note(desk.ticket_id, note(public=True))
    assert desk.notes() == []


def test_a_token_of_no_agent_is_found_out_by_the_first_internal_note(desk: ZammadDesk) -> None:
    with pytest.raises(AccessDenied, match="no agent"):
        desk.customers().add_note(desk.ticket_id, note())


@pytest.mark.parametrize(
    "capability",
    sorted(set(CALLS) & {Capability.UPDATE_FIELDS, Capability.ADD_TAGS, Capability.ADD_TIME, Capability.REOPEN}),
)
def test_nothing_is_written_on_a_merged_ticket(desk: ZammadDesk, capability: Capability) -> None:
    """Zammad itself would take it, and nobody would ever read it."""
    into = desk.merge_ticket()
    desk.faults.seen.clear()
    with pytest.raises(TicketMerged) as merged:
        CALLS[capability](desk.connector(), desk.ticket_id)
    assert merged.value.into == into
    assert {seen.method for seen in desk.faults.requests()} == {"GET"}


# -- fields, tags, states --------------------------------------------------------------------------------------


def test_names_and_ids_are_set(desk: ZammadDesk) -> None:
    connector = desk.connector()
    connector.update_fields(desk.ticket_id, {"priority": "3 high", "group_id": 1, "owner": "agent@example.com"})
    connector.update_fields(desk.ticket_id, {"state": "closed", "remote_session": "done"})
    ticket = desk.ticket
    assert (ticket.priority_id, ticket.group_id, ticket.owner_id, ticket.state_id) == (3, 1, 4, 4)
    assert ticket.custom["remote_session"] == "done"


def test_an_attribute_that_zammad_ignores_is_told(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected, match="did not set assett"):
        desk.connector().update_fields(desk.ticket_id, {"assett": "lost", "asset": "kept"})


def test_a_value_that_zammad_did_not_keep_is_told(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected, match="did not set pending_time"):
        desk.connector().update_fields(desk.ticket_id, {"pending_time": "2026-03-03T10:00:00Z"})


def test_a_value_that_zammad_does_not_know_is_refused(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected):
        desk.connector().update_fields(desk.ticket_id, {"priority": "what somebody typed"})


@pytest.mark.parametrize("name", ["article", "number", "id", "tags", "preferences", "updated_at"])
def test_other_names_are_no_fields(desk: ZammadDesk, name: str) -> None:
    with pytest.raises(Rejected, match="no field"):
        desk.connector().update_fields(desk.ticket_id, {name: {"body": "x"}})
    assert desk.notes() == []
    assert not desk.faults.requests()


def test_nothing_to_set_is_nothing_to_send(desk: ZammadDesk) -> None:
    desk.connector().add_tags(desk.ticket_id, [])
    desk.connector().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


def test_a_ticket_is_opened_in_the_state_of_a_follow_up(desk: ZammadDesk) -> None:
    desk.zammad.states.insert(
        0, {"id": 2, "name": "in Arbeit", "state_type": "open", "active": True, "default_follow_up": True}
    )
    desk.zammad.states.insert(0, {"id": 6, "name": "waiting", "state_type": "open", "active": True})
    desk.close_ticket()
    desk.connector().reopen(desk.ticket_id)
    assert desk.is_open()


def test_an_open_ticket_stays_as_it_is(desk: ZammadDesk) -> None:
    desk.ticket.state_id = 3
    desk.connector().reopen(desk.ticket_id)
    assert desk.ticket.state_id == 3


def test_without_an_open_state_nothing_can_be_opened(desk: ZammadDesk) -> None:
    desk.zammad.states[1]["active"] = False
    desk.close_ticket()
    with pytest.raises(Rejected, match="no active state"):
        desk.connector().reopen(desk.ticket_id)


# -- time ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "units"), [(1.0, "45.0"), (15.0, "3.0"), (60.0, "0.75")])
def test_time_is_entered_in_the_units_of_the_admin(desk: ZammadDesk, unit: float, units: str) -> None:
    desk.built(time_unit_minutes=unit).add_time(desk.ticket_id, spent())
    assert [one["time_unit"] for one in desk.zammad.times] == [units]


def test_the_entry_of_time_says_what_it_was_and_nobody_outside_reads_it(desk: ZammadDesk) -> None:
    desk.connector().add_time(desk.ticket_id, spent())
    [shown] = desk.notes()
    assert "Remote support session 7: 45 minutes from 2026-03-02 09:30 UTC, Alex Agent" in shown.text
    assert not shown.public


def test_time_that_zammad_refuses_is_no_time_although_its_article_stands(desk: ZammadDesk) -> None:
    connector = desk.connector()
    desk.zammad.time_accounting = False
    with pytest.raises(Rejected, match="time accounting is not enabled"):
        connector.add_time(desk.ticket_id, spent())
    assert connector.find_time(desk.ticket_id, MARK) is None
    desk.zammad.time_accounting = True
    written = connector.add_time(desk.ticket_id, spent())
    assert connector.find_time(desk.ticket_id, MARK) == written
    assert desk.times() == [Entry(45)]
    assert len(desk.notes()) == 1


# -- making and finding tickets --------------------------------------------------------------------------------


def test_a_new_ticket_is_internal_and_hangs_below_the_one_that_it_follows(desk: ZammadDesk) -> None:
    made = desk.connector().create_ticket(following(desk))
    ticket = desk.zammad.tickets[int(made)]
    [article] = [one for one in desk.zammad.articles if one.ticket_id == ticket.id]
    assert (ticket.customer_id, ticket.group_id, article.internal) == (9, 2, True)
    assert desk.zammad.links == [("child", ticket.id, desk.ticket.id)]
    # As Zammad shows it on the old ticket: the new one is its child, so nobody takes it for a merge.
    connector = desk.connector()
    connector.add_note(desk.ticket_id, note())


def test_a_customer_whom_zammad_does_not_know_is_made(desk: ZammadDesk) -> None:
    new = replace(following(desk), requester=Person(email="New@example.com"), follows="")
    made = desk.connector().create_ticket(new)
    assert desk.zammad.users[desk.zammad.tickets[int(made)].customer_id].login == "new@example.com"
    assert desk.zammad.links == []


def test_a_ticket_for_nobody_is_our_own(desk: ZammadDesk) -> None:
    made = desk.connector().create_ticket(replace(following(desk), requester=Person(name="Unknown")))
    assert desk.zammad.tickets[int(made)].customer_id == 3


def test_a_group_that_does_not_exist_is_refused(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected):
        desk.built(group="Nowhere").create_ticket(following(desk))


def test_without_a_group_nothing_is_asked(desk: ZammadDesk) -> None:
    connector = desk.with_keys({"api_token": "made-up"})
    with pytest.raises(Rejected, match="group"):
        connector.create_ticket(following(desk))
    assert not desk.faults.requests()


def test_a_ticket_is_found_by_a_mark_of_any_length(desk: ZammadDesk) -> None:
    connector = desk.connector()
    made = connector.create_ticket(replace(following(desk), mark=LONG_MARK))
    connector.create_ticket(replace(following(desk), mark=OTHER_MARK))
    assert connector.find_ticket(LONG_MARK) == made


def test_tickets_since_a_moment_with_one_of_the_tags(desk: ZammadDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TICKETS_PER_PAGE", 2)
    start = desk.zammad.now + timedelta(seconds=1)
    both = desk.zammad.open_ticket("both", "first tag", "second")
    ones = [desk.zammad.open_ticket(f"one {number}", "second") for number in range(4)]
    desk.zammad.open_ticket("other", "third")
    connector = desk.connector()
    found = list(connector.tickets_since(start, ["first tag", "second"]))
    assert found == [str(ticket.id) for ticket in (both, *ones)]
    assert len(list(connector.tickets_since(start, []))) == 6
    assert list(connector.tickets_since(desk.zammad.now + timedelta(seconds=1), [])) == []


def test_a_tag_with_a_comma_cannot_be_looked_for(desk: ZammadDesk) -> None:
    with pytest.raises(Rejected, match="comma"):
        list(desk.connector().tickets_since(desk.zammad.now, ["one, two"]))


# -- errors ----------------------------------------------------------------------------------------------------


def test_a_ticket_of_a_group_that_is_not_ours_stops_nothing_else(desk: ZammadDesk) -> None:
    desk.ticket.group_id = 3
    with pytest.raises(Rejected) as refused:
        desk.connector().add_note(desk.ticket_id, note())
    assert refused.value.code == "403"


def test_maintenance_is_waited_for(desk: ZammadDesk) -> None:
    desk.zammad.maintenance = True
    with pytest.raises(Unavailable) as down:
        desk.connector().add_note(desk.ticket_id, note())
    assert not isinstance(down.value, UnknownOutcome)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": "Can't find User for Token"}, AccessDenied),
        (403, {"error": "Authentication required"}, AccessDenied),
        (403, {"error": "API token access disabled!"}, AccessDenied),
        (403, {"error": "Not authorized (token)!"}, AccessDenied),
        (403, {"error": "Not authorized"}, Rejected),
        (403, "<html>", Rejected),
        (403, {"error": "Maintenance mode enabled!"}, Unavailable),
        (404, {"error": "Couldn't find Ticket with 'id'=7"}, NotFound),
        (422, {"error": "what somebody typed"}, Rejected),
        (422, {"error": "Cannot follow-up on a closed ticket. Please create a new ticket."}, TicketClosed),
        (302, {}, Rejected),
        (500, {"error": "what somebody typed"}, UnknownOutcome),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError]) -> None:
    """Each as the answer to the write, after everything before it went well."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            return httpx.Response(status, json=body)
        rows: Any = {"id": 7, "state_id": 2, "state": "open"}
        if request.url.path.endswith("ticket_states"):
            rows = [{"id": 2, "state_type": "open"}]
        return httpx.Response(200, json=rows)

    with answering(answer) as asked, pytest.raises(error) as refused:
        asked.add_note("7", note())
    assert type(refused.value) is error
    assert "typed" not in str(refused.value)


def test_a_write_whose_answer_lacks_its_id_is_an_unknown_outcome() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows: Any = {"id": 7, "state_id": 2} if request.method == "GET" else {}
        return httpx.Response(200, json=[{"id": 2, "state_type": "open"}] if "states" in request.url.path else rows)

    with answering(answer) as asked, pytest.raises(UnknownOutcome):
        asked.add_note("7", note())


@pytest.mark.parametrize("ticket_id", ["31007/..", "7a", "#31007", "9" * 19])
def test_other_ids_are_not_asked_for(desk: ZammadDesk, ticket_id: str) -> None:
    calls: list[Callable[[Zammad], object]] = [
        lambda zammad: zammad.fetch_ticket(ticket_id),
        lambda zammad: zammad.find_note(ticket_id, MARK),
        lambda zammad: zammad.update_fields(ticket_id, {"asset": "x"}),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call(desk.built())
    assert not desk.faults.requests()


def test_the_probe_says_who_we_are(desk: ZammadDesk) -> None:
    assert desk.connector().probe() == "signed in to Zammad as bridge@example.com (Agent)"
    with pytest.raises(AccessDenied):
        desk.stranger().probe()
