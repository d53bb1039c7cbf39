"""ServiceNow's Table API and Attachment API as one user.

https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html
https://www.servicenow.com/docs/r/api-reference/rest-apis/c_AttachmentAPI.html
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bridge.errors import ConnectorError, RateLimited, Rejected
from bridge.model import Attachment
from connectors.answers import member, members
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import MAX_RETRY_AFTER, Parts, Reply, retry_after
from connectors.oauth import SharedToken, ask_for_token, token_name
from connectors.tickets.servicenow.mapping import Record

PAGE = 500
MAX_PAGES = 200
BOTH = {"sysparm_display_value": "all", "sysparm_exclude_reference_link": "true"}

Send = Callable[[str], Reply]


class Tables:
    """Reads and writes records. Safe to share between threads."""

    page = PAGE

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._http = workshop.transport.with_reader(read_error)
        self._signed = _signer(config, workshop)
        self.base_url = workshop.transport.base_url

    def get(self, table: str, sys_id: str, fields: Sequence[str] = ()) -> Record:
        """One record, all of its fields or these. Raises NotFound also for one that this user may not read."""
        params = {**BOTH, **_fields(fields)}
        return member(self._read(f"api/now/table/{table}/{sys_id}", params), "result")

    def first(self, table: str, query: str, fields: Sequence[str], most: int = 2) -> list[Record]:
        """The first records of a query.

        A part of a query that the table does not know is left out in silence: whoever asks must compare the
        answered fields with what was asked for.
        """
        params = {**BOTH, **_fields(fields), "sysparm_query": query, "sysparm_limit": str(most)}
        return list(members(self._read(f"api/now/table/{table}", params), "result"))

    def rows(self, table: str, query: str, fields: Sequence[str]) -> Iterator[list[Record]]:
        """All records of a query, page by page, oldest first. Raises Rejected when there are too many to be sure.

        Sorted by creation, so that no record is passed over when another one changes meanwhile. A page may be
        short, since records that this user may not read are taken out after it was cut: the total tells the end.
        """
        for number in range(MAX_PAGES):
            offset = number * self.page
            params = {
                **BOTH,
                **_fields(fields),
                "sysparm_query": f"{query}^ORDERBYsys_created_on^ORDERBYsys_id",
                "sysparm_limit": str(self.page),
                "sysparm_offset": str(offset),
            }
            reply = self._read(f"api/now/table/{table}", params)
            found = members(reply, "result")
            yield list(found)
            total = reply.headers.get("x-total-count", "")
            more = int(total) > offset + self.page if total.isdecimal() else len(found) >= self.page
            if not more:
                return
        raise Rejected(f"too many records of {table} to look through", code="pages")

    def insert(self, table: str, values: Mapping[str, str]) -> Record:
        """Make a record and tell it as it is afterwards."""
        return member(self._send("POST", f"api/now/table/{table}", params=BOTH, json=dict(values)), "result")

    def update(self, table: str, sys_id: str, values: Mapping[str, str]) -> None:
        """Set these fields. What this user may not write is ignored in silence: read it back."""
        params = {"sysparm_fields": "sys_id"}
        reply = self._send("PATCH", f"api/now/table/{table}/{sys_id}", params=params, json=dict(values))
        member(reply, "result")

    def attachments(self, table: str, sys_id: str) -> set[tuple[str, str]]:
        """File name and size in bytes, as text, of each file at a record."""
        query = f"table_name={table}^table_sys_id={sys_id}"
        reply = self._read("api/now/attachment", {"sysparm_query": query, "sysparm_limit": "10000"})
        rows = members(reply, "result")
        return {(str(row.get("file_name")), str(row.get("size_bytes"))) for row in rows if _at(row, table, sys_id)}

    def attach(self, table: str, sys_id: str, file: Attachment) -> None:
        params = {"table_name": table, "table_sys_id": sys_id, "file_name": file.filename}
        headers = {"Content-Type": file.media_type}
        member(
            self._send("POST", "api/now/attachment/file", params=params, headers=headers, content=file.content),
            "result",
        )

    def _read(self, path: str, params: Mapping[str, str]) -> Reply:
        return self._signed(lambda word: self._http.read("GET", path, params=params, headers=_headers(word)))

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        json: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        def send(word: str) -> Reply:
            parts: Parts = {"params": params, "headers": {**_headers(word), **(headers or {})}}
            if json is not None:
                parts["json"] = json
            else:
                parts["content"] = content
            return self._http.write(method, path, **parts)

        return self._signed(send)


def _at(row: Mapping[str, Any], table: str, sys_id: str) -> bool:
    return row.get("table_name") == table and row.get("table_sys_id") == sys_id


def _fields(names: Sequence[str]) -> dict[str, str]:
    return {"sysparm_fields": ",".join(names)} if names else {}


def _headers(word: str) -> dict[str, str]:
    return {"Authorization": word, "Accept": "application/json"}


def _signer(config: ConnectionConfig, workshop: Workshop) -> Callable[[Send], Reply]:
    """What sends a request as our user: with Basic, or with a token that all workers share."""
    keys = config.keys
    if "password" in keys:
        pair = f"{keys['username']}:{keys['password']}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return lambda send: send(basic)
    form = {
        "grant_type": "client_credentials",
        "client_id": str(keys["client_id"]),
        "client_secret": str(keys["client_secret"]),
    }
    token = SharedToken(
        workshop.vault,
        token_name(config.base_url, form["client_id"]),
        lambda: ask_for_token(workshop.transport, "oauth_token.do", form),
    )
    return lambda send: token.signed(lambda text: send(f"Bearer {text}"))


def read_error(reply: Reply) -> ConnectorError | None:
    """What ServiceNow says beyond the status. Its own words are never repeated: they may quote what was sent."""
    if reply.status < 400 and "html" in reply.headers.get("content-type", ""):
        # An instance that sleeps, is moved or upgraded shows a page, with status 200.
        return reply.unclear("answered with a page instead of JSON: the instance may be asleep", code="html")
    if reply.status == 429 and retry_after(reply) is None:
        return RateLimited(f"{reply.where} was answered 429", code="429", retry_after=_until_reset(reply))
    if reply.status == 403:
        # One record or field that this user may not touch is no reason to stop all others; a bad password is a 401.
        return Rejected(
            f"{reply.where} was answered 403: this user may not, or a rule of the instance refused", code="403"
        )
    if reply.status == 400 and _message(reply).startswith("Invalid table"):
        return Rejected(f"{reply.where} was refused: there is no such table", code="invalid-table")
    return None


def _message(reply: Reply) -> str:
    answer = reply.json_or_none()
    error = answer.get("error") if isinstance(answer, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


def _until_reset(reply: Reply) -> float | None:
    """Seconds until the hour's count begins anew."""
    told = reply.headers.get("x-ratelimit-reset", "").strip()
    if not told.isdecimal() or len(told) > 12:
        return None
    return min(max(float(told) - time.time(), 0.0), MAX_RETRY_AFTER)
