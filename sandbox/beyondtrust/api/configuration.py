"""The Configuration API: a few resources, and the description that a client finds them by.

Source: Remote Support 23.2 API guide, chapter "Configuration API", which leaves the resources to the description.
Those here are made up in the manner of real ones: lists in pages, one thing by id, changes by PATCH.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.beyondtrust.api.description import DESCRIPTION, FIELDS, FILTERS, LISTED, PER_PAGE
from sandbox.beyondtrust.api.oauth import Gate, guarded
from sandbox.beyondtrust.state import ApplianceState

Item = dict[str, Any]
Kept = dict[str, dict[int, Item]]
KINDS: dict[str, type] = {"string": str, "integer": int, "boolean": bool}


def blueprint(state: ApplianceState, gate: Gate) -> Blueprint:
    """Everything below `/api/config/v1`."""
    api = Blueprint("configuration", __name__, url_prefix="/api/config/v1")
    guarded(gate, api)

    @api.before_request
    def permitted() -> Response | None:
        if "configuration" not in state.settings.denied:
            return None
        return _refused("The account does not have permission to use the Configuration API.", 403)

    @api.get("/openapi.yaml")
    def description() -> Response:
        return Response(DESCRIPTION, mimetype="application/yaml")

    kept: Kept = {"jump-group": _groups(), "user": _users(state)}
    _add_both(api, state, kept)
    _add_groups(api, state, kept["jump-group"])
    return api


def _add_both(api: Blueprint, state: ApplianceState, kept: Kept) -> None:
    @api.get("/<any('jump-group', user):resource>")
    def listed(resource: str) -> Response:
        with state.lock:
            return _page(resource, list(kept[resource].values()))

    @api.get("/<any('jump-group', user):resource>/<int:number>")
    def one(resource: str, number: int) -> Response:
        with state.lock:
            return jsonify(_found(kept[resource], number))

    @api.patch("/<any('jump-group', user):resource>/<int:number>")
    def changed(resource: str, number: int) -> Response:
        with state.lock:
            found = _found(kept[resource], number)
            fields, refused = _body(resource, whole=False)
            if refused is None:
                found.update(fields)
            return refused or jsonify(found)


def _add_groups(api: Blueprint, state: ApplianceState, groups: dict[int, Item]) -> None:
    @api.post("/jump-group")
    def made() -> tuple[Response, int] | Response:
        with state.lock:
            fields, refused = _body("jump-group", whole=True)
            if refused is not None:
                return refused
            number = max(groups, default=0) + 1
            groups[number] = {"id": number, "comments": "", **fields}
            return jsonify(groups[number]), 201

    @api.delete("/jump-group/<int:number>")
    def deleted(number: int) -> tuple[str, int]:
        with state.lock:
            _found(groups, number)
            del groups[number]
            return "", 204


def _groups() -> dict[int, Item]:
    names = {1: ("Servers", "servers"), 2: ("Branch offices", "branch_offices"), 3: ("Laboratory", "laboratory")}
    return {number: {"id": number, "name": a, "code_name": b, "comments": ""} for number, (a, b) in names.items()}


def _users(state: ApplianceState) -> dict[int, Item]:
    return {
        rep.id: {
            "id": rep.id,
            "username": rep.username,
            "public_display_name": rep.public_name,
            "private_display_name": rep.private_name,
            "email_address": rep.email,
            "enabled": True,
        }
        for rep in state.representatives.values()
    }


def _found(items: dict[int, Item], number: int) -> Item:
    if number not in items:
        abort(_refused("There is no such resource.", 404))
    return items[number]


def _page(resource: str, items: list[Item]) -> Response:
    """One page, with the address of the next one in a header."""
    for name in request.args:
        if name not in (*LISTED, *FILTERS[resource]):
            return _refused("There is a parameter that is not known.", 422)
    wanted = {name: value for name, value in request.args.items() if name in FILTERS[resource]}
    items = [item for item in items if all(str(item.get(name)) == value for name, value in wanted.items())]
    number = max(1, request.args.get("current_page", 1, type=int))
    size = min(100, max(1, request.args.get("per_page", PER_PAGE, type=int)))
    answer = jsonify(items[(number - 1) * size : number * size])
    answer.headers["X-BT-Pagination-Total"] = str(len(items))
    if number * size < len(items):
        query = "&".join([f"{name}={value}" for name, value in wanted.items()] + [f"per_page={size}"])
        answer.headers["Link"] = f'<{request.base_url}?{query}&current_page={number + 1}>; rel="next"'
    return answer


def _body(resource: str, *, whole: bool) -> tuple[Item, Response | None]:
    """The fields that were sent, or why they cannot be taken."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        return {}, _refused("A JSON object is expected.", 400)
    known = FIELDS[resource]
    for name, value in sent.items():
        if name not in known or type(value) is not KINDS[known[name]]:
            return {}, _refused(f"Invalid value of {name[:40]}.", 422)
    if whole and not all(sent.get(name) for name in ("name", "code_name")):
        return {}, _refused("name and code_name are required.", 422)
    return sent, None


def _refused(message: str, status: int) -> Response:
    answer = jsonify({"message": message})
    answer.status_code = status
    return answer
