"""Request Tracker's quirks, on the real server; what that cannot be made to say, by single answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bridge.document import Lines, Paragraph
from bridge.errors import (
    AccessDenied,
    NotFound,
    Rejected,
    TicketClosed,
    TicketMerged,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Attachment, NewTicket, Person, TicketStatus
from bridge.render import render
from connectors.contract import Capability, TicketSystem
from connectors.tickets.request_tracker import KIND, mapping
from connectors.tickets.request_tracker.client import LIMITS, RequestTrackerClient
from tests.connectors.request_tracker.desk import FIELD, TAGS, RequestTrackerDesk
from tests.contract.desk import Entry
from tests.contract.tickets import MARK, OTHER_MARK, following, note, spent
from tests.contract.workshop import Handler, workshop

TOKEN = "1-14-0123456789abcdef0123456789abcdef"


@contextmanager
def answering(handler: Handler) -> Iterator[RequestTrackerClient]:
    with workshop("https://rt.example.com", handler) as given:
        yield RequestTrackerClient(given.transport, KIND.schema().load({"api_token": TOKEN, "queue": "Helpdesk"}))


def connected(desk: RequestTrackerDesk, user: str, **keys: object) -> TicketSystem:
    """The connector as another user."""
    return desk.with_keys({**desk.keys(), "api_token": desk.tracker.tokens[user], **keys})


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_ticket_in_our_words(desk: RequestTrackerDesk) -> None:
    desk.change(Owner="agent", Priority=7, CustomFields={FIELD: "requested", TAGS: ["printer", "remote-support"]})
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.id, ticket.subject, ticket.vendor_status) == (desk.ticket_id, "Printer stuck", "new")
    assert (ticket.requester.name, ticket.requester.email) == ("Chris Customer", "customer@example.com")
    assert (ticket.assignee.username, ticket.assignee.email) == ("agent", "agent@example.com")
    assert ticket.tags == {"printer", "remote-support"}
    assert ticket.fields[FIELD] == ticket.fields[f"CF.{{{FIELD}}}"] == "requested"
    assert ticket.fields[TAGS] == "printer, remote-support"
    assert (ticket.fields["Queue"], ticket.fields["Priority"], ticket.fields["Due"]) == ("Helpdesk", "7", "")
    assert ticket.url == f"{desk.url}/Ticket/Display.html?id={desk.ticket_id}"
    assert len(desk.faults.requests()) == 1


def test_a_ticket_of_nobody(desk: RequestTrackerDesk) -> None:
    assert desk.connector().fetch_ticket(desk.ticket_id).assignee == Person()


@pytest.mark.parametrize(
    ("word", "status"),
    [("open", TicketStatus.OPEN), ("stalled", TicketStatus.OPEN), ("rejected", TicketStatus.SOLVED)],
)
def test_a_tickets_status(desk: RequestTrackerDesk, word: str, status: TicketStatus) -> None:
    desk.change(Status=word)
    ticket = desk.connector().fetch_ticket(desk.ticket_id)
    assert (ticket.status, ticket.vendor_status) == (status, word)


def test_a_status_of_another_lifecycle(desk: RequestTrackerDesk) -> None:
    desk.change(Status="stalled")
    assert connected(desk, "deskbridge", solved_statuses=["stalled"]).fetch_ticket(desk.ticket_id).status == "solved"


def test_a_deleted_ticket_is_not_found_though_it_would_take_notes(desk: RequestTrackerDesk) -> None:
    desk.change(Status="deleted")
    connector = desk.connector()
    for call in (
        lambda: connector.fetch_ticket(desk.ticket_id),
        lambda: connector.add_note(desk.ticket_id, note()),
        lambda: connector.find_note(desk.ticket_id, MARK),
        lambda: connector.update_fields(desk.ticket_id, {FIELD: "x"}),
    ):
        with pytest.raises(NotFound):
            call()
    assert desk.notes() == []


def test_a_merged_ticket_lives_on_in_another(desk: RequestTrackerDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    into = desk.merge_ticket()
    assert connector.fetch_ticket(desk.ticket_id).id == into
    assert connector.find_note(desk.ticket_id, MARK) == connector.find_note(into, MARK) == written
    for call in (
        lambda: connector.add_note(desk.ticket_id, note(mark=OTHER_MARK)),
        lambda: connector.add_time(desk.ticket_id, spent()),
        lambda: connector.update_fields(desk.ticket_id, {FIELD: "x"}),
    ):
        with pytest.raises(TicketMerged) as merged:
            call()
        assert merged.value.into == into
    assert len(desk.said(into)) == 1


def test_a_ticket_that_is_not_for_us_stops_nothing_else(desk: RequestTrackerDesk) -> None:
    hidden = desk.open_ticket("Secret", Queue="Locked")
    connector = desk.connector()
    for call in (lambda: connector.fetch_ticket(hidden), lambda: connector.add_note(hidden, note())):
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.code == "403"


def test_who_may_only_read_is_refused(desk: RequestTrackerDesk) -> None:
    reader = connected(desk, "reader")
    with pytest.raises(Rejected):
        reader.add_note(desk.ticket_id, note())
    with pytest.raises(Rejected, match="not taken: Subject"):
        reader.update_fields(desk.ticket_id, {"Subject": "Mine"})
    assert desk.shown()["Subject"] == "Printer stuck"


def test_nobody_is_listed_without_a_group_that_we_may_see(desk: RequestTrackerDesk) -> None:
    assert Capability.PEOPLE in desk.connector().capabilities
    alone = desk.with_keys({name: value for name, value in desk.keys().items() if name != "agents_group"})
    assert Capability.PEOPLE not in alone.capabilities
    with pytest.raises(Rejected, match="people"):
        list(alone.people())
    with pytest.raises(Rejected) as refused:
        list(desk.with_keys({**desk.keys(), "agents_group": 4}).people())
    assert refused.value.code == "403"


def test_a_base_url_with_a_path(desk: RequestTrackerDesk) -> None:
    desk.url += "/rt"
    written = desk.connector().add_note(desk.ticket_id, note())
    assert desk.connector().find_note(desk.ticket_id, MARK) == written


# -- notes and their marks -------------------------------------------------------------------------------------


def test_a_comment_is_no_letter_and_is_not_seen_by_the_customer(desk: RequestTrackerDesk) -> None:
    connector = desk.connector()
    connector.add_note(desk.ticket_id, note(Paragraph("Between us.")))
    connector.add_note(desk.ticket_id, note(Paragraph("Dear customer."), mark=OTHER_MARK, public=True))
    assert [row["Type"] for row in desk.said()] == ["Comment", "Correspond"]
    seen = [row["Type"] for row in desk.history(reader=desk.customer)]
    assert ("Correspond" in seen, "Comment" in seen) == (True, False)
    assert "Dear customer." in desk.tracker.mails
    assert "Between us." not in desk.tracker.mails


def test_the_mark_stands_first_and_is_a_comment(desk: RequestTrackerDesk) -> None:
    written = desk.connector().add_note(desk.ticket_id, note())
    source = desk.source(written.id)
    assert source.startswith(mapping.mark_line(MARK))
    assert MARK not in source
    assert "deskbridge reference" not in desk.notes()[0].text


@pytest.mark.parametrize("mark", ["card:rescue:123:my--desk>:7", "note:" + "\u00e4\u20ac" * 90, "x" * 200])
def test_any_mark_is_found(desk: RequestTrackerDesk, mark: str) -> None:
    written = desk.connector().add_note(desk.ticket_id, note(mark=mark))
    assert desk.connector().find_note(desk.ticket_id, mark) == written


def test_a_quoted_mark_is_no_note_of_ours(desk: RequestTrackerDesk) -> None:
    """Somebody else begins with it, and our own user quotes it further down."""
    line = mapping.mark_line(MARK)
    with desk.tracker.client("deskbridge") as ours:
        for who, text in ((desk.agent, line), (ours, f"<p>Thanks</p><blockquote>{line}<p>The PIN</p></blockquote>")):
            body = {"Content": text, "ContentType": "text/html"}
            desk.done(who.post(f"REST/2.0/ticket/{desk.ticket_id}/correspond", json=body))
    assert desk.connector().find_note(desk.ticket_id, MARK) is None


def test_a_mark_of_another_ticket_is_not_found_on_one_that_is_missing(desk: RequestTrackerDesk) -> None:
    """Asked for the texts of a ticket that it does not have, RT searches all."""
    desk.connector().add_note(desk.ticket_id, note())
    with pytest.raises(NotFound):
        desk.connector().find_note(desk.missing_id, MARK)


def test_a_mark_among_many_texts(desk: RequestTrackerDesk) -> None:
    connector = desk.connector()
    written = connector.add_note(desk.ticket_id, note())
    for number in range(25):
        connector.add_note(desk.ticket_id, note(mark=f"other-{number}"))
    assert connector.find_note(desk.ticket_id, MARK) == written


def test_the_text_stays_below_what_rts_pages_show(desk: RequestTrackerDesk) -> None:
    long = note(Lines("transcript", tuple(f"{number} <b>\u00e4</b> \U0001f600" for number in range(20_000))))
    written = desk.connector().add_note(desk.ticket_id, long)
    assert 15_000 < len(desk.source(written.id).encode()) <= LIMITS.length < 25 * 1024
    [file] = desk.files()
    assert file.content == render(long, LIMITS).attachments[0].content


MIXED = 'Gespr\u00e4ch "quoted" & \u65e5\u672c \U0001f468\u200d\U0001f469\u200d\U0001f467.txt'
FILES = (
    (MIXED, "text/plain; charset=utf-8", "Gr\u00fc\u00dfe\r\n".encode()),
    ("back\\slash;semi=colon%22.txt", "text/plain", b"x"),
    ("=?UTF-8?B?YQ==?=.txt", "text/html", b"<script>alert(1)</script>"),
    ("0", "nonsense", b"0"),
    ("latin.txt", "text/plain; charset=iso-8859-1", "Gr\u00fc\u00dfe".encode("latin-1")),
    ("nulls.txt", "text/plain; charset=utf-8", b"\x00\xff all of it\r\n"),
    ("mail.eml", "message/rfc822", b"Subject: x\r\n\r\nhello"),
    ("mixed", "multipart/mixed; boundary=x", b"--x\r\n\r\nhello\r\n--x--"),
    ("screen.webm", "video/webm", bytes(range(256)) * 200),
)


def test_files_of_any_name_and_kind_arrive_whole(desk: RequestTrackerDesk) -> None:
    sent = tuple(Attachment(*file) for file in FILES)
    desk.connector().add_note(desk.ticket_id, replace(note(), attachments=sent))
    kept = desk.files()
    assert [(file.name, file.content) for file in kept] == [(file.filename, file.content) for file in sent]
    assert not any(file.public for file in kept)


def test_a_slash_leads_nowhere_and_an_empty_file_is_named(desk: RequestTrackerDesk) -> None:
    sent = (Attachment("../a/b.txt", "text/plain", b"x"), Attachment("empty.rec", "video/webm", b""))
    desk.connector().add_note(desk.ticket_id, replace(note(), attachments=sent))
    assert [file.name for file in desk.files()] == [".._a_b.txt"]
    assert "Not attached, because it is empty: empty.rec" in desk.notes()[0].text


def test_an_answer_in_another_language_and_charset(desk: RequestTrackerDesk) -> None:
    """RT answers a comment in Latin-1 when its user reads German."""
    user = f"REST/2.0/user/{desk.tracker.ids['deskbridge']}"
    desk.done(desk.agent.put(user, json={"Lang": "de"}))
    try:
        connector = desk.connector()
        assert connector.add_note(desk.ticket_id, note()) == connector.find_note(desk.ticket_id, MARK)
        with pytest.raises(NotFound):
            connector.add_note(desk.missing_id, note())
        with pytest.raises(Rejected, match="not taken: Status"):
            connector.update_fields(desk.ticket_id, {"Status": "bogus"})
    finally:
        desk.done(desk.agent.put(user, json={"Lang": ""}))


@pytest.mark.parametrize("headers", [{}, {"location": "/REST/2.0/ticket/7"}])
def test_a_note_whose_transaction_is_not_told_is_an_unknown_outcome(headers: dict[str, str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"id": 7, "Status": "open"})
        return httpx.Response(201, headers=headers, json=["Comments added"])

    with answering(answer) as client, pytest.raises(UnknownOutcome):
        client.add_note("7", note())


def test_a_login_page_is_no_ticket() -> None:
    page = httpx.Response(200, text="<html>Login</html>")
    with answering(lambda request: page) as client, pytest.raises(Unavailable):
        client.fetch_ticket("7")


# -- fields, time, status --------------------------------------------------------------------------------------


def test_fields_of_rt_and_of_its_administrator(desk: RequestTrackerDesk) -> None:
    wanted = {
        "Subject": "Gr\u00fc\u00dfe <b>",
        "Priority": 9,
        "Status": "stalled",
        "Queue": "Helpdesk",
        FIELD: True,
        "CF.{Asset}": "it's {7}",
        "Mood": "good",
        TAGS: ["b", "a"],
        "Delivered": "2026-03-02",
    }
    connector = desk.connector()
    for _ in range(2):  # what is there already is not refused
        connector.update_fields(desk.ticket_id, wanted)
    told = connector.fetch_ticket(desk.ticket_id).fields
    assert (told["Subject"], told["Priority"], told["Status"]) == ("Gr\u00fc\u00dfe <b>", "9", "stalled")
    assert (told[FIELD], told["Asset"], told["Mood"], told["Delivered"]) == ("true", "it's {7}", "good", "2026-03-02")
    assert set(told[TAGS].split(", ")) == {"a", "b"}


def test_a_field_is_emptied(desk: RequestTrackerDesk) -> None:
    desk.change(CustomFields={FIELD: "x", TAGS: ["a"], "Mood": "good", "Delivered": "2026-03-02"})
    connector = desk.connector()
    for _ in range(2):
        connector.update_fields(desk.ticket_id, {FIELD: "", TAGS: None, "Mood": [], "Delivered": ""})
    told = connector.fetch_ticket(desk.ticket_id)
    assert (told.tags, told.fields[FIELD], told.fields[TAGS], told.fields["Mood"]) == (frozenset(), "", "", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("Mood", "awful"), ("Status", "bogus"), ("Owner", "nobody-knows"), ("Queue", "Nowhere"), ("Delivered", "someday")],
)
def test_a_value_that_rt_refuses_with_a_200_is_told(desk: RequestTrackerDesk, name: str, value: str) -> None:
    desk.change(CustomFields={"Delivered": "2026-03-02"})
    with pytest.raises(Rejected, match=f"not taken: {name}") as refused:
        desk.connector().update_fields(desk.ticket_id, {name: value})
    assert value not in str(refused.value)


@pytest.mark.parametrize("name", ["Nope", "CF.{Nope}", "CF.{Secret}", "Requestor", "TimeWorked", "Due", "CustomFields"])
def test_other_names_are_no_fields(desk: RequestTrackerDesk, name: str) -> None:
    with pytest.raises(Rejected, match="no ticket field"):
        desk.connector().update_fields(desk.ticket_id, {name: "x"})
    assert not desk.faults.requests(method="PUT")


def test_nothing_to_set_is_nothing_to_send(desk: RequestTrackerDesk) -> None:
    desk.connector().update_fields(desk.ticket_id, {})
    assert not desk.faults.requests()


def test_time_adds_up(desk: RequestTrackerDesk) -> None:
    connector = desk.connector()
    connector.add_time(desk.ticket_id, spent())
    connector.add_time(desk.ticket_id, replace(spent(), mark=OTHER_MARK, minutes=15))
    assert desk.times() == [Entry(45), Entry(15)]
    assert desk.shown()["TimeWorked"] == "60"
    assert "Agent: Alex Agent" in desk.notes()[0].text


def test_a_deleted_ticket_may_be_opened_again(desk: RequestTrackerDesk) -> None:
    desk.change(Status="deleted")
    desk.connector().reopen(desk.ticket_id)
    assert desk.is_open()


def test_a_status_that_there_is_not_opens_nothing(desk: RequestTrackerDesk) -> None:
    desk.close_ticket()
    with pytest.raises(TicketClosed):
        connected(desk, "deskbridge", open_status="bogus").reopen(desk.ticket_id)


# -- new tickets -----------------------------------------------------------------------------------------------


def test_a_new_ticket_has_its_requestor_its_link_and_an_internal_text(desk: RequestTrackerDesk) -> None:
    made = desk.connector().create_ticket(following(desk))
    shown = desk.shown(made)
    assert [person["id"] for person in shown["Requestor"]] == ["customer"]
    assert [link["id"] for link in shown["_hyperlinks"] if link["ref"] == "refers-to"] == [desk.ticket_id]
    assert [row["Type"] for row in desk.said(made)] == ["Comment"]
    assert f"continues {desk.ticket_id}" not in desk.tracker.mails


def test_an_address_that_rt_drops_in_silence_is_told_on_the_ticket(desk: RequestTrackerDesk) -> None:
    new = replace(following(desk), requester=Person(email="not an address"))
    desk.connector().create_ticket(new)
    [opened] = desk.opened()
    assert "did not take not an address as its requestor" in opened.text


def test_without_a_queue_no_ticket_is_made(desk: RequestTrackerDesk) -> None:
    connector = desk.with_keys({"api_token": TOKEN})
    with pytest.raises(Rejected):
        connector.create_ticket(NewTicket(MARK, "x", ()))
    with pytest.raises(Rejected):
        connector.find_ticket(MARK)
    assert not desk.faults.requests()


# -- looking around --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["", "America/New_York", "Asia/Tokyo"])
def test_tickets_since_a_moment_in_any_time_zone(desk: RequestTrackerDesk, zone: str) -> None:
    user = f"REST/2.0/user/{desk.tracker.ids['deskbridge']}"
    both = desk.open_ticket("both", CustomFields={TAGS: ["first", "second's"]})
    one = desk.open_ticket("one", CustomFields={TAGS: ["second's"]})
    desk.open_ticket("other", CustomFields={TAGS: ["third"]})
    now = datetime.now(UTC)
    connector = desk.connector()
    desk.done(desk.agent.put(user, json={"Timezone": zone}))
    try:
        found = list(connector.tickets_since(now - timedelta(minutes=30), ["first", "second's"]))
        later = list(connector.tickets_since(now + timedelta(hours=3), ["first"]))
    finally:
        desk.done(desk.agent.put(user, json={"Timezone": ""}))
    assert [ticket for ticket in found if int(ticket) >= int(both)] == [both, one]
    assert both in later, "a moment that is still to come counts as now"


def test_all_tickets_since_on_many_pages(desk: RequestTrackerDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.tickets.request_tracker.client.PER_PAGE", 2)
    made = [desk.open_ticket(str(number)) for number in range(4)]
    found = list(desk.connector().tickets_since(datetime.now(UTC) - timedelta(minutes=30), []))
    assert found[-4:] == made
    assert len(found) == len(set(found))


def test_an_old_ticket_is_not_since() -> None:
    query = mapping.touched_query(datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC), "", (), 7)
    assert query == "LastUpdated >= '3660 seconds ago' AND id > 7"


def test_a_tag_cannot_change_the_question() -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    query = mapping.touched_query(moment, moment, "La'bels", ["x' OR id > 0 OR '\\"], 0)
    assert query.endswith(r"( 'CF.{La\'bels}' = 'x\' OR id > 0 OR \'\\' )")


def test_tags_need_a_field_that_holds_them(desk: RequestTrackerDesk) -> None:
    connector = desk.with_keys({"api_token": desk.tracker.tokens["deskbridge"]})
    with pytest.raises(Rejected, match="tags_field"):
        list(connector.tickets_since(datetime.now(UTC), ["x"]))


def test_the_probe_says_who_we_are(desk: RequestTrackerDesk) -> None:
    assert desk.connector().probe() == "signed in to Request Tracker 5.0.3 as deskbridge"


def test_a_customer_is_not_enough(desk: RequestTrackerDesk) -> None:
    with pytest.raises(AccessDenied, match="privileged"):
        connected(desk, "customer").probe()
    with pytest.raises(AccessDenied):
        desk.stranger().probe()
