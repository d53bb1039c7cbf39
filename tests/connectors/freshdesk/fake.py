"""A fake of Freshdesk and Freshservice: their API over Flask, in memory, strict where the vendor is strict.

It is ours, not the vendor's. What it refuses, hides, rewrites and delays is what the vendor's documentation says, or
the worst that could be true where nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from tests.connectors.freshdesk.account import BODY_BYTES, CREATES, NUMBERS, TEXTS, TIME_FIELDS, Account, Refused
from tests.connectors.freshdesk.fake_html import as_text, sanitised

API_KEY = "made-up-api-key-0123456789"
WORDS = "what somebody typed stands here"


def fake(account: Account) -> Flask:
    """The API of the account as a Flask app."""
    app, api = Flask("fake-fresh"), Api(account)
    app.before_request(api.door)
    app.after_request(api.count)
    app.register_error_handler(Refused, refuse)
    app.register_error_handler(HTTPException, lambda error: Response(status=error.code))
    for method, path, call in api.calls():
        app.add_url_rule(f"/api/v2/{path}", f"{method} {path}", call, methods=[method])
    return app


def refuse(error: Refused) -> Response:
    body: dict[str, Any] = {"code": error.code, "message": WORDS}
    if error.field:
        one = {"field": error.field, "message": WORDS, "code": error.code}
        body = {"description": "Validation failed", "errors": [one]}
    response = jsonify(body) if error.code else Response()
    response.status_code = error.status
    response.headers.extend(error.headers)
    return response


class Api:
    """What each call does."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def calls(self) -> list[tuple[str, str, Callable[..., Response]]]:
        search = "tickets/filter" if self.account.wrapped else "search/tickets"
        return [
            ("GET", "agents/me", self.me),
            ("GET", "agents", self.agents),
            ("GET", "agents/<int:number>", self.agent),
            ("GET", "tickets", self.tickets),
            ("GET", search, self.search),
            ("POST", "tickets", self.create),
            ("GET", "tickets/<int:number>", self.view),
            ("PUT", "tickets/<int:number>", self.update),
            ("GET", "tickets/archived/<int:number>", self.view_archived),
            ("GET", "tickets/archived/<int:number>/conversations", self.talk_archived),
            ("GET", "tickets/<int:number>/conversations", self.conversations),
            ("POST", "tickets/<int:number>/notes", self.note),
            ("POST", "tickets/<int:number>/reply", self.reply),
            ("GET", "tickets/<int:number>/time_entries", self.times),
            ("POST", "tickets/<int:number>/time_entries", self.add_time),
        ]

    def door(self) -> None:
        given = request.authorization
        if given is None or given.type != "basic" or (given.username, given.password) != (API_KEY, "X"):
            raise Refused(401, "invalid_credentials")
        if self.account.calls_left is not None:
            if self.account.calls_left == 0:
                raise Refused(429, headers={"Retry-After": "23"})
            self.account.calls_left -= 1

    def count(self, response: Response) -> Response:
        if self.account.calls_left is not None:
            response.headers["X-Ratelimit-Total"] = "50.0"
            response.headers["X-Ratelimit-Remaining"] = str(self.account.calls_left)
        return response

    # agents

    def me(self) -> Response:
        if not self.account.tells_me:
            raise Refused(404)
        return self.one("agent", self.shown_agent(7))

    def agents(self) -> Response:
        self.check_may_see_agents()
        email = request.args.get("email", "") if self.account.filters_agents else ""
        rows = [self.shown_agent(number) for number, (_, at) in self.account.agents.items() if email in ("", at)]
        rows += [self.shown_agent(number) for number, (_, at) in self.account.former.items() if email in ("", at)]
        return self.many("agents", rows)

    def agent(self, number: int) -> Response:
        self.check_may_see_agents()
        if number not in self.account.agents:
            raise Refused(404)
        return self.one("agent", self.shown_agent(number))

    def check_may_see_agents(self) -> None:
        if not self.account.may_see_agents:
            raise Refused(403, "access_denied")

    def shown_agent(self, number: int) -> dict[str, Any]:
        works = number in self.account.agents
        name, email = self.account.agents.get(number) or self.account.former[number]
        if self.account.wrapped:
            first, _, last = name.partition(" ")
            names = {"first_name": first, "last_name": last or None}
            return {"id": number, **names, "email": email, "active": works, "external_id": f"S-{number}"}
        contact = {"name": name, "email": email, "active": False}
        return {"id": number, "contact": contact, "ticket_scope": 1, "deactivated": not works}

    # tickets

    def tickets(self) -> Response:
        wrapped = self.account.wrapped
        known = {"updated_since", "order_type", "page", "per_page", "email"}
        known |= {"workspace_id"} if wrapped else {"order_by", "include"}
        if unknown := set(request.args) - known:
            raise Refused(400, "invalid_field", min(unknown))
        since = request.args.get("updated_since", "")
        rows = [row for row in self.account.tickets.values() if not row["deleted"] and row["updated_at"] >= since]
        by = request.args.get("order_by", "created_at")
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=request.args.get("order_type", "desc") == "desc")
        hidden = {"conversations", "time_entries", "made"} | ({"tags"} if wrapped else {"description"})
        return self.many("tickets", [_without(row, hidden) | self.described(row) for row in rows])

    def described(self, row: Mapping[str, Any]) -> dict[str, str]:
        return {"description_text": as_text(row["description"])} if self.account.wrapped else {}

    def search(self) -> Response:
        """By tag, and by day: an index that lags."""
        query, known = request.args["query"], self.account.indexed
        asked = re.fullmatch(r"\"(?:updated_at:>'(\d{4}-\d\d-\d\d)' AND )?tag:'([^']*)'\"", query)
        if not asked or len(query) > 512:
            raise Refused(400, "invalid_value", "query")
        found = [self.account.tickets[n] for n, tags in known.items() if asked[2] in tags and n in self.account.tickets]
        rows = [row for row in found if row["updated_at"] >= (asked[1] or "")]
        answer = [{"id": row["id"], "updated_at": row["updated_at"]} for row in _paged(rows, 30)]
        name = "tickets" if self.account.wrapped else "results"
        return _linked(jsonify({name: answer, "total": len(rows)}), rows, 30)

    def create(self) -> Response:
        body = sent(CREATES)
        for name in ("description", "subject", "status", "priority"):
            if not body.get(name):
                raise Refused(400, "missing_field", name)
        ticket = self.account.open_ticket(body["subject"], requester_id=self.account.requester(body), made=True)
        self.account.change(ticket, {n: body[n] for n in ("status", "priority", "source", "tags") if n in body})
        ticket["description"] = sanitised(body["description"])
        ticket["workspace_id"] = body.get("workspace_id", 1)
        return self.one("ticket", self.shown(ticket), 201)

    def view(self, number: int) -> Response:
        ticket = self.account.found(number, to_change=False)
        return self.one("ticket", self.shown(ticket, *request.args.get("include", "").split(",")))

    def update(self, number: int) -> Response:
        body = sent(NUMBERS | TEXTS | {"tags", "custom_fields"})
        ticket = self.account.found(number, opens=body.get("status", 5) != 5)
        self.account.change(ticket, {} if self.account.ignores_fields and "tags" not in body else body)
        return self.one("ticket", self.shown(ticket, "tags"))

    def view_archived(self, number: int) -> Response:
        return self.one("ticket", self.shown(self.account.old(number)))

    def shown(self, ticket: Mapping[str, Any], *include: str) -> dict[str, Any]:
        """As one ticket is answered: Freshservice leaves out tags unless they are asked for."""
        hidden = {"conversations", "time_entries", "made"} | ({"tags"} if self.account.wrapped else set())
        answer = _without(ticket, hidden - set(include))
        if "requester" in include:
            name, email = self.account.people[ticket["requester_id"]]
            answer["requester"] = {"id": ticket["requester_id"], "name": name, "email": email}
        return answer

    # conversations

    def conversations(self, number: int) -> Response:
        return self.many("conversations", self.account.found(number, to_change=False)["conversations"])

    def talk_archived(self, number: int) -> Response:
        return self.many("conversations", self.account.old(number)["conversations"])

    def note(self, number: int) -> Response:
        body = sent({"body", "private", "incoming", "notify_emails", "user_id"})
        told = self.talk(self.account.found(number), body, private=body.get("private", True), source=2)
        return self.one("conversation", _without(told, {"files"}), 201)

    def reply(self, number: int) -> Response:
        """Mails the requester; the answer does not speak of privacy."""
        ticket = self.account.found(number)
        body = sent({"body", "from_email", "user_id", "cc_emails", "bcc_emails"})
        if not self.account.people.get(ticket["requester_id"], ("", ""))[1]:
            raise Refused(400, "invalid_value", "email")
        told = self.talk(ticket, body, private=False, source=0)
        return self.one("conversation", _without(told, {"files", "private", "incoming", "source"}), 201)

    def talk(self, ticket: dict[str, Any], body: Mapping[str, Any], *, private: object, source: int) -> dict[str, Any]:
        text = body.get("body")
        if not isinstance(private, bool):
            raise Refused(400, "datatype_mismatch", "private")
        if not isinstance(text, str) or not text or len(text.encode()) > BODY_BYTES:
            raise Refused(400, "invalid_value", "body")
        files = [(file.filename or "", file.read(), file.mimetype) for file in request.files.getlist("attachments[]")]
        self.account.check_files(ticket, files)
        kept = sanitised(text)
        told = {
            "id": self.account.next_id(),
            "body": kept,
            "body_text": as_text(kept),
            "incoming": False,
            "private": private and not self.account.makes_all_public,
            "source": source,
            "user_id": 7,
            "ticket_id": ticket["id"],
            "created_at": self.account.now(),
            "files": files,
        }
        ticket["conversations"].append(told)
        ticket["updated_at"] = told["created_at"]
        return told

    # time

    def times(self, number: int) -> Response:
        return self.many("time_entries", self.account.found(number, to_change=False)["time_entries"])

    def add_time(self, number: int) -> Response:
        entries = self.account.found(number)["time_entries"]
        body = sent({"time_entry"})["time_entry"] if self.account.wrapped else sent(TIME_FIELDS)
        self.account.check_time(body)
        entries.append({"id": self.account.next_id(), "billable": True, **body})
        return self.one("time_entry", entries[-1], 201)

    # answers

    def one(self, name: str, row: Mapping[str, Any], status: int = 200) -> Response:
        response = jsonify({name: row} if self.account.wrapped else row)
        response.status_code = status
        return response

    def many(self, name: str, rows: list[dict[str, Any]]) -> Response:
        asked = int(request.args.get("per_page", "30"))
        if not 1 <= asked <= 100 or _page() > 300:
            raise Refused(400, "invalid_value", "per_page")
        size = min(asked, self.account.page_size)
        answer = [_without(row, {"files"}) for row in _paged(rows, size)]
        return _linked(jsonify({name: answer} if self.account.wrapped else answer), rows, size)


def sent(known: Set[str]) -> dict[str, Any]:
    """The body, JSON or multipart, with known fields only."""
    if request.mimetype == "multipart/form-data":
        body: Any = {name: {"true": True, "false": False}.get(text, text) for name, text in request.form.items()}
    elif request.mimetype == "application/json":
        body = request.get_json(silent=True)
    else:
        raise Refused(415, "invalid_json")
    if not isinstance(body, dict):
        raise Refused(400, "invalid_json")
    if unknown := set(body) - known:
        raise Refused(400, "invalid_field", min(unknown))
    return body


def _without(row: Mapping[str, Any], hidden: Set[str]) -> dict[str, Any]:
    return {name: row[name] for name in row if name not in hidden}


def _page() -> int:
    return int(request.args.get("page", "1"))


def _paged(rows: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    return rows[(_page() - 1) * size : _page() * size]


def _linked(response: Response, rows: list[dict[str, Any]], size: int) -> Response:
    """The answer with the link to the next page, if there is one."""
    if _page() * size < len(rows):
        response.headers["Link"] = f'<{request.base_url}?page={_page() + 1}>;rel="next"'
    return response
