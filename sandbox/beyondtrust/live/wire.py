"""The web socket of the real-time state API, `/nw`, on the port of all other pages.

Source: Remote Support 23.2 API guide, chapter "Protocol of the Real-Time State API".
"""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from sandbox.beyondtrust.api.oauth import Gate
from sandbox.beyondtrust.live import LiveModel, Reader
from sandbox.beyondtrust.live.tables import NAMES

SUBPROTOCOL = Subprotocol(quote("ingredi state api"))
SEND_SECONDS = 5.0
"""Who takes nothing for so long is cut off."""
LOOK_SECONDS = 1.0


def blueprint(live: LiveModel, gate: Gate) -> Blueprint:
    """The page that becomes a web socket."""
    pages = Blueprint("nw", __name__)

    @pages.route("/nw", websocket=True)
    def connect() -> Response:
        connection = request.environ.get("werkzeug.socket")
        if not isinstance(connection, socket.socket) or live.state.settings.old:
            return Response("There is no web socket here.\n", 404, mimetype="text/plain")
        with _wakeable() as (told, tell):
            _Conversation(connection, told, tell, live, gate).hold()
        # The connection is spent; werkzeug finds that out when it answers on it.
        return Response()

    return pages


@contextmanager
def _wakeable() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A pair of sockets by which another thread interrupts waiting."""
    told, tell = socket.socketpair()
    with told, tell:
        tell.setblocking(False)
        yield told, tell


class _Conversation:
    """One connection from the handshake to its end, in the thread of its request."""

    def __init__(
        self, connection: socket.socket, told: socket.socket, tell: socket.socket, live: LiveModel, gate: Gate
    ) -> None:
        self._socket = connection
        self._told = told
        self._tell = tell
        self._live = live
        self._gate = gate
        self._protocol = ServerProtocol(subprotocols=[SUBPROTOCOL], select_subprotocol=_only_ours)
        self._received = bytearray()
        self._reader = Reader(self._wake)
        self._signed_in = False

    def hold(self) -> None:
        self._socket.settimeout(SEND_SECONDS)
        self._live.come(self._reader)
        try:
            # Whoever hangs up, or takes nothing for too long, is gone.
            with suppress(OSError):
                self._shake_hands()
                while self._protocol.state is State.OPEN and not self._reader.cut:
                    self._wait()
                    self._push()
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        finally:
            self._live.leave(self._reader)

    def _shake_hands(self) -> None:
        lines = [
            f"GET {request.full_path.rstrip('?')} HTTP/1.1",
            *(f"{name}: {value}" for name, value in request.headers),
        ]
        self._protocol.receive_data(("\r\n".join([*lines, "", ""])).encode("latin-1"))
        for event in self._protocol.events_received():
            if isinstance(event, Handshake):
                self._protocol.send_response(self._protocol.accept(event))
        self._flush()

    def _wait(self) -> None:
        """Until either side has something to say; now and then it is looked whether all is to end."""
        ready, _, _ = select.select([self._socket, self._told], [], [], LOOK_SECONDS)
        if self._told in ready:
            self._told.recv(4_096)
        if self._socket in ready:
            data = self._socket.recv(65_536)
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    self._take(event.data)
            self._flush()

    def _take(self, data: bytes | memoryview | bytearray) -> None:
        self._received += data
        while b"\n" in self._received:
            line, _, rest = bytes(self._received).partition(b"\n")
            self._received = bytearray(rest)
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            self._answer(message if isinstance(message, dict) else {})

    def _answer(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "authenticate" and not self._signed_in:
            self._authenticate(message)
        elif kind == "subscribe" and self._signed_in and not self._reader.tables:
            self._subscribe(message)
        else:
            self._protocol.send_close(1008, "This is not what the protocol asks for.")

    def _authenticate(self, message: dict[str, Any]) -> None:
        credentials = message.get("credentials")
        token = credentials.get("bearer_token") if isinstance(credentials, dict) else None
        if not isinstance(token, str) or not self._gate.valid(token):
            self._refuse("authenticate", "The credentials are invalid.")
        elif "real_time_state" in self._live.state.settings.denied:
            self._refuse("authenticate", "The account does not have permission to use the real-time state API.")
        else:
            self._signed_in = True
            self._say({"type": "authenticate_response", "success": True})

    def _subscribe(self, message: dict[str, Any]) -> None:
        asked = message.get("tables")
        named = asked if isinstance(asked, list) and all(isinstance(one, str) for one in asked) else []
        tables = frozenset(NAMES if asked == "all" else named)
        if not tables or not tables <= frozenset(NAMES):
            self._refuse("subscribe", "There is no such table.")
            return
        now = int(self._live.state.clock.now().timestamp())
        if self._live.subscribe(self._reader, tables):
            # Said at once, and what was put into the backlog after it.
            self._say({"type": "subscribe_response", "timestamp": now, "success": True})
        else:
            self._refuse("subscribe", "Too many integrations are connected.")

    def _refuse(self, what: str, reason: str) -> None:
        self._say({"type": f"{what}_response", "success": False, "reason": reason})
        self._protocol.send_close(1008, "refused")

    def _say(self, message: dict[str, Any]) -> None:
        self._protocol.send_binary(json.dumps(message).encode() + b"\n")

    def _push(self) -> None:
        """Send what waits, a large update in several messages of which only the last ends with a line feed."""
        size = self._live.state.settings.live_part_bytes
        while self._reader.backlog and not self._reader.cut:
            whole = self._reader.backlog.popleft()
            for begin in range(0, len(whole), size):
                if self._protocol.state is State.OPEN:
                    self._protocol.send_binary(whole[begin : begin + size])
                    self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)

    def _wake(self) -> None:
        # When that is full, it will wake anyway.
        with suppress(BlockingIOError):
            self._tell.send(b"!")


def _only_ours(_protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol:
    if SUBPROTOCOL not in offered:
        raise InvalidHandshake("the subprotocol is missing")
    return SUBPROTOCOL
