"""The shapes of the API, held by marshmallow: what comes in is checked by them, what goes out is written by them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate

from bridge.effects import EffectState, TicketKey
from bridge.model import InvitationState
from store import codec
from store.health import ConnectionState
from store.inbox import DeliveryState
from store.paging import DEFAULT_LIMIT, MAX_LIMIT, Filters
from store.views import SessionState

# -- what comes in ---------------------------------------------------------------------------------------------


class Moment(fields.DateTime):
    """An ISO 8601 date or time; without a zone it is UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        # A plus that was not escaped in a query is a space by now.
        text = str(value).strip()
        text = text.replace(" ", "+") if "T" in text else text
        try:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            moment.timestamp()
        except (ValueError, OverflowError):
            raise ValidationError("an ISO 8601 date or time, such as 2026-03-02 or 2026-03-02T10:30:00Z") from None
        return moment


class ListQuery(Schema):
    """How a list is filtered and paged."""

    class Meta:
        unknown = RAISE

    connection = fields.String(load_default="", validate=validate.Length(max=40))
    since = Moment(load_default=None, metadata={"type": "string", "description": "ISO 8601; UTC unless it says else"})
    q = fields.String(
        load_default="",
        validate=validate.Length(max=300),
        metadata={"description": "an id, a ticket's or session's id, a correlation, or how a key begins"},
    )
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(min=1, max=MAX_LIMIT))
    cursor = fields.String(load_default="", validate=validate.Length(max=600))

    @post_load
    def build(self, data: Mapping[str, Any], **_: Any) -> Filters:
        q = data["q"].replace("\0", "").strip()
        return Filters(**{**data, "q": q})


def _states(*words: str) -> fields.String:
    return fields.String(load_default="", validate=validate.OneOf(("", *words), error=f"one of {', '.join(words)}"))


class DeliveryQuery(ListQuery):
    state = _states(*DeliveryState)


class SessionQuery(ListQuery):
    state = _states(*SessionState)


class EffectQuery(ListQuery):
    state = _states(*EffectState)


class InvitationQuery(ListQuery):
    state = _states(*InvitationState)


class ConnectionQuery(Schema):
    """Connections are few: they come all at once."""

    class Meta:
        unknown = RAISE

    state = _states(*ConnectionState)
    connection = fields.String(load_default="", validate=validate.Length(max=40))


class Body(Schema):
    class Meta:
        unknown = RAISE


class NoBody(Body):
    """Nothing needs to be said."""


class LinkBody(Body):
    """The ticket that a session belongs to."""

    connection = fields.String(required=True, metadata={"description": "the ticket system's connection"})
    ticket_id = fields.String(required=True)


class InviteBody(LinkBody):
    """The ticket that an invitation is made for."""

    route = fields.String(load_default="", metadata={"description": "the first one of the connection, when left out"})


class SkipBody(Body):
    reason = fields.String(required=True)


# -- what goes out ---------------------------------------------------------------------------------------------


class Answer(Schema):
    class Meta:
        unknown = EXCLUDE


class TicketKeySchema(Answer):
    connection = fields.String(required=True)
    ticket_id = fields.String(required=True)


class PersonSchema(Answer):
    name = fields.String()
    email = fields.String()
    id = fields.String()
    description = fields.String()


class EventSchema(Answer):
    """What a delivery was understood to mean. `subject` is a ticket's or a session's id."""

    kind = fields.String()
    name = fields.String()
    subject = fields.String()


class LineSchema(Answer):
    """A line of the journal."""

    at = Moment()
    what = fields.String()
    delivery_id = fields.String(allow_none=True)
    effect_id = fields.String(allow_none=True)


class DeliverySchema(Answer):
    id = fields.String(required=True)
    connection = fields.String()
    key = fields.String()
    correlation = fields.String()
    received_at = Moment()
    method = fields.String()
    size = fields.Integer(metadata={"description": "bytes of the body"})
    state = fields.Enum(DeliveryState, by_value=True)
    reason = fields.String()
    attempts = fields.Integer()
    replays = fields.Integer()
    doubles = fields.Integer()
    done_at = Moment(allow_none=True)
    events = fields.List(fields.Nested(EventSchema))


class SessionSchema(Answer):
    id = fields.String(required=True)
    platform = fields.String()
    session_id = fields.String(metadata={"description": "the platform's own id"})
    state = fields.Enum(SessionState, by_value=True)
    technician = fields.String()
    customer = fields.String()
    device = fields.String()
    started_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    ticket = fields.Nested(TicketKeySchema, allow_none=True, metadata={"description": "null for an orphan"})
    linked_how = fields.String()
    route = fields.String()
    carded = fields.Boolean(metadata={"description": "whether the session card is decided"})
    first_seen_at = Moment()
    changed_at = Moment()


class EffectSchema(Answer):
    id = fields.String(required=True)
    key = fields.String()
    kind = fields.String()
    connection = fields.String()
    ticket = fields.Nested(TicketKeySchema)
    route = fields.String()
    delivery_id = fields.String(allow_none=True)
    correlation = fields.String()
    state = fields.Enum(EffectState, by_value=True)
    reason = fields.String()
    act = fields.String(metadata={"description": "who must act; empty for nobody"})
    result = fields.String()
    attempts = fields.Integer()
    due_at = Moment(allow_none=True)
    give_up_at = Moment()
    created_at = Moment()
    done_at = Moment(allow_none=True)


class InvitationSchema(Answer):
    """`code` and `url` let a stranger in: they are secrets."""

    id = fields.String(required=True)
    ticket = fields.Nested(TicketKeySchema)
    number = fields.Integer()
    route = fields.String()
    platform = fields.String()
    state = fields.Enum(InvitationState, by_value=True)
    code = fields.String()
    url = fields.String()
    session_id = fields.String()
    created_at = Moment()
    expires_at = Moment(allow_none=True)


class ConnectionSchema(Answer):
    name = fields.String(required=True)
    state = fields.Enum(ConnectionState, by_value=True)
    reason = fields.String()
    failures = fields.Integer()
    until = Moment(allow_none=True)
    last_ok_at = Moment(allow_none=True)
    open = fields.Integer(metadata={"description": "effects still to do"})
    parked = fields.Integer()
    oldest_at = Moment(allow_none=True)


class SuggestionSchema(Answer):
    ticket = fields.Nested(TicketKeySchema)
    subject = fields.String()
    reasons = fields.List(fields.String())


class OrphanSchema(Answer):
    session = fields.Nested(SessionSchema)
    suggestions = fields.List(fields.Nested(SuggestionSchema))


class DeliveryStorySchema(Answer):
    delivery = fields.Nested(DeliverySchema)
    url = fields.String()
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    query = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.String()
    body_cut = fields.Boolean()
    routes = fields.List(fields.String())
    effects = fields.List(fields.Nested(EffectSchema))
    journal = fields.List(fields.Nested(LineSchema))


class SessionStorySchema(Answer):
    row = fields.Nested(SessionSchema, data_key="session")
    details = fields.Method("write_details", metadata={"type": "object", "description": "all that is known of it"})
    invitations = fields.List(fields.Nested(InvitationSchema))
    deliveries = fields.List(fields.Nested(DeliverySchema))
    effects = fields.List(fields.Nested(EffectSchema))
    journal = fields.List(fields.Nested(LineSchema))

    def write_details(self, story: Any) -> Any:
        # As the store keeps it: the domain's own JSON.
        return json.loads(codec.dump(story.session))


class EffectStorySchema(Answer):
    effect = fields.Nested(EffectSchema)
    action = fields.Dict(keys=fields.String(), values=fields.Raw())
    delivery = fields.Nested(DeliverySchema, allow_none=True)
    journal = fields.List(fields.Nested(LineSchema))


class AcceptedSchema(Answer):
    """The wish is stored as a delivery, whose story tells what followed."""

    delivery = fields.String(required=True)


class DoneSchema(Answer):
    done = fields.Boolean(required=True)


class ErrorSchema(Answer):
    error = fields.String(required=True)
    problems = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    name = f"{item.__name__.removesuffix('Schema')}PageSchema"
    found = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(allow_none=True, required=True),
    }
    return type(name, (Answer,), found)


def ticket_key(body: Mapping[str, Any]) -> TicketKey:
    return TicketKey(body["connection"], body["ticket_id"])
