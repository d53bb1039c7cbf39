"""What the fake of a ServiceNow instance answers to requests."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, Response, jsonify, request

from tests.connectors.servicenow.fake import (
    CLIENT_ID,
    CLIENT_SECRET,
    COLUMNS,
    PASSWORD,
    USERNAME,
    File,
    Row,
    ServiceNow,
)


def failure(status: int, message: str) -> Response:
    return answer_of({"error": {"message": message, "detail": None}, "status": "failure"}, status)


def signed_in(state: ServiceNow, asked: Request) -> bool:
    word, _, proof = asked.headers.get("Authorization", "").partition(" ")
    if word == "Basic":
        return base64.b64decode(proof).decode() == f"{USERNAME}:{PASSWORD}"
    return word == "Bearer" and proof in state.tokens


def app_of(state: ServiceNow) -> Flask:
    """The instance as a web application."""
    app, api = Flask("servicenow"), Api(state)
    app.before_request(api.gate)
    for method, path, view in (
        ("POST", "/oauth_token.do", api.token),
        ("GET", "/api/now/table/<table>", api.listing),
        ("POST", "/api/now/table/<table>", api.insert),
        ("GET", "/api/now/table/<table>/<sys_id>", api.one),
        ("PATCH", "/api/now/table/<table>/<sys_id>", api.update),
        ("GET", "/api/now/attachment", api.attachments),
        ("POST", "/api/now/attachment/file", api.attach),
    ):
        app.add_url_rule(path, f"{method} {path}", view, methods=[method])
    return app


@dataclass
class Api:
    """What the instance answers."""

    state: ServiceNow

    def gate(self) -> Response | None:
        if self.state.asleep:
            return Response("<html><body>Your instance is hibernating</body></html>", 200, mimetype="text/html")
        if request.path == "/oauth_token.do" or signed_in(self.state, request):
            return None
        return failure(401, "User Not Authenticated")

    def token(self) -> Response:
        form = request.form
        right = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if form.get("grant_type") != "client_credentials" or not right:
            return answer_of({"error": "access_denied", "error_description": "access_denied"}, 401)
        self.state.tokens.append(f"token-{uuid.uuid4().hex}")
        return jsonify({"access_token": self.state.tokens[-1], "token_type": "Bearer", "expires_in": 1799})

    def listing(self, table: str) -> Response:
        if refused := refusal(self.state, table):
            return refused
        found = self.state.select(table, request.args.get("sysparm_query", ""))
        offset, limit = int(request.args.get("sysparm_offset", 0)), int(request.args.get("sysparm_limit", 10_000))
        page = [row for row in found[offset : offset + limit] if row["sys_id"] not in self.state.hidden]
        answer = jsonify({"result": [answered(self.state, table, row) for row in page]})
        answer.headers["X-Total-Count"] = str(len(found))
        return answer

    def one(self, table: str, sys_id: str) -> Response:
        return refusal(self.state, table, sys_id) or self._told(table, self.state.tables[table][sys_id])

    def insert(self, table: str) -> Response:
        if refused := refusal(self.state, table, writes=True):
            return refused
        row = self.state.incident("") if table == "incident" else self.state.add(table)
        row["sys_created_by"] = USERNAME
        self.state.set(table, row, request.get_json())
        return self._told(table, row, 201)

    def update(self, table: str, sys_id: str) -> Response:
        if refused := refusal(self.state, table, sys_id, writes=True):
            return refused
        row = self.state.tables[table][sys_id]
        if self.state.closed_refuses and row["state"] == "7":
            return failure(403, "Operation Failed")
        self.state.set(table, row, request.get_json())
        return self._told(table, row)

    def _told(self, table: str, row: Row, status: int = 200) -> Response:
        return answer_of({"result": answered(self.state, table, row)}, status)

    def attachments(self) -> Response:
        wanted = dict(part.split("=", 1) for part in request.args["sysparm_query"].split("^"))
        at = (wanted["table_name"], wanted["table_sys_id"])
        return jsonify({"result": [told_file(one) for one in self.state.files if (one.table, one.record) == at]})

    def attach(self) -> Response:
        table, sys_id = request.args["table_name"], request.args["table_sys_id"]
        if refused := refusal(self.state, table, sys_id):
            return refused
        if self.state.tables[table][sys_id].get("state") == "7":
            return failure(403, "User Not Authorized")
        if not request.data:
            return failure(400, "Requested file is empty")
        made = File(uuid.uuid4().hex, table, sys_id, request.args["file_name"], request.mimetype, request.data)
        self.state.files.append(made)
        return answer_of({"result": told_file(made)})


def answer_of(body: object, status: int = 201) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer


def refusal(state: ServiceNow, table: str, sys_id: str = "", *, writes: bool = False) -> Response | None:
    """The answer to a request that is not done, in the vendor's order: table, rights, media type, record."""
    if table not in COLUMNS:
        return failure(400, f"Invalid table {table}")
    if table in state.forbidden or (writes and table in ("label", "label_entry")):
        return failure(403, "User Not Authorized")
    if writes and request.mimetype != "application/json":
        return failure(415, "Unsupported media type")
    if sys_id and (sys_id not in state.tables[table] or sys_id in state.hidden):
        return failure(404, "No Record found")
    return None


def answered(state: ServiceNow, table: str, row: Row) -> dict[str, Any]:
    names: Iterator[str] | tuple[str, ...] = COLUMNS[table]
    if request.args.get("sysparm_fields"):
        names = iter(request.args["sysparm_fields"].split(","))
    return state.told(table, row, names, both=request.args.get("sysparm_display_value") == "all")


def told_file(file: File) -> dict[str, str]:
    return {
        "sys_id": file.sys_id,
        "table_name": file.table,
        "table_sys_id": file.record,
        "file_name": file.name,
        "content_type": file.media_type,
        "size_bytes": str(len(file.content)),
    }
