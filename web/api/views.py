"""The operations of the API: what is there, its stories, and what an administrator may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from store import orphan_views, story_views, views
from store.paging import MAX_ID, Filters, Page
from web.api import schemas
from web.api.operations import operation
from web.services import services
from workers import commands

T = TypeVar("T")

BY = "an administrator (API)"
ID = f"<int(max={MAX_ID}):number>"


def _read(query: Callable[[Connection], T]) -> T:
    with services().house.database.read() as connection:
        return query(connection)


def _story(tell: Callable[[Connection, int], T | None], number: int) -> T:
    found = _read(lambda connection: tell(connection, number))
    if found is None:
        raise NotFound
    return found


@operation("GET", "/deliveries", query=schemas.DeliveryQuery, answer=schemas.page_of(schemas.DeliverySchema))
def list_deliveries(filters: Filters) -> Page[views.DeliveryRow]:
    """What came in, stored as it came."""
    return _read(lambda connection: views.list_deliveries(connection, filters))


@operation("GET", f"/deliveries/{ID}", answer=schemas.DeliveryStorySchema, errors=(404,))
def get_delivery(number: int) -> story_views.DeliveryStory:
    """The whole story of a delivery.

    What came, what was understood, which route took it, and which effects followed."""
    return _story(story_views.delivery_story, number)


@operation(
    "POST",
    f"/deliveries/{ID}/replay",
    body=schemas.NoBody,
    answer=schemas.DoneSchema,
    errors=(404, 409),
)
def replay_delivery(number: int, body: dict[str, Any]) -> dict[str, bool]:
    """Understand a delivery once more.

    What is done already is not done twice."""
    commands.replay(services().house, number, BY)
    return _rung()


@operation("GET", "/sessions", query=schemas.SessionQuery, answer=schemas.page_of(schemas.SessionSchema))
def list_sessions(filters: Filters) -> Page[views.SessionRow]:
    """Remote-support sessions; the filter `connection` names the platform."""
    return _read(lambda connection: views.list_sessions(connection, filters))


@operation("GET", f"/sessions/{ID}", answer=schemas.SessionStorySchema, errors=(404,))
def get_session(number: int) -> story_views.SessionStory:
    """The whole story of a session, its transcript included."""
    return _story(story_views.session_story, number)


@operation(
    "POST",
    f"/sessions/{ID}/link",
    body=schemas.LinkBody,
    answer=schemas.AcceptedSchema,
    status=202,
    errors=(400, 404, 409, 415),
)
def link_session(number: int, body: dict[str, Any]) -> dict[str, int]:
    """Say which ticket a session belongs to."""
    row = _story(story_views.session_story, number).row
    delivery = commands.link(services().house, row.platform, row.session_id, schemas.ticket_key(body), BY)
    services().ringer.ring()
    return {"delivery": delivery}


@operation("GET", "/invitations", query=schemas.InvitationQuery, answer=schemas.page_of(schemas.InvitationSchema))
def list_invitations(filters: Filters) -> Page[views.InvitationRow]:
    """PINs and session keys; the filter `connection` names the ticket system."""
    return _read(lambda connection: views.list_invitations(connection, filters))


@operation(
    "POST",
    "/invitations",
    body=schemas.InviteBody,
    answer=schemas.AcceptedSchema,
    status=202,
    errors=(400, 415),
)
def make_invitation(body: dict[str, Any]) -> dict[str, int]:
    """Make an invitation for a ticket.

    The ticket is read first, so the invitation appears a moment later; the delivery's story tells."""
    delivery = commands.invite(services().house, schemas.ticket_key(body), body["route"], BY)
    services().ringer.ring()
    return {"delivery": delivery}


@operation("GET", "/effects", query=schemas.EffectQuery, answer=schemas.page_of(schemas.EffectSchema))
def list_effects(filters: Filters) -> Page[views.EffectRow]:
    """Intended steps in outside systems; the filter `connection` names the one that performs them."""
    return _read(lambda connection: views.list_effects(connection, filters))


@operation("GET", f"/effects/{ID}", answer=schemas.EffectStorySchema, errors=(404,))
def get_effect(number: int) -> story_views.EffectStory:
    """The whole story of an effect."""
    return _story(story_views.effect_story, number)


@operation("POST", f"/effects/{ID}/retry", body=schemas.NoBody, answer=schemas.DoneSchema, errors=(404, 409))
def retry_effect(number: int, body: dict[str, Any]) -> dict[str, bool]:
    """Try a parked or failed effect again.

    It looks for what it may have written before it writes."""
    commands.retry(services().house, number, BY)
    return _rung()


@operation(
    "POST",
    f"/effects/{ID}/skip",
    body=schemas.SkipBody,
    answer=schemas.DoneSchema,
    errors=(400, 404, 409, 415),
)
def skip_effect(number: int, body: dict[str, Any]) -> dict[str, bool]:
    """Never do a parked or pending effect, and say why."""
    commands.skip(services().house, number, body["reason"], BY)
    return _rung()


@operation("GET", "/orphans", query=schemas.ListQuery, answer=schemas.page_of(schemas.OrphanSchema))
def list_orphans(filters: Filters) -> Page[orphan_views.Orphan]:
    """Sessions without a ticket, each with suggestions and their reasons."""
    return _read(lambda connection: orphan_views.list_orphans(connection, filters))


@operation("GET", "/connections", query=schemas.ConnectionQuery, answer=schemas.page_of(schemas.ConnectionSchema))
def list_connections(filters: dict[str, str]) -> Page[views.ConnectionRow]:
    """Every connection's state and what waits for it."""
    now = services().house.clock()
    rows = _read(lambda connection: views.list_connections(connection, now))
    wanted = (row for row in rows if filters["state"] in ("", row.state) and filters["connection"] in ("", row.name))
    return Page(tuple(wanted), None)


@operation("POST", "/connections/<name>/resume", body=schemas.NoBody, answer=schemas.DoneSchema, errors=(404,))
def resume_connection(name: str, body: dict[str, Any]) -> dict[str, bool]:
    """Lift a connection's stop or rest."""
    commands.resume(services().house, name, BY)
    return _rung()


def _rung() -> dict[str, bool]:
    services().ringer.ring()
    return {"done": True}
