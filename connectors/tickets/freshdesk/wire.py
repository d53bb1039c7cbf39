"""Calls to the API: credentials, the two shapes of answers, pages, and what its errors mean."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.errors import AccessDenied, ConnectorError, NotFound, Rejected, TicketClosed
from bridge.model import Attachment
from connectors.answers import list_in, member, members, object_in
from connectors.http import Reply, Transport
from connectors.tickets.freshdesk.dialects import Dialect

Row = Mapping[str, Any]

PER_PAGE = 100
DEFAULT_PER_PAGE = 30
MAX_PAGES = 100

LOCKED_OUT = frozenset({"account_suspended", "invalid_credentials", "password_expired", "password_lockout"})
"""Codes of a 403 that mean all calls; any other one is about what this agent may do here."""
PAUSE = 5.0
"""Seconds of rest when no call is left. When there will be more is only told by the 429 that would follow."""


class Wire:
    """The API of one account as one agent."""

    def __init__(self, transport: Transport, dialect: Dialect, api_key: str) -> None:
        self.dialect = dialect
        pair = base64.b64encode(f"{api_key}:X".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        self._http = transport.with_reader(read_error).with_headers(headers)

    @property
    def base_url(self) -> str:
        return self._http.base_url

    def get(self, path: str, **params: str | int) -> Reply:
        return self._spared(self._http.read("GET", f"api/v2/{path}", params=params))

    def put(self, path: str, body: Mapping[str, Any]) -> Reply:
        return self._spared(self._http.write("PUT", f"api/v2/{path}", json=body))

    def post(self, path: str, body: Mapping[str, Any], files: Sequence[Attachment] = ()) -> Reply:
        """JSON, or multipart where there are files."""
        if not files:
            return self._spared(self._http.write("POST", f"api/v2/{path}", json=body))
        parts = [("attachments[]", (file.filename, file.content, file.media_type)) for file in files]
        data = {name: _form_value(value) for name, value in body.items()}
        return self._spared(self._http.write("POST", f"api/v2/{path}", data=data, files=parts))

    def one(self, reply: Reply, name: str) -> Row:
        """The one object of an answer. Raises Unavailable, or UnknownOutcome for a write, when it has no id."""
        found = member(reply, name) if self.dialect.wrapped else object_in(reply)
        if not isinstance(found.get("id"), int):
            raise reply.unclear(f"answered without the id of a {name}")
        return found

    def many(self, reply: Reply, name: str) -> list[Row]:
        return members(reply, name) if self.dialect.wrapped else list_in(reply)

    def pages(self, path: str, name: str, *, limit: int = MAX_PAGES, **params: str | int) -> Iterator[list[Row]]:
        """Page after page of a list. Raises Rejected when there are more than `limit`."""
        for page in range(1, limit + 1):
            reply = self.get(path, per_page=PER_PAGE, page=page, **params)
            rows = self.many(reply, name)
            yield rows
            if not more_after(reply, len(rows)):
                return
        raise Rejected(f"{path} has too many pages to be sure", code="pages")

    def _spared(self, reply: Reply) -> Reply:
        """The reply. When it was the last one that the account's limit allows, everybody rests a little."""
        if re.fullmatch(r"0+(\.0+)?", reply.headers.get("x-ratelimit-remaining", "")):
            self._http.hold("requests", PAUSE)
        return reply


def _form_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def more_after(reply: Reply, rows: int) -> bool:
    """Whether another page may follow: the link says so, or the page is as full as asked for, or as by default."""
    return 'rel="next"' in reply.headers.get("link", "") or rows in (DEFAULT_PER_PAGE, PER_PAGE)


def read_error(reply: Reply) -> ConnectorError | None:
    """What an error means beyond its status. Of its texts only codes and names of fields are repeated."""
    code = _code(reply)
    if reply.status == 403:
        if code in LOCKED_OUT:
            return AccessDenied(f"{reply.where} was answered 403: {code}", code=code)
        # One thing that this agent may not do is no reason to stop all others; a refused key is a 401.
        return Rejected(f"{reply.where} was answered 403: this agent may not", code=code or "403")
    if reply.status == 405 and "/tickets/" in reply.where:
        # The methods are right, so it is the ticket: in the trash, or spam.
        return NotFound(f"{reply.where} was answered 405: the ticket takes no such change", code="405")
    if 300 <= reply.status < 400 and "/archived/" in reply.headers.get("location", ""):
        return TicketClosed(f"{reply.where}: the ticket is archived", code="archived")
    if reply.status in (400, 409, 422):
        fields = _fields(reply)
        about = f" ({', '.join(fields)})" if fields else ""
        return Rejected(f"{reply.where} was refused: {code or reply.status}{about}", code=code or str(reply.status))
    return None


def _code(reply: Reply) -> str:
    """The machine's word of an error, of the first one when several fields are wrong; empty without one."""
    body = reply.json_or_none()
    if not isinstance(body, dict):
        return ""
    errors = [body, *_errors(body)]
    words = (error.get("code") for error in errors)
    return next((word for word in words if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,40}", word)), "")


def _fields(reply: Reply) -> list[str]:
    names = (error.get("field") for error in _errors(reply.json_or_none()))
    return [name for name in names if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_.]{1,80}", name)][:5]


def _errors(body: object) -> list[Row]:
    errors = body.get("errors") if isinstance(body, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
