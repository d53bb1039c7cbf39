"""The pages that show: overview, lists, stories, search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from bridge.effects import EffectState, TicketKey
from bridge.lanes import record_of
from bridge.model import InvitationState
from bridge.sessions import transcript
from config.bridge_toml import describe
from store import orphan_views, story_views, views
from store.health import ConnectionState
from store.inbox import DeliveryState
from store.paging import MAX_ID, BadCursor, Filters, Page
from web.api import schemas
from web.console import verdict
from web.console.blueprint import blueprint
from web.services import services

T = TypeVar("T")

ID = f"<int(max={MAX_ID}):number>"
LATEST = 8
ORPHANS_A_PAGE = 20


@blueprint.get("/")
def overview() -> str:
    now = services().house.clock()

    def look(connection: Connection) -> dict[str, Any]:
        return {
            "counts": views.overview(connection),
            "connections": views.list_connections(connection, now),
            "latest": views.list_deliveries(connection, Filters(limit=LATEST)).items,
        }

    return render_template("console/overview.html", **_read(look))


@blueprint.get("/search")
def search() -> str:
    """Where is my transcript?"""
    text = request.args.get("q", "").replace("\0", "").strip()[:300]

    def look(connection: Connection) -> dict[str, Any]:
        found = views.search(connection, text)
        stories = (story_views.session_story(connection, row.id) for row in found.sessions)
        return {"found": found, "answers": {s.row.id: verdict.transcript(s) for s in stories if s}}

    return render_template("console/search.html", q=text, **(_read(look) if text else {"found": None}))


@blueprint.get("/deliveries")
def deliveries() -> Response:
    return _list("deliveries", schemas.DeliveryQuery, views.list_deliveries, DeliveryState)


@blueprint.get("/sessions")
def sessions() -> Response:
    return _list("sessions", schemas.SessionQuery, views.list_sessions, views.SessionState)


@blueprint.get("/effects")
def effects() -> Response:
    return _list("effects", schemas.EffectQuery, views.list_effects, EffectState)


@blueprint.get("/invitations")
def invitations() -> Response:
    return _list("invitations", schemas.InvitationQuery, views.list_invitations, InvitationState)


@blueprint.get("/tickets")
def tickets() -> Response:
    return _list("tickets", schemas.ListQuery, views.list_tickets, ())


@blueprint.get("/orphans")
def orphans() -> Response:
    return _list("orphans", schemas.ListQuery, orphan_views.list_orphans, (), limit=ORPHANS_A_PAGE)


@blueprint.get(f"/deliveries/{ID}")
def delivery(number: int) -> str:
    story = _story(lambda connection: story_views.delivery_story(connection, number))
    return render_template("console/delivery.html", story=story)


@blueprint.get(f"/sessions/{ID}")
def session(number: int) -> str:
    story = _story(lambda connection: story_views.session_story(connection, number))
    suggestions = _read(lambda c: orphan_views.suggest(c, story.row)) if story.row.ticket is None else ()
    return render_template(
        "console/session.html",
        story=story,
        lines=transcript(story.session),
        answer=verdict.transcript(story),
        suggestions=suggestions,
        ticket_systems=list(services().house.ticket_systems),
    )


@blueprint.get("/tickets/<connection_name>/<path:ticket_id>")
def ticket(connection_name: str, ticket_id: str) -> str | Response:
    if "\0" in ticket_id:
        raise NotFound
    key = TicketKey(connection_name, ticket_id)
    if connection_name in services().house.platforms:
        # The lane of a session that belongs to no ticket is called after the session itself.
        number = _story(lambda connection: story_views.session_number(connection, connection_name, ticket_id))
        return redirect(url_for("console.session", number=number), 303)
    story = _story(lambda connection: story_views.ticket_story(connection, key))
    routes = [route.name for route in services().house.bridge.routes if route.ticket == connection_name]
    return render_template("console/ticket.html", story=story, routes=routes, record=record_of(key))


@blueprint.get(f"/effects/{ID}")
def effect(number: int) -> str:
    story = _story(lambda connection: story_views.effect_story(connection, number))
    return render_template("console/effect.html", story=story)


@blueprint.get("/connections")
def connections() -> str:
    now = services().house.clock()
    return render_template(
        "console/connections.html",
        connections=_read(lambda connection: views.list_connections(connection, now)),
        configuration=describe(services().house.bridge),
        ConnectionState=ConnectionState,
    )


# -- small parts -----------------------------------------------------------------------------------------------


def _read(query: Callable[[Connection], T]) -> T:
    with services().house.database.read() as connection:
        return query(connection)


def _story(tell: Callable[[Connection], T | None]) -> T:
    found = _read(tell)
    if found is None:
        raise NotFound
    return found


def _list(
    name: str,
    schema: type[schemas.ListQuery],
    look: Callable[[Connection, Filters], Page[Any]],
    states: Any,
    **defaults: object,
) -> Response:
    """One page of a list. A filter that is not right is told above an empty list."""
    problems: dict[str, list[str]] = {}
    given = {key: value for key, value in request.args.items() if value}
    found: Page[Any] = Page((), None)
    try:
        filters = schema().load({**defaults, **given})
        found = _read(lambda connection: look(connection, filters))
    except ValidationError as error:
        problems = {str(key): [str(text) for text in texts] for key, texts in error.messages_dict.items()}
    except BadCursor as error:
        problems = {"cursor": [str(error)]}
    following = f"{request.path}?{urlencode({**given, 'cursor': found.next_cursor})}" if found.next_cursor else ""
    page = render_template(
        f"console/{name}.html",
        page=found,
        given=given,
        problems=problems,
        states=[str(state) for state in states],
        names=_names(),
        following=following,
        ticket_systems=list(services().house.ticket_systems),
    )
    return make_response(page, 400 if problems else 200)


def _names() -> list[str]:
    return [*services().house.bridge.connections, views.ADMIN]
