"""Somebody who receives webhooks: keeps them, and answers as told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread
from urllib.parse import parse_qs

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


@dataclass(frozen=True)
class Received:
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        parsed = parse_qs(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        return {name: values[0] for name, values in parsed.items()}


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


class Receiver:
    """A server on a free port of loopback. `answers` are given first, one each; then 200 for all."""

    def __init__(self) -> None:
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        self.on_receive: Callable[[Received], None] = lambda received: None
        self._received: list[Received] = []
        self._arrived = Condition()
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True, request_handler=_Silent)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.port}"

    def wait_for(self, number: int, timeout: float = 10.0) -> list[Received]:
        """The first `number` requests, as soon as they are there."""
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self._received) >= number, timeout)
            assert arrived, f"{len(self._received)} of {number} requests came"
            return self._received[:]

    @property
    def received(self) -> list[Received]:
        with self._arrived:
            return self._received[:]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _app(self, environ, start_response):  # type: ignore[no-untyped-def]  # WSGI as the standard says it
        request = Request(environ)
        one = Received(request.path, request.query_string.decode(), dict(request.headers), request.get_data())
        with self._arrived:
            self._received.append(one)
            status, headers = self.answers.popleft() if self.answers else (200, {})
            self._arrived.notify_all()
        self.on_receive(one)
        return Response("{}", status, headers)(environ, start_response)
