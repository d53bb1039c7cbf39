"""A fake of Freshdesk and Freshservice: their API over Flask, in memory, strict where the vendor is strict.

It is ours, not the vendor's. What it refuses, hides, rewrites and delays is what the vendor's documentation says, or
the worst that could be true where nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from tests.connectors.freshdesk.fake_html import as_text, sanitised

API_KEY = "made-up-api-key-0123456789"
NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
BODY_BYTES = 65_535
CUSTOM = {"freshdesk": {"cf_remote": "", "cf_asset": "PC-0042"}, "freshservice": {"remote": "", "asset": "PC-0042"}}
NUMBERS = frozenset({"status", "priority", "source", "urgency", "impact", "group_id", "responder_id"})
TEXTS = frozenset({"subject", "type", "due_by", "fr_due_by", "category", "sub_category", "resolution_notes"})
CREATES = frozenset({"description", "email", "name", "requester_id", "workspace_id", "subject", "tags"}) | NUMBERS


class Refused(Exception):
    def __init__(self, status: int, code: str = "", field: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.field, self.headers = status, code, field, dict(headers or {})


@dataclass
class Account:
    """One help desk with one ticket, its requester, and two agents; the API key belongs to the first."""

    product: str
    page_size: int = 100
    """The most that a page really has, whatever was asked for."""
    archive_feature: bool = True
    archived_redirect: bool = False
    may_see_agents: bool = True
    tells_me: bool = True
    closed_is_locked: bool = False
    calls_left: int | None = None
    makes_all_public: bool = False
    keeps_tags: bool = True
    ignores_fields: bool = False
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    archived: dict[int, dict[str, Any]] = field(default_factory=dict)
    indexed: dict[int, list[str]] = field(default_factory=dict)
    """The tags that a search knows of each ticket; it lags until `reindex`."""
    agents: dict[int, tuple[str, str]] = field(
        default_factory=lambda: {7: ("Bridge", "bridge@acme.example"), 8: ("Alex Agent", "agent@example.com")}
    )
    people: dict[int, tuple[str, str]] = field(default_factory=lambda: {501: ("Chris", "customer@example.com")})
    seconds: int = 0
    last_id: int = 1_000

    @property
    def wrapped(self) -> bool:
        return self.product == "freshservice"

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def now(self) -> str:
        """The moment, a second later each time."""
        self.seconds += 1
        return (NOW + timedelta(seconds=self.seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def open_ticket(self, subject: str, *tags: str, **more: Any) -> dict[str, Any]:
        number, moment = self.next_id(), self.now()
        self.tickets[number] = {
            "id": number,
            "subject": subject,
            "description": "<div>It does not print.</div>",
            "status": 2,
            "priority": 1,
            "source": 2,
            "type": "Incident",
            "tags": list(tags),
            "custom_fields": dict(CUSTOM[self.product]),
            "requester_id": 501,
            "responder_id": 8,
            "group_id": None,
            "deleted": False,
            "spam": False,
            "created_at": moment,
            "updated_at": moment,
            "conversations": [],
            "time_entries": [],
            **more,
        }
        return self.tickets[number]

    def archive(self, number: int) -> None:
        self.archived[number] = self.tickets.pop(number)

    def reindex(self) -> None:
        self.indexed = {number: list(ticket["tags"]) for number, ticket in self.tickets.items()}


def fake(account: Account) -> Flask:
    """The API of the account as a Flask app."""
    app = Flask("fake-fresh")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it

    @app.before_request
    def open_the_door() -> None:
        given = request.authorization
        if given is None or given.type != "basic" or (given.username, given.password) != (API_KEY, "X"):
            raise Refused(401, "invalid_credentials")
        if account.calls_left is not None:
            if account.calls_left == 0:
                raise Refused(429, headers={"Retry-After": "23"})
            account.calls_left -= 1

    @app.after_request
    def count(response: Response) -> Response:
        if account.calls_left is not None:
            response.headers["X-Ratelimit-Total"] = "50.0"
            response.headers["X-Ratelimit-Remaining"] = str(account.calls_left)
        return response

    @app.errorhandler(Refused)
    def refuse(error: Refused) -> Response:
        message = "what somebody typed stands here"
        body: dict[str, Any] = {"code": error.code, "message": message}
        if error.field:
            one = {"field": error.field, "message": message, "code": error.code}
            body = {"description": "Validation failed", "errors": [one]}
        response = jsonify(body) if error.code else Response()
        response.status_code = error.status
        response.headers.extend(error.headers)
        return response

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        return Response(status=error.code)

    @app.get("/api/v2/agents/me")
    def me() -> Response:
        if not account.tells_me:
            raise Refused(404)
        return one("agent", agent(7))

    @app.get("/api/v2/agents")
    def agents() -> Response:
        if not account.may_see_agents:
            raise Refused(403, "access_denied")
        email = request.args.get("email", "")
        return many("agents", [agent(number) for number, (_, at) in account.agents.items() if email in ("", at)])

    @app.get("/api/v2/agents/<int:number>")
    def one_agent(number: int) -> Response:
        if not account.may_see_agents:
            raise Refused(403, "access_denied")
        if number not in account.agents:
            raise Refused(404)
        return one("agent", agent(number))

    @app.get("/api/v2/tickets")
    def tickets() -> Response:
        known = {"updated_since", "order_type", "page", "per_page", "email"}
        known |= {"workspace_id"} if account.wrapped else {"order_by", "include"}
        if set(request.args) - known:
            raise Refused(400, "invalid_field", sorted(set(request.args) - known)[0])
        since = request.args.get("updated_since", "")
        rows = [row for row in account.tickets.values() if not row["deleted"] and row["updated_at"] >= since]
        by = request.args.get("order_by", "created_at")
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=request.args.get("order_type", "desc") == "desc")
        hidden = {"conversations", "time_entries"} | ({"tags"} if account.wrapped else {"description"})
        return many(
            "tickets", [{name: row[name] for name in row if name not in hidden} | described(row) for row in rows]
        )

    @app.get("/api/v2/search/tickets" if not account.wrapped else "/api/v2/tickets/filter")
    def search() -> Response:
        query = request.args["query"]
        asked = re.fullmatch(r"\"(?:updated_at:>'(\d{4}-\d\d-\d\d)' AND )?tag:'([^']*)'\"", query)
        if not asked or len(query) > 512:
            raise Refused(400, "invalid_value", "query")
        found = [n for n, tags in account.indexed.items() if asked[2] in tags and n in account.tickets]
        rows = [account.tickets[n] for n in found if account.tickets[n]["updated_at"] >= (asked[1] or "")]
        answer = [{"id": row["id"], "updated_at": row["updated_at"]} for row in paged(rows, 30)]
        return linked(jsonify({"tickets" if account.wrapped else "results": answer, "total": len(rows)}), rows, 30)

    @app.post("/api/v2/tickets")
    def create() -> Response:
        body = sent(CREATES)
        for name in ("description", "subject", "status", "priority"):
            if not body.get(name):
                raise Refused(400, "missing_field", name)
        ticket = account.open_ticket(body["subject"], requester_id=requester(body), made=True)
        change(ticket, {name: body[name] for name in ("status", "priority", "source", "tags") if name in body})
        ticket["description"] = sanitised(body["description"])
        return one("ticket", shown(ticket), 201)

    @app.get("/api/v2/tickets/<int:number>")
    def view(number: int) -> Response:
        return one("ticket", shown(found(number, to_change=False), *request.args.get("include", "").split(",")))

    @app.put("/api/v2/tickets/<int:number>")
    def update(number: int) -> Response:
        body = sent(NUMBERS | TEXTS | {"tags", "custom_fields"})
        ticket = found(number, opens="status" in body and body["status"] != 5)
        change(ticket, {} if account.ignores_fields and "tags" not in body else body)
        return one("ticket", shown(ticket, "tags"))

    @app.get("/api/v2/tickets/archived/<int:number>")
    def view_archived(number: int) -> Response:
        return one("ticket", shown(archived(number)))

    @app.get("/api/v2/tickets/archived/<int:number>/conversations")
    def talk_archived(number: int) -> Response:
        return many("conversations", archived(number)["conversations"])

    @app.get("/api/v2/tickets/<int:number>/conversations")
    def conversations(number: int) -> Response:
        return many("conversations", found(number, to_change=False)["conversations"])

    @app.post("/api/v2/tickets/<int:number>/notes")
    def note(number: int) -> Response:
        body = sent({"body", "private", "incoming", "notify_emails", "user_id"})
        return talk(found(number), body, private=body.get("private", True), source=2, tells_private=True)

    @app.post("/api/v2/tickets/<int:number>/reply")
    def reply(number: int) -> Response:
        ticket = found(number)
        body = sent({"body", "from_email", "user_id", "cc_emails", "bcc_emails"})
        if not account.people.get(ticket["requester_id"], ("", ""))[1]:
            raise Refused(400, "invalid_value", "email")
        return talk(ticket, body, private=False, source=0, tells_private=False)

    @app.get("/api/v2/tickets/<int:number>/time_entries")
    def times(number: int) -> Response:
        return many("time_entries", found(number, to_change=False)["time_entries"])

    @app.post("/api/v2/tickets/<int:number>/time_entries")
    def add_time(number: int) -> Response:
        entries = found(number)["time_entries"]
        body = sent({"time_entry"})["time_entry"] if account.wrapped else sent(TIME_FIELDS)
        check_time(body)
        entries.append({"id": account.next_id(), "billable": True, **body})
        return one("time_entry", entries[-1], 201)

    # what the calls have in common

    def sent(known: frozenset[str] | set[str]) -> dict[str, Any]:
        if request.mimetype == "multipart/form-data":
            body: Any = {name: {"true": True, "false": False}.get(text, text) for name, text in request.form.items()}
        elif request.mimetype == "application/json":
            body = request.get_json(silent=True)
        else:
            raise Refused(415, "invalid_json")
        if not isinstance(body, dict):
            raise Refused(400, "invalid_json")
        for name in body:
            if name not in known:
                raise Refused(400, "invalid_field", name)
        return body

    def found(number: int, *, to_change: bool = True, opens: bool = False) -> dict[str, Any]:
        if number in account.archived and account.archived_redirect:
            raise Refused(301, headers={"Location": f"/api/v2/tickets/archived/{number}"})
        if number not in account.tickets:
            raise Refused(404)
        ticket = account.tickets[number]
        if to_change and (ticket["deleted"] or ticket["spam"]):
            raise Refused(405)
        if to_change and account.closed_is_locked and ticket["status"] == 5 and not opens:
            raise Refused(403, "access_denied")
        return ticket

    def archived(number: int) -> dict[str, Any]:
        if not account.archive_feature:
            raise Refused(403, "require_feature")
        if number not in account.archived or account.wrapped:
            raise Refused(404)
        return account.archived[number]

    def change(ticket: dict[str, Any], body: Mapping[str, Any]) -> None:
        for name in NUMBERS & set(body):
            if not isinstance(body[name], int) or isinstance(body[name], bool):
                raise Refused(400, "datatype_mismatch", name)
        if body.get("status", 2) not in (2, 3, 4, 5, 6):
            raise Refused(400, "invalid_value", "status")
        for tag in body.get("tags", ()):
            if len(tag) > 32 or "," in tag:
                raise Refused(400, "invalid_value", "tags")
        for name in body.get("custom_fields", ()):
            if name not in ticket["custom_fields"]:
                raise Refused(400, "invalid_field", name)
        custom = {**ticket["custom_fields"], **body.get("custom_fields", {})}
        tags = body.get("tags", ticket["tags"]) if account.keeps_tags else ticket["tags"]
        ticket.update({**body, "custom_fields": custom, "tags": list(tags), "updated_at": account.now()})

    def requester(body: Mapping[str, Any]) -> int:
        if body.get("requester_id"):
            return int(body["requester_id"])
        if not body.get("email"):
            raise Refused(400, "missing_field", "email")
        known = [number for number, (_, email) in account.people.items() if email == body["email"]]
        number = known[0] if known else account.next_id()
        account.people[number] = (body.get("name", ""), body["email"])
        return number

    def talk(
        ticket: dict[str, Any], body: Mapping[str, Any], *, private: object, source: int, tells_private: bool
    ) -> Response:
        text = body.get("body")
        if not isinstance(private, bool):
            raise Refused(400, "datatype_mismatch", "private")
        if not isinstance(text, str) or not text or len(text.encode()) > BODY_BYTES:
            raise Refused(400, "invalid_value", "body")
        files = [(f.filename or "", f.read(), f.mimetype) for f in request.files.getlist("attachments[]")]
        before = sum(len(f[1]) for told in ticket["conversations"] for f in told["files"])
        if before + sum(len(f[1]) for f in files) > (15 if account.wrapped else 20) * 1024 * 1024:
            raise Refused(400, "invalid_size", "attachments")
        kept = sanitised(text)
        told = {
            "id": account.next_id(),
            "body": kept,
            "body_text": as_text(kept),
            "incoming": False,
            "private": private and not account.makes_all_public,
            "source": source,
            "user_id": 7,
            "ticket_id": ticket["id"],
            "created_at": account.now(),
            "files": files,
        }
        ticket["conversations"].append(told)
        ticket["updated_at"] = told["created_at"]
        hidden = {"files"} if tells_private else {"files", "private", "incoming", "source"}
        return one("conversation", {name: told[name] for name in told if name not in hidden}, 201)

    def check_time(body: Mapping[str, Any]) -> None:
        for name in body:
            if name not in TIME_FIELDS:
                raise Refused(400, "invalid_field", name)
        if not re.fullmatch(r"[0-9]{2,}:[0-5][0-9]", str(body.get("time_spent"))):
            raise Refused(400, "invalid_value", "time_spent")
        if body.get("executed_at", "") > NOW.strftime("%Y-%m-%dT%H:%M:%SZ"):
            raise Refused(400, "invalid_value", "executed_at")
        if account.wrapped and "agent_id" not in body:
            raise Refused(400, "missing_field", "agent_id")
        if body.get("agent_id", 7) not in account.agents:
            raise Refused(400, "invalid_value", "agent_id")

    def described(row: Mapping[str, Any]) -> dict[str, str]:
        return {"description_text": as_text(row["description"])} if account.wrapped else {}

    def shown(ticket: Mapping[str, Any], *include: str) -> dict[str, Any]:
        hidden = {"conversations", "time_entries", "made"} | ({"tags"} if account.wrapped else set()) - set(include)
        answer = {name: ticket[name] for name in ticket if name not in hidden}
        if "requester" in include:
            name, email = account.people[ticket["requester_id"]]
            answer["requester"] = {"id": ticket["requester_id"], "name": name, "email": email}
        return answer

    def agent(number: int) -> dict[str, Any]:
        name, email = account.agents[number]
        if account.wrapped:
            first, _, last = name.partition(" ")
            return {"id": number, "first_name": first, "last_name": last or None, "email": email}
        return {"id": number, "contact": {"name": name, "email": email}, "ticket_scope": 1}

    def one(name: str, row: Mapping[str, Any], status: int = 200) -> Response:
        response = jsonify({name: row} if account.wrapped else row)
        response.status_code = status
        return response

    def many(name: str, rows: list[dict[str, Any]]) -> Response:
        size = min(int(request.args.get("per_page", "30")), account.page_size)
        if not 1 <= int(request.args.get("per_page", "30")) <= 100 or int(request.args.get("page", "1")) > 300:
            raise Refused(400, "invalid_value", "per_page")
        answer = [{key: row[key] for key in row if key != "files"} for row in paged(rows, size)]
        return linked(jsonify({name: answer} if account.wrapped else answer), rows, size)

    def paged(rows: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
        start = (int(request.args.get("page", "1")) - 1) * size
        return rows[start : start + size]

    def linked(response: Response, rows: list[dict[str, Any]], size: int) -> Response:
        page = int(request.args.get("page", "1"))
        if page * size < len(rows):
            response.headers["Link"] = f'<{request.base_url}?page={page + 1}>;rel="next"'
        return response

    return app


TIME_FIELDS = frozenset({"agent_id", "billable", "executed_at", "note", "task_id", "time_spent", "timer_running"})
