"""Where the browser comes back to after a person answered Rescue: a page on this machine, for one answer."""

from __future__ import annotations

import hmac
import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from urllib.parse import unquote, urlsplit

from bridge.errors import AccessDenied

HOST = "127.0.0.1"
IDLE_SECONDS = 5.0
"""Browsers open connections on which they never ask."""
PAGE = b"Deskbridge has the answer of Rescue. You may close this page and look at the terminal.\n"
HEADERS = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What Rescue's redirect said."""

    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    error: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """What proves that an answer is ours: a state that comes back, and a verifier that only we know (RFC 7636)."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    def challenge(self, *, hexadecimal: bool = False) -> str:
        """The verifier's SHA-256, as the standard writes it or as Rescue's example does."""
        digest = sha256(self.verifier.encode()).digest()
        return digest.hex() if hexadecimal else urlsafe_b64encode(digest).decode().rstrip("=")

    def code_of(self, answer: Answer) -> str:
        """The answer's code. Raises AccessDenied for an error, and for an answer to somebody else's question."""
        if answer.error:
            told = f"{answer.error} {answer.description}".strip()[:200]
            raise AccessDenied(f"Rescue gave no authorization: {told}", code="authorize")
        if not hmac.compare_digest(answer.state.encode(), self.state.encode()):
            raise AccessDenied("the answer belongs to another question (wrong state): begin again", code="state")
        if not answer.code:
            raise AccessDenied("the answer holds no authorization code: begin again", code="authorize")
        return answer.code


def answer_of(address: str) -> Answer:
    """What the address that the browser was sent to says; each value is unescaped once, and a plus stays a plus."""
    pairs = (part.partition("=") for part in urlsplit(address).query.split("&"))
    told = {name: unquote(value) for name, _, value in pairs}
    return Answer(told.get("code", ""), told.get("state", ""), told.get("error", ""), told.get("error_description", ""))


class Callback:
    """Takes one answer at `http://127.0.0.1:<port><path>`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._answers: Queue[Answer] = Queue()

    def take(self, address: str) -> bool:
        """Whether the address is ours; an answer is kept."""
        if urlsplit(address).path != self.path:
            return False
        self._answers.put(answer_of(address))
        return True

    def wait(self, seconds: float) -> Answer | None:
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            return None


@contextmanager
def listening(port: int, path: str) -> Iterator[Callback]:
    """A page that waits for the answer. Raises OSError when the port is taken."""
    callback = Callback(path)

    class Handler(BaseHTTPRequestHandler):
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            found = callback.take(self.path)
            self.send_response(200 if found else 404)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(PAGE if found else b"Not here.\n")

        def log_message(self, format: str, *args: object) -> None:
            """The address holds a code: it is printed nowhere."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        # Again right after the last time; on Windows it would let another program share the port.
        allow_reuse_address = sys.platform != "win32"

    with Server((HOST, port), Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), name="callback", daemon=True).start()
        try:
            yield callback
        finally:
            server.shutdown()
