"""Reading a long SupportSession report, against a bare `lxml.etree.iterparse` over the same bytes in the same run.

Each reader is a process of its own, so that its peak memory is its own. Compared are CPU seconds: other work on the
machine disturbs them less; the elapsed ones are printed beside them. Readers:

- bare: `iterparse` that looks for `<session>` only and clears each one. Does nothing with it.
- every: `iterparse` as it comes, which hands out every element; sessions are cleared.
- records: our iteration, `connectors.xml.records`: names without namespaces, DTDs refused, errors looked for.
- sessions: what the bridge does: each record mapped to a `bridge.model.Session`, chat, files, people and all.
- http: the same through `connectors.http.Stream` from a server on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from bench import machine, sessions
from connectors.http import Transport, new_client
from connectors.platforms.beyondtrust.reports.sessions import session_of
from connectors.xml import records

RATIO = 0.7
MEGABYTES = 100.0


@dataclass(frozen=True, slots=True)
class Measured:
    cpu: float
    elapsed: float
    megabytes: float
    """Peak resident memory of the whole process."""
    count: int


def bare(source: BinaryIO) -> int:
    count = 0
    for _, element in etree.iterparse(source, tag="{*}session"):
        count += 1
        _clear(element)
    return count


def every(source: BinaryIO) -> int:
    count = 0
    for _, element in etree.iterparse(source):
        if str(element.tag).endswith("}session"):
            count += 1
            _clear(element)
    return count


def _clear(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def only_records(source: BinaryIO) -> int:
    return sum(1 for _ in records(source, "session", "error"))


def whole_sessions(source: BinaryIO) -> int:
    return sum(1 for element in records(source, "session", "error") if session_of(element).id)


READERS: dict[str, Callable[[BinaryIO], int]] = {
    "bare": bare,
    "every": every,
    "records": only_records,
    "sessions": whole_sessions,
}


def child(reader: str, source: str) -> None:
    """Read once and print what it took."""
    with opened(source) as stream:
        began, before = time.perf_counter(), time.process_time()
        count = READERS["sessions" if reader == "http" else reader](stream)
        cpu, elapsed = time.process_time() - before, time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([cpu, elapsed, peak, count]))


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    if not source.startswith("http:"):
        with Path(source).open("rb") as file:
            yield file
        return
    with new_client() as client, Transport("bench", source, client=client).stream("GET", "/report") as stream:
        yield BufferedReader(stream, 64 * 1024)


def measured(reader: str, source: str) -> Measured:
    command = [sys.executable, "-m", "bench.reading", "--child", reader, source]
    environ = {**os.environ, "NO_PROXY": "127.0.0.1"}
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout
    return Measured(*json.loads(told))


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The file at a URL of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(path.stat().st_size))
            self.end_headers()
            with path.open("rb") as file:
                shutil.copyfileobj(file, self.wfile, 1024 * 1024)

        def log_message(self, format: str, *args: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def best_of(rounds: int, path: Path) -> dict[str, Measured]:
    """The least CPU time of each reader; they take turns, so that a busy minute disturbs all of them."""
    found: dict[str, list[Measured]] = {}
    with served(path) as url:
        for _ in range(rounds):
            for reader in (*READERS, "http"):
                found.setdefault(reader, []).append(measured(reader, url if reader == "http" else str(path)))
    return {reader: min(all_of, key=lambda one: one.cpu) for reader, all_of in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--services", type=int, default=60, help="rows of the longest table of system information")
    parser.add_argument("--child", nargs=2, metavar=("READER", "SOURCE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    with tempfile.TemporaryDirectory(prefix="deskbridge-bench-") as folder:
        path = Path(folder) / "report.xml"
        count = sessions.write(path, options.megabytes, options.services)
        print(f"reading: {options.megabytes} MB, {count} sessions, best of {options.rounds}; {machine.describe()}")
        found = best_of(options.rounds, path)
    for reader, one in found.items():
        speed = options.megabytes / one.cpu
        print(
            f"  {reader:9} {one.cpu:7.2f} s CPU ({one.elapsed:.2f} s elapsed), {speed:5.0f} MB/s,"
            f" peak {one.megabytes:.0f} MB, {one.count} sessions"
        )
    for reader in ("records", "sessions", "http"):
        for baseline in ("bare", "every"):
            ratio = found[baseline].cpu / found[reader].cpu
            print("  " + machine.verdict(f"{reader} against {baseline}", ratio, RATIO, at_least=True))
        peak = found[reader].megabytes
        print("  " + machine.verdict(f"{reader}, peak MB", peak, MEGABYTES, at_least=False))
    print(machine.describe())


if __name__ == "__main__":
    main()
