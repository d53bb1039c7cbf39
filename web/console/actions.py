"""What the console's forms ask for. Each ends in the page that tells what came of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from bridge.effects import TicketKey
from store import story_views
from store.paging import MAX_ID
from web import auth
from web.console.blueprint import blueprint
from web.services import services
from workers import commands
from workers.commands import Conflict, Invalid

BY = "an administrator (console)"
ID = f"<int(max={MAX_ID}):number>"


@blueprint.post(f"/deliveries/{ID}/replay")
def replay_delivery(number: int) -> Response:
    _try("It will be understood again in a moment.", lambda: commands.replay(services().house, number, BY))
    return redirect(url_for("console.delivery", number=number), 303)


@blueprint.post(f"/effects/{ID}/retry")
def retry_effect(number: int) -> Response:
    _try("It will be tried again in a moment.", lambda: commands.retry(services().house, number, BY))
    return _back(url_for("console.effect", number=number))


@blueprint.post(f"/effects/{ID}/skip")
def skip_effect(number: int) -> Response:
    reason = request.form.get("reason", "")
    _try("It is skipped.", lambda: commands.skip(services().house, number, reason, BY))
    return _back(url_for("console.effect", number=number))


@blueprint.post(f"/sessions/{ID}/link")
def link_session(number: int) -> Response:
    with services().house.database.read() as connection:
        story = story_views.session_story(connection, number)
    if story is None:
        raise NotFound
    row, key = story.row, _ticket()
    _try(f"Linked to ticket {key}.", lambda: commands.link(services().house, row.platform, row.session_id, key, BY))
    return redirect(url_for("console.session", number=number), 303)


@blueprint.post("/invitations")
def make_invitation() -> Response:
    key, route = _ticket(), request.form.get("route", "")
    done = _try("Asked for. It appears below in a moment.", lambda: commands.invite(services().house, key, route, BY))
    if not done:
        return _back(url_for("console.tickets"))
    return redirect(url_for("console.ticket", connection_name=key.connection, ticket_id=key.ticket_id), 303)


@blueprint.post("/connections/<name>/resume")
def resume_connection(name: str) -> Response:
    _try(f"Connection {name} works again.", lambda: commands.resume(services().house, name, BY))
    return redirect(url_for("console.connections"), 303)


def _try(good: str, work: Callable[[], object]) -> bool:
    """Do it and say so on the next page; also when it cannot be done."""
    try:
        work()
    except Invalid as error:
        flash(f"Not done. {error}", "bad")
        return False
    except Conflict as error:
        flash(f"Not done: {error}.", "bad")
        return False
    services().ringer.ring()
    flash(good, "good")
    return True


def _ticket() -> TicketKey:
    """The ticket that a form names: in two fields, or as one choice `connection:id`."""
    choice = request.form.get("ticket", "")
    if choice:
        return TicketKey(*choice.split(":", 1)) if ":" in choice else TicketKey("", choice)
    return TicketKey(request.form.get("connection", ""), request.form.get("ticket_id", "").strip())


def _back(otherwise: str) -> Response:
    target = request.form.get("back", "")
    return redirect(auth.local_target(target) if target else otherwise, 303)
