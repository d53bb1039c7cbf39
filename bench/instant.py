"""Vendors that answer at once, or after a fixed time, and do nothing else: a Zendesk and a Rescue in one.

They cost little, so that the bridge is what is measured. Every ticket asks for a session; every note is accepted.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

TICKET = re.compile(r"/api/v2/tickets/(\d+)")
UPDATED_AT = "2026-01-01T00:00:00Z"
USERS = [{"id": 900, "name": "Customer 1", "email": "customer@example.com", "role": "end-user"}]


@dataclass
class Book:
    """What was asked: when each ticket got its note, and how long the answers for it took."""

    latency: float = 0.0
    noted_at: dict[str, float] = field(default_factory=dict)
    calls: int = 0
    pins: itertools.count[int] = field(default_factory=lambda: itertools.count(100_000))

    def answer(self, method: str, path: str) -> bytes:
        """The body for a request."""
        self.calls += 1
        found = TICKET.match(path)
        if found is None:
            return f"OK\n\nPINCODE:{next(self.pins) % 1_000_000:06}".encode()
        if method == "PUT":
            self.noted_at[found[1]] = time.perf_counter()
            return json.dumps({"ticket": _ticket(found[1]), "audit": {"id": 1, "events": []}}).encode()
        if "/audits" in path:
            return b'{"audits": [], "meta": {"has_more": false}}'
        return json.dumps({"ticket": _ticket(found[1]), "users": USERS}).encode()


def _ticket(ticket_id: str) -> dict[str, object]:
    return {
        "id": int(ticket_id),
        "subject": "Help",
        "status": "open",
        "tags": ["remote-support"],
        "requester_id": 900,
        "updated_at": UPDATED_AT,
        "custom_fields": [],
    }


class _Connection(asyncio.Protocol):
    """Keep-alive HTTP: whole requests in, whole answers out."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if not found or len(body) < (int(length[1]) if length else 0):
            return
        self._got = b""
        method, path = head.decode("latin-1").split(" ", 2)[:2]
        loop = asyncio.get_running_loop()
        if self._book.latency:
            loop.call_later(self._book.latency, self._reply, method, path)
        else:
            self._reply(method, path)

    def _reply(self, method: str, path: str) -> None:
        body = self._book.answer(method, path)
        kind = b"application/json" if path.startswith("/api") else b"text/html"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
        assert self._transport
        self._transport.write(head + body)


class InstantVendors:
    """Both vendors at `url`, in a thread of their own."""

    def __init__(self, latency: float = 0.0) -> None:
        self.book = Book(latency)
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Connection(self.book), "127.0.0.1", 0, backlog=256)
        )
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()


def main() -> None:
    """In the foreground, until the standard input ends: `python -m bench.instant latency_seconds`."""
    with InstantVendors(float(sys.argv[1])) as vendors:
        print(vendors.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
