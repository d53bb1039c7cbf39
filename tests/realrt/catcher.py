"""The end of a webhook: keeps what was delivered, answers 200."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Condition
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from tests.contract.desk import Webhook


class Catcher:
    """What came, by the path that it was sent to."""

    def __init__(self) -> None:
        self.status = 200
        self._came: list[Webhook] = []
        self._changed = Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self._changed:
            self._came.append(Webhook(request.get_data(), headers))
            self._changed.notify_all()
        return Response(status=self.status)(environ, start_response)

    def about(self, ticket_id: str, count: int = 1) -> list[Webhook]:
        """What came about a ticket, once it is that much."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self._of(ticket_id)) >= count, timeout=20)
            assert enough, f"{count} deliveries about ticket {ticket_id} were expected, {len(self._of(ticket_id))} came"
            return self._of(ticket_id)

    def _of(self, ticket_id: str) -> list[Webhook]:
        return [one for one in self._came if f'"ticket_id":"{ticket_id}"'.encode() in one.body]
