"""The HTTP layer against a real socket that answers, stalls, lies and hangs up."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketClosed,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Reply, Transport, new_client, retry_after, user_agent


class Vendor:
    """A server that records what it is sent, answers with `answer` to the letter, and hangs up."""

    def __init__(self) -> None:
        self.says(200, b"{}")
        self.silent = False
        self.requests: list[bytes] = []
        self.goodbye = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            caller, _ = self._socket.accept()
            with caller:
                if self.goodbye.is_set():
                    return
                request = self._receive(caller)
                if not request:
                    continue
                self.requests.append(request)
                if self.silent:
                    self.goodbye.wait()
                with suppress(OSError):  # the caller may have given up
                    caller.sendall(self.answer)

    def _receive(self, caller: socket.socket) -> bytes:
        seen = caller.recv(65536)
        head, _, body = seen.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        due = int(lengths[0].split(b":")[1]) if lengths else 0
        while len(body) < due:
            body += caller.recv(65536)
        return head + b"\r\n\r\n" + body if seen else b""

    def close(self) -> None:
        self.goodbye.set()
        socket.create_connection(self._socket.getsockname()).close()
        self._thread.join()
        self._socket.close()

    def says(self, status: int, body: bytes = b"", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close", *headers]
        self.answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setenv("no_proxy", "*")
    with new_client() as made:
        yield made


@pytest.fixture
def transport(vendor: Vendor, client: httpx.Client) -> Transport:
    return Transport("acme", vendor.url, client=client)


Call = Callable[..., Reply]


def error_of(call: Call, *args: object, **kwargs: object) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call(*args, **kwargs)
    return caught.value


def test_a_reply_is_read_whole(vendor: Vendor, transport: Transport) -> None:
    vendor.says(201, b'{"id": 7}', "X-Rate: 5")
    reply = transport.write("POST", "/tickets", json={"subject": "ä"})
    assert (reply.status, reply.json(), reply.headers["x-rate"], reply.sent) == (201, {"id": 7}, "5", True)
    assert vendor.requests[0].endswith('{"subject":"ä"}'.encode())


def test_a_read_is_not_a_sent_reply(transport: Transport) -> None:
    assert transport.read("POST", "/search").sent is False


def test_a_base_url_keeps_its_folder(vendor: Vendor, client: httpx.Client) -> None:
    Transport("acme", vendor.url + "/desk/", client=client).read("GET", "/tickets/1")
    assert vendor.requests[0].startswith(b"GET /desk/tickets/1 HTTP/1.1\r\n")


def test_parameters_join_the_query_of_a_link(vendor: Vendor, transport: Transport) -> None:
    transport.read("GET", vendor.url + "/tickets?page=2", params={"size": 5, "tag": ["a b", "ä"]})
    assert vendor.requests[0].startswith(b"GET /tickets?page=2&size=5&tag=a+b&tag=%C3%A4 ")


def test_raw_content_forms_and_files_can_be_written(vendor: Vendor, transport: Transport) -> None:
    transport.write("POST", "/raw", content=b"\x00\xff")
    transport.write("POST", "/form", data={"event": "a b"})
    transport.write("POST", "/files", files=[("attachments[]", ("a.txt", b"chat", "text/plain"))])
    raw, form, files = vendor.requests
    assert raw.endswith(b"\x00\xff")
    assert form.endswith(b"event=a+b")
    assert b'name="attachments[]"; filename="a.txt"' in files


def test_basic_auth_is_sent(vendor: Vendor, transport: Transport) -> None:
    transport.read("GET", "/me", auth=("bridge@example.com/token", "pässword"))
    assert b"Authorization: Basic YnJpZGdlQGV4YW1wbGUuY29tL3Rva2VuOnDDpHNzd29yZA==" in vendor.requests[0]


def test_we_say_who_we_are(vendor: Vendor, transport: Transport) -> None:
    transport.read("GET", "/")
    assert f"User-Agent: {user_agent()}\r\n".encode() in vendor.requests[0]
    assert user_agent().startswith("Deskbridge")


def test_cookies_are_not_kept(vendor: Vendor, transport: Transport) -> None:
    vendor.says(200, b"", "Set-Cookie: session=somebody-elses")
    transport.read("GET", "/login")
    transport.read("GET", "/tickets")
    assert b"cookie" not in vendor.requests[1].lower()


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (301, Rejected, Rejected),
        (302, Rejected, Rejected),
        (304, Rejected, Rejected),
        (400, Rejected, Rejected),
        (401, AccessDenied, AccessDenied),
        (403, AccessDenied, AccessDenied),
        (404, NotFound, NotFound),
        (405, Rejected, Rejected),
        (406, Rejected, Rejected),
        (408, Unavailable, Unavailable),
        (409, Rejected, Rejected),
        (410, NotFound, NotFound),
        (412, Rejected, Rejected),
        (413, Rejected, Rejected),
        (415, Rejected, Rejected),
        (422, Rejected, Rejected),
        (425, Unavailable, Unavailable),
        (429, RateLimited, RateLimited),
        (500, Unavailable, UnknownOutcome),
        (502, Unavailable, UnknownOutcome),
        (503, Unavailable, UnknownOutcome),
        (504, Unavailable, UnknownOutcome),
        (599, Unavailable, UnknownOutcome),
    ],
)
def test_a_status_says_who_must_act(
    vendor: Vendor,
    transport: Transport,
    status: int,
    read: type[ConnectorError],
    write: type[ConnectorError],
) -> None:
    vendor.says(status)
    found, wrote = error_of(transport.read, "GET", "/x"), error_of(transport.write, "PUT", "/x")
    assert (type(found), found.code) == (read, str(status))
    assert (type(wrote), wrote.code) == (write, str(status))


def test_a_redirect_is_not_followed(vendor: Vendor, transport: Transport) -> None:
    vendor.says(307, b"", f"Location: {vendor.url}/elsewhere")
    assert type(error_of(transport.write, "POST", "/x")) is Rejected
    assert len(vendor.requests) == 1


def test_a_client_that_would_follow_redirects_does_not(vendor: Vendor) -> None:
    vendor.says(302, b"", f"Location: {vendor.url}/elsewhere")
    with httpx.Client(follow_redirects=True, trust_env=False) as careless:
        assert type(error_of(Transport("acme", vendor.url, client=careless).read, "GET", "/x")) is Rejected
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("call", ["read", "write"])
@pytest.mark.parametrize("status", [429, 503])
def test_the_vendors_pause_is_kept(vendor: Vendor, transport: Transport, call: str, status: int) -> None:
    vendor.says(status, b"", "Retry-After: 30")
    error = error_of(getattr(transport, call), "PUT", "/x")
    assert isinstance(error, Unavailable)
    assert error.retry_after == 30


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0),
        ("1.5", 1.5),
        ("99999999999", 86_400),
        ("", None),
        ("-5", None),
        ("inf", None),
        ("soon", None),
    ],
)
def test_retry_after_in_seconds(said: str, seconds: float | None) -> None:
    assert retry_after(Reply(429, {"retry-after": said})) == seconds


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after(Reply(429, {"retry-after": later})) == pytest.approx(90, abs=5)


def test_retry_after_in_the_past_is_now() -> None:
    assert retry_after(Reply(429, {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"})) == 0


def test_retry_after_without_a_zone_is_utc() -> None:
    assert retry_after(Reply(429, {"retry-after": "Sun, 06 Nov 1994 08:49:37 -0000"})) == 0


def test_nobody_there_did_nothing(client: httpx.Client) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        refused = Transport("acme", f"http://127.0.0.1:{bound.getsockname()[1]}", client=client)
        assert type(error_of(refused.read, "GET", "/x")) is Unavailable
        assert type(error_of(refused.write, "PUT", "/x")) is Unavailable


def test_an_unknown_host_did_nothing(client: httpx.Client) -> None:
    nowhere = Transport("acme", "http://desk.invalid", client=client)
    assert type(error_of(nowhere.write, "PUT", "/x")) is Unavailable


@pytest.mark.parametrize(("call", "kind"), [("read", Unavailable), ("write", UnknownOutcome)])
def test_silence(vendor: Vendor, call: str, kind: type[ConnectorError]) -> None:
    vendor.silent = True
    with httpx.Client(timeout=0.05, trust_env=False) as hasty:
        error = error_of(getattr(Transport("acme", vendor.url, client=hasty), call), "PUT", "/x")
    assert (type(error), error.code) == (kind, "ReadTimeout")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="cut before the reply"),
        pytest.param(b"HTTP/1.1 200 O", id="cut in the status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", id="cut in the body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", id="cut in a chunk"),
        pytest.param(b"220 mail.example.com ESMTP\r\n\r\n", id="not HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", id="not gzip"),
    ],
)
def test_half_an_answer_settles_nothing(vendor: Vendor, transport: Transport, answer: bytes) -> None:
    vendor.answer = answer
    assert type(error_of(transport.read, "GET", "/x")) is Unavailable
    assert type(error_of(transport.write, "PUT", "/x")) is UnknownOutcome


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id":', b"\xff\xfe\xfd", b"[" * 200_000])
def test_garbage_where_json_was_due(vendor: Vendor, transport: Transport, body: bytes) -> None:
    vendor.says(200, body)
    assert type(error_of(transport.read("GET", "/x").json)) is Unavailable
    wrote = transport.write("PUT", "/x")
    assert type(error_of(wrote.json)) is UnknownOutcome
    assert wrote.json_or_none() is None


def test_an_answer_too_large_settles_nothing(vendor: Vendor, client: httpx.Client) -> None:
    vendor.says(200, gzip.compress(b"a" * 10_000), "Content-Encoding: gzip")
    small = Transport("acme", vendor.url, client=client, max_bytes=9_999)
    assert type(error_of(small.read, "GET", "/x")) is Unavailable
    assert type(error_of(small.write, "PUT", "/x")) is UnknownOutcome
    enough = Transport("acme", vendor.url, client=client, max_bytes=10_000)
    assert len(enough.read("GET", "/x").content) == 10_000


def test_an_answer_that_drips_is_given_up(vendor: Vendor, client: httpx.Client) -> None:
    hasty = Transport("acme", vendor.url, client=client, max_seconds=-1)
    error = error_of(hasty.write, "PUT", "/x")
    assert (type(error), error.code) == (UnknownOutcome, "slow")


def test_the_throttle_holds_a_call_back(vendor: Vendor, client: httpx.Client) -> None:
    waits = {"requests": 0.0, "notes": 2.5}
    slow = Transport("acme", vendor.url, client=client, throttle=waits.__getitem__)
    error = error_of(slow.write, "PUT", "/x", bucket="notes")
    assert isinstance(error, RateLimited)
    assert error.retry_after == 2.5
    assert vendor.requests == []
    slow.write("PUT", "/x")
    assert len(vendor.requests) == 1


def test_a_worker_that_lost_its_lease_writes_nothing(vendor: Vendor, client: httpx.Client) -> None:
    def lost() -> None:
        raise RuntimeError("the lease is gone")

    late = Transport("acme", vendor.url, client=client, may_write=lost)
    with pytest.raises(RuntimeError, match="lease"):
        late.write("PUT", "/x")
    assert vendor.requests == []
    assert late.read("GET", "/x").status == 200


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example.com/tickets",
        "https://127.0.0.1/tickets",
        "http://127.0.0.1:1/tickets",
        "HTTP://LOCALHOST/tickets",
        "http://127.0.0.1.example.com/",
    ],
)
def test_another_host_is_refused(vendor: Vendor, transport: Transport, link: str) -> None:
    error = error_of(transport.read, "GET", link)
    assert (type(error), error.code) == (Rejected, "other-host")
    assert vendor.requests == []


@pytest.mark.parametrize("path", ["//elsewhere.example.com/x", "@elsewhere.example.com", ":1/x", "?at=http://a.b/"])
def test_no_path_leads_to_another_host(vendor: Vendor, transport: Transport, path: str) -> None:
    assert transport.read("GET", path).status == 200
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("path", ["/tickets/../users", "/tickets/%2e%2e/users", "/tickets/..%2Fusers"])
def test_no_path_leads_out_of_its_folder(vendor: Vendor, transport: Transport, path: str) -> None:
    assert error_of(transport.read, "DELETE", path).code == "dots"
    assert vendor.requests == []


@pytest.mark.parametrize(
    "parts",
    [
        {"json": {"note": "\ud800 Hunter2"}},
        {"json": {"note": float("nan")}},
        {"headers": {"X-Name": "Hunter2 ä"}},
        {"headers": {"X-Name": "Hunter2\r\nX-Evil: 1"}},
    ],
)
def test_what_cannot_be_sent_is_rejected_unquoted(
    vendor: Vendor, transport: Transport, parts: dict[str, object]
) -> None:
    error = error_of(transport.write, "POST", "/x", **parts)
    assert type(error) is Rejected
    assert "Hunter2" not in str(error)
    assert vendor.requests == []


def closed(reply: Reply) -> ConnectorError | None:
    return TicketClosed("acme: the ticket is closed") if b"closed" in reply.content else None


def test_the_connectors_reader_is_asked_first(vendor: Vendor, transport: Transport) -> None:
    reading = transport.with_reader(closed)
    vendor.says(200, b"closed")
    assert type(error_of(reading.write, "PUT", "/x")) is TicketClosed
    vendor.says(422, b"open")
    assert type(error_of(reading.write, "PUT", "/x")) is Rejected
    vendor.says(200, b"closed")
    assert transport.write("PUT", "/x").status == 200


def test_another_host_of_the_same_connection_is_said_outright(vendor: Vendor, client: httpx.Client) -> None:
    desk = Transport("acme", "http://desk.invalid", client=client)
    assert desk.with_base_url(vendor.url).read("GET", "/token").status == 200


def test_headers_of_its_own_go_with_every_request_and_to_no_other_host(vendor: Vendor, client: httpx.Client) -> None:
    known = Transport("acme", vendor.url, client=client).with_headers({"Authorization": "Bearer made-up", "X-One": "1"})
    known.read("GET", "users", headers={"X-One": "2"})
    known.with_base_url(vendor.url).read("GET", "token")
    first, second = vendor.requests
    assert b"Authorization: Bearer made-up" in first
    assert b"X-One: 2" in first
    assert b"X-One: 1" not in first
    assert b"made-up" not in second
    assert "made-up" not in repr(known)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_no_error_tells_a_query_or_a_body(vendor: Vendor, transport: Transport, status: int) -> None:
    vendor.says(status, b"the password is Hunter2")
    for path in ("/x?authcode=Hunter2", f"{vendor.url}/x?authcode=Hunter2#Hunter2"):
        error = error_of(lambda path=path: transport.write("PUT", path, params={"pin": "Hunter2"}).json())
        assert "Hunter2" not in repr(error)
        assert "acme: PUT /x" in str(error)


@pytest.mark.parametrize(("status", "told"), [(201, 1), (422, 0), (500, 0)])
def test_only_a_write_that_was_answered_well_is_told(
    vendor: Vendor, client: httpx.Client, status: int, told: int
) -> None:
    heard: list[bool] = []
    speaking = Transport("acme", vendor.url, client=client, written=lambda: heard.append(True))
    vendor.says(status, b"{}")
    with suppress(ConnectorError):
        speaking.write("POST", "notes")
    vendor.says(200, b"{}")
    speaking.read("GET", "notes")
    assert len(heard) == told


def test_nothing_is_logged_about_a_call(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        transport.read("GET", "/x?authcode=Hunter2")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("declared", "body", "text"),
    [
        ("", "ä".encode(), "ä"),
        ("text/plain; charset=iso-8859-1", b"\xe4", "ä"),
        ('text/xml; charset="UTF-16"', "ä".encode("utf-16"), "ä"),
        ("text/plain; charset=nonsense", "ä".encode(), "ä"),
        ("text/plain; charset=idna", "ä".encode(), "ä"),
        ("text/plain", b"a\xffb", "a\ufffdb"),
    ],
)
def test_text_goes_by_the_declared_charset(declared: str, body: bytes, text: str) -> None:
    assert Reply(200, {"content-type": declared}, body).text == text
