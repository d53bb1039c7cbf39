"""A fake of GLPI 11: its legacy REST API and its webhooks, as its source has them. No GLPI runs here.

Strict where GLPI is: tokens in three places, PHP's reading of numbers, one 400 for closed, missing and forbidden,
a multipart body only with files, fields that it does not know passed over with a yes, pages that end by themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from connectors.signatures import GLPI, sign
from tests.contract.desk import Entry, File, Opened, Shown, Webhook
from tests.examples.example import VARIABLES, ExampleDesk, seen

ROOT = "/apirest.php"
CLOSED, SOLVED = 6, 5
MAX_UPLOAD = 2_000_000


@dataclass
class Followup:
    id: int
    content: str
    is_private: int
    files: list[File] = field(default_factory=list)


@dataclass
class Task:
    id: int
    content: str
    actiontime: int


@dataclass
class Ticket:
    id: int
    fields: dict[str, Any]
    followups: list[Followup] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    forbidden: bool = False
    by_api: bool = False


def number(value: object) -> int:
    """As PHP casts: what digits a text begins with."""
    found = re.match(r"\s*[+-]?\d+", str(value))
    return int(found[0]) if found else 0


class Glpi:
    def __init__(self) -> None:
        self.tickets: dict[int, Ticket] = {}
        self.sessions: set[str] = set()
        self.signed_in = 0
        self.numbers = 100
        self.ticket = self.open("Printer stuck")
        self.app = Flask("glpi")
        self.app.before_request(self._refusal)
        rules: dict[str, tuple[Callable[..., ResponseReturnValue], list[str]]] = {
            "/initSession": (self._init, ["GET"]),
            "/getMyProfiles": (lambda: jsonify(myprofiles=[{"id": 6, "name": "Technician"}]), ["GET"]),
            "/ITILFollowup": (self._add_followup, ["POST"]),
            "/TicketTask": (self._add_task, ["POST"]),
            "/Ticket": (self._tickets, ["GET", "POST"]),
            "/Ticket/<ticket_id>": (self._one, ["GET", "PUT"]),
            "/Ticket/<ticket_id>/<children>": (self._children, ["GET"]),
        }
        for rule, (view, methods) in rules.items():
            self.app.add_url_rule(ROOT + rule, rule, view, methods=methods)

    def next(self) -> int:
        self.numbers += 1
        return self.numbers

    def open(self, name: str, **fields: Any) -> Ticket:
        about = {"name": name, "content": "", "status": 1, "itilcategories_id": 0, "urgency": 3, "impact": 3, **fields}
        ticket = Ticket(self.next(), about)
        self.tickets[ticket.id] = ticket
        return ticket

    def payload(self, ticket: Ticket, event: str) -> bytes:
        """The default payload of a webhook: the ticket by the schema of the new API."""
        item = {
            "id": ticket.id,
            "name": ticket.fields["name"],
            "content": ticket.fields["content"],
            "is_deleted": False,
            "urgency": ticket.fields["urgency"],
            "category": {"id": ticket.fields["itilcategories_id"], "name": "Remote help"},
            "status": {"id": ticket.fields["status"], "name": "New"},
            "actiontime": sum(one.actiontime for one in ticket.tasks),
            "date_mod": f"2026-03-02T10:{29 + len(ticket.followups)}:58+00:00",
            "team": [{"id": 4, "name": "customer", "type": "User", "role": "requester"}],
        }
        return json.dumps({"item": item, "event": event}, indent=4).encode()

    # the API

    def _refusal(self) -> ResponseReturnValue | None:
        if request.headers.get("App-Token") != VARIABLES["GLPI_APP_TOKEN"]:
            return _error(400, "ERROR_WRONG_APP_TOKEN_PARAMETER")
        if request.path == f"{ROOT}/initSession":
            return None
        session = request.headers.get("Session-Token", "")
        if not session:
            return _error(400, "ERROR_SESSION_TOKEN_MISSING")
        if session not in self.sessions:
            return _error(401, "ERROR_SESSION_TOKEN_INVALID")
        return None

    def _init(self) -> ResponseReturnValue:
        if request.headers.get("Authorization") != f"user_token {VARIABLES['GLPI_USER_TOKEN']}":
            return _error(401, "ERROR_GLPI_LOGIN_USER_TOKEN")
        self.signed_in += 1
        token = f"session{self.signed_in}"
        self.sessions.add(token)
        return jsonify(session_token=token)

    def _input(self) -> dict[str, Any] | None:
        """`input` of a JSON body, or of a multipart one that has files."""
        if request.mimetype == "multipart/form-data":
            if not request.files:
                return None
            body = json.loads(request.form["uploadManifest"])
        elif request.mimetype == "application/json":
            body = request.get_json()
        else:
            return None
        found = body.get("input")
        return found if isinstance(found, dict) else None

    def _takes(self, told: object) -> Ticket | None:
        ticket = self.tickets.get(number(told))
        return None if ticket is None or ticket.forbidden or ticket.fields["status"] == CLOSED else ticket

    def _add_followup(self) -> ResponseReturnValue:
        sent = [(file.filename or "", file.read()) for file in request.files.getlist("filename[]")]
        if any(len(content) > MAX_UPLOAD for _, content in sent):
            return _error(400, "ERROR_UPLOAD_FILE_TOO_BIG_POST_MAX_SIZE")
        about = self._input()
        if about is None:
            return _error(400, "ERROR_BAD_ARRAY")
        ticket = self._takes(about.get("items_id"))
        if ticket is None or about.get("itemtype") != "Ticket" or not about.get("content"):
            return _error(400, "ERROR_GLPI_ADD")
        private = number(about.get("is_private", 0))
        files = [File(name, content, public=not private) for name, content in sent]
        ticket.followups.append(Followup(self.next(), about["content"], private, files))
        return jsonify(id=ticket.followups[-1].id, message=""), 201

    def _add_task(self) -> ResponseReturnValue:
        about = self._input()
        ticket = self._takes(about.get("tickets_id")) if about else None
        if about is None or ticket is None:
            return _error(400, "ERROR_GLPI_ADD")
        ticket.tasks.append(Task(self.next(), about["content"], number(about["actiontime"])))
        return jsonify(id=ticket.tasks[-1].id, message=""), 201

    def _tickets(self) -> ResponseReturnValue:
        if request.method == "GET":
            like = request.args.get("searchText[content]", "").lower()
            found = [one for one in self.tickets.values() if like in one.fields["content"].lower()]
            if request.args.get("order") == "DESC":
                found.reverse()
            return _ranged([{"id": one.id, **one.fields} for one in found])
        about = self._input()
        if about is None or not about.get("name"):
            return _error(400, "ERROR_GLPI_ADD")
        ticket = self.open(about["name"], content=about.get("content", ""))
        ticket.by_api = True
        return jsonify(id=ticket.id, message=""), 201

    def _one(self, ticket_id: str) -> ResponseReturnValue:
        if not ticket_id.isdigit():
            return self._tickets()  # whatever is no number is passed over
        ticket = self.tickets.get(int(ticket_id))
        if ticket is None:
            return _error(404, "ERROR_ITEM_NOT_FOUND")
        if ticket.forbidden:
            return _error(403, "ERROR_RIGHT_MISSING")
        if request.method == "GET":
            return jsonify(id=ticket.id, **ticket.fields)
        about = self._input() or {}
        ticket.fields.update({name: value for name, value in about.items() if name in ticket.fields})
        return jsonify([{str(ticket.id): True, "message": ""}])

    def _children(self, ticket_id: str, children: str) -> ResponseReturnValue:
        ticket = self.tickets.get(number(ticket_id))
        if ticket is None:
            return _error(404, "ERROR_ITEM_NOT_FOUND")
        found: Sequence[Followup | Task] = ticket.followups if children == "ITILFollowup" else ticket.tasks
        return _ranged([{"id": one.id, "content": one.content} for one in found])


def _ranged(items: Sequence[object]) -> ResponseReturnValue:
    first, last = map(int, request.args.get("range", "0-14").split("-"))
    if first > len(items):
        return _error(400, "ERROR_RANGE_EXCEED_TOTAL")
    page = items[first : last + 1]
    return jsonify(page), 200 if len(page) == len(items) else 206


def _error(status: int, word: str) -> tuple[Response, int]:
    return jsonify([word, "what GLPI says about it, in the user's language"]), status


class GlpiDesk(ExampleDesk):
    example = "glpi"
    connection = "glpi"
    wrong = (VARIABLES["GLPI_USER_TOKEN"], "another-user-token")
    note_write = ("POST", f"{ROOT}/ITILFollowup")
    time_write = ("POST", f"{ROOT}/TicketTask")
    ticket_write = ("POST", f"{ROOT}/Ticket")
    a_field = ("urgency", "5")
    missing_id = "99999"
    glpi: Glpi

    def standing_on(self, glpi: Glpi) -> GlpiDesk:
        self.glpi = glpi
        self.ticket_id = str(glpi.ticket.id)
        return self

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.glpi.ticket.fields["itilcategories_id"] = 12
        return [self.webhook("update")]

    def webhook(self, event: str) -> Webhook:
        body = self.glpi.payload(self.glpi.ticket, event)
        # GLPI names no media type unless its administrator adds the header.
        return Webhook(body, sign(GLPI, self.hook_secret, body, moment=datetime.now(UTC)))

    def notes(self) -> list[Shown]:
        return [Shown(seen(one.content), not one.is_private) for one in self.glpi.ticket.followups]

    def files(self) -> list[File]:
        return [file for one in self.glpi.ticket.followups for file in one.files]

    def times(self) -> list[Entry]:
        return [Entry(one.actiontime // 60) for one in self.glpi.ticket.tasks]

    def value_of(self, name: str) -> object:
        return str(self.glpi.ticket.fields[name])

    def opened(self) -> list[Opened]:
        made = [one for one in self.glpi.tickets.values() if one.by_api]
        return [Opened(str(one.id), one.fields["name"], seen(one.fields["content"])) for one in made]

    def is_open(self) -> bool:
        return self.glpi.ticket.fields["status"] not in (SOLVED, CLOSED)

    def close_ticket(self) -> None:
        self.glpi.ticket.fields["status"] = CLOSED
