"""What the appliance's refusals mean, and what of its text a message may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import AccessDenied, ConnectorError, NobodyThere, NotFound, RateLimited, Rejected, Unavailable
from connectors.http import Reply
from connectors.platforms.beyondtrust.wire.errors import (
    ERROR_ROOT,
    error_in,
    error_of,
    json_error,
    missing_page,
    refused_sign_in,
    without,
)
from connectors.xml import parse

SAID: list[tuple[str, type[ConnectorError], str]] = [
    ("You do not have permission to perform this action.", AccessDenied, "permission"),
    ("Permission denied", AccessDenied, "permission"),
    ("Not authorized", AccessDenied, "permission"),
    ("The API account is not allowed to use this command", AccessDenied, "permission"),
    ("Authentication failed", AccessDenied, "sign-in"),
    ("Invalid username or password.", AccessDenied, "sign-in"),
    ("The XML API is disabled", AccessDenied, "api-off"),
    ("API rate limit exceeded", RateLimited, "rate"),
    ("The service is temporarily unavailable, try again later", Unavailable, "busy"),
    ("Invalid action", Rejected, "not-offered"),
    ("The representative does not have permission to join the session", Rejected, "representative"),
    ("The representative is not logged in", NobodyThere, "nobody"),
    ("No representatives are available", NobodyThere, "nobody"),
    ("Invalid queue_id", Rejected, "queue"),
    ("The specified queue does not exist", Rejected, "queue"),
    ("Unknown issue", Rejected, "queue"),
    ("No such user", Rejected, "representative"),
    ("The username is not valid", Rejected, "representative"),
    ("Session not found", NotFound, "session"),
    ("Invalid lsid", NotFound, "session"),
    ("The session does not exist.", NotFound, "session"),
    ("The session is not active", NotFound, "session"),
    ("The session has ended", NotFound, "session"),
    ("Recording not found", NotFound, "recording"),
    ("There is no recording for it", NotFound, "recording"),
    ("An unknown custom field was given", Rejected, "attribute"),
]


@pytest.mark.parametrize(("said", "error", "code"), SAID)
def test_refusals_by_their_words(said: str, error: type[ConnectorError], code: str) -> None:
    for text in (said, said.upper(), f"  {said}\n"):
        found = error_of(text, "appliance: some_command")
        assert (type(found), found.code) == (error, code)
        assert said not in str(found)


def test_what_is_not_recognised_is_rejected_by_the_command() -> None:
    found = error_of("Flux capacitor drained", "appliance: terminate_session")
    assert (type(found), found.code) == (Rejected, "terminate_session")
    assert str(found) == "appliance: terminate_session: the appliance refused: Flux capacitor drained"


@pytest.mark.parametrize(
    "document",
    [
        '<error xmlns="http://www.bomgar.com/namespaces/API/command">Session not found</error>\n\n',
        '<x:error xmlns:x="http://www.beyondtrust.com/sra/namespaces/API/reporting">Session not found</x:error>',
        "<session_list><error>Session not found</error></session_list>",
        '<a:list xmlns:a="urn:x"><a:error code="1">Session <b>not</b> found</a:error></a:list>',
    ],
)
def test_an_error_at_the_root_or_below(document: str) -> None:
    assert isinstance(error_in(parse(document.encode())), NotFound)
    assert ERROR_ROOT.match(document.encode())


@pytest.mark.parametrize(
    "document",
    [
        "<success>Session not found</success>",
        "<list><row><error>Session not found</error></row></list>",
        "<check_health><error_message>disk full</error_message></check_health>",
        "<errors/>",
    ],
)
def test_no_error(document: str) -> None:
    assert error_in(parse(document.encode())) is None
    assert not ERROR_ROOT.match(document.encode())


def test_an_empty_error_is_one() -> None:
    assert isinstance(error_in(parse(b"<error/>"), "appliance: x"), Rejected)


def test_a_declaration_and_a_byte_order_mark_before_the_error() -> None:
    assert ERROR_ROOT.match(b'\xef\xbb\xbf<?xml version="1.0"?>\n<list xmlns="urn:x">\n  <error/>\n</list>')


def test_what_somebody_typed_decides_nothing() -> None:
    sent = {"session.custom.subject": "permission denied"}
    found = error_of("Bad value: permission denied", "appliance: set_session_attributes", sent)
    assert (type(found), found.code) == (Rejected, "set_session_attributes")
    assert "denied" not in str(found)


def test_what_was_sent_stands_in_no_message_even_cut() -> None:
    sent = {"body": "Grandma's PIN is 4711, call Anneliese", "rep_id": "5"}
    quoted = without("Cannot deliver 'Grandma's PIN is 47' to rep 5 as Annel", sent.values())
    assert quoted == "Cannot deliver '…'… … … …' to rep … as …"


def test_the_text_is_short_and_printable() -> None:
    quoted = without("a\x00b\r\nc " + "long " * 500, [])
    assert quoted.startswith("a b c long")
    assert len(quoted) <= 200
    assert quoted.isprintable()


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_no_word_that_was_sent_comes_back(said: str, sent: list[str]) -> None:
    known = {word for value in sent for word in value.casefold().split() if word.isalnum() and word.isascii()}
    assert not known & set(without(f"{said} {' '.join(sent)}", sent).casefold().split())


@pytest.mark.parametrize(
    "content", [b"", b"<error>access_denied</error>", b'{"ok": 1}', b'{"a": {"error": "x"}}', b"["]
)
def test_no_json_error(content: bytes) -> None:
    assert json_error(content) is None


def test_a_refused_sign_in_is_told_from_other_json() -> None:
    refused = refused_sign_in(Reply(200, content=b'{"error":"access_denied","message":"x"}'))
    other = refused_sign_in(Reply(200, content=b'{"error":"server_error"}'))
    assert isinstance(refused, AccessDenied)
    assert isinstance(other, Rejected)
    # The status says enough.
    assert refused_sign_in(Reply(422, content=b'{"error":"validation"}')) is None


def test_a_missing_page_means_the_account() -> None:
    assert isinstance(missing_page(Reply(404)), AccessDenied)
    assert missing_page(Reply(200)) is None
