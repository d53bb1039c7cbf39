"""The keys of a generic connection in bridge.toml: how it signs, where things stand, what to call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.markup import Markup
from bridge.model import TicketStatus
from connectors.signatures import build_scheme
from connectors.tickets.generic.mapping import placeholders
from connectors.tickets.generic.webhook import KINDS

SHARED_SECRET = "shared_secret"  # noqa: S105  # the name of a way to verify, not a secret
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MIN_LENGTH = 1_000


def _filled() -> validate.Length:
    return validate.Length(min=1, error="Must not be empty.")


def _path(**options: Any) -> fields.String:
    return fields.String(validate=_filled(), **options)


def _texts() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.String())


def _call_path(text: str) -> None:
    if not text.startswith("/") or "#" in text:
        raise ValidationError("Write a path below base_url that begins with a slash.")


class Verification(fields.Field[Mapping[str, Any]]):
    """A table that `build_scheme` understands, or the name of the shared secret."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Write a table, such as { scheme = ... }.")
        if value != {"scheme": SHARED_SECRET}:
            build_scheme(value)
        return dict(value)


class TicketPathsSchema(Schema):
    """Where the parts of a ticket stand in a body."""

    subject = _path()
    status = _path()
    tags = _path()
    requester_name = _path()
    requester_email = _path()
    assignee_name = _path()
    assignee_email = _path()
    url = _path()
    custom = _texts()


class EventPathsSchema(TicketPathsSchema):
    """Where a webhook's body says what happened to which ticket."""

    ticket_id = _path(required=True)
    event = _path()
    delivery = _path()
    actor = _path()
    occurred_at = _path()
    merged_into = _path()


class CallSchema(Schema):
    """One HTTP call; `known` are the placeholders that it may use, in the path only those of `in_path`."""

    known: frozenset[str] = frozenset()
    in_path: frozenset[str] = frozenset({"ticket_id"})

    method = fields.String(validate=validate.OneOf(METHODS), load_default="POST")
    path = fields.String(required=True, validate=_call_path)
    headers = _texts()
    json = fields.Raw()

    @validates_schema
    def placeholders_are_known(self, data: Mapping[str, Any], **_: Any) -> None:
        for key, known in (("path", self.in_path), ("json", self.known | self.in_path)):
            strange = placeholders(data.get(key)) - known
            if strange:
                raise ValidationError(f"Knows no {{{min(strange)}}}, only {', '.join(sorted(known))}.", key)


class AddNoteSchema(CallSchema):
    known = frozenset({"body", "visibility", "internal", "public", "mark"})
    in_path = frozenset({"ticket_id", "visibility"})

    note_id = _path()

    @validates_schema
    def says_the_note(self, data: Mapping[str, Any], **_: Any) -> None:
        if "body" not in placeholders(data.get("json")):
            raise ValidationError("Put {body} into json: it is the note.")


class FindNoteSchema(CallSchema):
    known = in_path = frozenset({"ticket_id", "mark"})

    method = fields.String(validate=validate.OneOf(METHODS), load_default="GET")
    items = fields.String(load_default="")
    text = fields.String(required=True)
    id = _path()
    next = _path()


class FetchTicketSchema(CallSchema):
    method = fields.String(validate=validate.OneOf(METHODS), load_default="GET")
    fields_ = fields.Nested(TicketPathsSchema, required=True, data_key="fields", attribute="fields")


class UpdateFieldsSchema(CallSchema):
    known = frozenset({"fields"})
    method = fields.String(validate=validate.OneOf(METHODS), load_default="PATCH")


class AddTagsSchema(CallSchema):
    known = frozenset({"tags"})


class ProbeSchema(CallSchema):
    in_path = frozenset()
    method = fields.String(validate=validate.OneOf(METHODS), load_default="GET")


class CallsSchema(Schema):
    add_note = fields.Nested(AddNoteSchema, required=True)
    find_note = fields.Nested(FindNoteSchema)
    fetch_ticket = fields.Nested(FetchTicketSchema)
    update_fields = fields.Nested(UpdateFieldsSchema)
    add_tags = fields.Nested(AddTagsSchema)
    probe = fields.Nested(ProbeSchema)


class GenericSchema(Schema):
    """`verify`, `fields`, `events` and `statuses` say how to read; `calls` and `headers` how to write."""

    verify = Verification()
    fields_ = fields.Nested(EventPathsSchema, data_key="fields", attribute="fields")
    events = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.OneOf(tuple(KINDS))))
    statuses = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.OneOf([word.value for word in TicketStatus]))
    )
    delivery_header = fields.String(validate=validate.Regexp(r"[A-Za-z0-9-]+\Z", error="Must be a header's name."))
    media_types = fields.List(fields.String(validate=_filled()), validate=_filled())
    own_actors = fields.List(fields.String(validate=_filled()))
    calls = fields.Nested(CallsSchema, required=True)
    headers = _texts()
    closed_statuses = fields.List(fields.Integer(strict=True, validate=validate.Range(400, 499)))
    max_length = fields.Integer(strict=True, validate=validate.Range(min=MIN_LENGTH))
    markup = fields.String(validate=validate.OneOf([word.value for word in Markup]))
