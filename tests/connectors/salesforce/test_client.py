"""Salesforce's API, against the strict fake; what that cannot play, against single answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketBusy,
    TicketClosed,
    TicketMerged,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, NewTicket, Person, TicketStatus
from connectors.contract import ConnectionConfig, Workshop
from connectors.tickets.salesforce import KIND, Salesforce
from connectors.tickets.salesforce.api import assertion
from tests.connectors.salesforce.desk import SalesforceDesk
from tests.connectors.salesforce.fake import (
    CLIENT_ID,
    CLIENT_SECRET,
    ORGANIZATION,
    REFRESH_TOKEN,
    USERNAME,
    long_id,
)
from tests.connectors.salesforce.keys import private_key, public_key
from tests.connectors.salesforce.soql import Refused, parse
from tests.contract.desk import File
from tests.contract.tickets import MARK, OTHER_MARK, note
from tests.contract.workshop import Handler, MemoryVault, workshop

REFRESH = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
CASE = long_id("5005g00000AbCdE")
FILE = Attachment("Gespräch.txt", "text/plain; charset=utf-8", b"all of it")


@contextmanager
def answering(handler: Handler, **given: object) -> Iterator[Salesforce]:
    """A connector that has a token already and whose every request is answered by the handler."""
    vault = MemoryVault()
    with workshop("https://acme.my.salesforce.com", handler, vault) as shop:
        config = ConnectionConfig("salesforce", "salesforce", "", ("x",), KIND.schema().load({**REFRESH, **given}))
        built = Salesforce(config, shop)
        vault.put(built._api._token.name, "00D5g!token")
        yield built


def refusing(status: int, code: str, *fields: str, message: str = "what somebody typed") -> Handler:
    body = [{"errorCode": code, "message": message, "fields": list(fields)}]
    return lambda request: httpx.Response(status, json=body)


# -- signing in ------------------------------------------------------------------------------------------------


def test_the_assertion_says_who_acts_for_whom_and_not_for_long() -> None:
    keys = {"client_id": CLIENT_ID, "username": USERNAME, "login_url": "https://login.salesforce.com"}
    told = assertion({**keys, "private_key": private_key().replace("\n", "\\n")}, now=2_000_000_000.9)
    claims = jwt.decode(
        told, public_key(), algorithms=["RS256"], audience="https://login.salesforce.com", options={"verify_exp": False}
    )
    assert claims == {
        "iss": CLIENT_ID,
        "sub": USERNAME,
        "aud": "https://login.salesforce.com",
        "exp": 2_000_000_150,
    }


@pytest.mark.parametrize("key", ["no key", "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----", "whsec_x"])
def test_a_key_that_is_none_stops_the_connection_and_is_not_repeated(desk: SalesforceDesk, key: str) -> None:
    with pytest.raises(AccessDenied, match="private_key is no RSA key") as refused:
        desk.built(private_key=key).probe()
    assert key not in str(refused.value)


def test_a_refresh_token_opens_too(desk: SalesforceDesk) -> None:
    connector = desk.with_keys({**REFRESH, "login_url": desk.url})
    assert connector.add_note(desk.ticket_id, note()).id
    assert desk.org.us in connector.probe()


def test_one_token_serves_many_calls_and_workers(desk: SalesforceDesk) -> None:
    for _ in range(2):
        desk.connector().add_note(desk.ticket_id, note())
    assert len(desk.faults.requests("*/oauth2/token")) == 1


def test_a_token_that_was_taken_back_is_renewed_once(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    connector.probe()
    desk.org.tokens.clear()
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 1
    assert len(desk.faults.requests("*/oauth2/token")) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_session_that_is_refused_twice_stops_the_connection(status: int) -> None:
    tokens: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "another", "token_type": "Bearer"})
        tokens.append(request.headers["Authorization"])
        return httpx.Response(status, json=[{"errorCode": "INVALID_SESSION_ID", "message": "expired"}])

    with answering(answer) as connector, pytest.raises(AccessDenied):
        connector.fetch_ticket(CASE)
    assert tokens == ["Bearer 00D5g!token", "Bearer another"]


def test_the_probe_says_who_we_are(desk: SalesforceDesk) -> None:
    told = desk.built(organization_id=ORGANIZATION[:15]).probe()
    assert told.startswith(
        f"signed in to Salesforce as {USERNAME}, user_id {desk.org.us}, organization_id {ORGANIZATION}"
    )
    assert told.endswith("of 15000 calls used in 24 hours")


def test_credentials_of_another_organization_are_told(desk: SalesforceDesk) -> None:
    with pytest.raises(AccessDenied, match=ORGANIZATION):
        desk.built(organization_id="00D300000000bs7").probe()


def test_a_user_id_that_is_not_ours_is_told(desk: SalesforceDesk) -> None:
    with pytest.raises(AccessDenied, match=f"user_id {desk.org.us}"):
        desk.built(user_id=desk.org.agent).probe()


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: SalesforceDesk) -> None:
    desk.case |= {"Remote_session__c": True, "Asset__c": "PC-7"}
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.subject, ticket.vendor_status) == (desk.ticket_id, "Printer stuck", "New")
    assert ticket.requester == Person("Chris Customer", "customer@example.com", desk.org.customer)
    assert ticket.assignee == Person("Alex Agent", "agent@example.com", desk.org.agent)
    assert ticket.fields["Remote_session__c"] == "true"
    assert (ticket.fields["Asset__c"], ticket.fields["Description"]) == ("PC-7", "")
    assert ticket.fields["Contact.Email"] == "customer@example.com"
    assert "attributes" not in ticket.fields
    assert ticket.url == f"{desk.url}/lightning/r/Case/{desk.ticket_id}/view"


def test_one_question_tells_a_whole_ticket(desk: SalesforceDesk) -> None:
    desk.connector().fetch_ticket(desk.ticket_id)
    assert len(desk.org.asked) == 1


def test_who_wrote_by_mail_without_being_a_contact(desk: SalesforceDesk) -> None:
    desk.case |= {"ContactId": None, "SuppliedName": "Sam", "SuppliedEmail": "sam@example.com"}
    assert desk.connector().fetch_ticket(desk.ticket_id).requester == Person("Sam", "sam@example.com")


def test_a_closed_case_is_solved_and_takes_notes(desk: SalesforceDesk) -> None:
    desk.close_ticket()
    connector = desk.connector()
    assert connector.fetch_ticket(desk.ticket_id).status is TicketStatus.SOLVED
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 1


def test_a_case_by_its_number_and_by_any_form_of_its_id(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    number = desk.case["CaseNumber"]
    for name in (number, number.lstrip("0"), desk.ticket_id[:15], desk.ticket_id.lower()):
        assert connector.fetch_ticket(name).id == desk.ticket_id
        connector.add_note(name, note())
        assert connector.find_note(name, MARK)
    assert len(desk.notes()) == 4


def test_a_deleted_case_is_not_found(desk: SalesforceDesk) -> None:
    desk.case["IsDeleted"] = True
    connector = desk.connector()
    with pytest.raises(NotFound):
        connector.fetch_ticket(desk.ticket_id)
    with pytest.raises(NotFound):
        connector.add_note(desk.ticket_id, note())


@pytest.mark.parametrize("keep", [True, False])
def test_a_merged_case_lives_on_in_another(desk: SalesforceDesk, keep: bool) -> None:
    """Salesforce deletes merged cases or keeps them, as Setup says; a note on a kept one would be lost for readers."""
    connector = desk.connector()
    connector.add_note(desk.ticket_id, note())
    second, third = desk.org.open_case("second"), desk.org.open_case("third")
    desk.org.merge(desk.case, second, keep=keep)
    desk.org.merge(second, third, keep=keep)
    assert connector.fetch_ticket(desk.ticket_id).id == third["Id"]
    for write in (
        lambda: connector.add_note(desk.ticket_id, note()),
        lambda: connector.update_fields(desk.ticket_id, {"Priority": "High"}),
        lambda: connector.reopen(desk.ticket_id),
    ):
        with pytest.raises(TicketMerged) as merged:
            write()
        assert merged.value.into == third["Id"]
    assert connector.find_note(third["Id"], MARK)


def test_cases_merged_around_in_a_circle_end(desk: SalesforceDesk) -> None:
    other = desk.org.open_case("other")
    desk.org.merge(desk.case, other, keep=True)
    desk.org.merge(other, desk.case, keep=True)
    with pytest.raises(NotFound, match="circle"):
        desk.connector().fetch_ticket(desk.ticket_id)


def test_without_case_merge_there_is_no_master_to_ask_for(desk: SalesforceDesk) -> None:
    desk.org.merges = False
    connector = desk.connector()
    assert connector.fetch_ticket(desk.ticket_id).id == desk.ticket_id
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 1


def test_marks_are_looked_for_on_every_page(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    for number in range(10):
        desk.org.create("CaseComment", {"ParentId": desk.ticket_id, "CommentBody": f"remark {number}"})
    assert connector.find_note(desk.ticket_id, MARK) == written
    assert len(desk.faults.requests("*/query/01g*")) == 3


def test_too_many_pages_are_never_taken_for_none() -> None:
    body = {"done": False, "records": [], "nextRecordsUrl": "/services/data/v62.0/query/01g-2000"}
    with answering(lambda request: httpx.Response(200, json=body)) as client, pytest.raises(Rejected, match="rows"):
        client.find_note(CASE, MARK)


@pytest.mark.parametrize("link", ["https://evil.example.com/x", "/services/oauth2/revoke", "/services/data/v62.0/../x"])
def test_a_next_page_that_leads_elsewhere_is_not_followed(link: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"done": False, "records": [], "nextRecordsUrl": link})

    with answering(answer) as connector, pytest.raises(ConnectorError):
        connector.find_note(CASE, MARK)
    assert asked == ["/services/data/v62.0/query"]


def test_what_a_customer_typed_is_not_taken_for_a_mark(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    line = f"Deskbridge reference {MARK}"
    connector.add_note(desk.ticket_id, note(Lines("transcript", (line,)), mark=OTHER_MARK))
    assert connector.find_note(desk.ticket_id, MARK) is None


@pytest.mark.parametrize("body", [[], {}, {"records": {}}, {"records": [{}]}, {"records": [{"Id": "x"}]}])
def test_an_answer_of_another_shape_is_no_ticket(body: object) -> None:
    with answering(lambda request: httpx.Response(200, json=body)) as client, pytest.raises(ConnectorError):
        client.add_note(CASE, note())


# -- writing ---------------------------------------------------------------------------------------------------


def test_a_post_of_the_feed_instead_of_a_comment(desk: SalesforceDesk) -> None:
    connector = desk.built(notes="feed")
    written = connector.add_note(desk.ticket_id, note(Paragraph("<b>not bold</b>")))
    connector.add_note(desk.ticket_id, note(public=True, mark=OTHER_MARK))
    assert [shown.public for shown in desk.posts()] == [False, True]
    assert "<b>not bold</b>" in desk.posts()[0].text
    assert connector.find_note(desk.ticket_id, MARK) == written
    assert desk.notes() == []


def test_a_comment_counts_bytes_and_entities(desk: SalesforceDesk) -> None:
    typed = "<&> ä€😀 " * 400
    desk.connector().add_note(desk.ticket_id, note(Paragraph(typed)))
    [shown] = desk.notes()
    assert "the whole text is attached" in shown.text
    [file] = desk.files()
    assert file.content.decode() == typed


def test_a_file_of_an_internal_note_is_internal_and_one_of_a_public_note_is_not(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    connector.add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    connector.add_note(desk.ticket_id, replace(note(public=True, mark=OTHER_MARK), attachments=(FILE,)))
    assert desk.files() == [
        File("Gespräch.txt", b"all of it", public=False),
        File("Gespräch.txt", b"all of it", public=True),
    ]


def test_a_file_whose_visibility_is_not_kept_is_taken_away_again(desk: SalesforceDesk) -> None:
    desk.org.forced_visibility = "AllUsers"
    with pytest.raises(Rejected, match="InternalUsers"):
        desk.connector().add_note(desk.ticket_id, replace(note(), attachments=(FILE,)))
    assert (desk.files(), desk.notes()) == ([], [])


@pytest.mark.parametrize("what", ["ContentVersion", "ContentDocumentLink", "CaseComment"])
def test_a_note_with_files_that_was_cut_anywhere_stands_once(desk: SalesforceDesk, what: str) -> None:
    connector = desk.connector()
    whole = replace(note(), attachments=(FILE, replace(FILE, filename="other.txt")))
    desk.cut_after(("POST", f"*/sobjects/{what}"))
    with pytest.raises(UnknownOutcome):
        connector.add_note(desk.ticket_id, whole)
    if connector.find_note(desk.ticket_id, MARK) is None:
        connector.add_note(desk.ticket_id, whole)
    assert len(desk.notes()) == 1
    assert sorted(file.name for file in desk.files()) == ["Gespräch.txt", "other.txt"]
    assert len(desk.org.tables["ContentVersion"]) == 2


def test_fields_are_set_by_their_api_name(desk: SalesforceDesk) -> None:
    desk.connector().update_fields(desk.ticket_id, {"Priority": "High", "Remote_session__c": False, "Asset__c": None})
    assert (desk.case["Priority"], desk.case["Remote_session__c"]) == ("High", False)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Nope__c": "x"}, "INVALID_FIELD"),
        ({"CaseNumber": "7"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG"),
        ({"Remote_session__c": "maybe"}, "JSON_PARSER_ERROR"),
        ({"Account.Name": "x"}, "field"),
        ({"": "x"}, "field"),
    ],
)
def test_a_refused_field_is_told_and_nothing_is_set(desk: SalesforceDesk, fields: dict[str, object], code: str) -> None:
    with pytest.raises(Rejected) as refused:
        desk.connector().update_fields(desk.ticket_id, {"Priority": "High", **fields})
    assert refused.value.code == code
    assert desk.case["Priority"] == "Low"


def test_nothing_to_set_is_nothing_to_send(desk: SalesforceDesk) -> None:
    desk.connector().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


# -- new and reopened cases ------------------------------------------------------------------------------------


def new(**changes: object) -> NewTicket:
    ticket = NewTicket(MARK, "Printer again", (Paragraph("It goes on."),), Person("Chris", "customer@example.com"))
    return replace(ticket, **changes)  # type: ignore[arg-type]  # by name


def test_a_new_case_is_its_customers_and_its_text_is_internal(desk: SalesforceDesk) -> None:
    case_id = desk.connector().create_ticket(new(follows=desk.ticket_id))
    made = desk.org.find("Case", case_id)
    assert made
    assert (made["ContactId"], made["ParentId"]) == (desk.org.customer, desk.ticket_id)
    assert (made["Description"], made["SuppliedEmail"]) == (None, None)
    [comment] = [row for row in desk.org.tables["CaseComment"] if row["ParentId"] == case_id]
    assert not comment["IsPublished"]


@pytest.mark.parametrize("contacts", [0, 2])
def test_without_one_certain_contact_the_address_itself_is_kept(desk: SalesforceDesk, contacts: int) -> None:
    for number in range(contacts):
        desk.org.add("Contact", Name=f"Sam {number}", Email="o'hara@example.com")
    case_id = desk.connector().create_ticket(new(requester=Person("S" * 100, "o'hara@example.com")))
    made = desk.org.find("Case", case_id)
    assert made
    assert (made["ContactId"], made["SuppliedEmail"], made["SuppliedName"]) == (None, "o'hara@example.com", "S" * 80)


def test_a_case_follows_what_the_merged_one_lives_on_in(desk: SalesforceDesk) -> None:
    master = desk.merge_ticket()
    made = desk.org.find("Case", desk.connector().create_ticket(new(follows=desk.ticket_id)))
    assert made
    assert made["ParentId"] == master


def test_a_case_that_is_gone_is_followed_without_a_link(desk: SalesforceDesk) -> None:
    made = desk.org.find("Case", desk.connector().create_ticket(new(follows=desk.missing_id)))
    assert made
    assert made["ParentId"] is None


def test_a_very_long_new_case_is_cut_where_it_must(desk: SalesforceDesk) -> None:
    long = new(subject="x" * 300, document=(Paragraph("<&>" * 3_000),), requester=Person("Nobody"))
    case_id = desk.connector().create_ticket(long)
    [made] = desk.opened()
    assert (made.id, len(made.subject)) == (case_id, 255)
    assert "Deskbridge console" in made.text


def test_an_old_case_or_somebody_elses_is_not_ours(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    made = desk.org.find("Case", connector.create_ticket(new()))
    assert made
    assert connector.find_ticket(MARK) == made["Id"]
    made["CreatedById"] = desk.org.agent
    assert connector.find_ticket(MARK) is None
    made["CreatedById"] = desk.org.us
    desk.org.now += timedelta(days=31)
    assert connector.find_ticket(MARK) is None


def test_our_own_id_is_asked_for_where_it_is_not_configured(desk: SalesforceDesk) -> None:
    keys = {name: value for name, value in desk.keys().items() if name != "user_id"}
    connector = desk.with_keys(keys)
    made = connector.create_ticket(new())
    assert connector.find_ticket(MARK) == made


@pytest.mark.parametrize(("keys", "status"), [({}, "New"), ({"reopen_status": "Working"}, "Working")])
def test_a_reopened_case_has_the_status_for_it(desk: SalesforceDesk, keys: dict[str, str], status: str) -> None:
    desk.close_ticket()
    connector = desk.built(**keys)
    connector.reopen(desk.ticket_id)
    assert (desk.case["Status"], desk.is_open()) == (status, True)
    connector.reopen(desk.ticket_id)
    assert len(desk.faults.requests(method="PATCH")) == 1


def test_a_status_that_leaves_it_closed_is_told(desk: SalesforceDesk) -> None:
    desk.close_ticket()
    with pytest.raises(TicketClosed, match="reopen_status"):
        desk.built(reopen_status="Closed").reopen(desk.ticket_id)


# -- looking around --------------------------------------------------------------------------------------------


def test_cases_that_were_touched_since(desk: SalesforceDesk) -> None:
    start = desk.org.now + timedelta(seconds=1)
    wanted = [desk.org.open_case(f"case {number}")["Id"] for number in range(5)]
    connector = desk.connector()
    assert list(connector.tickets_since(start, [])) == wanted
    assert list(connector.tickets_since(datetime(2027, 1, 1, tzinfo=UTC), [])) == []


def test_no_case_carries_a_tag(desk: SalesforceDesk) -> None:
    assert list(desk.connector().tickets_since(datetime(2026, 1, 1, tzinfo=UTC), ["remote-support"])) == []


# -- errors and limits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Rejected),
        (400, "STRING_TOO_LONG", Rejected),
        (400, "INVALID_CROSS_REFERENCE_KEY", Rejected),
        (400, "DUPLICATES_DETECTED", Rejected),
        (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Rejected),
        (400, "UNABLE_TO_LOCK_ROW", TicketBusy),
        (500, "UNABLE_TO_LOCK_ROW", TicketBusy),
        (400, "ENTITY_IS_LOCKED", TicketBusy),
        (400, "QUERY_TIMEOUT", Unavailable),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", Rejected),
        (403, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Rejected),
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
        (403, "API_DISABLED_FOR_ORG", AccessDenied),
        (404, "ENTITY_IS_DELETED", NotFound),
        (404, "NOT_FOUND", NotFound),
        (500, "UNKNOWN_EXCEPTION", UnknownOutcome),
        (503, "SERVER_UNAVAILABLE", UnknownOutcome),
    ],
)
def test_errors_by_who_must_act(desk: SalesforceDesk, status: int, code: str, error: type[ConnectorError]) -> None:
    desk.org.refusal = code, status
    with pytest.raises(error) as refused:
        desk.connector().update_fields(desk.ticket_id, {"Priority": "High"})
    assert type(refused.value) is error
    assert refused.value.code == (code if status < 500 or error is TicketBusy else str(status))
    assert "typed" not in str(refused.value)


def test_a_refusal_names_the_fields_but_nothing_else() -> None:
    with (
        answering(refusing(400, "STRING_TOO_LONG", "Subject", "<b>", "x" * 99)) as connector,
        pytest.raises(Rejected, match=r"STRING_TOO_LONG \(Subject\)$"),
    ):
        connector.fetch_ticket(CASE)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b"<html>", Rejected),
        (403, b"<html>", Rejected),
        (404, b"<html>", Rejected),
        (400, b"[]", Rejected),
        (400, b'[{"errorCode": "what somebody typed"}]', Rejected),
        (400, b'{"error": "x"}', Rejected),
        (502, b"<html>", Unavailable),
        (302, b"", Rejected),
    ],
)
def test_an_error_without_a_code_goes_by_its_status(status: int, body: bytes, error: type[ConnectorError]) -> None:
    with answering(lambda request: httpx.Response(status, content=body)) as client, pytest.raises(error) as refused:
        client.fetch_ticket(CASE)
    assert type(refused.value) is error
    assert refused.value.code == str(status)


def test_a_feed_that_is_switched_off_is_no_missing_ticket(desk: SalesforceDesk) -> None:
    desk.org.refusal = "NOT_FOUND", 404
    with pytest.raises(Rejected, match="object right"):
        desk.built(notes="feed").add_note(desk.ticket_id, note())


def test_a_used_up_day_rests_the_connection(desk: SalesforceDesk) -> None:
    connector = desk.connector()
    connector.probe()
    desk.org.hard_limit = desk.org.used
    with pytest.raises(RateLimited) as limited:
        connector.add_note(desk.ticket_id, note())
    assert limited.value.retry_after == 900


def test_too_many_slow_calls_at_once_rest_it_shortly() -> None:
    said = refusing(
        403, "REQUEST_LIMIT_EXCEEDED", message="ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    )
    with answering(said) as connector, pytest.raises(RateLimited) as limited:
        connector.fetch_ticket(CASE)
    assert limited.value.retry_after == 10


@pytest.mark.parametrize(
    ("told", "held"),
    [
        ("api-usage=15000/15000", [("requests", 60.0)]),
        ("api-usage=15001/15000", [("requests", 60.0)]),
        ("api-usage=14999/15000", []),
        ("per-app-api-usage=250/250(appName=x); api-usage=1/15000", []),
        ("api-usage=0/0", []),
        ("nonsense", []),
    ],
)
def test_what_is_left_of_the_day_is_minded(told: str, held: list[tuple[str, float]]) -> None:
    seen: list[tuple[str, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"done": True, "records": []}, headers={"Sforce-Limit-Info": told})

    with workshop("https://acme.my.salesforce.com", answer) as shop:
        transport = replace(shop.transport, hold=lambda bucket, seconds: seen.append((bucket, seconds)))
        config = ConnectionConfig("salesforce", "salesforce", "", ("x",), KIND.schema().load(REFRESH))
        connector = Salesforce(config, Workshop(transport, shop.vault))
        shop.vault.put(connector._api._token.name, "00D5g!token")
        assert connector.find_note(CASE, MARK) is None
    assert seen == held


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Id FROM Case WHERE Subject = 'it's'",
        "SELECT FIELDS(ALL) FROM Case",
        "SELECT Id, Id FROM Case",
        "SELECT Id FROM Case WHERE SystemModstamp >= '2026-03-02T10:30:00Z'",
        "SELECT Id FROM Case WHERE",
    ],
)
def test_the_fake_refuses_what_salesforce_refuses(query: str) -> None:
    with pytest.raises(Refused):
        parse(query)
