"""Calls to the Mailbox API: the token that all workers share, pages of lists, and what its errors mean.

https://developer.helpscout.com/mailbox-api/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bridge.errors import ConnectorError, RateLimited, Rejected, TicketClosed, TicketMerged
from connectors.answers import object_in
from connectors.contract import Vault
from connectors.http import Reply, Transport, retry_after
from connectors.oauth import SharedToken, ask_for_token, token_name

Row = Mapping[str, Any]

MAX_PAGES = 200
PAUSE = 10.0
"""Seconds of rest when the minute's requests are nearly used up: how long the minute still is, is not told."""
USED_UP = ("0", "1")
"""A write counts as two requests, so one that is left is none."""
FULL = 412
"""Said when a conversation has a hundred threads and takes no more."""


class Wire:
    """One account as one app. Safe to share between threads."""

    def __init__(self, transport: Transport, vault: Vault, keys: Mapping[str, Any]) -> None:
        self._http = transport.with_reader(read_error)
        form = {
            "grant_type": "client_credentials",
            "client_id": keys["client_id"],
            "client_secret": keys["client_secret"],
        }
        name = token_name(transport.base_url, keys["client_id"])
        self._token = SharedToken(vault, name, lambda: ask_for_token(transport, "v2/oauth2/token", form))

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        return self._signed(lambda headers: self._http.read("GET", f"v2/{path}", params=params, headers=headers))

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Reply:
        return self._signed(lambda headers: self._http.write(method, f"v2/{path}", json=body, headers=headers))

    def make(self, path: str, body: Mapping[str, Any]) -> str:
        """Make something. Its id stands in a header, the body is empty."""
        reply = self.write("POST", path, body)
        number = reply.headers.get("resource-id", "")
        if not re.fullmatch(r"[0-9]{1,18}", number):
            raise reply.unclear("answered without Resource-ID")
        return number

    def pages(self, path: str, name: str, params: Mapping[str, str | int] | None = None) -> Iterator[list[Row]]:
        """Page after page of a list. Raises Rejected when there are too many."""
        for page in range(1, MAX_PAGES + 1):
            reply = self.get(path, {**(params or {}), "page": page})
            yield _embedded(reply, name)
            if page >= _pages_in_all(reply):
                return
        raise Rejected(f"{path} has more pages than can be read", code="pages")

    def _signed(self, send: Callable[[Mapping[str, str]], Reply]) -> Reply:
        reply = self._token.signed(
            lambda token: send({"Authorization": f"Bearer {token}", "Accept": "application/hal+json, application/json"})
        )
        if reply.headers.get("x-ratelimit-remaining-minute") in USED_UP:
            self._http.hold("requests", PAUSE)
        return reply


def _embedded(reply: Reply, name: str) -> list[Row]:
    """The rows of a HAL list; none where nothing is embedded."""
    inside = object_in(reply).get("_embedded", {})
    rows = inside.get(name, []) if isinstance(inside, dict) else None
    if not isinstance(rows, list):
        raise reply.unclear(f"answered without {name}")
    return [row for row in rows if isinstance(row, dict)]


def _pages_in_all(reply: Reply) -> int:
    page = object_in(reply).get("page")
    total = page.get("totalPages") if isinstance(page, dict) else None
    if not isinstance(total, int):
        raise reply.unclear("answered without totalPages")
    return total


def read_error(reply: Reply) -> ConnectorError | None:
    """What an error means beyond its status. Of its texts only names of fields are repeated."""
    if reply.status == 301:
        moved = re.search(r"/conversations/([0-9]{1,18})/?(?:$|\?)", reply.headers.get("location", ""))
        return TicketMerged(f"{reply.where}: it was merged", into=moved[1], code="301") if moved else None
    if reply.status == 403:
        # One conversation that this user may not touch is no reason to stop all others; a refused token is a 401.
        return Rejected(f"{reply.where} was answered 403: this user may not", code="403")
    if reply.status == FULL:
        return TicketClosed(f"{reply.where}: the conversation takes no more threads", code=str(FULL))
    if reply.status == 429:
        return RateLimited(f"{reply.where} was answered 429", code="429", retry_after=_wait(reply))
    if reply.status in (400, 422):
        about = ", ".join(_fields(reply.json_or_none()))
        named = f" ({about})" if about else ""
        return Rejected(f"{reply.where} was refused: {reply.status}{named}", code=str(reply.status))
    return None


def _wait(reply: Reply) -> float | None:
    """The vendor's own header, else the usual one that something before it may have sent."""
    told = reply.headers.get("x-ratelimit-retry-after", "")
    return float(told) if re.fullmatch(r"[0-9]{1,5}", told) else retry_after(reply)


def _fields(body: object) -> list[str]:
    inside = body.get("_embedded") if isinstance(body, dict) else None
    errors = inside.get("errors") if isinstance(inside, dict) else None
    names = [error.get("path") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return [name for name in names if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_.\[\]]{1,60}", name)][:5]
