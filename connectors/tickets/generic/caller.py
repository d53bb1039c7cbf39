"""Requests to an unknown help desk's API, made of the calls that the operator wrote down."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bridge.errors import ConnectorError, NotFound, Rejected, TicketClosed
from bridge.model import Attachment
from connectors.contract import Vault
from connectors.http import Parts, Reply, Transport
from connectors.oauth import SharedToken, token_error, token_name
from connectors.tickets.generic import mapping
from connectors.tickets.generic.templates import fill, fill_form, fill_path, placeholders, reworded

MAX_PAGES = 50
TOKEN = "{token}"  # noqa: S105  # a placeholder
COUNTED = frozenset({"offset", "page", "last"})
"""Placeholders of a path that ask for one page after the other."""

Call = Mapping[str, Any]


class Caller:
    """Sends calls, signed in where the connection has a `login`. Safe to share between threads."""

    def __init__(self, transport: Transport, vault: Vault, keys: Mapping[str, Any]) -> None:
        self._closed = frozenset(keys.get("closed_statuses") or ())
        self._rejected = frozenset(keys.get("rejected_statuses") or ())
        self._http = transport.with_reader(self._read_error)
        self._headers: Mapping[str, str] = {"Accept": "application/json", **(keys.get("headers") or {})}
        self._login: Call | None = keys.get("login")
        if self._login:
            account = json.dumps(self._login, sort_keys=True)
            self._token = SharedToken(
                vault, token_name(transport.connection, transport.base_url, account), self._log_in
            )

    def read(self, call: Call, values: Mapping[str, object]) -> Reply:
        values = _worded(call, values)
        return self._send(self._http.read, call, fill_path(call["path"], values), values, ())

    def write(self, call: Call, values: Mapping[str, object], files: Sequence[Attachment] = ()) -> Reply:
        values = _worded(call, values)
        return self._send(self._http.write, call, fill_path(call["path"], values), values, files)

    def pages(self, call: Call, values: Mapping[str, object]) -> Iterator[list[Any]]:
        """The lists on the call's pages. Raises Rejected when they do not end, unless `pages` says how many to see."""
        counted = COUNTED & placeholders(call["path"])
        path = ""
        for number in range(call.get("pages") or MAX_PAGES):
            if counted or not number:
                path = fill_path(call["path"], {**values, **_counts(number, call)})
            reply = self._send(self._http.read, call, path, values, ())
            body = reply.json()
            items = mapping.lookup(body, call["items"])
            if not isinstance(items, list):
                raise reply.unclear(f"answered without a list at {call['items']!r}")
            yield items
            # A link as the system wrote it: the transport refuses one that leads to another host.
            path = "" if counted else mapping.text_at(body, call.get("next"))
            if len(items) < call["page_size"] if counted else not path:
                return
        if "pages" not in call:
            raise Rejected("there are too many notes or tickets to look for our mark", code="pages")

    def _send(
        self,
        send: Callable[..., Reply],
        call: Call,
        path: str,
        values: Mapping[str, object],
        files: Sequence[Attachment],
    ) -> Reply:
        parts = _body(call, values, files)
        headers = {**self._headers, **(call.get("headers") or {})}

        def signed(token: str) -> Reply:
            parts["headers"] = {name: value.replace(TOKEN, token) for name, value in headers.items()}
            return send(call["method"], path, **parts)

        return self._token.signed(signed) if any(TOKEN in value for value in headers.values()) else signed("")

    def _log_in(self) -> tuple[str, float]:
        """A token by the `login` call, and the seconds to keep it. Raises AccessDenied for whatever is refused."""
        login = self._login
        assert login is not None, "only asked for where there is one"
        parts = _body(login, {}, ())
        parts["headers"] = {"Accept": "application/json", **(login.get("headers") or {})}
        # Signing in twice makes a second session and harms nothing: so a read, which may be repeated.
        reply = self._http.with_reader(token_error).read(login["method"], login["path"], **parts)
        token = mapping.text_at(reply.json(), login["token"])
        if not re.fullmatch(r"[!-~]+", token):
            raise reply.unclear(f"was answered without a token at {login['token']!r}", code="unreadable")
        return token, float(login["seconds"])

    def _read_error(self, reply: Reply) -> ConnectorError | None:
        if reply.sent and reply.status in self._closed:
            return TicketClosed(f"{reply.where}: the ticket is closed", code=str(reply.status))
        if reply.status in self._rejected:
            return Rejected(f"{reply.where} was answered {reply.status}", code=str(reply.status))
        return None


def _worded(call: Call, values: Mapping[str, object]) -> Mapping[str, object]:
    return reworded(values, call.get("values") or {})


def _counts(number: int, call: Call) -> dict[str, object]:
    size = call.get("page_size") or 0
    return {"page": number + 1, "offset": number * size, "last": (number + 1) * size - 1}


def _body(call: Call, values: Mapping[str, object], files: Sequence[Attachment]) -> Parts:
    """The call's body: with files its form and them, else its JSON, else its form."""
    if files and call.get("raw"):
        return {"content": files[0].content}
    if files and "files" in call:
        form = [(call["files"], (file.filename, file.content, file.media_type)) for file in files]
        return {"files": form, "data": fill_form(call.get("form") or {}, values)}
    if "json" in call:
        return {"json": fill(call["json"], values)}
    return {"data": fill_form(call["form"], values)} if "form" in call else {}


def checked(ticket_id: str, pattern: str | None) -> str:
    """The id. Raises NotFound where this system would never give a ticket such a one."""
    if pattern is not None and not re.fullmatch(pattern, ticket_id):
        raise NotFound("the system has no tickets with such an id", code="id")
    return ticket_id
