"""Help Scout's quirks, against the fake one; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketClosed,
    TicketMerged,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import NewTicket, Person, TicketStatus
from connectors.contract import Capability
from connectors.http import Transport
from connectors.tickets.help_scout import HelpScout
from connectors.tickets.help_scout.client import HelpScoutClient
from connectors.tickets.help_scout.wire import PAUSE
from tests.connectors.help_scout.desk import HelpScoutDesk
from tests.connectors.help_scout.fake import AGENT, CLIENT, MAX_THREADS, PAGE, SECRET, START, USER
from tests.contract.tickets import CALLS, MARK, OTHER_MARK, following, note
from tests.contract.workshop import Handler, MemoryVault, workshop

BASE = "https://api.helpscout.net"
KEYS = {"client_id": CLIENT, "client_secret": SECRET, "mailbox_id": 85}
TOKEN = {"access_token": "made-up", "token_type": "bearer", "expires_in": 172800}
THERE = {"id": 7, "status": "active", "mailboxId": 85}


@contextmanager
def answering(handler: Handler) -> Iterator[HelpScoutClient]:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=TOKEN) if request.url.path == "/v2/oauth2/token" else handler(request)

    with workshop(BASE, answer) as given:
        yield HelpScoutClient(given.transport, given.vault, KEYS)


def always(status: int, body: object) -> Handler:
    return lambda request: httpx.Response(status, json=body)


# -- signing in ------------------------------------------------------------------------------------------------


def test_all_workers_share_one_token(desk: HelpScoutDesk) -> None:
    for _ in range(3):
        desk.connector().fetch_ticket(desk.ticket_id)
    assert desk.fake.tokens_given == 1


def test_a_token_that_is_refused_is_renewed(desk: HelpScoutDesk) -> None:
    connector = desk.connector()
    connector.fetch_ticket(desk.ticket_id)
    desk.fake.token = "made-up-token-of-tomorrow"
    assert connector.add_note(desk.ticket_id, note())
    assert (desk.fake.tokens_given, len(desk.notes())) == (2, 1)


def test_the_probe_says_who_we_are(desk: HelpScoutDesk) -> None:
    assert desk.connector().probe() == "signed in to Help Scout as bridge@example.com"
    with pytest.raises(AccessDenied):
        desk.stranger().probe()
    desk.fake.forbidden = True
    with pytest.raises(AccessDenied, match="may not use the API"):
        desk.connector().probe()


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_conversation_in_our_words(desk: HelpScoutDesk) -> None:
    desk.ticket.tags[:] = ["printer", "remote-support"]
    desk.ticket.fields.update({104: "Laptop 7", 105: "168"})
    desk.ticket.assignee = AGENT
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    number = str(desk.ticket.id - 290_000)
    assert (ticket.id, ticket.number, ticket.subject) == (desk.ticket_id, number, "Printer stuck")
    assert ticket.tags == {"printer", "remote-support"}
    assert ticket.requester == Person("Chris Customer", "customer@example.com", "9")
    assert ticket.assignee == Person("Alex Agent", "agent@example.com", "32")
    assert (ticket.fields["Asset"], ticket.fields["104"]) == ("Laptop 7", "Laptop 7")
    assert (ticket.fields["Remote session"], ticket.fields["105"]) == ("Requested", "168")
    assert (ticket.fields["mailboxId"], ticket.fields["type"]) == ("85", "email")
    assert ticket.url == f"https://secure.helpscout.net/conversation/{desk.ticket_id}/{number}"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", TicketStatus.OPEN),
        ("pending", TicketStatus.OPEN),
        ("closed", TicketStatus.SOLVED),
        ("spam", TicketStatus.SOLVED),
    ],
)
def test_a_conversations_status(desk: HelpScoutDesk, word: str, status: TicketStatus) -> None:
    desk.ticket.status = word
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


def test_a_deleted_conversation_is_not_found(desk: HelpScoutDesk) -> None:
    desk.ticket.state = "deleted"
    with pytest.raises(NotFound):
        desk.connector().add_note(desk.ticket_id, note())
    assert desk.notes() == []


def test_a_conversation_merged_twice_is_read_where_it_lives_on(desk: HelpScoutDesk) -> None:
    second, third = (desk.fake.open(name) for name in ("second", "third"))
    desk.fake.merge(desk.ticket, second)
    desk.fake.merge(second, third)
    assert desk.connector().fetch_ticket(desk.ticket_id).subject == "third"


def test_conversations_merged_in_a_circle_are_not_found(desk: HelpScoutDesk) -> None:
    desk.fake.merged.update({1: 2, 2: 1})
    with pytest.raises(NotFound, match="circle"):
        desk.connector().fetch_ticket("1")


@pytest.mark.parametrize("body", [[], {}, {"conversation": []}, "x"])
def test_an_answer_of_another_shape_is_no_conversation(body: object) -> None:
    with answering(always(200, body)) as asked, pytest.raises(Unavailable):
        asked.fetch_ticket("7")


@pytest.mark.parametrize("body", [{}, {"page": {}}, {"_embedded": {"threads": 7}}, {"_embedded": {}, "page": 1}])
def test_an_answer_of_another_shape_is_no_list(body: object) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=body if request.url.path.endswith("threads") else THERE)

    with answering(answer) as asked, pytest.raises(Unavailable):
        asked.find_note("7", MARK)


# -- notes -----------------------------------------------------------------------------------------------------


def test_a_note_is_found_on_whatever_page_it_stands(desk: HelpScoutDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    for number in range(3 * PAGE):
        desk.fake.write(desk.ticket, "note", f"talk {number}", AGENT)
    assert connector.find_note(desk.ticket_id, MARK) == written


def test_a_customer_who_quotes_the_mark_is_not_taken_for_us(desk: HelpScoutDesk) -> None:
    desk.fake.write(desk.ticket, "customer", f"> Deskbridge reference {MARK}", USER)
    assert desk.connector().find_note(desk.ticket_id, MARK) is None


@pytest.mark.parametrize("status", ["active", "pending", "closed"])
def test_a_reply_leaves_the_status_as_it_is(desk: HelpScoutDesk, status: str) -> None:
    desk.ticket.status = status
    desk.connector().add_note(desk.ticket_id, note(public=True))
    assert (desk.ticket.status, len(desk.fake.mails)) == (status, 1)


def test_a_note_is_mailed_to_nobody(desk: HelpScoutDesk) -> None:
    desk.connector().add_note(desk.ticket_id, note())
    assert desk.fake.mails == []


def test_a_conversation_without_a_customer_takes_no_reply() -> None:
    with answering(always(200, THERE)) as asked, pytest.raises(Rejected, match="no customer"):
        asked.add_note("7", note(public=True))


def test_a_conversation_with_a_hundred_threads_takes_no_more(desk: HelpScoutDesk) -> None:
    for number in range(MAX_THREADS):
        desk.fake.write(desk.ticket, "lineitem", f"{number}", AGENT)
    with pytest.raises(TicketClosed):
        desk.connector().add_note(desk.ticket_id, note())


@pytest.mark.parametrize("capability", [Capability.UPDATE_FIELDS, Capability.ADD_TAGS, Capability.REOPEN])
def test_nothing_is_written_on_a_merged_conversation(desk: HelpScoutDesk, capability: Capability) -> None:
    into = desk.merge_ticket()
    desk.faults.seen.clear()
    with pytest.raises(TicketMerged) as merged:
        CALLS[capability](desk.connector(), desk.ticket_id)
    assert merged.value.into == into
    assert {seen.method for seen in desk.faults.requests("*/conversations/*")} == {"GET"}


# -- fields, tags, status --------------------------------------------------------------------------------------


def test_one_custom_field_is_set_and_the_others_stay(desk: HelpScoutDesk) -> None:
    desk.ticket.fields.update({104: "Laptop 7", 106: "2027-01-01"})
    desk.connector().update_fields(desk.ticket_id, {"remote SESSION": "done", "107": 12})
    assert desk.ticket.fields == {104: "Laptop 7", 105: "170", 106: "2027-01-01", 107: "12"}


def test_an_empty_value_clears_a_custom_field(desk: HelpScoutDesk) -> None:
    desk.ticket.fields.update({104: "Laptop 7", 105: "168"})
    desk.connector().update_fields(desk.ticket_id, {"Asset": ""})
    assert desk.ticket.fields == {105: "168"}


def test_the_conversations_own_values_are_set(desk: HelpScoutDesk) -> None:
    connector = desk.connector()
    connector.update_fields(desk.ticket_id, {"subject": "Paper jam", "status": "pending", "assignTo": "32"})
    assert (desk.ticket.subject, desk.ticket.status, desk.ticket.assignee) == ("Paper jam", "pending", AGENT)
    connector.update_fields(desk.ticket_id, {"assignTo": ""})
    assert desk.ticket.assignee is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "open"), ("assignTo", "Alex"), ("Remote session", "maybe"), ("tags", "x"), ("Warranty", "tomorrow")],
)
def test_what_help_scout_does_not_know_is_told(desk: HelpScoutDesk, name: str, value: str) -> None:
    with pytest.raises(Rejected):
        desk.connector().update_fields(desk.ticket_id, {name: value})
    assert desk.ticket.fields == {}


def test_a_wrong_field_leaves_all_others_as_they_are(desk: HelpScoutDesk) -> None:
    with pytest.raises(Rejected, match="no custom field Assett"):
        desk.connector().update_fields(desk.ticket_id, {"subject": "lost", "Asset": "lost", "Assett": "lost"})
    assert (desk.ticket.subject, desk.ticket.fields) == ("Printer stuck", {})


def test_tags_that_are_there_stay(desk: HelpScoutDesk) -> None:
    desk.ticket.tags[:] = ["VIP", "printer"]
    desk.connector().add_tags(desk.ticket_id, ["vip", "remote-done"])
    assert desk.ticket.tags == ["VIP", "printer", "remote-done"]


def test_nothing_to_set_is_nothing_to_send(desk: HelpScoutDesk) -> None:
    desk.ticket.tags[:] = ["VIP"]
    desk.connector().add_tags(desk.ticket_id, ["vip"])
    desk.connector().add_tags(desk.ticket_id, [])
    desk.connector().update_fields(desk.ticket_id, {})
    desk.connector().reopen(desk.ticket_id)
    assert not desk.faults.requests("*/conversations/*", method="P*")


# -- new conversations and lists -------------------------------------------------------------------------------


def test_a_new_conversation_is_found_by_its_tag_when_it_is_old(desk: HelpScoutDesk) -> None:
    made = desk.connector().create_ticket(following(desk))
    for number in range(6 * PAGE):
        desk.fake.open(f"later {number}")
    assert desk.connector().find_ticket(MARK) == made
    assert desk.connector().find_ticket(OTHER_MARK) is None


def test_a_new_conversation_mails_nobody(desk: HelpScoutDesk) -> None:
    made = desk.fake.conversations[int(desk.connector().create_ticket(following(desk)))]
    assert [thread.type for thread in made.threads] == ["note"]
    assert made.customer["email"] == "customer@example.com"


def test_without_a_customer_no_conversation_is_made(desk: HelpScoutDesk) -> None:
    with pytest.raises(Rejected, match="needs a customer"):
        desk.connector().create_ticket(NewTicket(MARK, "x", ()))
    assert desk.opened() == []


def test_without_an_inbox_nothing_is_made_or_looked_for(desk: HelpScoutDesk) -> None:
    bare = desk.with_keys({"client_id": CLIENT, "client_secret": SECRET})
    for capability in (Capability.CREATE_TICKET, Capability.FIND_TICKET):
        with pytest.raises(Rejected):
            CALLS[capability](bare, desk.ticket_id)
    assert not desk.faults.requests()


def test_conversations_touched_since_then_are_listed_once(desk: HelpScoutDesk) -> None:
    both = [desk.fake.open("both", "one", "two") for _ in range(PAGE + 2)]
    desk.fake.open("neither")
    found = list(desk.connector().tickets_since(START, ["one", "two"]))
    assert sorted(found) == sorted(str(each.id) for each in both)


def test_a_closed_conversation_is_listed_and_an_old_one_is_not(desk: HelpScoutDesk) -> None:
    desk.ticket.status = "closed"
    moment = desk.ticket.changed
    assert list(desk.connector().tickets_since(moment, [])) == [desk.ticket_id]
    assert list(desk.connector().tickets_since(moment + timedelta(seconds=1), [])) == []


def test_a_tag_with_a_comma_is_not_asked_for(desk: HelpScoutDesk) -> None:
    with pytest.raises(Rejected, match="comma"):
        list(desk.connector().tickets_since(START, ["a,b"]))


# -- errors and limits -----------------------------------------------------------------------------------------


def test_when_the_minute_is_used_up_everybody_rests(desk: HelpScoutDesk) -> None:
    held: list[tuple[str, float]] = []
    with httpx.Client() as client:
        transport = Transport("desk", desk.url, client=client, hold=lambda bucket, wait: held.append((bucket, wait)))
        asked = HelpScoutClient(transport, MemoryVault(), KEYS)
        asked.fetch_ticket(desk.ticket_id)
        assert held == []
        desk.fake.left = "1"
        asked.fetch_ticket(desk.ticket_id)
    assert held == [("requests", PAUSE)]


def test_help_scouts_own_header_says_how_long_to_wait() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"X-RateLimit-Retry-After": "31"})

    with answering(answer) as asked, pytest.raises(RateLimited) as limited:
        asked.fetch_ticket("7")
    assert limited.value.retry_after == 31


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, Rejected),
        (400, Rejected),
        (401, AccessDenied),
        (403, Rejected),
        (404, NotFound),
        (412, TicketClosed),
        (413, Rejected),
        (418, Rejected),
        (422, Rejected),
        (500, UnknownOutcome),
        (503, UnknownOutcome),
    ],
)
def test_errors_by_who_must_act(status: int, error: type[ConnectorError]) -> None:
    """Each as the answer to the write, after everything before it went well."""
    body = {"message": "what somebody typed", "_embedded": {"errors": [{"path": "text", "rejectedValue": "typed"}]}}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=THERE) if request.method == "GET" else httpx.Response(status, json=body)

    with answering(answer) as asked, pytest.raises(error) as refused:
        asked.add_note("7", note())
    assert type(refused.value) is error
    assert "typed" not in str(refused.value)
    assert ("(text)" in str(refused.value)) is (status in (400, 422))


@pytest.mark.parametrize("headers", [{}, {"Resource-ID": "x"}])
def test_a_write_whose_answer_lacks_its_id_is_an_unknown_outcome(headers: dict[str, str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=THERE) if request.method == "GET" else httpx.Response(201, headers=headers)

    with answering(answer) as asked, pytest.raises(UnknownOutcome):
        asked.add_note("7", note())


@pytest.mark.parametrize("ticket_id", ["291938/..", "7a", "#7", "9" * 19])
def test_other_ids_are_not_asked_for(desk: HelpScoutDesk, ticket_id: str) -> None:
    calls: list[Callable[[HelpScout], object]] = [
        lambda system: system.fetch_ticket(ticket_id),
        lambda system: system.find_note(ticket_id, MARK),
        lambda system: system.update_fields(ticket_id, {"Asset": "x"}),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call(desk.built())
    assert not desk.faults.requests()
