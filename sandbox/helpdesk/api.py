"""The part of Zendesk's API that a connector needs, strict about what the vendor is strict about.

Source: developer.zendesk.com/api-reference/ticketing (Tickets, Audits, Comments, Tags, Attachments, Search).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request

from sandbox.helpdesk.model import Json, Refused, User, clean_tags, mapping
from sandbox.helpdesk.search import found
from sandbox.helpdesk.state import HelpdeskState

PAGE = 100


def blueprint(state: HelpdeskState) -> Blueprint:
    """Everything under /api/v2."""
    api = Blueprint("api", __name__, url_prefix="/api/v2")
    _add_guards(api, state)
    _add_tickets(api, state)
    _add_lists(api, state)
    _add_rest(api, state)
    return api


def answer_refused(refused: Refused) -> Response:
    """The error as the vendor's JSON."""
    response = jsonify(refused.payload)
    response.status_code = refused.status
    if refused.retry_after is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def _add_guards(api: Blueprint, state: HelpdeskState) -> None:
    @api.before_request
    def enter() -> None:
        g.user = signed_in(state, request.headers.get("Authorization", ""))
        state.limits.count_request()

    @api.after_request
    def tell_limit(response: Response) -> Response:
        if state.settings.requests_per_minute:
            response.headers["X-Rate-Limit"] = str(state.settings.requests_per_minute)
            response.headers["X-Rate-Limit-Remaining"] = str(state.limits.requests_left())
        return response

    api.register_error_handler(Refused, answer_refused)

    @api.route("/<path:_rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown(_rest: str) -> Response:
        raise Refused.not_found()


def signed_in(state: HelpdeskState, header: str) -> User:
    """The user of an Authorization header, or 401."""
    scheme, _, value = header.partition(" ")
    settings = state.settings
    if scheme.lower() == "bearer" and _same(value.strip(), settings.oauth_token):
        return state.api_user
    if scheme.lower() == "basic":
        try:
            plain = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            plain = ""
        name, _, token = plain.partition(":")
        email, slash, word = name.rpartition("/")
        if slash and word == "token" and _same(token, settings.api_token):
            for user in (state.api_user, state.agent):
                if user.email.lower() == email.lower():
                    return user
    raise Refused(401, "Couldn't authenticate you", "Invalid or missing credentials")


def _add_tickets(api: Blueprint, state: HelpdeskState) -> None:
    @api.get("/tickets/<int:ticket_id>")
    @api.get("/tickets/<int:ticket_id>.json")
    def show(ticket_id: int) -> Response:
        with state.lock:
            ticket = state.ticket(ticket_id)
            answer: Json = {"ticket": ticket.json(state.base_url)}
            if "users" in request.args.get("include", "").split(","):
                answer["users"] = [user.json() for user in ticket.people()]
            return jsonify(answer)

    @api.put("/tickets/<int:ticket_id>")
    @api.put("/tickets/<int:ticket_id>.json")
    def update(ticket_id: int) -> Response:
        with state.lock:
            ticket, audit = state.update_ticket(g.user, ticket_id, _sent("ticket"))
            return jsonify({"ticket": ticket.json(state.base_url), "audit": audit.json()})

    @api.post("/tickets")
    @api.post("/tickets.json")
    def create() -> tuple[Response, int, dict[str, str]]:
        asked = _sent("ticket")

        def make() -> Json:
            with state.lock:
                ticket, audit = state.create_ticket(g.user, asked)
                return {"ticket": ticket.json(state.base_url), "audit": audit.json()}

        key = request.headers.get("Idempotency-Key")
        if key is None:
            return jsonify(make()), 201, {}
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        answer, known = state.limits.once(key, digest, make)
        return jsonify(answer), 201, {"x-idempotency-lookup": "hit" if known else "miss"}

    @api.post("/tickets/<int:ticket_id>/merge")
    @api.post("/tickets/<int:ticket_id>/merge.json")
    def merge(ticket_id: int) -> Response:
        for source_id in _body().get("ids") or []:
            state.merge_tickets(g.user, int(source_id), ticket_id)
        # A job that is done at once.
        return jsonify({"job_status": {"id": "job-1", "status": "completed"}})

    for verb, how in (("PUT", "add"), ("POST", "set"), ("DELETE", "remove")):
        _add_tag_route(api, state, verb, how)


def _add_tag_route(api: Blueprint, state: HelpdeskState, verb: str, how: str) -> None:
    def change(ticket_id: int) -> Response:
        tags = clean_tags(_body().get("tags"))
        return jsonify({"tags": state.change_tags(g.user, ticket_id, tags, how=how)})

    for rule in ("/tickets/<int:ticket_id>/tags", "/tickets/<int:ticket_id>/tags.json"):
        api.add_url_rule(rule, f"{how}_tags{rule[-5:].replace('.', '_')}", change, methods=[verb])


def _add_lists(api: Blueprint, state: HelpdeskState) -> None:
    @api.get("/tickets")
    @api.get("/tickets.json")
    def tickets() -> Response:
        wanted = request.args.get("external_id")
        with state.lock:
            rows = [
                ticket.json(state.base_url)
                for ticket in state.tickets.values()
                if wanted is None or ticket.external_id == wanted
            ]
        return _page("tickets", rows)

    @api.get("/tickets/<int:ticket_id>/audits")
    @api.get("/tickets/<int:ticket_id>/audits.json")
    def audits(ticket_id: int) -> Response:
        with state.lock:
            return _page("audits", [audit.json() for audit in state.ticket(ticket_id).audits])

    @api.get("/tickets/<int:ticket_id>/comments")
    @api.get("/tickets/<int:ticket_id>/comments.json")
    def comments(ticket_id: int) -> Response:
        with state.lock:
            ticket = state.ticket(ticket_id)
            return _page("comments", [comment.json(state.base_url) for comment in ticket.comments])

    @api.get("/search")
    @api.get("/search.json")
    def search() -> Response:
        with state.lock:
            tickets = found(list(state.tickets.values()), request.args)
            results = [{**ticket.json(state.base_url), "result_type": "ticket"} for ticket in tickets]
        return _numbered("results", results)


def _add_rest(api: Blueprint, state: HelpdeskState) -> None:
    @api.get("/users/me")
    @api.get("/users/me.json")
    def me() -> Response:
        return jsonify({"user": cast(User, g.user).json()})

    @api.get("/users")
    @api.get("/users.json")
    def users() -> Response:
        roles = request.args.getlist("role[]") or [request.args.get("role", "")]
        return _page("users", [one.json() for one in state.users.values() if one.role in roles or roles == [""]])

    @api.get("/users/<int:user_id>")
    @api.get("/users/<int:user_id>.json")
    def user(user_id: int) -> Response:
        known = state.users.get(user_id)
        if known is None:
            raise Refused.not_found()
        return jsonify({"user": known.json()})

    @api.post("/uploads")
    @api.post("/uploads.json")
    def upload() -> tuple[Response, int]:
        kind = request.headers.get("Content-Type", "application/binary")
        token, attachment = state.upload(request.args.get("filename", ""), kind, request.get_data())
        shown = attachment.json(state.base_url)
        return jsonify({"upload": {"token": token, "attachment": shown, "attachments": [shown]}}), 201

    @api.put("/tickets/<int:ticket_id>/comments/<int:comment_id>/redact")
    @api.put("/tickets/<int:ticket_id>/comments/<int:comment_id>/redact.json")
    def redact(ticket_id: int, comment_id: int) -> Response:
        comment = state.redact(ticket_id, comment_id, str(_body().get("text") or ""))
        return jsonify({"comment": comment.json(state.base_url)})


def _body() -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise Refused(415, "UnsupportedMediaType", "Content-Type must be application/json")
    sent = request.get_json(silent=True)
    if sent is None:
        raise Refused(400, "InvalidJson", "The request body could not be parsed as JSON")
    return mapping(sent, "body")


def _sent(name: str) -> Mapping[str, Any]:
    return mapping(_body().get(name), name)


def _page(name: str, rows: list[Json]) -> Response:
    """A list, by cursor where `page[size]` asks for it, else by page number."""
    size = request.args.get("page[size]")
    descending = request.args.get("sort", "").startswith("-") or request.args.get("sort_order") == "desc"
    ordered = rows[::-1] if descending else rows
    if size is None:
        return _numbered(name, ordered)
    if not size.isdigit() or not 1 <= int(size) <= PAGE:
        raise Refused(400, "InvalidPaginationParameter", "page[size] must be between 1 and 100")
    after = request.args.get("page[after]", "")
    start = _position(after, ordered)
    part = ordered[start : start + int(size)]
    more = start + len(part) < len(ordered)
    cursor = _cursor(part[-1]["id"]) if part else None
    following = _link({"page[size]": size, "page[after]": cursor or ""}) if more else None
    meta = {"has_more": more, "after_cursor": cursor, "before_cursor": _cursor(part[0]["id"]) if part else None}
    return jsonify({name: part, "meta": meta, "links": {"next": following, "prev": None}})


def _numbered(name: str, rows: Sequence[Json]) -> Response:
    page = max(request.args.get("page", 1, type=int), 1)
    size = min(max(request.args.get("per_page", PAGE, type=int), 1), PAGE)
    part = rows[(page - 1) * size : page * size]
    following = _link({"page": str(page + 1)}) if page * size < len(rows) else None
    previous = _link({"page": str(page - 1)}) if page > 1 else None
    answer = {name: part, "count": len(rows), "next_page": following, "previous_page": previous}
    return jsonify(answer)


def _link(changed: Mapping[str, str]) -> str:
    query = {**request.args.to_dict(), **changed}
    return f"{request.base_url}?{urlencode(query)}"


def _cursor(identity: object) -> str:
    return base64.urlsafe_b64encode(str(identity).encode()).decode()


def _position(cursor: str, rows: list[Json]) -> int:
    if not cursor:
        return 0
    for index, row in enumerate(rows):
        if _cursor(row["id"]) == cursor:
            return index + 1
    raise Refused(400, "InvalidPaginationParameter", "page[after] is not valid")


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
