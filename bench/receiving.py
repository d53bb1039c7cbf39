"""How fast deliveries are received, verified, stored and answered, against a Flask view that does nothing.

Ours is started as `deskbridge web` starts it, one process; the yardstick is gunicorn with one gthread worker and
as many threads. Both get the same bytes, by turns (A B A B), from a generator in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import databases, machine
from config.ports import free_port
from config.server import BLOCKING_THREADS
from tests.faultkit.household import ROOT, Credentials, Household, environment, prepared
from tests.faultkit.servers import RedisServer, listens

CONNECTIONS = {16: 1.0, 64: 2.0}
"""Connections, and the ratio that the design wants."""
P99_MILLISECONDS = 60.0


@contextmanager
def null_server() -> Iterator[int]:
    """The port of the yardstick."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads"]
    command += [str(BLOCKING_THREADS), "--keep-alive", "75", "--bind", f"127.0.0.1:{port}", "bench.null:app"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def our_server(kind: str, level: str, *, redis: bool) -> Iterator[tuple[int, str]]:
    """The port of ours and the secret that signs."""
    secrets = Credentials()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbridge-bench-")))
        url = stack.enter_context(databases.database_url(kind, folder))
        server = stack.enter_context(RedisServer(folder)) if redis else None
        environ = environment(
            folder,
            helpdesk="http://127.0.0.1:9",
            rescue="http://127.0.0.1:9",
            database_url=url,
            redis_url=server.url if server else None,
            secrets=secrets,
            LOG_LEVEL=level,
        )
        prepared(url)
        household = stack.enter_context(Household(folder, environ))
        household.start("web")
        household.wait_until_up()
        yield int(environ["PORT"]), secrets.signing_secret


def run_load(port: int, connections: int, seconds: float, secret: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.load", str(port), str(connections), str(seconds), secret]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=seconds + 60)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def compare(kind: str, options: argparse.Namespace) -> None:
    with null_server() as null, our_server(kind, options.log_level, redis=options.redis) as (ours, secret):
        for connections, wanted in CONNECTIONS.items():
            runs: dict[str, list[dict[str, Any]]] = {"null": [], "ours": []}
            for _ in range(options.rounds):
                for name, port in (("null", null), ("ours", ours)):
                    runs[name].append(run_load(port, connections, options.seconds, secret))
            _print(kind, connections, wanted, runs)


def _print(kind: str, connections: int, wanted: float, runs: dict[str, list[dict[str, Any]]]) -> None:
    rates = {name: machine.median([run["rate"] for run in found]) for name, found in runs.items()}
    p99 = machine.median([run["p99"] for run in runs["ours"]])
    print(f"{kind}, {connections} connections ({machine.describe()})")
    for name, found in runs.items():
        p50 = machine.median([run["p50"] for run in found])
        each = ", ".join(f"{run['rate']:.0f}" for run in found)
        statuses = {status for run in found for status in run["statuses"]}
        print(
            f"  {name}: {rates[name]:.0f}/s ({each}); p50 {p50:.1f} ms, "
            f"p99 {machine.median([run['p99'] for run in found]):.1f} ms; answers {sorted(statuses)}; "
            f"generator {machine.median([run['generator'] for run in found]):.2f} of a core"
        )
    print("  " + machine.verdict("ratio", rates["ours"] / rates["null"], wanted, at_least=True))
    print("  " + machine.verdict("p99 in ms", p99, P99_MILLISECONDS, at_least=False), flush=True)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while not listens(port):
        if time.monotonic() > deadline:
            raise AssertionError("the yardstick does not start")
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.receiving", description=__doc__)
    parser.add_argument("--database", choices=(*databases.KINDS, "both"), default="both")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--log-level", default="INFO", help="of ours; INFO is the default of the bridge")
    parser.add_argument("--redis", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    print(f"receiving: ours against a null Flask view, rounds of {options.seconds:g} s by turns; {machine.describe()}")
    for kind in databases.KINDS if options.database == "both" else [options.database]:
        compare(kind, options)
    print("The generator shares the machine's cores with the server that it measures.")


if __name__ == "__main__":
    main()
