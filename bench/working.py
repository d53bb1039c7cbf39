"""How many effects are done a second: against instant vendors beside RQ's no-op jobs, and against slow vendors.

Each ticket makes three effects: it is read, a PIN is made, a note is written (four calls). The deliveries stand in
the store before the workers start; the clock runs from the first effect's end to the last one's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import text

from bench import databases, machine
from bridge.model import Delivery
from config.settings import Settings
from store import inbox
from store.database import Database
from store.inbox import NewDelivery
from tests.faultkit.household import ROOT, Household, environment, prepared
from tests.faultkit.inside import fast_config
from tests.faultkit.servers import RedisServer

EFFECTS_PER_TICKET = 3
SLOW_SECONDS = 0.2
SLOW_WANTED = 80.0
PATIENCE = 300.0


def nothing() -> None:
    """RQ's yardstick."""


def rq_rate(jobs: int) -> float:
    """No-op jobs a second of one SimpleWorker."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        queue = Queue("bench", connection=server.client, serializer=JSONSerializer)
        queue.enqueue_many([Queue.prepare_data("bench.working.nothing", result_ttl=0) for _ in range(jobs)])
        worker = SimpleWorker([queue], connection=server.client, serializer=JSONSerializer, log_job_description=False)
        began = time.perf_counter()
        worker.work(burst=True, logging_level="ERROR")
        return jobs / (time.perf_counter() - began)


@contextmanager
def vendors(latency: float) -> Iterator[str]:
    """The URL of `bench.instant` in a process of its own."""
    command = [sys.executable, "-m", "bench.instant", str(latency)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(20)


def our_rate(kind: str, tickets: int, latency: float, workers: int, threads: int) -> float:
    """Effects a second of so many worker processes."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbridge-bench-")))
        url = stack.enter_context(databases.database_url(kind, folder))
        server = stack.enter_context(RedisServer(folder))
        address = stack.enter_context(vendors(latency))
        environ = environment(
            folder,
            helpdesk=address,
            rescue=address,
            database_url=url,
            redis_url=server.url,
            config=fast_config(),
            LOG_LEVEL="INFO",
            WORKER_CONCURRENCY=str(threads),
        )
        prepared(url)
        database = Database(url)
        stack.callback(database.close)
        _fill(database, tickets)
        household = stack.enter_context(Household(folder, environ))
        household.start(*("worker" if number == 0 else f"worker{number}" for number in range(workers)))
        return _rate(database, tickets * EFFECTS_PER_TICKET)


def _fill(database: Database, tickets: int) -> None:
    with database.write() as connection:
        for number in range(tickets):
            body = b'{"event": "ticket.updated", "ticket_id": "%d", "actor": "agent@example.com"}' % (1000 + number)
            delivery = Delivery(
                connection="zendesk",
                method="POST",
                url="http://127.0.0.1/hooks/zendesk",
                headers={"content-type": "application/json"},
                query={},
                body=body,
                received_at=datetime.now(UTC),
            )
            inbox.store(connection, NewDelivery(delivery, str(uuid.uuid4()), "0" * 12))


def _rate(database: Database, wanted: int) -> float:
    deadline = time.monotonic() + PATIENCE
    query = text("SELECT count(*), min(done_at), max(done_at) FROM effects WHERE state = 'done'")
    while time.monotonic() < deadline:
        with database.read() as connection:
            done, first, last = connection.execute(query).one()
        if done >= wanted:
            return float((done - 1) / (last - first))
        time.sleep(0.2)
    raise AssertionError(f"{done} of {wanted} effects after {PATIENCE:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.working", description=__doc__)
    parser.add_argument("--database", choices=(*databases.KINDS, "both"), default="both")
    parser.add_argument("--tickets", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=Settings().worker_concurrency, help="WORKER_CONCURRENCY")
    options = parser.parse_args()
    kinds = databases.KINDS if options.database == "both" else (options.database,)
    print(f"working: {options.tickets} tickets of {EFFECTS_PER_TICKET} effects; {machine.describe()}", flush=True)
    rates: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        rates.setdefault("RQ no-op jobs, SimpleWorker", []).append(rq_rate(1000))
        for kind in kinds:
            for workers in (1, 2):
                name = f"ours, instant vendors, {kind}, worker processes: {workers}"
                rates.setdefault(name, []).append(our_rate(kind, options.tickets, 0.0, workers, options.threads))
    slow = {kind: our_rate(kind, options.tickets // 2, SLOW_SECONDS, 1, options.threads) for kind in kinds}
    yardstick = machine.median(rates["RQ no-op jobs, SimpleWorker"])
    for name, found in rates.items():
        each = ", ".join(f"{rate:.0f}" for rate in found)
        print(f"{name}: {machine.median(found):.0f}/s ({each})")
        if name.startswith("ours"):
            print("  " + machine.verdict("ratio", machine.median(found) / yardstick, 1.0, at_least=True))
    for kind, rate in slow.items():
        name = f"effects/s, vendors of {SLOW_SECONDS * 1000:.0f} ms, one worker process, {kind}"
        print(machine.verdict(name, rate, SLOW_WANTED, at_least=True))
    print(machine.describe())


if __name__ == "__main__":
    main()
