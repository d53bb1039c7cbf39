"""A loopback HTTP proxy that goes wrong on demand: it delays, cuts, lies, or holds an answer until told to go on.

It speaks one request per connection (`Connection: close` both ways), so that a cut is exactly one request's cut.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

GARBAGE = b"\x00\xff<html><body>it works!{"
PATIENCE = 60.0
"""Seconds after which anything ends by itself: a forgotten gate, a peer that says nothing."""
RESET = struct.pack("ii", 1, 0)


class Fault(StrEnum):
    """What happens to a request. `forward` tells whether the other side still does its work."""

    PASS = "pass"
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    ANSWER = "answer"
    """The other side never hears of it."""
    ANSWER_AFTER = "answer after"
    """The other side does its work; somebody else's answer comes back."""
    HALF = "half"

    @property
    def forward(self) -> bool:
        return self not in (Fault.CUT_BEFORE, Fault.ANSWER)


class Gate:
    """A place where a request waits. `reached` counts who came, `open` lets everybody on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reached = 0
        self._open = False

    @property
    def reached(self) -> int:
        return self._reached

    def open(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def wait_for(self, number: int = 1, seconds: float = 20.0) -> None:
        """Wait until so many requests stand here."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._reached >= number, seconds):
                raise AssertionError(f"{self._reached} of {number} requests came within {seconds:.0f} s")

    def pause(self) -> None:
        with self._changed:
            self._reached += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._open, PATIENCE)


@dataclass(slots=True)
class Rule:
    """What shall happen to the next `times` requests that fit. A path is a shell pattern; `*` crosses slashes."""

    fault: Fault
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 0.0
    status: int = 200
    body: bytes = GARBAGE
    headers: tuple[tuple[str, str], ...] = ()
    before: Gate | None = None
    after: Gate | None = None

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("*", method) and fnmatchcase(path, self.path)


@dataclass(frozen=True, slots=True)
class Passed:
    """One request and what was done to it; `status` is the other side's answer, 0 for none."""

    method: str
    path: str
    fault: Fault
    status: int


@dataclass
class Proxy:
    """Stands before `target` (`http://host:port`) at `url`, from the start of its `with` block to its end."""

    target: str
    dead: bool = False
    """Cut every connection at once, as a system that is down behind its load balancer."""
    counts: Counter[Fault] = field(default_factory=Counter)
    passed: deque[Passed] = field(default_factory=lambda: deque(maxlen=10_000))

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._gates: list[Gate] = []
        self._stopping = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._server.settimeout(0.1)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self.clear()
        self._acceptor.join(5)
        self._server.close()
        for thread in list(self._threads):
            thread.join(5)

    # what shall go wrong

    def add(self, rule: Rule) -> Rule:
        with self._lock:
            self._rules.append(rule)
            self._gates += [gate for gate in (rule.before, rule.after) if gate]
        return rule

    def cut(self, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Cut before the work: the other side never hears of it."""
        self.add(Rule(Fault.CUT_BEFORE, method, path, times))

    def cut_after(self, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Let the work be done and cut before the answer returns."""
        self.add(Rule(Fault.CUT_AFTER, method, path, times))

    def half(self, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Let the work be done and cut in the middle of the answer."""
        self.add(Rule(Fault.HALF, method, path, times))

    def delay(self, seconds: float, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Do everything right, but let the answer come so late."""
        self.add(Rule(Fault.PASS, method, path, times, seconds=seconds))

    def answer(
        self, status: int, path: str = "*", *, method: str = "*", times: int = 1, retry_after: int | None = None
    ) -> None:
        """Answer in the other side's place."""
        self.add(Rule(Fault.ANSWER, method, path, times, status=status, headers=_retry(retry_after)))

    def answer_after(
        self, status: int, path: str = "*", *, method: str = "*", times: int = 1, body: bytes = GARBAGE
    ) -> None:
        """Let the work be done and answer something else: an error, or rubbish with 200."""
        self.add(Rule(Fault.ANSWER_AFTER, method, path, times, status=status, body=body))

    def hold_before(self, path: str = "*", *, method: str = "*", times: int = 1) -> Gate:
        """Stop the requests on their way there."""
        gate = Gate()
        self.add(Rule(Fault.PASS, method, path, times, before=gate))
        return gate

    def hold_after(self, path: str = "*", *, method: str = "*", times: int = 1) -> Gate:
        """Let the work be done and stop the answers on their way back."""
        gate = Gate()
        self.add(Rule(Fault.PASS, method, path, times, after=gate))
        return gate

    def clear(self) -> None:
        """Forget all rules and let go whoever waits."""
        with self._lock:
            self.dead = False
            self._rules.clear()
            for gate in self._gates:
                gate.open()
            self._gates.clear()

    def requests(self, path: str = "*", *, method: str = "*") -> list[Passed]:
        """What went through, oldest first."""
        fitting = Rule(Fault.PASS, method, path)
        return [one for one in tuple(self.passed) if fitting.fits(one.method, one.path)]

    # the wire

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.add(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(PATIENCE)
        try:
            with client:
                if self.dead:
                    _reset(client)
                    return
                request = _read_request(client)
                if request:
                    self._exchange(client, request)
        except OSError:
            # Whoever hung up, a killed process or a client out of patience, is what these tests are about.
            pass
        finally:
            self._threads.discard(threading.current_thread())

    def _exchange(self, client: socket.socket, request: bytes) -> None:
        method, target = request.split(b" ", 2)[:2]
        path = urlsplit(target.decode("latin-1")).path
        rule = self._take(method.decode("latin-1"), path)
        if rule.before:
            rule.before.pause()
        answer = self._forward(request) if rule.fault.forward else b""
        status = int(answer[9:12]) if answer[9:12].isdigit() else 0
        self.passed.append(Passed(method.decode("latin-1"), path, rule.fault, status))
        with self._lock:
            self.counts[rule.fault] += 1
        if rule.after:
            rule.after.pause()
        if rule.seconds:
            self._stopping.wait(rule.seconds)
        _reply(client, rule, answer)

    def _take(self, method: str, path: str) -> Rule:
        with self._lock:
            for rule in self._rules:
                if rule.fits(method, path):
                    rule.times -= 1
                    return rule
        return Rule(Fault.PASS)

    def _forward(self, request: bytes) -> bytes:
        parts = urlsplit(self.target)
        assert parts.hostname
        assert parts.port
        try:
            with socket.create_connection((parts.hostname, parts.port), 5) as there:
                there.settimeout(PATIENCE)
                there.sendall(_closing(request))
                return b"".join(_until_closed(there))
        except OSError:
            return b""


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    with Proxy(target) as standing:
        yield standing


def _retry(seconds: int | None) -> tuple[tuple[str, str], ...]:
    return () if seconds is None else (("Retry-After", str(seconds)),)


def _reply(client: socket.socket, rule: Rule, answer: bytes) -> None:
    match rule.fault:
        case Fault.CUT_BEFORE | Fault.CUT_AFTER:
            _reset(client)
        case Fault.ANSWER | Fault.ANSWER_AFTER:
            head = [f"HTTP/1.1 {rule.status} Made up", f"Content-Length: {len(rule.body)}", "Connection: close"]
            head += [f"{name}: {value}" for name, value in rule.headers]
            client.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + rule.body)
        case Fault.HALF:
            client.sendall(answer[: answer.find(b"\r\n\r\n") + 4 + 10])
            _reset(client)
        case Fault.PASS if answer:
            client.sendall(_closing(answer))
        case Fault.PASS:
            _reset(client)


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def _read_request(client: socket.socket) -> bytes:
    """Head and body; empty when nothing came."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = client.recv(65536)
        if not more:
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(value) for name, value in _fields(head) if name == b"content-length"), 0)
    while len(body) < length:
        more = client.recv(65536)
        if not more:
            return b""
        body += more
    return head + b"\r\n\r\n" + body


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        yield name.strip().lower(), value.strip()


def _closing(message: bytes) -> bytes:
    """The same message, with `Connection: close`."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"keep-alive:"))]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body


def _until_closed(there: socket.socket) -> Iterator[bytes]:
    deadline = time.monotonic() + PATIENCE
    while more := there.recv(65536):
        yield more
        if time.monotonic() > deadline:
            return
