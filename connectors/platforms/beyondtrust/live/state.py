"""The real-time state: a web socket by which the appliance keeps a copy of its state model up to date.

Guide, "Protocol of the Real-Time State API": connect, authenticate, subscribe, updates; JSON, each message ended
by a line feed and perhaps sent in several pieces; binary from the appliance, text to it.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import httpx
from websockets.datastructures import HeadersLike
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bridge.errors import AccessDenied, MalformedPayload, Rejected, Unavailable
from bridge.model import SessionSummary
from connectors.http import Reply, code_of, status_error, user_agent
from connectors.platforms.beyondtrust.live.running import TABLES, Running
from connectors.platforms.beyondtrust.live.tables import Tables, apply_update
from connectors.platforms.beyondtrust.wire.errors import error_of

PATH = "/nw"
SUBPROTOCOL = Subprotocol(quote("ingredi state api"))
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
"""For one message with all its pieces: the model of a large appliance has some megabytes."""
OPEN_SECONDS = 5.0
ANSWER_SECONDS = 20.0
"""For the answers to authenticate and subscribe: the longest delay that the guide admits."""
LOOK_SECONDS = 1.0
"""So often it is asked whether to stop, when nothing comes."""
PING_SECONDS = 20.0
"""What is cut without a word is noticed within twice as long."""
CLOSE_SECONDS = 2.0


class Account(Protocol):
    """What is needed of `api.Api`."""

    connection: str
    base_url: str

    def access_token(self, refused: str = "") -> str: ...


def watch(account: Account, stopping: Callable[[], bool]) -> Iterator[SessionSummary]:
    """The sessions that run, then each start, each change of external key or representatives, each end.

    Ends when `stopping` says so, which is asked at least every two seconds once the connection stands. Raises
    Unavailable when that breaks (the caller comes again), AccessDenied and Rejected when the appliance refuses.
    """
    with _signed_in(account, stopping) as wire:
        wire.send({"type": "subscribe", "tables": TABLES})
        if not wire.agreed("subscribe"):
            return
        tables, running = Tables(), Running()
        for message in wire.messages():
            with wire.readable():
                changes = list(_told(message, tables, running))
            yield from changes


def _told(message: Mapping[str, Any], tables: Tables, running: Running) -> Iterator[SessionSummary]:
    """What a message changes. Messages of other types are none of our business."""
    if message.get("type") == "truncate_model":
        tables.truncate()
        running.forget()
    elif message.get("type") == "model_update":
        apply_update(tables, message)
        yield from running.changes(tables)


@contextmanager
def _signed_in(account: Account, stopping: Callable[[], bool]) -> Iterator[Wire]:
    """A connection that knows us. A token that is refused is renewed once, for all workers."""
    token = account.access_token()
    with ExitStack() as stack:
        try:
            wire = stack.enter_context(_authenticated(account, token, stopping))
        except AccessDenied:
            wire = stack.enter_context(_authenticated(account, account.access_token(token), stopping))
        yield wire


@contextmanager
def _authenticated(account: Account, token: str, stopping: Callable[[], bool]) -> Iterator[Wire]:
    where = f"{account.connection}: real-time state"
    with ExitStack() as stack:
        wire = Wire(_connected(account.base_url, where, stack), where, token, stopping)
        wire.send({"type": "authenticate", "credentials": {"bearer_token": token}})
        wire.agreed("authenticate")
        yield wire


def _connected(base_url: str, where: str, stack: ExitStack) -> ClientConnection:
    """The open web socket, to be closed by the stack."""
    # At DEBUG it would log every frame, and the first one holds the token.
    logging.getLogger("websockets").setLevel(logging.WARNING)
    base = urlsplit(base_url)
    secure = base.scheme == "https"
    try:
        return stack.enter_context(
            connect(
                f"{'wss' if secure else 'ws'}://{base.netloc}{PATH}",
                ssl=httpx.create_ssl_context() if secure else None,
                subprotocols=[SUBPROTOCOL],
                compression=None,
                user_agent_header=user_agent(),
                open_timeout=OPEN_SECONDS,
                ping_interval=PING_SECONDS,
                ping_timeout=PING_SECONDS,
                close_timeout=CLOSE_SECONDS,
                max_size=MAX_MESSAGE_BYTES,
                create_connection=_Faithful,
            )
        )
    except _Refused as refused:
        reply = Reply(refused.status, {"retry-after": refused.retry_after}, where=where)
        raise status_error(reply) or reply.unclear(f"was answered {reply.status}") from None
    except (OSError, EOFError, WebSocketException) as failure:
        raise Unavailable(f"{where} found no connection: {code_of(failure)}", code=code_of(failure)) from None


class _Refused(Exception):
    """The handshake was answered with another status than 101."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.status = response.status_code
        self.retry_after = response.headers.get("Retry-After", "")


class _Faithful(ClientConnection):
    """Goes nowhere else: the library would follow a redirect to any host, and the token would be told there."""

    def handshake(
        self,
        additional_headers: HeadersLike | None = None,
        user_agent_header: str | None = None,
        timeout: float | None = None,
    ) -> None:
        try:
            super().handshake(additional_headers, user_agent_header, timeout)
        except InvalidStatus as refused:
            raise _Refused(refused.response) from None


class Wire:
    """Messages over one web socket."""

    def __init__(self, socket: ClientConnection, where: str, token: str, stopping: Callable[[], bool]) -> None:
        self._socket = socket
        self._where = where
        self._token = token
        self._stopping = stopping
        self._buffer = bytearray()
        self._complete: deque[Mapping[str, Any]] = deque()

    def send(self, message: Mapping[str, Any]) -> None:
        try:
            self._socket.send(json.dumps(message) + "\n")
        except (OSError, WebSocketException) as failure:
            raise self._broken(failure) from None

    def agreed(self, what: str) -> bool:
        """Wait for the answer to that and raise the error that it says; False when we are to stop first."""
        until = time.monotonic() + ANSWER_SECONDS
        for message in self.messages(until):
            if message.get("type") == f"{what}_response":
                self._refuse(message, what)
                return True
        return False

    def messages(self, until: float | None = None) -> Iterator[Mapping[str, Any]]:
        """Each message as it comes, until we are to stop. Raises Unavailable when the connection breaks.

        `until` is the moment of the monotonic clock at which waiting ends, by Unavailable.
        """
        while not self._stopping():
            if self._complete:
                yield self._complete.popleft()
            elif until is not None and time.monotonic() > until:
                raise Unavailable(f"{self._where} did not answer in {ANSWER_SECONDS:.0f} s", code="slow")
            else:
                self._receive()

    @contextmanager
    def readable(self) -> Iterator[None]:
        """A message that makes no sense ends the connection: the copy of the model is worth nothing any more."""
        try:
            yield
        except MalformedPayload as failure:
            raise Unavailable(f"{self._where} is unreadable: {failure}", code="unreadable") from None

    def _receive(self) -> None:
        """Take one piece, and the messages that it completes; nothing when nothing came in time."""
        try:
            piece = self._socket.recv(timeout=LOOK_SECONDS, decode=False)
        except TimeoutError:
            return
        except (OSError, WebSocketException) as failure:
            raise self._broken(failure) from None
        self._buffer += piece if isinstance(piece, bytes) else piece.encode()
        if len(self._buffer) > MAX_MESSAGE_BYTES:
            raise Unavailable(f"{self._where} sent more than {MAX_MESSAGE_BYTES} bytes at once", code="oversize")
        if self._buffer.endswith(b"\n"):
            text = bytes(self._buffer)
            self._buffer.clear()
            with self.readable():
                self._complete.extend(_values(text))

    def _refuse(self, message: Mapping[str, Any], what: str) -> None:
        if message.get("success") in (True, 1):
            return
        error = error_of(str(message.get("reason") or ""), f"{self._where} {what}", {"bearer_token": self._token})
        if what == "authenticate" and isinstance(error, Rejected):
            raise AccessDenied(str(error), code=error.code)
        raise error

    def _broken(self, failure: Exception) -> Unavailable:
        code = code_of(failure)
        if isinstance(failure, ConnectionClosed) and (said := failure.rcvd or failure.sent):
            code = str(int(said.code))
        return Unavailable(f"{self._where} broke off: {code}", code=code)


def _values(text: bytes) -> Iterator[Mapping[str, Any]]:
    """The JSON objects in it, one or several. Raises MalformedPayload that quotes nothing."""
    rest = text.decode("utf-8", "replace").strip()
    decoder = json.JSONDecoder()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            raise MalformedPayload("a message is no JSON") from None
        if not isinstance(value, dict):
            raise MalformedPayload("a message is no JSON object")
        yield value
        rest = rest[end:].lstrip()
