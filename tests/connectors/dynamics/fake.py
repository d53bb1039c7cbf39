"""A fake of Dataverse's Web API and of the tenant's token page: a Flask app, strict where the documents are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, jsonify, request

from tests.connectors.dynamics.tables import (
    BINDS,
    COLUMNS,
    KEYS,
    LABELS,
    ORGANIZATION,
    USER,
    Organisation,
    Refused,
    Row,
)

TENANT = "22222222-2222-4222-8222-222222222222"
CLIENT = "33333333-3333-4333-8333-333333333333"
SECRET = "made-up-client-secret"
API = "/api/data/v9.2"
PAGE = 2
"""The most rows on one page, whatever is asked."""
GUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
FORMATTED = "OData.Community.Display.V1.FormattedValue"
TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"


class FakeDataverse:
    """One organisation with one application that may sign in."""

    def __init__(self) -> None:
        self.org = Organisation()
        self.tokens: list[str] = []
        self.member = True
        """Whether the application is a user of the organisation."""
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []
        """Method, path and headers of each request to the API."""
        self.app = _app(self)

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def new_token(self) -> str:
        self.tokens.append(f"made-up-token-{len(self.asked)}-{len(self.tokens)}")
        return self.tokens[-1]


def _app(fake: FakeDataverse) -> Flask:
    app = Flask("tests.fake.dataverse", static_folder=None)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        return jsonify(error.body), error.status

    @app.post(f"/{TENANT}/oauth2/v2.0/token")
    def token() -> tuple[Response, int]:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return jsonify(error="invalid_client", error_description="AADSTS7000215: made up"), 401
        if form.get("grant_type") != "client_credentials" or form.get("scope") != f"{request.host_url}.default":
            return jsonify(error="invalid_scope", error_description="AADSTS70011: made up"), 400
        return jsonify(token_type="Bearer", expires_in=3599, access_token=fake.new_token()), 200

    @app.route(f"{API}/<path:resource>", methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
    def api(resource: str) -> Response | tuple[Response, int]:
        _guard(fake)
        if resource == "WhoAmI" and request.method == "GET":
            return jsonify(UserId=USER, OrganizationId=ORGANIZATION, BusinessUnitId=ORGANIZATION)
        return _answer(fake, resource)

    return app


def _answer(fake: FakeDataverse, resource: str) -> Response | tuple[Response, int]:
    one = re.fullmatch(rf"(\w+)\(({GUID})\)", resource)
    table = one[1] if one else resource
    if table not in KEYS:
        raise Refused(404, "0x80060888", f"Resource not found for the segment '{table}'.")
    if one and request.method == "GET":
        return jsonify(_shown(fake.org, table, fake.org.row(table, one[2])))
    if one and request.method == "PATCH":
        return _patched(fake, table, one[2].lower())
    if not one and request.method == "GET":
        return jsonify(_listed(fake.org, table))
    raise Refused(405, "0x80060888", "The method is not allowed here.")


def _guard(fake: FakeDataverse) -> None:
    fake.asked.append((request.method, request.path, dict(request.headers)))
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in fake.tokens:
        raise Refused(401, "", "Authorization required.")
    if not fake.member:
        raise Refused(403, "0x80072560", "The user is not a member of the organization.")
    if request.headers.get("OData-Version") != "4.0" or request.headers.get("Accept") != "application/json":
        raise Refused(400, "0x80060888", "The OData version is missing.")


def _patched(fake: FakeDataverse, table: str, identity: str) -> Response | tuple[Response, int]:
    sent = request.get_json(silent=True) if request.mimetype == "application/json" else None
    if not isinstance(sent, dict):
        raise Refused(400, "0x80048d19", "The request body is not JSON.")
    match, none_match = (request.headers.get(name, "") for name in ("If-Match", "If-None-Match"))
    row = fake.org.upsert(table, identity, sent, match=match, none_match=none_match)
    if "return=representation" in request.headers.get("Prefer", ""):
        return jsonify(_shown(fake.org, table, row))
    answer = Response(status=204)
    answer.headers["OData-EntityId"] = f"{request.host_url}{API[1:]}/{table}({identity})"
    return answer


def _shown(org: Organisation, table: str, row: Row) -> dict[str, Any]:
    """The row's selected columns, with annotations where they are asked for, and its expanded lookups."""
    select = request.args.get("$select")
    names = select.split(",") if select else list(COLUMNS[table])
    for name in names:
        if name not in COLUMNS[table]:
            raise Refused(400, "0x80060888", f"Could not find a property named '{name}' on type.")
    told = {"@odata.etag": 'W/"1"', KEYS[table]: row[KEYS[table]], **{name: row[name] for name in names}}
    if "odata.include-annotations" in request.headers.get("Prefer", ""):
        told |= _annotated(org, told)
    for relation in re.findall(r"(\w+)\(\$select=[\w,]+\)", request.args.get("$expand", "")):
        told[relation] = _expanded(org, table, row, relation)
    return told


def _annotated(org: Organisation, told: Mapping[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for name, value in told.items():
        if name in LABELS and value is not None:
            extra[f"{name}@{FORMATTED}"] = LABELS[name].get(value, str(value))
        elif name.endswith("_value") and value is not None:
            table, row = next((table, rows[value]) for table, rows in org.tables.items() if value in rows)
            extra[f"{name}@{TABLE}"] = table[:-1]
            extra[f"{name}@{FORMATTED}"] = row.get("fullname") or row.get("name") or row.get("title")
    return extra


def _expanded(org: Organisation, table: str, row: Row, relation: str) -> Row | None:
    if relation == "owninguser":
        return org.tables["systemusers"].get(row["_ownerid_value"] or "")
    if relation not in BINDS[table]:
        raise Refused(400, "0x80060888", f"Could not find a property named '{relation}' on type.")
    column, target = BINDS[table][relation]
    return org.tables[target].get(row[column] or "")


def _listed(org: Organisation, table: str) -> dict[str, Any]:
    """One page of the rows that the filter lets through."""
    rows = [row for row in org.tables[table].values() if _passes(row, request.args.get("$filter", ""))]
    order = [part.split(" ")[0] for part in request.args.get("$orderby", KEYS[table]).split(",")]
    rows.sort(key=lambda row: [str(row[name]) for name in order])
    asked = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("Prefer", ""))
    size = min(PAGE, int(asked[1])) if asked else int(request.args.get("$top", 5_000))
    start = int(request.args.get("$skiptoken", 0))
    answer: dict[str, Any] = {"value": [_shown(org, table, row) for row in rows[start : start + size]]}
    if asked and start + size < len(rows):
        query = {**request.args.to_dict(), "$skiptoken": str(start + size)}
        told = "&".join(f"{quote(name)}={quote(value)}" for name, value in query.items())
        answer["@odata.nextLink"] = f"{request.base_url}?{told}"
    return answer


def _passes(row: Row, condition: str) -> bool:
    for term in filter(None, condition.split(" and ")):
        found = re.fullmatch(r"(\w+) (eq|ge) ('(?:[^']|'')*'|[\w:.+-]+)", term)
        if not found or found[1] not in row:
            raise Refused(400, "0x80060888", "Syntax error in the filter.")
        told, asked = row[found[1]], found[3]
        if asked.startswith("'"):
            fits = str(told or "").lower() == asked[1:-1].replace("''", "'").lower()
        elif found[2] == "ge":
            fits = datetime.fromisoformat(told) >= datetime.fromisoformat(asked)
        else:
            fits = str(told).lower() == asked
        if not fits:
            return False
    return True
