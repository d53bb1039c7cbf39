"""Sends signed Zendesk deliveries over keep-alive connections, each connection one after the other.

A process of its own, so that it does not share the server's interpreter: `python -m bench.load port connections
seconds secret`. Requests are made and signed before the clock starts, and written as raw bytes. Prints one JSON
line: rate, latencies in milliseconds, statuses, and how much of one core the generator itself took; near 1.0 it
is the generator that limits.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
import uuid
from collections import Counter
from datetime import UTC, datetime

from bench.machine import quantile

BODY = b'{"event": "ticket.updated", "ticket_id": "35436", "delivery": "%s", "actor": "bridge@example.com"}'
WARM_SECONDS = 0.5
MOST_PER_SECOND = 9000
"""Requests made beforehand; were they ever used up, the last ones would be sent again."""


def request(secret: str) -> bytes:
    """One delivery with an invocation id of its own. Its actor is ourselves, so that nothing follows from it."""
    identity = str(uuid.uuid4())
    body = BODY % identity.encode()
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest())
    head = (
        "POST /hooks/zendesk HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Zendesk Webhook\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Zendesk-Webhook-Signature: {signature.decode()}\r\n"
        f"X-Zendesk-Webhook-Signature-Timestamp: {stamp}\r\n"
        f"X-Zendesk-Webhook-Invocation-Id: {identity}\r\nX-Zendesk-Webhook-Id: 01BENCH\r\n"
        "X-Zendesk-Account-Id: 1\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


class Run:
    """What all connections share."""

    def __init__(self, requests: list[bytes]) -> None:
        self.requests = requests
        self.next = 0
        self.waits: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.stopping = False
        self.counting = False

    def take(self) -> bytes:
        self.next += 1
        return self.requests[self.next % len(self.requests)]


class Sender(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._got = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        if self._run.counting:
            self._run.waits.append(time.perf_counter() - self._sent_at)
            self._run.statuses[head[9:12].decode()] += 1
        self._got = b""
        if not self._run.stopping:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._run.stopping:
            self._run.statuses["lost connections"] += 1

    def _send(self) -> None:
        assert self._transport
        self._sent_at = time.perf_counter()
        self._transport.write(self._run.take())


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def load(port: int, connections: int, seconds: float, secret: str) -> dict[str, object]:
    run = Run([request(secret) for _ in range(int(MOST_PER_SECOND * (seconds + WARM_SECONDS)))])
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Sender(run), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.sleep(WARM_SECONDS)
    cpu, began, run.counting = time.process_time(), time.perf_counter(), True
    await asyncio.sleep(seconds)
    run.counting, run.stopping = False, True
    lasted, busy = time.perf_counter() - began, time.process_time() - cpu
    for transport, _ in made:
        transport.close()
    await asyncio.sleep(0.1)
    return {
        "rate": len(run.waits) / lasted,
        "p50": quantile(run.waits, 0.5) * 1000,
        "p99": quantile(run.waits, 0.99) * 1000,
        "statuses": dict(run.statuses),
        "generator": busy / lasted,
    }


def main() -> None:
    port, connections, seconds, secret = sys.argv[1:]
    print(json.dumps(asyncio.run(load(int(port), int(connections), float(seconds), secret))))


if __name__ == "__main__":
    main()
