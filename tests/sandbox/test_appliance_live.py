"""The web socket of the pretend appliance, with a real client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from sandbox.serve import Sandbox
from tests.sandbox.appliance import Account, waiting

OURS = Subprotocol("ingredi%20state%20api")
SECONDS = 10


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    settings = sandbox.settings.appliance
    made = sandbox.appliance_gate.token(settings.client_id, settings.client_secret)
    assert made is not None
    return made


class Wire:
    """A client's side of one connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.pieces = 0

    def say(self, message: object) -> None:
        self.socket.send(json.dumps(message) + "\n")

    def hear(self) -> dict[str, Any]:
        """The next message, put together from its pieces."""
        whole = b""
        while not whole.endswith(b"\n"):
            piece = self.socket.recv(timeout=SECONDS)
            assert isinstance(piece, bytes), "the appliance sends binary messages"
            whole += piece
            self.pieces += 1
        heard: dict[str, Any] = json.loads(whole)
        return heard

    def sign_in(self, token: str) -> dict[str, Any]:
        self.say({"type": "authenticate", "credentials": {"bearer_token": token}})
        return self.hear()

    def subscribe(self, *tables: str) -> dict[str, Any]:
        self.say({"type": "subscribe", "tables": list(tables) or "all"})
        return self.hear()


class Lines:
    """Opens connections and closes them all."""

    def __init__(self, sandbox: Sandbox, stack: ExitStack) -> None:
        self._address = sandbox.appliance_url.replace("http", "ws") + "/nw"
        self._stack = stack

    def open(self, subprotocol: Subprotocol = OURS) -> Wire:
        socket = connect(self._address, subprotocols=[subprotocol], proxy=None)
        return Wire(self._stack.enter_context(socket))


@pytest.fixture
def lines(sandbox: Sandbox) -> Iterator[Lines]:
    with ExitStack() as stack:
        yield Lines(sandbox, stack)


@pytest.fixture
def wire(lines: Lines, token: str) -> Wire:
    """Signed in, and subscribed to sessions and their attributes; nothing is there yet."""
    opened = lines.open()
    assert opened.sign_in(token)["success"] is True
    assert opened.subscribe("support_session", "support_session_attribute")["success"] is True
    return opened


def test_everything_comes_first_and_then_what_changes(sandbox: Sandbox, lines: Lines, token: str) -> None:
    wire = lines.open()
    assert wire.sign_in(token) == {"type": "authenticate_response", "success": True}
    answer = wire.subscribe()
    assert (answer["type"], answer["success"]) == ("subscribe_response", True)
    assert abs(answer["timestamp"] - sandbox.clock.now().timestamp()) < SECONDS
    everything = wire.hear()["insert"]
    assert {"queue", "representative", "representative_queue"} <= everything.keys()
    assert all(2**63 < int(key) < 2**64 for rows in everything.values() for key in rows)


def test_a_session_is_inserted_updated_and_deleted(sandbox: Sandbox, wire: Wire) -> None:
    state = sandbox.appliance
    session = waiting(state, "general", external_key="7")
    inserted = wire.hear()["insert"]
    ((key, row),) = inserted["support_session"].items()
    ((attribute, fields),) = inserted["support_session_attribute"].items()
    assert (row["lsid"], row["customer_name"], row["start_method"]) == (session.lsid, "Ann", "session_key")
    assert (fields["code_name"], fields["value"], str(fields["support_session_id"])) == ("external_key", "7", key)
    state.accept(session.lsid, 1)
    assert "queue_id" in wire.hear()["update"]["support_session"][key]
    state.edit_external_key(session.lsid, "8")
    assert wire.hear()["update"] == {"support_session_attribute": {attribute: {"value": "8"}}}
    state.end(session.lsid)
    assert wire.hear()["delete"] == {"support_session": [key], "support_session_attribute": [attribute]}


def test_fields_of_the_archive_stay_there(lines: Lines, token: str) -> None:
    wire = lines.open()
    wire.sign_in(token)
    wire.subscribe("representative")
    ((table, rows),) = wire.hear()["insert"].items()
    assert table == "representative"
    assert all("private_ip" not in row and row["username"] for row in rows.values())


def test_a_large_update_comes_in_parts(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.settings.appliance.live_part_bytes = 100
    before = wire.pieces
    waiting(sandbox.appliance, "team:1")
    assert "insert" in wire.hear()
    assert wire.pieces - before > 1


def test_truncating_gives_everything_other_ids(sandbox: Sandbox, wire: Wire) -> None:
    waiting(sandbox.appliance, "general")
    first = wire.hear()["insert"]["support_session"]
    sandbox.appliance_live.truncate()
    assert wire.hear() == {"type": "truncate_model"}
    assert not first.keys() & wire.hear()["insert"]["support_session"].keys()


@pytest.mark.parametrize("wrong", ["", "wrong"])
def test_strangers_are_told_and_cut_off(lines: Lines, wrong: str) -> None:
    wire = lines.open()
    answer = wire.sign_in(wrong)
    assert (answer["success"], bool(answer["reason"])) == (False, True)
    with pytest.raises(ConnectionClosed):
        wire.hear()


def test_the_permission_is_needed(sandbox: Sandbox, lines: Lines, token: str) -> None:
    sandbox.settings.appliance.denied = frozenset({"real_time_state"})
    assert "permission" in lines.open().sign_in(token)["reason"]


def test_tables_that_are_not_there(lines: Lines, token: str) -> None:
    wire = lines.open()
    wire.sign_in(token)
    assert wire.subscribe("secrets")["success"] is False


@pytest.mark.parametrize("message", [{"type": "subscribe", "tables": "all"}, {"type": "hello"}, [1]])
def test_out_of_turn(lines: Lines, message: object) -> None:
    wire = lines.open()
    wire.say(message)
    with pytest.raises(ConnectionClosed):
        wire.hear()


def test_a_message_ends_with_its_line_feed(lines: Lines, token: str) -> None:
    wire = lines.open()
    text = json.dumps({"type": "authenticate", "credentials": {"bearer_token": token}})
    wire.socket.send(text[:20])
    wire.socket.send(text[20:] + "\n")
    assert wire.hear()["success"] is True


def test_no_more_than_there_is_room_for(sandbox: Sandbox, lines: Lines, token: str, wire: Wire) -> None:
    sandbox.settings.appliance.live_connections = 1
    second = lines.open()
    second.sign_in(token)
    assert second.subscribe()["success"] is False
    assert sandbox.appliance_live.readers == 1


def test_cutting_comes_without_a_word_and_leaves_room(sandbox: Sandbox, wire: Wire, lines: Lines, token: str) -> None:
    sandbox.appliance_live.cut()
    with pytest.raises(ConnectionClosed) as closed:
        wire.hear()
    assert closed.value.rcvd is None
    again = lines.open()
    assert again.sign_in(token)["success"] is True


def test_who_is_too_far_behind_is_cut_off(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.settings.appliance.live_backlog = -1
    waiting(sandbox.appliance)
    with pytest.raises(ConnectionClosed):
        wire.hear()


@pytest.mark.parametrize("subprotocol", [Subprotocol("other")])
def test_the_subprotocol_must_be_right(lines: Lines, subprotocol: Subprotocol) -> None:
    with pytest.raises(InvalidStatus) as refused:
        lines.open(subprotocol)
    assert refused.value.response.status_code == 400


def test_stopping_ends_every_connection(sandbox: Sandbox, lines: Lines, wire: Wire) -> None:
    stranger = lines.open()
    sandbox.stop()
    for one in (wire, stranger):
        with pytest.raises(ConnectionClosed):
            one.hear()
    assert sandbox.appliance_live.readers == 0


def test_a_browser_is_told_that_this_is_no_page(account: Account) -> None:
    assert account.client.get("/nw").status_code == 400
