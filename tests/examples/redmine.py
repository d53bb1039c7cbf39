"""A fake of Redmine 7: its REST API and its webhooks, as its source has them. No Redmine runs here.

Strict where Redmine is: what a user has no right to is left out of a change without a word (204 all the same, and a
note that should be private is then public), uploads only as octet streams, pages of at most a hundred.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from connectors.signatures import REDMINE, sign
from tests.contract.desk import Entry, File, Opened, Shown, Webhook
from tests.examples.example import VARIABLES, ExampleDesk, seen_markdown

MAX_PAGE = 100
OURS, AGENT = 7, 3
CLOSED, NEW = 5, 1


@dataclass
class Journal:
    id: int
    notes: str
    private: bool
    user: int = OURS


@dataclass
class Issue:
    id: int
    subject: str
    description: str = ""
    status: int = NEW
    private: bool = False
    custom: dict[str, str] = field(default_factory=lambda: {"5": "", "6": ""})
    journals: list[Journal] = field(default_factory=list)
    attachments: list[File] = field(default_factory=list)
    hours: list[dict[str, Any]] = field(default_factory=list)
    by_api: bool = False
    forbidden: bool = False

    def told(self) -> dict[str, Any]:
        closed = self.status == CLOSED
        return {
            "id": self.id,
            "project": {"id": 1, "name": "Help desk"},
            "status": {"id": self.status, "name": "Closed" if closed else "New", "is_closed": closed},
            "author": {"id": 4, "name": "Chris Customer"},
            "subject": self.subject,
            "description": self.description,
            "is_private": self.private,
            "custom_fields": [{"id": int(number), "name": "A field", "value": v} for number, v in self.custom.items()],
        }


class Redmine:
    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.uploads: dict[str, File] = {}
        self.rights = {"add_notes", "set_notes_private", "edit_issues"}
        self.numbers = 100
        self.ticket = self.open("Printer stuck")
        self.app = Flask("redmine")
        self.app.before_request(self._refusal)
        rules: dict[str, tuple[Callable[..., ResponseReturnValue], list[str]]] = {
            "/issues.json": (self._issues, ["GET", "POST"]),
            "/issues/<issue_id>.json": (self._issue, ["GET", "PUT"]),
            "/time_entries.json": (self._times, ["GET", "POST"]),
            "/uploads.json": (self._upload, ["POST"]),
            "/users/current.json": (lambda: jsonify(user={"id": OURS, "login": "deskbridge"}), ["GET"]),
        }
        for rule, (view, methods) in rules.items():
            self.app.add_url_rule(rule, rule, view, methods=methods)

    def next(self) -> int:
        self.numbers += 1
        return self.numbers

    def open(self, subject: str, **more: Any) -> Issue:
        issue = Issue(self.next(), subject, **more)
        self.issues[issue.id] = issue
        return issue

    def payload(self, issue: Issue, kind: str, journal: Journal | None = None) -> bytes:
        data: dict[str, Any] = {"issue": issue.told()}
        if journal:
            user = {"id": journal.user, "name": "Somebody"}
            data["journal"] = {"id": journal.id, "notes": journal.notes, "user": user, "details": []}
        return json.dumps({"type": kind, "timestamp": "2026-03-02T10:29:58Z", "data": data}).encode()

    # the API

    def _refusal(self) -> ResponseReturnValue | None:
        return None if request.headers.get("X-Redmine-API-Key") == VARIABLES["REDMINE_API_KEY"] else _head(401)

    def _body(self, name: str) -> dict[str, Any]:
        """The parameters, which Rails reads only from the media types that it knows."""
        if request.mimetype != "application/json":
            return {}
        found = request.get_json().get(name)
        return found if isinstance(found, dict) else {}

    def _found(self, told: str) -> Issue | None:
        digits = "".join(one for one in told if one.isdigit())
        return self.issues.get(int(digits)) if digits else None  # as loosely as Rails casts an id

    def _issue(self, issue_id: str) -> ResponseReturnValue:
        issue = self._found(issue_id)
        if issue is None:
            return _head(404)
        if issue.forbidden:
            return _head(403)
        if request.method == "PUT":
            return self._change(issue, self._body("issue"))
        told = issue.told()
        if "journals" in request.args.get("include", ""):
            told["journals"] = [
                {"id": one.id, "user": {"id": one.user}, "notes": one.notes, "private_notes": one.private}
                for one in issue.journals
            ]
        return jsonify(issue=told)

    def _change(self, issue: Issue, told: dict[str, Any]) -> ResponseReturnValue:
        if "edit_issues" in self.rights:
            issue.status = int(told.get("status_id", issue.status))
            for one in told.get("custom_fields", ()):
                if str(one["id"]) in issue.custom:
                    issue.custom[str(one["id"])] = str(one["value"])
        for upload in told.get("uploads", ()):
            kept = self.uploads.pop(upload["token"])
            # Whatever the note says: who sees the issue sees its attachments.
            issue.attachments.append(File(upload["filename"], kept.content, public=True))
        if told.get("notes") and "add_notes" in self.rights:
            private = told.get("private_notes") is True and "set_notes_private" in self.rights
            issue.journals.append(Journal(self.next(), told["notes"], private))
        return _head(204)

    def _issues(self) -> ResponseReturnValue:
        if request.method == "POST":
            told = self._body("issue")
            if not told.get("subject") or told.get("project_id") != "helpdesk" or len(told["subject"]) > 255:
                return jsonify(errors=["Subject cannot be blank"]), 422
            issue = self.open(told["subject"], description=told.get("description", ""), by_api=True)
            issue.private = told.get("is_private") is True
            return jsonify(issue=issue.told()), 201
        found = [one for one in self.issues.values() if request.args.get("status_id") == "*" or one.status != CLOSED]
        if request.args.get("sort") == "id:desc":
            found.reverse()
        return _paged("issues", [one.told() for one in found])

    def _times(self) -> ResponseReturnValue:
        if request.method == "GET":
            issue = self._found(request.args.get("issue_id", ""))
            return _paged("time_entries", issue.hours if issue else [])
        told = self._body("time_entry")
        issue = self._found(str(told.get("issue_id", "")))
        if issue is None or not told.get("activity_id") or len(told.get("comments", "")) > 1024:
            return jsonify(errors=["Activity cannot be blank"]), 422
        issue.hours.append({"id": self.next(), "hours": round(float(told["hours"]), 2), "comments": told["comments"]})
        return jsonify(time_entry=issue.hours[-1]), 201

    def _upload(self) -> ResponseReturnValue:
        if request.mimetype != "application/octet-stream":
            return _head(406)
        token = f"{self.next()}.made-up"
        self.uploads[token] = File(request.args.get("filename", ""), request.get_data())
        return jsonify(upload={"id": 1, "token": token}), 201


def _paged(name: str, items: Sequence[object]) -> ResponseReturnValue:
    first, most = int(request.args.get("offset", 0)), min(int(request.args.get("limit", 25)), MAX_PAGE)
    return jsonify({name: items[first : first + most], "total_count": len(items), "offset": first, "limit": most})


def _head(status: int) -> Response:
    return Response(status=status)


class RedmineDesk(ExampleDesk):
    example = "redmine"
    connection = "redmine"
    wrong = (VARIABLES["REDMINE_API_KEY"], "another-key")
    note_write = ("PUT", "/issues/*.json")
    time_write = ("POST", "/time_entries.json")
    ticket_write = ("POST", "/issues.json")
    takes_notes_when_closed = True
    a_field = ("5", "done")
    missing_id = "99999"
    redmine: Redmine

    def standing_on(self, redmine: Redmine) -> RedmineDesk:
        self.redmine = redmine
        self.ticket_id = str(redmine.ticket.id)
        return self

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.redmine.ticket.custom["5"] = "requested"
        return [self.webhook(Journal(self.redmine.next(), "", private=False, user=AGENT))]

    def webhook(self, journal: Journal) -> Webhook:
        body = self.redmine.payload(self.redmine.ticket, "issue.updated", journal)
        proof = sign(REDMINE, self.hook_secret, body, moment=datetime.now(UTC))
        return Webhook(body, {"content-type": "application/json", "user-agent": "Redmine", **proof})

    def notes(self) -> list[Shown]:
        return [Shown(seen_markdown(one.notes), not one.private) for one in self.redmine.ticket.journals]

    def files(self) -> list[File]:
        return self.redmine.ticket.attachments

    def times(self) -> list[Entry]:
        return [Entry(round(one["hours"] * 60)) for one in self.redmine.ticket.hours]

    def value_of(self, name: str) -> object:
        return self.redmine.ticket.custom[name]

    def opened(self) -> list[Opened]:
        made = [one for one in self.redmine.issues.values() if one.by_api]
        assert all(one.private for one in made)
        return [Opened(str(one.id), one.subject, seen_markdown(one.description)) for one in made]

    def is_open(self) -> bool:
        return self.redmine.ticket.status != CLOSED

    def close_ticket(self) -> None:
        self.redmine.ticket.status = CLOSED
