"""How long a ticket waits for its PIN on an idle bridge: from the webhook to the note, less the vendors' time.

The vendors of `bench.instant` answer at once, so their own time is what their four answers take to be made: it is
measured, and taken off. One ticket after the other, with a random pause between them.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import random
import tempfile
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench import databases, machine
from bench.instant import Book, InstantVendors
from tests.faultkit.household import Credentials, Household, environment, prepared
from tests.faultkit.inside import fast_config
from tests.faultkit.servers import RedisServer

P50_MILLISECONDS = 50.0
P99_MILLISECONDS = 200.0
CALLS = 4


def waits(kind: str, tickets: int, *, redis: bool) -> list[float]:
    """Seconds from sending each webhook to the request that writes the note."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbridge-bench-")))
        url = stack.enter_context(databases.database_url(kind, folder))
        server = stack.enter_context(RedisServer(folder)) if redis else None
        vendors = stack.enter_context(InstantVendors())
        secrets = Credentials()
        environ = environment(
            folder,
            helpdesk=vendors.url,
            rescue=vendors.url,
            database_url=url,
            redis_url=server.url if server else None,
            secrets=secrets,
            config=fast_config(),
        )
        prepared(url)
        household = stack.enter_context(Household(folder, environ))
        household.start("web", "worker", "clock")
        household.wait_until_ready()
        client = stack.enter_context(httpx.Client(base_url=household.url, trust_env=False, timeout=20))
        found = [_one(client, vendors.book, str(1000 + number), secrets) for number in range(tickets + 5)]
        # The first ones open connections and fill caches.
        return found[5:]


def _one(client: httpx.Client, book: Book, ticket: str, secrets: Credentials) -> float:
    time.sleep(random.uniform(0.02, 0.12))
    body = f'{{"event": "ticket.updated", "ticket_id": "{ticket}", "actor": "agent@example.com"}}'.encode()
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = hmac.new(secrets.signing_secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        "X-Zendesk-Webhook-Invocation-Id": str(uuid.uuid4()),
    }
    sent_at = time.perf_counter()
    client.post("/hooks/zendesk", content=body, headers=headers).raise_for_status()
    deadline = sent_at + 20
    while ticket not in book.noted_at:
        if time.perf_counter() > deadline:
            raise AssertionError(f"ticket {ticket} got no note within 20 s")
        time.sleep(0.002)
    return book.noted_at[ticket] - sent_at


def vendor_seconds() -> float:
    """What the vendors take for the calls of one ticket."""
    book = Book()
    began = time.perf_counter()
    for _ in range(1000):
        book.answer("GET", "/api/v2/tickets/1.json")
    return (time.perf_counter() - began) / 1000 * CALLS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.waiting", description=__doc__)
    parser.add_argument("--tickets", type=int, default=150)
    options = parser.parse_args()
    own = vendor_seconds()
    print(f"waiting: {options.tickets} tickets one by one, vendors' own time {own * 1000:.2f} ms; {machine.describe()}")
    for kind in databases.KINDS:
        for redis in (True, False):
            found = [(wait - own) * 1000 for wait in waits(kind, options.tickets, redis=redis)]
            print(f"{kind}, {'with' if redis else 'without'} Redis: slowest {max(found):.0f} ms")
            print("  " + machine.verdict("p50 in ms", machine.median(found), P50_MILLISECONDS, at_least=False))
            p99 = machine.quantile(found, 0.99)
            print("  " + machine.verdict("p99 in ms", p99, P99_MILLISECONDS, at_least=False), flush=True)
    print(machine.describe())


if __name__ == "__main__":
    main()
