"""A fake HubSpot: made for these tests from the vendor's documentation, not the vendor's program.

It is strict where HubSpot is strict: scopes, properties that must exist, values that must be unique, associations by
number, limits. A merged ticket is answered with the one that it lives on in. Its search knows tickets by when they
changed, and by nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TOKEN = "made-up-hubspot-token-of-a-private-app"
APP_ID = 4711
PORTAL = 62515
MARK_PROPERTY = "deskbridge_mark"
COMPANY_SCOPE = "crm.objects.companies.read"
SCOPES = (
    *("tickets", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.owners.read", "files"),
    COMPANY_SCOPE,
)
MAX_NOTE = 65_536
PAGE = 2
"""The most associations on one page: HubSpot gives 500, and fewer when it likes."""

PROPERTIES = {
    "subject",
    "content",
    "createdate",
    "hs_lastmodifieddate",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_category",
    "hs_ticket_priority",
    "hubspot_owner_id",
    "source_type",
    "remote_session",
    "asset",
    MARK_PROPERTY,
}
CONTACT_PROPERTIES = {
    *("email", "firstname", "lastname", "computers", "remote_access", "remote_access_status", "remote_access_reason"),
    *("remotepc_allotted", "remotepc_used"),
}
COMPANY_PROPERTIES = {"name", "domain", "admin_email", "remote_access", "remote_access_status"}
READ_ONLY = {"createdate", "hs_lastmodifieddate"}
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "URGENT")
PIPELINES = {
    "0": (("1", "New", "OPEN"), ("2", "Waiting on contact", "OPEN"), ("4", "Closed", "CLOSED")),
    "77": (("771", "Angefragt", "OPEN"), ("772", "Erledigt", "CLOSED")),
}
NOTE_TO_TICKET, TICKET_TO_CONTACT = 228, 16


class Refused(Exception):
    def __init__(self, status: int, category: str, code: str = "", **more: str) -> None:
        super().__init__(category)
        self.status, self.category, self.code, self.more = status, category, code, more


@dataclass
class Ticket:
    id: str
    properties: dict[str, str]
    contacts: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    changed_at: datetime = START

    @property
    def changed(self) -> str:
        return self.changed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Note:
    id: str
    ticket: str
    body: str
    files: list[str]
    timestamp: int


@dataclass
class File:
    id: str
    name: str
    content: bytes
    access: str
    path: str


class FakeHubSpot:
    """Its state, and the Flask app that shows it."""

    def __init__(self) -> None:
        self._last = 5_000_000_000
        self.app = Flask("fake-hubspot")
        self._routes()
        self.tickets: dict[str, Ticket] = {}
        self.notes: dict[str, Note] = {}
        self.files: dict[str, File] = {}
        self.merged: dict[str, str] = {}
        self.scopes = set(SCOPES)
        self.headers: dict[str, str] = {}
        """What goes with every answer."""
        self.public_files = False
        self.most_searched = 10_000
        self.contacts = {"901": {"email": "customer@example.com", "firstname": "Chris", "lastname": "Customer"}}
        self.companies = {"801": {"name": "Example Company", "domain": "example.com"}}
        self.changed_records: list[str] = []
        """Ids of contacts and companies, as often as they were changed by the API."""
        self.owners = {"31": {"id": "31", "email": "agent@example.com", "firstName": "Alex", "lastName": "Agent"}}
        self.owners["32"] = {"id": "32", "email": "second@example.com", "firstName": "Second", "lastName": "Agent"}

    # what happens without the API

    def open_ticket(self, subject: str, **properties: str) -> Ticket:
        asked = {"subject": subject, "hs_pipeline": "0", "hs_pipeline_stage": "1", "content": "It does not print."}
        ticket = Ticket(self._next(), {**asked, "createdate": "2026-03-02T09:58:12Z", **properties}, ["901"])
        self.tickets[ticket.id] = ticket
        return ticket

    def merge(self, primary: Ticket, other: Ticket) -> Ticket:
        """Both live on in a new ticket, as HubSpot does it since 2025."""
        new = Ticket(self._next(), dict(primary.properties), list(primary.contacts))
        self.tickets[new.id] = new
        for old in (primary, other):
            del self.tickets[old.id]
            self.merged[old.id] = new.id
        for note in self.notes.values():
            note.ticket = self.merged.get(note.ticket, note.ticket)
        return new

    def _next(self) -> str:
        self._last += 1
        return str(self._last)

    # the API

    def _routes(self) -> None:
        route = self.app.route
        self.app.errorhandler(Refused)(self._refused)
        self.app.errorhandler(HTTPException)(self._http_error)
        self.app.before_request(self._authenticate)
        self.app.after_request(self._with_headers)
        tickets = "/crm/v3/objects/tickets"
        route(f"{tickets}/<number>", methods=["GET", "PATCH"])(self._ticket)
        route(tickets, methods=["POST"])(self._create)
        route(f"{tickets}/search", methods=["POST"])(self._search)
        route("/crm/v3/pipelines/tickets")(self._pipelines)
        route("/crm/v3/objects/contacts/<number>", methods=["GET", "PATCH"])(self._contact)
        route("/crm/v3/objects/companies/<number>", methods=["GET", "PATCH"])(self._company)
        route("/crm/v3/owners/<number>")(self._owner)
        route("/crm/v3/owners")(self._all_owners)
        route("/crm/v3/objects/notes", methods=["POST"])(self._add_note)
        route("/crm/v3/objects/notes/batch/read", methods=["POST"])(self._read_notes)
        route("/crm/v4/objects/tickets/<number>/associations/notes")(self._associated)
        route("/crm/v4/objects/tickets/<number>/associations/default/tickets/<other>", methods=["PUT"])(self._relate)
        route("/files/v3/files", methods=["POST"])(self._upload)
        route("/oauth/v2/private-apps/get/access-token-info", methods=["POST"])(self._token)

    def _refused(self, error: Refused) -> tuple[Response, int]:
        body: dict[str, Any] = {"status": "error", "message": "in words", "category": error.category, **error.more}
        if error.code:
            body["errors"] = [{"message": "in words", "code": error.code}]
        return jsonify(body), error.status

    def _http_error(self, error: HTTPException) -> tuple[str, int]:
        return "<html>", error.code or 500

    def _with_headers(self, response: Response) -> Response:
        response.headers.update(self.headers)
        return response

    def _authenticate(self) -> None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "INVALID_AUTHENTICATION")
        path = request.path
        needed = next((scope for part, scope in NEEDED.items() if part in path), "tickets")
        if needed not in self.scopes and "oauth" not in path:
            raise Refused(403, "MISSING_SCOPES")
        if request.method in ("POST", "PATCH") and path != "/files/v3/files" and not request.is_json:
            raise Refused(415, "VALIDATION_ERROR")

    def _find(self, number: str) -> Ticket:
        if request.args.get("idProperty") == MARK_PROPERTY:
            found = [one for one in self.tickets.values() if one.properties.get(MARK_PROPERTY) == number]
            if not found:
                raise Refused(404, "OBJECT_NOT_FOUND")
            return found[0]
        ticket = self.tickets.get(self.merged.get(number, number))
        if ticket is None:
            raise Refused(404, "OBJECT_NOT_FOUND")
        return ticket

    def _ticket(self, number: str) -> Response:
        ticket = self._find(number)
        if request.method == "PATCH":
            ticket.properties.update(self._checked(request.get_json()["properties"], ticket))
            return jsonify(id=ticket.id, properties=ticket.properties, archived=False)
        names = [name for name in request.args.get("properties", "").split(",") if name in PROPERTIES]
        shown = {name: ticket.properties.get(name) for name in (*names, "createdate")}
        told: dict[str, Any] = {"id": ticket.id, "properties": {**shown, "hs_object_id": ticket.id}, "archived": False}
        told["url"] = f"https://app.hubspot.com/contacts/{PORTAL}/record/0-5/{ticket.id}"
        if request.args.get("associations") == "contacts" and ticket.contacts:
            told["associations"] = {"contacts": {"results": [{"id": one, "type": "x"} for one in ticket.contacts]}}
        return jsonify(told)

    def _checked(self, asked: Mapping[str, Any], ticket: Ticket | None = None) -> dict[str, str]:
        for name, value in asked.items():
            if name not in PROPERTIES:
                raise Refused(400, "VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST")
            if name in READ_ONLY:
                raise Refused(400, "VALIDATION_ERROR", "READ_ONLY_VALUE")
            if name == "hs_ticket_priority" and value not in PRIORITIES:
                raise Refused(400, "VALIDATION_ERROR", "INVALID_OPTION")
            if name == MARK_PROPERTY and any(one.properties.get(name) == value for one in self.tickets.values()):
                raise Refused(409, "CONFLICT", "CONFLICTING_UNIQUE_VALUE")
        pipeline = asked.get("hs_pipeline", ticket.properties["hs_pipeline"] if ticket else "0")
        stage = asked.get("hs_pipeline_stage")
        if stage is not None and stage not in [row[0] for row in PIPELINES[pipeline]]:
            raise Refused(400, "VALIDATION_ERROR", "INVALID_PIPELINE_STAGE")
        return {name: str(value) for name, value in asked.items()}

    def _create(self) -> tuple[Response, int]:
        asked = request.get_json()
        properties = {"hs_pipeline": "0", **self._checked(asked["properties"])}
        if "subject" not in properties or "hs_pipeline_stage" not in properties:
            raise Refused(400, "VALIDATION_ERROR", "REQUIRED_FIELD")
        ticket = Ticket(self._next(), properties)
        for one in asked["associations"]:
            assert one["types"] == [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TICKET_TO_CONTACT}]
            assert one["to"]["id"] in self.contacts
            ticket.contacts.append(one["to"]["id"])
        self.tickets[ticket.id] = ticket
        return jsonify(id=ticket.id, properties=properties), 201

    def _search(self) -> Response:
        asked = request.get_json()
        [[rule]] = [group["filters"] for group in asked["filterGroups"]]
        assert (rule["propertyName"], rule["operator"]) == ("hs_lastmodifieddate", "GTE")
        assert asked["sorts"] == [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
        since = datetime.fromtimestamp(int(rule["value"]) / 1000, UTC)
        found = [one for one in self.tickets.values() if one.changed_at >= since]
        found.sort(key=lambda one: one.changed_at)
        start, size = int(asked.get("after", 0)), min(asked["limit"], 200)
        if start + size > self.most_searched:
            raise Refused(400, "VALIDATION_ERROR")
        rows = [
            {"id": one.id, "properties": {"hs_lastmodifieddate": one.changed}} for one in found[start : start + size]
        ]
        more = {"paging": {"next": {"after": str(start + size)}}} if len(found) > start + size else {}
        return jsonify(total=len(found), results=rows, **more)

    def _pipelines(self) -> Response:
        def stage(order: int, number: str, label: str, state: str) -> dict[str, Any]:
            return {"id": number, "label": label, "displayOrder": order, "metadata": {"ticketState": state}}

        rows = [
            {"id": number, "stages": [stage(order, *row) for order, row in reversed(list(enumerate(stages)))]}
            for number, stages in PIPELINES.items()
        ]
        return jsonify(results=rows)

    def _contact(self, number: str) -> Response:
        if request.args.get("idProperty") == "email":
            number = next((key for key, one in self.contacts.items() if one["email"] == number.lower()), "")
        return self._record(number, self.contacts, CONTACT_PROPERTIES, "0-1")

    def _company(self, number: str) -> Response:
        return self._record(number, self.companies, COMPANY_PROPERTIES, "0-2")

    def _record(self, number: str, rows: dict[str, dict[str, str]], known: set[str], kind: str) -> Response:
        """A contact or company with what was asked for; what the account does not have is left out in silence."""
        if number not in rows:
            raise Refused(404, "OBJECT_NOT_FOUND")
        if request.method == "PATCH":
            for name, value in request.get_json()["properties"].items():
                if name not in known:
                    raise Refused(400, "VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST")
                rows[number][name] = str(value)
            self.changed_records.append(number)
        asked = request.args.get("properties", ",".join(rows[number])).split(",")
        shown = {name: rows[number].get(name) for name in asked if name in known}
        url = f"https://app.hubspot.com/contacts/{PORTAL}/record/{kind}/{number}"
        return jsonify(id=number, properties={**shown, "hs_object_id": number}, url=url, archived=False)

    def _all_owners(self) -> Response:
        assert request.args["archived"] == "false", "those who left are no owners"
        team = {"id": "40", "type": "QUEUE", "firstName": "Service team", "email": ""}
        rows = [*({**one, "type": "PERSON", "archived": False} for one in self.owners.values()), team]
        start, size = int(request.args.get("after", 0)), int(request.args["limit"])
        paging = {"paging": {"next": {"after": str(start + size)}}} if start + size < len(rows) else {}
        return jsonify(results=rows[start : start + size], **paging)

    def _owner(self, number: str) -> Response:
        if number not in self.owners:
            raise Refused(404, "OBJECT_NOT_FOUND")
        return jsonify(self.owners[number])

    def _add_note(self) -> tuple[Response, int]:
        asked = request.get_json()
        properties = asked["properties"]
        if len(properties["hs_note_body"].encode("utf-16-le")) // 2 > MAX_NOTE:
            raise Refused(400, "VALIDATION_ERROR", "VALUE_TOO_LONG")
        if "hs_timestamp" not in properties:
            raise Refused(400, "VALIDATION_ERROR", "REQUIRED_FIELD")
        [association] = asked["associations"]
        assert association["types"] == [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": NOTE_TO_TICKET}]
        ticket = self._find(association["to"]["id"])
        files = [one for one in properties.get("hs_attachment_ids", "").split(";") if one]
        assert all(one in self.files for one in files)
        # HubSpot wraps what comes by the API into an element of its own.
        body = f'<div style="" dir="auto" data-top-level="true">{properties["hs_note_body"]}</div>'
        note = Note(self._next(), ticket.id, body, files, int(properties["hs_timestamp"]))
        self.notes[note.id] = note
        return jsonify(id=note.id, properties=properties), 201

    def _associated(self, number: str) -> Response:
        ticket = self._find(number)
        mine = [note for note in self.notes.values() if note.ticket == ticket.id]
        start = int(request.args.get("after", 0))
        size = min(int(request.args["limit"]), PAGE)
        rows = [{"toObjectId": int(note.id), "associationTypes": []} for note in mine[start : start + size]]
        more = {"paging": {"next": {"after": str(start + size)}}} if len(mine) > start + size else {}
        return jsonify(results=rows, **more)

    def _read_notes(self) -> tuple[Response, int]:
        numbers = [one["id"] for one in request.get_json()["inputs"]]
        if len(numbers) > 100:
            raise Refused(400, "VALIDATION_ERROR")
        known = [self.notes[number] for number in numbers if number in self.notes]
        rows = [{"id": note.id, "properties": {"hs_note_body": note.body}} for note in known]
        return jsonify(status="COMPLETE", results=rows), 200 if len(known) == len(numbers) else 207

    def _relate(self, number: str, other: str) -> Response:
        self._find(number).related.append(self._find(other).id)
        return jsonify(status="COMPLETE", results=[])

    def _upload(self) -> tuple[Response, int]:
        told = request.files["file"]
        options = json.loads(request.form["options"])
        if "folderPath" not in request.form or "access" not in options:
            raise Refused(400, "VALIDATION_ERROR")
        access = "PUBLIC_INDEXABLE" if self.public_files else options["access"]
        file = File(self._next(), request.form["fileName"], told.read(), access, request.form["folderPath"])
        self.files[file.id] = file
        return jsonify(id=file.id, name=file.name, access=access), 201

    def _token(self) -> Response:
        if request.get_json()["tokenKey"] != TOKEN:
            raise Refused(404, "OBJECT_NOT_FOUND")
        return jsonify(userId=1, hubId=PORTAL, appId=APP_ID, scopes=sorted(self.scopes))


NEEDED = {
    "/files/": "files",
    "/owners/": "crm.objects.owners.read",
    "/objects/companies": "crm.objects.companies.read",
    "/objects/notes/batch": "crm.objects.contacts.read",
    "/objects/notes": "crm.objects.contacts.write",
    "/objects/contacts": "crm.objects.contacts.read",
}
