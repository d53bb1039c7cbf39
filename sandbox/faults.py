"""Faults on demand: a vendor that fails before the work, after it, slowly, or with rubbish."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

GARBAGE = b"\x00\xff<html><body>502 Bad Gateway{"


class Kind(Enum):
    """What goes wrong. The work is done in AFTER and CUT_AFTER, and only there."""

    BEFORE = auto()
    CUT_BEFORE = auto()
    GARBAGE = auto()
    AFTER = auto()
    CUT_AFTER = auto()


@dataclass(slots=True)
class _Fault:
    kind: Kind | None
    method: str
    path: str
    times: int
    status: int = 500
    retry_after: int | None = None
    seconds: float = 0.0

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatchcase(path, self.path)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that the app answered; `status` 0 means that the connection was cut."""

    method: str
    path: str
    query: str
    status: int


class Faults:
    """The switches of one app. A path is a shell pattern (`*` crosses slashes); each fault counts down."""

    def __init__(self) -> None:
        self.latency = 0.0
        """Seconds that every answer takes, for vendors that are merely far away."""
        self.seen: deque[Seen] = deque(maxlen=5_000)
        self._lock = Lock()
        self._faults: list[_Fault] = []

    def fail(
        self,
        path: str = "*",
        *,
        method: str = "*",
        status: int = 500,
        times: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Answer with this status, before any work."""
        self._add(_Fault(Kind.BEFORE, method, path, times, status, retry_after))

    def fail_after(self, path: str = "*", *, method: str = "*", status: int = 500, times: int = 1) -> None:
        """Do the work, then answer with this status."""
        self._add(_Fault(Kind.AFTER, method, path, times, status))

    def cut(self, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Cut the connection before any work."""
        self._add(_Fault(Kind.CUT_BEFORE, method, path, times))

    def cut_after(self, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Do the work, then cut the connection without an answer."""
        self._add(_Fault(Kind.CUT_AFTER, method, path, times))

    def garbage(self, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Answer 200 with bytes that mean nothing, without any work."""
        self._add(_Fault(Kind.GARBAGE, method, path, times, status=200))

    def delay(self, seconds: float, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Wait before the work; goes together with any other fault."""
        self._add(_Fault(None, method, path, times, seconds=seconds))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self.latency = 0.0

    def pending(self) -> int:
        """How many faults are still to come."""
        with self._lock:
            return sum(fault.times for fault in self._faults)

    def requests(self, path: str = "*", *, method: str = "*") -> list[Seen]:
        """What was asked of this app, oldest first."""
        return [one for one in tuple(self.seen) if method in ("*", one.method) and fnmatchcase(one.path, path)]

    def take(self, method: str, path: str) -> tuple[float, _Fault | None]:
        """The seconds to wait and the fault to commit for this request; both are counted down."""
        with self._lock:
            wait = self._first(method, path, waits=True)
            fault = self._first(method, path, waits=False)
            self._faults = [one for one in self._faults if one.times > 0]
            return self.latency + (wait.seconds if wait else 0.0), fault

    def _first(self, method: str, path: str, *, waits: bool) -> _Fault | None:
        for fault in self._faults:
            if (fault.kind is None) == waits and fault.fits(method, path):
                fault.times -= 1
                return fault
        return None

    def _add(self, fault: _Fault) -> None:
        with self._lock:
            self._faults.append(fault)


class FaultyApp:
    """A WSGI app behind its fault switches."""

    def __init__(self, app: WSGIApplication, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        wait, fault = self._faults.take(method, path)
        if wait:
            time.sleep(wait)
        response = self._answer(environ, fault)
        status = 0 if response is None else response.status_code
        self._faults.seen.append(Seen(method, path, environ.get("QUERY_STRING", ""), status))
        if response is None:
            _cut(environ)
            raise ConnectionAbortedError("cut on purpose")
        return response(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, fault: _Fault | None) -> Response | None:
        if fault is None:
            return Response.from_app(self._app, environ)
        if fault.kind in (Kind.AFTER, Kind.CUT_AFTER):
            Response.from_app(self._app, environ, buffered=True)
        if fault.kind in (Kind.CUT_BEFORE, Kind.CUT_AFTER):
            return None
        response = Response(GARBAGE if fault.kind is Kind.GARBAGE else b"", fault.status, mimetype="text/html")
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response


def _cut(environ: WSGIEnvironment) -> None:
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
