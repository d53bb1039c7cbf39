"""A made-up help desk, strict and in memory, and the connection that an operator would write for it."""

from __future__ import annotations

import html
import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport
from connectors.tickets.generic import KIND, Generic
from tests.contract.desk import Desk, Shown
from tests.contract.workshop import MemoryVault

URL = "https://desk.example.com/base"
TOKEN = "Bearer made-up-token"  # as it would come from ${DESK_TOKEN}
PAGE = 2

CONNECTION = """
headers = { Authorization = "Bearer made-up-token" }
closed_statuses = [423]
max_length = 20_000

[fields]
ticket_id = "request.number"
event = "kind"
actor = "by.mail"
occurred_at = "at"
merged_into = "/request/merged~1into"

[events]
"request.opened" = "changed"
"request.labelled" = "changed"
"request.help-wanted" = "requested"
"request.closed" = "closed"
"request.merged" = "merged"

[calls.add_note]
path = "/api/requests/{ticket_id}/remarks"
note_id = "remark.id"
json = { remark = { text = "{body}", hidden = "{internal}", audience = "for {visibility} readers" } }

[calls.find_note]
path = "/api/requests/{ticket_id}/remarks"
items = "remarks"
text = "text"
id = "id"
next = "links.next"

[calls.fetch_ticket]
path = "/api/requests/{ticket_id}"
[calls.fetch_ticket.fields]
subject = "request.title"
status = "request.state"
tags = "request.labels"
requester_name = "request.from.name"
requester_email = "request.from.mail"
url = "request.web"
custom = { "Asset" = "request.extra.Asset tag", "Floors" = "request.extra.Floors" }

[calls.update_fields]
path = "/api/requests/{ticket_id}"
json = { request = { extra = "{fields}" } }

[calls.add_tags]
path = "/api/requests/{ticket_id}/labels"
json = { labels = "{tags}" }

[calls.probe]
path = "/api/whoami"
"""


def connection(text: str = CONNECTION, **changes: Any) -> dict[str, Any]:
    """The connection's keys as its schema loads them, with changes at the top."""
    loaded = KIND.schema().load({**tomllib.loads(text), **changes})
    assert isinstance(loaded, dict)
    return loaded


@dataclass
class Failure:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    after_write: bool = False
    cut: bool = False


class GenericDesk(Desk):
    """One request (4711), remarks of at most 20,000 characters in plain text or HTML, two a page."""

    ticket_id = "4711"
    missing_id = "4712"

    def __init__(self, *, markup: str = "plain") -> None:
        self.markup = markup
        self.remarks: list[dict[str, Any]] = []
        self.labels = ["printer"]
        self.extra: dict[str, Any] = {"Asset tag": "PC-0042", "Floors": [1, 2]}
        self.closed = False
        self.failures: list[Failure] = []
        self.asked: list[str] = []
        self._client = httpx.Client(transport=httpx.MockTransport(self.answer))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._client.close()

    # as the contract's desk

    def connector(self, *secrets: str) -> Generic:
        return self.build(connection(markup=self.markup), *secrets)

    def stranger(self) -> Generic:
        return self.build(connection(headers={"Authorization": "Bearer wrong"}))

    def build(self, keys: dict[str, Any], *secrets: str) -> Generic:
        config = ConnectionConfig("desk", "generic", URL, secrets, keys)
        return Generic(config, Workshop(Transport("desk", URL, client=self._client), MemoryVault()))

    def notes(self) -> list[Shown]:
        return [Shown(self._readable(remark["text"]), not remark["hidden"]) for remark in self.remarks]

    def fail(self, status: int, *, retry_after: int | None = None) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.failures.append(Failure(status, headers))

    def fail_after_write(self, status: int) -> None:
        self.failures.append(Failure(status, after_write=True))

    def cut_after_write(self) -> None:
        self.failures.append(Failure(0, after_write=True, cut=True))

    def close_ticket(self) -> None:
        self.closed = True

    a_field = ("Asset tag", "PC-7")

    def tags(self) -> set[str]:
        return set(self.labels)

    def value_of(self, name: str) -> object:
        return self.extra[name]

    # as the vendor

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.raw_path.decode()}")
        failure = self.failures[0] if self.failures else None
        if failure and not failure.after_write:
            self.failures.pop(0)
            return httpx.Response(failure.status, headers=failure.headers)
        response = self._work(request)
        if failure and request.method != "GET":
            self.failures.pop(0)
            if failure.cut:
                raise httpx.ReadError("cut on purpose")
            return httpx.Response(failure.status, headers=failure.headers)
        return response

    def _work(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != TOKEN:
            return httpx.Response(401)
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/base/api/")
        if path == "whoami":
            return httpx.Response(200, json={"name": "Deskbridge"})
        if path not in ("requests/4711", "requests/4711/remarks", "requests/4711/labels"):
            return httpx.Response(404)
        if request.method == "GET":
            return self._read(path, request)
        if self.closed:
            return httpx.Response(423)
        return self._write(path, json.loads(request.content))

    def _read(self, path: str, request: httpx.Request) -> httpx.Response:
        if path.endswith("remarks"):
            start = int(request.url.params.get("from", 0))
            more = start + PAGE < len(self.remarks)
            following = f"{URL}/api/{path}?from={start + PAGE}" if more else None
            body = {"remarks": self.remarks[start : start + PAGE], "links": {"next": following}}
            return httpx.Response(200, json=body)
        told = {
            "title": "Drucker <b>",
            "state": "Closed" if self.closed else "waiting",
            "labels": self.labels,
            "from": {"name": "Chris Customer", "mail": "chris@example.com"},
            "web": "https://desk.example.com/4711",
            "extra": self.extra,
        }
        return httpx.Response(200, json={"request": told})

    def _write(self, path: str, body: dict[str, Any]) -> httpx.Response:
        if path.endswith("labels"):
            self.labels += body["labels"]
            return httpx.Response(204)
        if not path.endswith("remarks"):
            if "no_such_field" in body["request"]["extra"]:
                return httpx.Response(422)
            self.extra.update(body["request"]["extra"])
            return httpx.Response(204)
        remark = body["remark"]
        if len(remark["text"]) > 20_000 or not isinstance(remark["hidden"], bool):
            return httpx.Response(422)
        self.remarks.append({"id": len(self.remarks) + 1, **remark})
        return httpx.Response(201, json={"remark": self.remarks[-1]})

    def _readable(self, text: str) -> str:
        if self.markup == "plain":
            return text
        assert "<script" not in text
        return html.unescape(re.sub(r"<[^>]*>", "\n", text))
