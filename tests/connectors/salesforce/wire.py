"""The fake organization's REST API and token page, over HTTP. It is a fake too: written from the documentation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from flask import Flask, Response, jsonify, request

from tests.connectors.salesforce.fake import (
    CLIENT_ID,
    CLIENT_SECRET,
    ORGANIZATION,
    REFRESH_TOKEN,
    SETTABLE,
    USERNAME,
    Organization,
)
from tests.connectors.salesforce.soql import Refused, Row

DATA = "/services/data/v62.0"
TOKEN = "/services/oauth2/token"


def app(org: Organization) -> Flask:
    flask = Flask(__name__)
    _add_errors_and_limits(flask, org)
    _add_tokens(flask, org)
    _add_queries(flask, org)
    _add_changes(flask, org)
    return flask


def _add_errors_and_limits(flask: Flask, org: Organization) -> None:
    @flask.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        told = {"errorCode": error.code, "message": error.message or "refused", "fields": list(error.fields)}
        return jsonify([told]), error.status

    @flask.before_request
    def signed_in() -> None:
        if request.path == TOKEN:
            return
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        if word != "Bearer" or token not in org.tokens:
            raise Refused("INVALID_SESSION_ID", 401)
        org.used += 1
        if org.used > org.hard_limit:
            raise Refused("REQUEST_LIMIT_EXCEEDED", 403, message="TotalRequests Limit exceeded.")

    @flask.after_request
    def usage(response: Response) -> Response:
        if request.path != TOKEN:
            response.headers["Sforce-Limit-Info"] = f"api-usage={org.used}/{org.limit}"
        return response


def _add_tokens(flask: Flask, org: Organization) -> None:
    @flask.post(TOKEN)
    def token() -> Any:
        form = request.form
        if form.get("grant_type") == "refresh_token":
            given = (form.get("client_id"), form.get("client_secret"), form.get("refresh_token"))
            right = given == (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)
        else:
            signed = form.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            right = signed and _believed(org, form["assertion"])
        if not right:
            return jsonify({"error": "invalid_grant", "error_description": "a secret word"}), 400
        org.counter += 1
        made = f"00D5g!token.{org.counter}"
        org.tokens.add(made)
        # Salesforce does not say how long it lives.
        return jsonify({"access_token": made, "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"})


def _believed(org: Organization, assertion: str) -> bool:
    try:
        claims = jwt.decode(assertion, org.public_key, algorithms=["RS256"], audience=org.audience)
    except jwt.PyJWTError:
        return False
    life = claims["exp"] - datetime.now(UTC).timestamp()
    return 0 < life <= 180 and (claims["iss"], claims["sub"]) == (CLIENT_ID, USERNAME)


def _add_queries(flask: Flask, org: Organization) -> None:
    @flask.get(f"{DATA}/")
    def resources() -> Any:
        identity = f"https://acme.my.salesforce.com/id/{ORGANIZATION}/{org.us}"
        return jsonify({"identity": identity, "query": f"{DATA}/query"})

    @flask.get(f"{DATA}/query")
    @flask.get(f"{DATA}/queryAll")
    def query() -> Any:
        rows = org.answer(request.args["q"], deleted=request.path.endswith("All"))
        org.counter += 1
        return page(f"01g5g{org.counter:010d}", rows, 0)

    @flask.get(f"{DATA}/query/<locator>")
    def next_page(locator: str) -> Any:
        if locator not in org.pages:
            raise Refused("INVALID_QUERY_LOCATOR")
        rows, start = org.pages[locator]
        return page(locator.partition("-")[0], rows, start)

    def page(cursor: str, rows: list[Row], start: int) -> Any:
        end = start + org.page_size
        answer: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
        if not answer["done"]:
            org.pages[f"{cursor}-{end}"] = rows, end
            answer["nextRecordsUrl"] = f"{DATA}/query/{cursor}-{end}"
        return jsonify(answer)


def _add_changes(flask: Flask, org: Organization) -> None:
    @flask.post(f"{DATA}/sobjects/<kind>")
    def create(kind: str) -> Any:
        if kind not in SETTABLE:
            raise Refused("NOT_FOUND", 404)
        made = org.upload(*_multipart()) if kind == "ContentVersion" else org.create(kind, _json())
        return jsonify({"id": made, "success": True, "errors": []}), 201

    @flask.patch(f"{DATA}/sobjects/<kind>/<record_id>")
    def update(kind: str, record_id: str) -> Any:
        org.update(kind, record_id, _json())
        return "", 204

    @flask.delete(f"{DATA}/sobjects/<kind>/<record_id>")
    def delete(kind: str, record_id: str) -> Any:
        org.alive(kind, record_id, "NOT_FOUND")["IsDeleted"] = True
        return "", 204


def _json() -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise Refused("UNSUPPORTED_MEDIA_TYPE", 415)
    body = request.get_json()
    assert isinstance(body, dict)
    return body


def _multipart() -> tuple[Mapping[str, Any], bytes]:
    """One part with the fields as JSON, one with the bytes under the name of the field that they are for."""
    if request.mimetype != "multipart/form-data":
        raise Refused("UNSUPPORTED_MEDIA_TYPE", 415)
    if request.files.keys() != {"VersionData"} or request.form.keys() != {"entity_content"}:
        raise Refused("INVALID_MULTIPART_REQUEST")
    fields = json.loads(request.form["entity_content"])
    assert isinstance(fields, dict)
    return fields, request.files["VersionData"].read()
