"""The real-time state against a real web socket server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from bridge.errors import AccessDenied, ConnectorError, NotFound, RateLimited, Rejected, Unavailable
from bridge.model import SessionSummary
from connectors.platforms.beyondtrust.live import state

LSID, OTHER = "c69a8e10bea9428f816cfababe9815fe", "0f9e8d7c6b5a49388271605f4e3d2c1b"
BIG = 2**64 - 1
TOKEN = "made-up-access-token"
STARTED = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@dataclass
class Account:
    """What the connector knows of its account; each refused token brings the next."""

    base_url: str
    tokens: list[str] = field(default_factory=lambda: [TOKEN])
    connection: str = "appliance"
    refused: list[str] = field(default_factory=list)

    def access_token(self, refused: str = "") -> str:
        if refused:
            self.refused.append(refused)
            self.tokens = self.tokens[1:] or self.tokens
        return self.tokens[0]


@dataclass
class Appliance:
    """Plays its side of the protocol: what it says after each subscription, and what it was told."""

    said: list[dict[str, Any]] = field(default_factory=list)
    valid: str = TOKEN
    refuse_authenticate: str = ""
    refuse_subscribe: str = ""
    status: HTTPStatus | None = None
    location: str = "/"
    play: Callable[[ServerConnection], None] = lambda socket: None
    headers: list[Headers] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    """Set when the test has what it wants: keeps the connection open until then."""

    def gate(self, socket: ServerConnection, request: Request) -> Response | None:
        self.headers.append(request.headers)
        if self.status is None:
            return None
        response = socket.respond(self.status, "no")
        response.headers["Location"] = self.location
        return response

    def __call__(self, socket: ServerConnection) -> None:
        said = self._hear(socket)
        known = said["credentials"]["bearer_token"] == self.valid
        reason = self.refuse_authenticate or ("" if known else "Invalid authentication token")
        say(socket, type="authenticate_response", success=not reason, reason=reason)
        if reason:
            return
        self._hear(socket)
        answer = {"type": "subscribe_response", "timestamp": 1772447400, "success": not self.refuse_subscribe}
        say(socket, **answer, reason=self.refuse_subscribe)
        self.play(socket)
        self.done.wait(10)

    def _hear(self, socket: ServerConnection) -> dict[str, Any]:
        text = socket.recv(10)
        assert isinstance(text, str), "only text goes to the appliance"
        assert text.endswith("\n")
        message = json.loads(text)
        assert isinstance(message, dict)
        self.said.append(message)
        return message


class Silent(Appliance):
    """Takes the connection and never says a word."""

    def __call__(self, socket: ServerConnection) -> None:
        self.done.wait(10)


class Hasty(Appliance):
    """Sends its answer to the subscription and the model in one piece."""

    def __call__(self, socket: ServerConnection) -> None:
        self._hear(socket)
        say(socket, type="authenticate_response", success=True)
        self._hear(socket)
        parts = [{"type": "subscribe_response", "success": True}, update(insert=session())]
        socket.send(b"".join(json.dumps(part).encode() + b"\n" for part in parts))
        self.done.wait(10)


def say(socket: ServerConnection, **message: Any) -> None:
    """As the appliance does: binary, with a line feed."""
    socket.send(json.dumps(message).encode() + b"\n")


def update(**parts: Any) -> dict[str, Any]:
    return {"type": "model_update", **parts}


def session(row: int = BIG, lsid: str = LSID, **fields: Any) -> dict[str, Any]:
    """An insert of one running session."""
    return {"support_session": {str(row): {"lsid": lsid, "created_timestamp": 1772447400, **fields}}}


def external_key(value: str, row: int = BIG, key: int = 7) -> dict[str, Any]:
    fields = {"code_name": "external_key", "support_session_id": row, "value": value}
    return {"support_session_attribute": {str(key): fields}}


@contextmanager
def served(appliance: Appliance) -> Iterator[Account]:
    with serve(
        appliance,
        "127.0.0.1",
        0,
        subprotocols=[state.SUBPROTOCOL],
        process_request=appliance.gate,
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Account(f"http://127.0.0.1:{server.socket.getsockname()[1]}")
        finally:
            appliance.done.set()
            server.shutdown()
            thread.join()


def watched(appliance: Appliance, count: int) -> list[SessionSummary]:
    """The first so many summaries that the appliance's play brings."""
    found: list[SessionSummary] = []
    with served(appliance) as account:
        for summary in state.watch(account, lambda: len(found) >= count):
            found.append(summary)
    return found


def failed(appliance: Appliance) -> ConnectorError:
    with served(appliance) as account, pytest.raises(ConnectorError) as found:
        list(state.watch(account, lambda: False))
    assert TOKEN not in str(found.value)
    return found.value


def playing(*messages: dict[str, Any], **more: Any) -> Appliance:
    def play(socket: ServerConnection) -> None:
        for message in messages:
            say(socket, **message)

    return Appliance(play=play, **more)


# -- the protocol --------------------------------------------------------------------------------------------------


def test_it_signs_in_and_subscribes_to_what_it_needs() -> None:
    appliance = playing(update(insert=session()))
    watched(appliance, 1)
    assert appliance.said == [
        {"type": "authenticate", "credentials": {"bearer_token": TOKEN}},
        {
            "type": "subscribe",
            "tables": ["support_session", "support_session_attribute", "representative"],
        },
    ]


def test_the_subprotocol_is_sent_url_encoded() -> None:
    appliance = playing(update(insert=session()))
    watched(appliance, 1)
    assert appliance.headers[0]["Sec-WebSocket-Protocol"] == "ingredi%20state%20api"


def test_a_message_in_many_pieces_is_put_together() -> None:
    def play(socket: ServerConnection) -> None:
        whole = json.dumps(update(insert=session(customer_name="Zoë 👩🏽‍💻")), ensure_ascii=False).encode() + b"\n"
        for start in range(0, len(whole), 3):
            socket.send(whole[start : start + 3])

    assert watched(Appliance(play=play), 1) == [SessionSummary(LSID, "", STARTED)]


def test_several_messages_in_one_piece_are_told_apart() -> None:
    def play(socket: ServerConnection) -> None:
        two = [update(insert=session()), update(insert=session(5, OTHER))]
        socket.send(b"".join(json.dumps(one, indent=1).encode() + b"\n" for one in two))

    assert [found.id for found in watched(Appliance(play=play), 2)] == [LSID, OTHER]


def test_what_comes_in_one_piece_with_an_answer_is_not_lost() -> None:
    assert [found.id for found in watched(Hasty(), 1)] == [LSID]


def test_ids_of_64_bits_keep_every_digit() -> None:
    rows = {**session(BIG), "support_session_attribute": external_key("4711", BIG)["support_session_attribute"]}
    neighbour = {"support_session": {str(BIG - 1): {"lsid": OTHER, "created_timestamp": 1772447400}}}
    found = watched(playing(update(insert=neighbour), update(insert=rows)), 2)
    assert {one.id: one.reference for one in found} == {OTHER: "", LSID: "4711"}


def test_a_message_of_another_type_is_passed_over() -> None:
    appliance = playing({"type": "weather"}, update(insert=session()))
    assert [found.id for found in watched(appliance, 1)] == [LSID]


# -- what it tells -------------------------------------------------------------------------------------------------


def test_an_external_key_typed_by_hand_is_told() -> None:
    typed = update(insert=external_key("4711"))
    changed = update(update={"support_session_attribute": {"7": {"value": "4712"}}})
    found = watched(playing(update(insert=session()), typed, changed), 3)
    assert [one.reference for one in found] == ["", "4711", "4712"]


def test_another_attribute_is_not() -> None:
    asset = {"code_name": "asset", "support_session_id": BIG, "value": "PC-7"}
    other = update(insert={"support_session_attribute": {"9": asset}})
    appliance = playing(update(insert=session()), other, update(insert=session(5, OTHER)))
    assert [found.id for found in watched(appliance, 2)] == [LSID, OTHER]


def test_a_hand_over_is_told_with_the_one_who_has_it_now() -> None:
    people = {
        str(row): {"queue_id": 10 + row, "user_id": row, "username": f"rep{row}", "private_display_name": f"Rep {row}"}
        for row in (1, 2)
    }
    began = update(insert={**session(queue_id=11), "representative": people})
    handed_over = update(update={"support_session": {str(BIG): {"queue_id": 12}}})
    waits = update(update={"support_session": {str(BIG): {"queue_id": 99}}})
    found = watched(playing(began, handed_over, waits), 3)
    assert [one.technician.label for one in found] == ["Rep 1", "Rep 2", ""]
    assert (found[1].technician.id, found[1].technician.username) == ("2", "rep2")


def test_who_has_no_private_name_goes_by_the_public_one() -> None:
    rep = {"queue_id": 11, "user_id": 1, "username": "rep1", "public_display_name": "Rep"}
    began = update(insert={**session(queue_id=11), "representative": {"1": rep}})
    assert [one.technician.label for one in watched(playing(began), 1)] == ["Rep"]


def test_a_row_that_is_deleted_has_ended() -> None:
    start = update(insert={**session(), **external_key("4711")})
    end = update(delete={"support_session": [str(BIG)], "support_session_attribute": ["7"]})
    assert watched(playing(start, end), 2) == [
        SessionSummary(LSID, "4711", STARTED),
        SessionSummary(LSID, "4711", STARTED, ended=True),
    ]


def test_an_emptied_model_ends_no_session() -> None:
    again = update(insert={**session(1, OTHER)})
    found = watched(playing(update(insert=session()), {"type": "truncate_model"}, again), 2)
    assert [(one.id, one.ended) for one in found] == [(LSID, False), (OTHER, False)]


def test_after_an_emptied_model_old_attributes_are_gone() -> None:
    start = update(insert={**session(), **external_key("4711")})
    found = watched(playing(start, {"type": "truncate_model"}, update(insert=session())), 2)
    assert [one.reference for one in found] == ["4711", ""]


# -- what goes wrong -----------------------------------------------------------------------------------------------


def test_a_cut_is_unavailable() -> None:
    assert type(failed(Appliance(play=lambda socket: socket.close_socket()))) is Unavailable


def test_a_farewell_is_unavailable_with_its_code() -> None:
    error = failed(Appliance(play=lambda socket: socket.close(1001, "going")))
    assert (type(error), error.code) == (Unavailable, "1001")


def test_nobody_there_is_unavailable() -> None:
    with served(Appliance()) as account:
        base_url = account.base_url
    with pytest.raises(Unavailable):
        list(state.watch(Account(base_url), lambda: False))


def test_a_refused_token_is_renewed_once_for_all() -> None:
    appliance = playing(update(insert=session()), valid="renewed")
    found: list[SessionSummary] = []
    with served(appliance) as account:
        account.tokens = [TOKEN, "renewed"]
        for summary in state.watch(account, lambda: bool(found)):
            found.append(summary)
    assert account.refused == [TOKEN]
    assert [one.id for one in found] == [LSID]


def test_an_account_that_is_refused_again_is_access_denied() -> None:
    assert type(failed(Appliance(refuse_authenticate="Nobody knows you"))) is AccessDenied


def test_too_many_integrations_come_again() -> None:
    error = failed(Appliance(refuse_authenticate="Connection limit exceeded"))
    assert type(error) is RateLimited


def test_a_subscription_that_is_refused_is_rejected() -> None:
    assert type(failed(Appliance(refuse_subscribe="unheard of"))) is Rejected


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (HTTPStatus.UNAUTHORIZED, AccessDenied),
        (HTTPStatus.FORBIDDEN, AccessDenied),
        (HTTPStatus.NOT_FOUND, NotFound),
        (HTTPStatus.SERVICE_UNAVAILABLE, Unavailable),
    ],
)
def test_a_refused_handshake_says_who_must_act(status: HTTPStatus, kind: type[ConnectorError]) -> None:
    assert type(failed(Appliance(status=status))) is kind


def test_a_redirect_is_not_followed() -> None:
    """The token would be told to whoever it leads to."""
    elsewhere = Appliance()
    with served(elsewhere) as other:
        error = failed(Appliance(status=HTTPStatus.FOUND, location=other.base_url))
    assert type(error) is Rejected
    assert elsewhere.headers == []


@pytest.mark.parametrize(
    "junk",
    [
        b"secret words of somebody\n",
        b"[]\n",
        b'{"type": "model_update", "insert": {"support_session": {"1.5": {}}}}\n',
        b'{"type": "model_update", "insert": {"support_session": []}}\n',
        b"[" * 100_000 + b"\n",
        b"9" * 5000 + b"\n",
    ],
)
def test_junk_ends_the_connection_and_is_not_quoted(junk: bytes) -> None:
    error = failed(Appliance(play=lambda socket: socket.send(junk)))
    assert (type(error), error.code) == (Unavailable, "unreadable")
    assert "secret" not in str(error)


def test_a_message_without_end_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_MESSAGE_BYTES", 1000)

    def play(socket: ServerConnection) -> None:
        for _ in range(3):
            socket.send(b"x" * 500)

    assert failed(Appliance(play=play)).code == "oversize"


def test_one_piece_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_MESSAGE_BYTES", 1000)
    assert failed(Appliance(play=lambda socket: socket.send(b"x" * 2000))).code == "1009"


def test_an_appliance_that_never_answers_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(state, "LOOK_SECONDS", 0.01)
    assert failed(Silent()).code == "slow"


def test_it_stops_when_it_is_told_to_though_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LOOK_SECONDS", 0.01)
    asked = iter([False] * 5)
    with served(Appliance()) as account:
        assert list(state.watch(account, lambda: next(asked, True))) == []


def test_whoever_stops_listening_leaves_no_connection_behind() -> None:
    appliance = playing(update(insert=session()))
    with served(appliance) as account:
        summaries = state.watch(account, lambda: False)
        assert next(summaries).id == LSID
        summaries.close()  # type: ignore[attr-defined]  # a generator, said as an iterator


def test_nothing_of_the_talk_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    watched(playing(update(insert=session())), 1)
    assert TOKEN not in caplog.text
