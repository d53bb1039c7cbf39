"""A made-up help desk that has everything, in other ways than the small one: a login, forms, files, times, pages."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bridge.model import Person
from connectors.signatures import STANDARD_WEBHOOKS, sign
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook

PAGE = 2
PASSWORD = "made-up-password"

CONNECTION = """
headers = { Authorization = "Token {token}" }
closed_statuses = [423]
rejected_statuses = [403]
max_length = 20_000
unit = "utf16"
max_attachment_bytes = 3_000_000
ticket_id_pattern = "T-[0-9]+"

[login]
path = "/login"
form = { user = "bridge", password = "made-up-password" }
token = "data.token"
seconds = 3000

[calls.add_note]
path = "/tickets/{ticket_id}/notes"
form = { text = "{body}", readers = "{visibility}", ref = "{digest}", files = "{uploads}" }
values = { visibility = { internal = "staff", public = "everybody" } }
note_id = "id"

[calls.add_public_note]
path = "/tickets/{ticket_id}/replies"
json = { text = "{body}", ref = "{digest}", files = "{uploads}" }
note_id = "id"

[calls.attach]
path = "/tickets/{ticket_id}/files"
files = "file"
form = { about = { readers = "{visibility}", kind = "{media_type}" } }
upload = "id"

[calls.find_file]
path = "/tickets/{ticket_id}/files?page={page}"
items = "files"
text = "name"
size = "bytes"
id = "id"
page_size = 2

[calls.find_note]
path = "/tickets/{ticket_id}/notes?page={page}"
items = "notes"
text = "ref"
id = "id"
page_size = 2

[calls.fetch_ticket]
path = "/tickets/{ticket_id}"
[calls.fetch_ticket.fields]
subject = "title"
status = "state"
tags = "labels"
merged_into = "lives_on_in"
custom = { room = "fields.[name=room].value" }

[calls.update_fields]
path = "/tickets/{ticket_id}"
json = { fields = "{fields}" }
each = { name = "{name}", value = "{value}" }
read_back = true

[calls.add_tags]
path = "/tickets/{ticket_id}/labels"
form = { label = "{tags}" }

[calls.add_time]
path = "/tickets/{ticket_id}/times"
form = { minutes = "{minutes}", day = "{date}", what = "{text}" }
time_id = "id"

[calls.find_time]
path = "/tickets/{ticket_id}/times"
items = "times"
text = "what"
id = "id"
next = "next"

[calls.create_ticket]
path = "/tickets"
json = { title = "{subject}", text = "{body}", from = "{requester_email}", after = "{follows}" }
ticket_id = "id"
max_length = 40

[calls.find_ticket]
path = "/tickets?page={page}"
items = "tickets"
text = "text"
id = "id"
page_size = 2
pages = 2

[calls.reopen]
path = "/tickets/{ticket_id}/reopen"

[calls.people]
path = "/staff?page={page}"
items = "staff"
id = "number"
email = "mail"
name = "called"
username = "login"
active = "works"
page_size = 2

[calls.tickets_since]
path = "/tickets?since={since}&page={page}"
items = "tickets"
id = "id"
tags = "labels"
page_size = 2
"""

STAFF = [
    {"number": number, "called": name, "mail": f"{name}@example.com", "login": name.upper(), "works": name != "former"}
    for number, name in ((1, "alex"), (2, "former"), (3, "second"))
]


@dataclass
class Ticket:
    id: str
    title: str
    text: str = ""
    requester: str = ""
    state: str = "open"
    lives_on_in: str = ""
    room: str = ""
    touched: str = "2026-03-01T00:00:00Z"
    labels: list[str] = field(default_factory=lambda: ["printer"])
    notes: list[dict[str, Any]] = field(default_factory=list)
    files: list[tuple[str, File]] = field(default_factory=list)
    times: list[dict[str, Any]] = field(default_factory=list)
    by_api: bool = False

    def told(self) -> dict[str, Any]:
        fields = [{"name": "floor", "value": "1"}, {"name": "room", "value": self.room}]
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "state": self.state,
            "lives_on_in": self.lives_on_in or None,
            "labels": self.labels,
            "fields": fields,
        }


class Wide:
    """The made-up vendor: strict about media types, tokens, pages and lengths."""

    def __init__(self) -> None:
        self.tickets: list[Ticket] = []
        self.tokens: set[str] = set()
        self.logins = 0
        self.number = 0
        self.forgets_fields = False
        self.ticket = self.open("Printer stuck")
        self.app = Flask("wide")
        self.app.before_request(self._refusal)
        self.app.add_url_rule("/login", "login", self._login, methods=["POST"])
        self.app.add_url_rule("/staff", "staff", self._staff)
        self.app.add_url_rule("/tickets", "tickets", self._tickets, methods=["GET", "POST"])
        self.app.add_url_rule("/tickets/<ticket_id>", "ticket", self._ticket, methods=["GET", "PATCH"])
        self.app.add_url_rule("/tickets/<ticket_id>/<what>", "parts", self._parts, methods=["GET", "POST"])

    def open(self, title: str, **more: Any) -> Ticket:
        self.tickets.append(Ticket(f"T-{self.next()}", title, **more))
        return self.tickets[-1]

    def next(self) -> int:
        self.number += 1
        return self.number

    def _refusal(self) -> ResponseReturnValue | None:
        known = {f"Token {token}" for token in self.tokens}
        return None if request.path == "/login" or request.headers.get("Authorization") in known else _head(401)

    def _login(self) -> ResponseReturnValue:
        if request.form.to_dict() != {"user": "bridge", "password": PASSWORD}:
            return jsonify(error="wrong_password"), 400
        self.logins += 1
        self.tokens.add(f"token-{self.logins}")
        return jsonify(data={"token": f"token-{self.logins}"})

    def _staff(self) -> ResponseReturnValue:
        return _page("staff", STAFF)

    def _tickets(self) -> ResponseReturnValue:
        if request.method == "GET":
            since = request.args.get("since", "")
            found = [one for one in reversed(self.tickets) if one.touched >= since]
            return _page("tickets", [one.told() for one in found])
        told = request.get_json()
        if len(told["title"]) > 40:
            return _head(422)
        made = self.open(told["title"], text=told["text"], requester=told["from"], by_api=True)
        return jsonify(id=made.id), 201

    def _ticket(self, ticket_id: str) -> ResponseReturnValue:
        ticket = self._found(ticket_id)
        if ticket is None:
            return _head(404)
        if request.method == "PATCH" and not self.forgets_fields:
            ticket.room = next((one["value"] for one in request.get_json()["fields"] if one["name"] == "room"), "")
        return jsonify(ticket.told())

    def _found(self, ticket_id: str) -> Ticket | None:
        return next((one for one in self.tickets if one.id == ticket_id), None)

    def _parts(self, ticket_id: str, what: str) -> ResponseReturnValue:
        ticket = self._found(ticket_id)
        if ticket is None:
            return _head(404)
        if request.method == "GET":
            return self._list(ticket, what)
        if ticket.state == "closed" and what != "reopen":
            return _head(423)
        return getattr(self, f"_add_{what}")(ticket)  # type: ignore[no-any-return]  # one of the methods below

    def _list(self, ticket: Ticket, what: str) -> ResponseReturnValue:
        if what == "times":  # by links
            start = int(request.args.get("from", 0))
            more = f"{request.base_url}?from={start + PAGE}" if start + PAGE < len(ticket.times) else None
            return jsonify(times=ticket.times[start : start + PAGE], next=more)
        files = [{"id": number, "name": file.name, "bytes": len(file.content)} for number, file in ticket.files]
        return _page(what, ticket.notes if what == "notes" else files)

    def _add_notes(self, ticket: Ticket) -> ResponseReturnValue:
        if request.mimetype != "application/x-www-form-urlencoded":
            return _head(415)
        told = request.form
        return self._note(ticket, told["text"], told["ref"], told["readers"], told.getlist("files"))

    def _add_replies(self, ticket: Ticket) -> ResponseReturnValue:
        told = request.get_json()
        return self._note(ticket, told["text"], told["ref"], "everybody", told["files"])

    def _note(self, ticket: Ticket, text: str, ref: str, readers: str, files: list[str]) -> ResponseReturnValue:
        if len(text.encode("utf-16-le")) // 2 > 20_000 or len(ref) > 40 or readers not in ("staff", "everybody"):
            return _head(422)
        if {"", *files} - {number for number, _ in ticket.files} - {""}:
            return _head(422)
        ticket.notes.append({"id": str(self.next()), "text": text, "ref": ref, "readers": readers, "files": files})
        return jsonify(ticket.notes[-1]), 201

    def _add_files(self, ticket: Ticket) -> ResponseReturnValue:
        file = request.files["file"]
        about = json.loads(request.form["about"])
        kept = File(file.filename or "", file.read(), public=about["readers"] == "public")
        ticket.files.append((f"f{self.next()}", kept))
        return jsonify(id=ticket.files[-1][0]), 201

    def _add_labels(self, ticket: Ticket) -> ResponseReturnValue:
        ticket.labels += [one for one in request.form.getlist("label") if one not in ticket.labels]
        return _head(204)

    def _add_times(self, ticket: Ticket) -> ResponseReturnValue:
        told = request.form
        if len(told["what"]) > 255 or not told["minutes"].isdigit() or told["day"] != "2026-03-02":
            return _head(422)
        ticket.times.append({"id": str(self.next()), "minutes": int(told["minutes"]), "what": told["what"]})
        return jsonify(ticket.times[-1]), 201

    def _add_reopen(self, ticket: Ticket) -> ResponseReturnValue:
        ticket.state = "open"
        return _head(204)


def _page(name: str, items: Sequence[object]) -> ResponseReturnValue:
    start = (int(request.args.get("page", 1)) - 1) * PAGE
    return jsonify({name: items[start : start + PAGE]})


def _head(status: int) -> Response:
    return Response(status=status)


class WideDesk(ServedDesk):
    kind = "generic"
    note_write = ("POST", "*/notes")
    time_write = ("POST", "*/times")
    ticket_write = ("POST", "/tickets")
    a_field = ("room", "4711")
    missing_id = "T-999"
    wide: Wide

    def standing_on(self, wide: Wide) -> WideDesk:
        self.wide = wide
        self.ticket_id = wide.ticket.id
        return self

    def staff(self) -> list[Person]:
        here = (("1", "alex"), ("3", "second"))
        return [Person(name, f"{name}@example.com", number, username=name.upper()) for number, name in here]

    def keys(self) -> dict[str, object]:
        return tomllib.loads(CONNECTION)

    def wrong_keys(self) -> dict[str, object]:
        return tomllib.loads(CONNECTION.replace(PASSWORD, "not-the-password"))

    def ask(self, hook: str) -> Sequence[Webhook]:
        body = json.dumps({"event": "ticket.session_requested", "ticket_id": self.ticket_id}).encode()
        proof = sign(STANDARD_WEBHOOKS, self.hook_secret, body, moment=datetime.now(UTC), delivery_id="one")
        return [Webhook(body, {"content-type": "application/json", **proof})]

    def notes(self) -> list[Shown]:
        return [Shown(one["text"], one["readers"] == "everybody") for one in self.wide.ticket.notes]

    def files(self) -> list[File]:
        return [file for _, file in self.wide.ticket.files]

    def times(self) -> list[Entry]:
        return [Entry(one["minutes"]) for one in self.wide.ticket.times]

    def tags(self) -> set[str]:
        assert len(set(self.wide.ticket.labels)) == len(self.wide.ticket.labels)
        return set(self.wide.ticket.labels)

    def value_of(self, name: str) -> object:
        return self.wide.ticket.room if name == "room" else None

    def opened(self) -> list[Opened]:
        return [Opened(one.id, one.title, one.text) for one in self.wide.tickets if one.by_api]

    def is_open(self) -> bool:
        return self.wide.ticket.state == "open"

    def close_ticket(self) -> None:
        self.wide.ticket.state = "closed"
