"""Rescue's text replies: every code by who must act, every body as a value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NobodyThere,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Reply
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.listing import SessionListing, table_of

HEADER = (
    "ID|Status|Entry ID|Entry|Technician ID|Technician|Start Time|Waiting Time|Custom Field 0|Custom Field 1|"
    "Custom Field 2|Custom Field 3|Custom Field 4|Custom Field 5|Language|Transferred To|Transferred Comment|"
    "Is Lead Technician|HandingOff|"
)
ROW = "1663356|Active|0||337366|John Doe|2/16/2026 4:49 PM|104|Customer||||||en|||yes||"
BESIDE = "1663356|Ativo|0||337367|Second|2/16/2026 4:49 PM|104|Customer||||||en|||||"


def reply(text: str, *, status: int = 200, sent: bool = False) -> Reply:
    return Reply(status, content=text.encode(), sent=sent)


EXPECTED: list[tuple[str, type[ConnectorError], float | None]] = [
    ("ERROR", Unavailable, None),
    ("NOTLOGGEDIN", AccessDenied, None),
    ("INVALID", AccessDenied, None),
    ("INVALID_SECRETAUTHCODE", AccessDenied, None),
    ("USER_IS_DELETED", AccessDenied, None),
    ("USER_DELETED_OR_DISABLED", AccessDenied, None),
    ("NOTTECHNICIAN", AccessDenied, None),
    ("NOTLOGGEDINASADMIN", Rejected, None),
    ("GLOBALIPRESTRICTED", AccessDenied, None),
    ("HAS_NO_RIGHT", Rejected, None),
    ("INVALIDSSOID", AccessDenied, None),
    ("POLLRATEEXCEEDED", RateLimited, 1.5),
    ("requestAuthCode_PollRateExceeded", RateLimited, 1.5),
    ("LIMITREACHED", RateLimited, 180.0),
    ("OUTOFPINCODES", Unavailable, 300.0),
    ("NOTECHCONSOLERUNNING", NobodyThere, None),
    ("INVALIDPARAM_SESSION", NotFound, None),
    ("INVALIDPARAM_NODE", Rejected, None),
    ("INVALIDPARAM_COMPANY", AccessDenied, None),
    ("INVALIDFORMAT", Rejected, None),
    ("INVALIDPINFORMAT", Rejected, None),
    ("INVALIDDATERANGE", Rejected, None),
    ("NOTSUPPORTED", Rejected, None),
    ("NEVER_SEEN_BEFORE", Rejected, None),
]


@pytest.mark.parametrize(("code", "kind", "wait"), EXPECTED)
def test_a_code_says_who_must_act(code: str, kind: type[ConnectorError], wait: float | None) -> None:
    error = replies.error_of(reply(f"{code}\r\n"))
    assert type(error) is kind
    assert error.code == code
    assert getattr(error, "retry_after", None) == wait


def test_every_code_of_the_table_is_expected() -> None:
    assert set(replies.CODES) <= {code for code, _, _ in EXPECTED}


def test_an_unknown_session_answers_error() -> None:
    assert type(replies.error_of(reply("ERROR"), replies.CODES_OF_A_SESSION)) is NotFound


@pytest.mark.parametrize("text", ["OK", "OK\n\n", "OK\n\nPINCODE:1", "OK PINCODE:1", "\ufeffOK\r\n\r\nx"])
def test_ok_is_a_success(text: str) -> None:
    assert replies.error_of(reply(text)) is None


@pytest.mark.parametrize("text", ["", "<html>down</html>", "OKAY then", "ERROR: something", "ERROR\nmore", "12", "{}"])
@pytest.mark.parametrize(("sent", "kind"), [(False, Unavailable), (True, UnknownOutcome)])
def test_garbage_is_no_success_and_no_refusal(text: str, sent: bool, kind: type[ConnectorError]) -> None:
    assert type(replies.error_of(reply(text, sent=sent))) is kind


@pytest.mark.parametrize(("status", "code"), [(401, "NOTLOGGEDIN"), (404, "NOTSUPPORTED"), (410, "NOTSUPPORTED")])
def test_a_status_that_is_a_code(status: int, code: str) -> None:
    error = replies.error_of(reply("<html>", status=status))
    assert error is not None
    assert error.code == code


@pytest.mark.parametrize("status", [302, 403, 429, 500, 503])
def test_other_statuses_are_left_to_the_common_table(status: int) -> None:
    assert replies.error_of(reply("NOTLOGGEDIN", status=status)) is None


@settings(deadline=None)
@given(st.text())
def test_only_ok_is_a_success(text: str) -> None:
    if replies.error_of(reply(text)) is None:
        assert text.strip().lstrip("\ufeff").split()[0] == "OK"


@pytest.mark.parametrize(
    ("body", "pin"),
    [("PINCODE:123456", "123456"), ("PINCODE: 012345", "012345"), ("PINCODE:42", "000042"), ("123456", "123456")],
)
def test_a_pin_has_six_digits(body: str, pin: str) -> None:
    assert replies.pin_of(reply(f"OK\n\n{body}")) == pin


@pytest.mark.parametrize("body", ["", "PINCODE:", "PINCODE:1234567", "PINCODE:12&x=1", "PINCODE:-1", "PINCODE:٠٠"])
def test_an_answer_without_a_pin_may_have_made_one(body: str) -> None:
    with pytest.raises(UnknownOutcome):
        replies.pin_of(reply(f"OK\n\n{body}", sent=True))


def test_only_the_first_key_is_taken_off() -> None:
    assert replies.value_of(reply("OK\n\nNOTE:NOTE:see CHATLOG:x"), "NOTE") == "NOTE:see CHATLOG:x"


def test_an_authcode_may_follow_a_space() -> None:
    assert replies.authcode_of(reply("OK\n\nAUTHCODE: 4ahx99bppkzx")) == "4ahx99bppkzx"
    with pytest.raises(Unavailable):
        replies.authcode_of(reply("OK\n\nAUTHCODE:"))


def test_the_invitation_text_may_hold_colons_and_lines() -> None:
    body = (
        "SUBJECT:Help: now\nTEXT:Dear customer:\nLINK:is below\n\nLINK:https://x/R?i=2&Code=1\nSIGNATURE:Best\nTeam: A"
    )
    told = replies.email_of(reply(f"OK\n\n{body}"))
    assert told.subject == "Help: now"
    assert told.text == "Dear customer:\nLINK:is below"
    assert told.link == "https://x/R?i=2&Code=1"
    assert told.signature == "Best\nTeam: A"


def test_an_invitation_text_without_a_link_is_unreadable() -> None:
    with pytest.raises(Unavailable):
        replies.email_of(reply("OK\n\nSUBJECT:a\nTEXT:b"))


def test_pairs_are_split_at_the_first_colon() -> None:
    told = replies.pairs_of(reply("OK\n\nAccountID:560961\nOrganization:A: B\nno colon"))
    assert told == {"AccountID": "560961", "Organization": "A: B"}


def listing(*lines: str) -> SessionListing:
    return table_of(reply("OK\n\n" + "\n".join((HEADER, *lines)) + "\n"))


def test_a_session_row() -> None:
    [row] = listing(ROW).rows
    assert row.key == ("1663356", "337366")
    assert (row.technician, row.start_time, row.waiting_seconds) == ("John Doe", "2/16/2026 4:49 PM", 104)
    assert (row.fields, row.language) == ({"cfield0": "Customer"}, "en")
    assert (row.is_lead, row.handing_off) == (True, False)


def test_no_session_is_the_header_only() -> None:
    assert listing() == SessionListing(())
    assert table_of(reply("OK")) == SessionListing(())


def test_technicians_together_have_a_row_each() -> None:
    assert [(row.key, row.is_lead) for row in listing(ROW, BESIDE, ROW).rows] == [
        (("1663356", "337366"), True),
        (("1663356", "337367"), False),
    ]


def test_a_line_feed_in_a_field_is_joined() -> None:
    [row] = listing(ROW.replace("Customer", "Cus\n\ntomer")).rows
    assert row.fields["cfield0"] == "Cus\n\ntomer"


def test_a_delimiter_in_a_field_costs_its_own_row_only() -> None:
    told = listing(ROW.replace("Customer", "Cus|tomer"), BESIDE)
    assert [row.technician for row in told.rows] == ["Second"]
    assert told.unreadable == 1


def test_half_a_row_costs_its_own_row_only() -> None:
    told = listing("1663355|Active|0||", BESIDE, "1663357|Act")
    assert [row.technician for row in told.rows] == ["Second"]
    assert told.unreadable == 2


@settings(deadline=None)
@given(st.text(alphabet="|\n12ab ", max_size=300))
def test_no_listing_breaks_the_reader(text: str) -> None:
    listing(text, ROW)
