"""Pretend vendors of the tests: a Flask app over real HTTP on loopback, behind fault switches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.faults import Faults, FaultyApp


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    faults: Faults


class _Silent(WSGIRequestHandler):
    def log_error(self, format: str, *args: object) -> None:
        """A connection that was cut on purpose is no news."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@contextmanager
def served(app: WSGIApplication) -> Iterator[Served]:
    """The app on a free port of loopback until the block ends; `faults` fail, cut, delay and remember requests."""
    faults = Faults()
    server = make_server("127.0.0.1", 0, FaultyApp(app, faults), threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever, args=(0.02,), name="vendor", daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}", faults)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
