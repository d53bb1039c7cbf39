"""`/crm/v3/objects/contacts`: read, by id or address, searched, changed; and what `doctor` asks.

Source: developers.hubspot.com/docs/api-reference/crm-contacts-v3. Nothing else of the vendor is here.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.crm.state import PROPERTIES, Contact, CrmState, Refused

SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.owners.read", "files", "tickets")
USUAL = ("email", "firstname", "lastname")
PATH = "/crm/v3/objects/contacts"


def blueprint(state: CrmState) -> Blueprint:
    """The API of the account."""
    api = Blueprint("api", __name__)

    @api.before_request
    def authenticate() -> None:
        if request.headers.get("Authorization") != f"Bearer {state.settings.access_token}":
            raise Refused(401, "INVALID_AUTHENTICATION")

    @api.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        body: dict[str, Any] = {"status": "error", "message": "in words", "category": error.category}
        if error.code:
            body["errors"] = [{"message": "in words", "code": error.code}]
        return jsonify(body), error.status

    @api.get(f"{PATH}/<contact_id>")
    def read(contact_id: str) -> Response:
        with state.lock:
            return jsonify(_shown(state, _named(state, contact_id), request.args.get("properties", "")))

    @api.patch(f"{PATH}/<contact_id>")
    def change(contact_id: str) -> Response:
        asked = _object().get("properties")
        if not isinstance(asked, dict):
            raise Refused(400, "VALIDATION_ERROR")
        properties = {name: _text(value) for name, value in asked.items()}
        contact = state.change(_named(state, contact_id).id, properties, state.app)
        return jsonify(_shown(state, contact, ",".join(properties)))

    @api.post(f"{PATH}/search")
    def search() -> Response:
        return _search(state)

    @api.post("/oauth/v2/private-apps/get/access-token-info")
    def token() -> Response:
        return _token(state)

    return api


def _search(state: CrmState) -> Response:
    with state.lock:
        found = [_shown(state, one, "") for one in state.contacts.values() if _fits(one, _object())]
    return jsonify(total=len(found), results=found)


def _token(state: CrmState) -> Response:
    if _object().get("tokenKey") != state.settings.access_token:
        raise Refused(404, "OBJECT_NOT_FOUND")
    return jsonify(userId=31, hubId=state.settings.portal_id, appId=state.settings.app_id, scopes=list(SCOPES))


def _named(state: CrmState, name: str) -> Contact:
    if request.args.get("idProperty") != "email":
        return state.contact(name)
    found = state.with_email(name)
    if found is None:
        raise Refused(404, "OBJECT_NOT_FOUND")
    return found


def _shown(state: CrmState, contact: Contact, wanted: str) -> dict[str, Any]:
    """The contact with what was asked for; what the account does not have is left out without a word."""
    names = [name for name in wanted.split(",") if name in PROPERTIES] or USUAL
    properties = {name: contact.properties.get(name) for name in names}
    url = f"{state.base_url}/contacts/{contact.id}"
    return {"id": contact.id, "properties": {**properties, "hs_object_id": contact.id}, "url": url, "archived": False}


def _fits(contact: Contact, asked: dict[str, Any]) -> bool:
    """Whether one group of filters lets it through; only EQ is known."""
    groups = asked.get("filterGroups")
    if not isinstance(groups, list) or not groups:
        raise Refused(400, "VALIDATION_ERROR")
    rules = [rule for group in groups for rule in group.get("filters", [])]
    if any(rule.get("operator") != "EQ" or rule.get("propertyName") not in PROPERTIES for rule in rules):
        raise Refused(400, "VALIDATION_ERROR")
    return any(
        all(contact.properties.get(rule["propertyName"], "") == rule.get("value") for rule in group["filters"])
        for group in groups
    )


def _object() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "VALIDATION_ERROR")
    return body


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
