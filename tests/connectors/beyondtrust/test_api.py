"""How anything is sent to the appliance, and what its answers become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.platforms.beyondtrust.wire.api import Api, pause
from connectors.xml import local
from tests.connectors.beyondtrust.appliance import LSID, REFUSED_TOKEN, Appliance, api, bench, xml

DONE = "<success>Successfully terminated</success>"
GZIP = b"\x1f\x8b" + bytes(range(256)) * 200
HOSTILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><success>&x;</success>'


class Body(httpx.SyncByteStream):
    """Says whether it was closed."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts

    def close(self) -> None:
        self.closed = True


def terminate(given: Api, *, write: bool = True) -> str:
    return local(given.command("terminate_session", {"lsid": LSID}, write=write))


def test_a_command_is_a_form_in_the_body() -> None:
    appliance = Appliance({"terminate_session": DONE})
    with api(appliance) as given:
        assert terminate(given) == "success"
    request = appliance.request()
    assert (request.method, request.url.path, request.url.query) == ("POST", "/api/command", b"")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["connection"] == "close"
    assert appliance.form() == {"action": "terminate_session", "lsid": LSID}


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.bomgar.com/namespaces/API/command",
        "https://www.beyondtrust.com/namespaces/API/command",
        "https://support.example.com/namespaces/API/command",
    ],
)
def test_namespaces_are_ignored(namespace: str) -> None:
    appliance = Appliance({"terminate_session": httpx.Response(200, text=xml(DONE, namespace))})
    with api(appliance) as given:
        assert terminate(given) == "success"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
        httpx.Response(500),
        httpx.Response(200, text=""),
        httpx.Response(200, text="<html><p>Sign in</html>"),
        httpx.Response(200, text="<success>Success"),
        httpx.Response(200, text=HOSTILE),
    ],
)
def test_an_unclear_answer_to_a_write_is_an_unknown_outcome(answer: httpx.Response) -> None:
    with api(Appliance({"terminate_session": answer})) as given:
        with pytest.raises(UnknownOutcome):
            terminate(given)
        with pytest.raises(Unavailable) as failure:
            terminate(given, write=False)
    assert not isinstance(failure.value, UnknownOutcome)


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, AccessDenied), (404, AccessDenied), (429, RateLimited), (400, Rejected), (302, Rejected)],
)
def test_statuses(status: int, error: type[ConnectorError]) -> None:
    with api(Appliance({"terminate_session": httpx.Response(status)})) as given, pytest.raises(error):
        terminate(given)


def test_a_refusal_with_status_200_was_not_done() -> None:
    with api(Appliance({"terminate_session": "<error>Invalid lsid</error>"})) as given, pytest.raises(NotFound):
        terminate(given)


def test_neither_token_nor_parameter_stands_in_a_message() -> None:
    answers = [f"<error>No luck with {LSID}</error>", httpx.Response(403), httpx.ReadTimeout("slow")]
    with api(Appliance({"terminate_session": answers})) as given:
        for _ in range(3):
            with pytest.raises(ConnectorError) as failure:
                terminate(given)
            assert LSID not in str(failure.value)
            assert "token-" not in str(failure.value)


def test_a_report_is_read_piece_by_piece() -> None:
    body = Body(b"<session_list", b' xmlns="x">', b"<session/>" * 5_000, b"</session_list>\n\n")
    appliance = Appliance({"SupportSession": httpx.Response(200, stream=body)})
    with api(appliance) as given:
        with given.report("SupportSession", {"lsid": LSID}) as stream:
            assert stream.read(13) == b"<session_list"
            open_meanwhile = not body.closed
            assert b"".join(stream) == b' xmlns="x">' + b"<session/>" * 5_000 + b"</session_list>\n\n"
        assert open_meanwhile
        assert body.closed
    assert appliance.form() == {"generate_report": "SupportSession", "lsid": LSID}
    assert (appliance.request().url.path, appliance.request().method) == ("/api/reporting", "POST")
    assert appliance.request().headers["connection"] == "close"


def test_a_stream_that_nobody_reads_is_closed() -> None:
    body = Body(b"<session_list/>")
    with api(Appliance({"SupportSession": httpx.Response(200, stream=body)})) as given:
        with pytest.raises(ZeroDivisionError), given.report("SupportSession"):
            raise ZeroDivisionError
        assert body.closed


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ("<error>Recording not found</error>", NotFound),
        ("<session_list><error>You do not have permission</error></session_list>", AccessDenied),
        ("<error>Whatever</error>", Rejected),
        (f"<error>{'Whatever ' * 4_000}</error>", Rejected),
    ],
)
def test_an_error_instead_of_a_report_or_a_file(document: str, error: type[ConnectorError]) -> None:
    body = Body(xml(document).encode())
    with api(Appliance({"SupportSessionRecording": httpx.Response(200, stream=body)})) as given:
        with pytest.raises(error), given.report("SupportSessionRecording", {"lsid": LSID}):
            raise AssertionError("nothing was to be read")
        assert body.closed


def test_a_file_is_given_as_it_is() -> None:
    appliance = Appliance({"/api/backup": httpx.Response(200, content=GZIP)})
    with api(appliance) as given, given.download(given.dialect.backup) as stream:
        assert stream.readall() == GZIP


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_report_renews_a_refused_token(status: int) -> None:
    refused = httpx.Response(status, json=dict(REFUSED_TOKEN))
    appliance = Appliance({"SupportTeam": [refused, "<support_team_list/>"]})
    with api(appliance) as given, given.report("SupportTeam") as stream:
        assert b"support_team_list" in stream.readall()
    assert appliance.tokens == ["token-1", "token-2"]


def test_a_report_that_stays_refused() -> None:
    appliance = Appliance({"SupportTeam": httpx.Response(401)})
    with api(appliance) as given, pytest.raises(AccessDenied), given.report("SupportTeam"):
        raise AssertionError("nothing was to be read")
    assert len(appliance.asked) == 2


def test_document_not_found_is_the_account_and_any_other_404_is_the_file() -> None:
    appliance = Appliance({"Archive": httpx.Response(404, text="gone")})
    with api(appliance) as given:
        with pytest.raises(NotFound), given.report("Archive"):
            raise AssertionError("nothing was to be read")
        with pytest.raises(AccessDenied), given.report("LicenseUsage"):
            raise AssertionError("nothing was to be read")


def test_other_pages_of_the_web_api() -> None:
    appliance = Appliance({"/api/config/v1/user": [httpx.Response(401), httpx.Response(200, json=[{"id": 1}])]})
    with api(appliance) as given:
        reply = given.request("GET", "/api/config/v1/user", write=False, headers={"Accept": "application/json"})
    assert reply.json() == [{"id": 1}]
    request = appliance.request()
    assert (request.headers["accept"], request.headers["authorization"]) == ("application/json", "Bearer token-2")
    assert request.headers["connection"] == "close"


def test_a_cut_write_to_another_page_is_an_unknown_outcome() -> None:
    appliance = Appliance({"/api/config/v1/user": httpx.ReadTimeout("slow")})
    with api(appliance) as given, pytest.raises(UnknownOutcome):
        given.request("POST", "/api/config/v1/user", write=True, json={"name": "x"})


@pytest.mark.parametrize(("status", "well"), [(200, True), (500, False)])
def test_the_health_page_needs_no_sign_in(status: int, well: bool) -> None:
    appliance = Appliance({"/check_health": httpx.Response(status, text="any words")})
    with api(appliance) as given:
        assert given.health_page() is well
    assert (appliance.request().method, appliance.tokens) == ("GET", [])


def test_a_health_page_that_says_something_else_says_nothing() -> None:
    with api(Appliance({"/check_health": httpx.Response(503)})) as given, pytest.raises(Unavailable):
        given.health_page()
    with api(Appliance({"/check_health": httpx.ConnectError("off")})) as given, pytest.raises(Unavailable):
        given.health_page()


@pytest.mark.parametrize(
    ("limit", "left", "seconds"),
    [
        ("15000", "14996", 0.0),
        ("15000", "301", 0.0),
        ("15000", "300", 0.96),
        ("15000", "1", 0.96),
        ("15000", "0", 60.0),
        ("20", "1", 0.0),
        ("20", "0", 1.0),
        ("", "0", 0.0),
        ("15000", "", 0.0),
        ("many", "few", 0.0),
        ("0", "0", 0.0),
    ],
)
def test_what_is_left_is_made_to_last(limit: str, left: str, seconds: float) -> None:
    assert pause({"x-ratelimit-limit": limit, "x-ratelimit-remaining": left}) == pytest.approx(seconds)


def test_all_workers_are_held_by_what_any_answer_says() -> None:
    held: list[tuple[str, float]] = []
    spent = {"X-RateLimit-Limit": "15000", "X-RateLimit-Remaining": "0"}
    appliance = Appliance(
        {
            "terminate_session": httpx.Response(200, text=xml(DONE), headers=spent),
            "SupportTeam": httpx.Response(200, text="<support_team_list/>", headers=spent),
            "get_api_info": httpx.Response(429, headers=spent),
        }
    )
    with bench(appliance, hold=lambda bucket, seconds: held.append((bucket, seconds))) as (config, given):
        client = Api(config, given)
        terminate(client)
        with client.report("SupportTeam"):
            pass
        with pytest.raises(RateLimited):
            client.command("get_api_info", write=False)
    assert held == [("requests", 60.0)] * 3


def test_our_own_limit_is_kept_before_anything_is_sent() -> None:
    appliance = Appliance({"terminate_session": DONE})
    with bench(appliance) as (config, given):
        slow = replace(given, transport=replace(given.transport, throttle=lambda _: 2.0))
        with pytest.raises(RateLimited):
            terminate(Api(config, slow))
    assert (appliance.asked, appliance.tokens) == ([], [])
