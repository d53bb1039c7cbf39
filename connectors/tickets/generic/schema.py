"""The keys of a generic connection in bridge.toml: how it signs, where things stand, what to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.model import TicketStatus
from bridge.render import UNITS
from connectors.signatures import build_scheme
from connectors.tickets.generic.caller import TOKEN
from connectors.tickets.generic.calls import (
    MARKUPS,
    CallsSchema,
    LoginSchema,
    TicketPathsSchema,
    filled,
    is_pattern,
    path_in_json,
    texts,
)
from connectors.tickets.generic.webhook import KINDS

SHARED_SECRET = "shared_secret"  # noqa: S105  # the name of a way to verify, not a secret
MIN_LENGTH = 1_000
PUNCTUATION = r"[!-/:-@\[-`{-~]+\Z"


class Verification(fields.Field[Mapping[str, Any]]):
    """A table that `build_scheme` understands, or the name of the shared secret."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Write a table, such as { scheme = ... }.")
        if value != {"scheme": SHARED_SECRET}:
            build_scheme(value)
        return dict(value)


class EventPathsSchema(TicketPathsSchema):
    """Where a webhook's body says what happened to which ticket."""

    ticket_id = path_in_json(required=True)
    event = path_in_json()
    delivery = path_in_json()
    actor = path_in_json()
    occurred_at = path_in_json()


class GenericSchema(Schema):
    """`verify`, `fields`, `events` and `statuses` say how to read; `calls`, `headers` and `login` how to write."""

    verify = Verification()
    fields_ = fields.Nested(EventPathsSchema, data_key="fields", attribute="fields")
    events = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.OneOf(tuple(KINDS))))
    statuses = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.OneOf([word.value for word in TicketStatus]))
    )
    ticket_id_pattern = fields.String(validate=[filled(), is_pattern])
    delivery_header = fields.String(validate=validate.Regexp(r"[A-Za-z0-9-]+\Z", error="Must be a header's name."))
    media_types = fields.List(fields.String(), validate=filled())
    own_actors = fields.List(fields.String(validate=filled()))
    calls = fields.Nested(CallsSchema, required=True)
    headers = texts()
    login = fields.Nested(LoginSchema)
    check_first = fields.Boolean(truthy={True}, falsy={False})
    closed_statuses = fields.List(fields.Integer(strict=True, validate=validate.Range(400, 499)))
    rejected_statuses = fields.List(fields.Integer(strict=True, validate=validate.Range(400, 499)))
    max_length = fields.Integer(strict=True, validate=validate.Range(min=MIN_LENGTH))
    unit = fields.String(validate=validate.OneOf(UNITS))
    markup = fields.String(validate=validate.OneOf(MARKUPS))
    max_attachment_bytes = fields.Integer(strict=True, validate=validate.Range(min=1))
    break_up = fields.List(fields.String(validate=filled()))
    escape = fields.String(validate=validate.Regexp(PUNCTUATION, error="Must be punctuation."))

    @validates_schema
    def a_token_has_a_login(self, data: Mapping[str, Any], **_: Any) -> None:
        used = any(TOKEN in value for headers in _headers(data) for value in headers.values())
        if used and "login" not in data:
            raise ValidationError("Hold {token}, which only a login gives.", "headers")
        if "login" in data and not used:
            raise ValidationError("Gives a {token} that no header holds.", "login")

    @validates_schema
    def what_is_looked_at_first(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("check_first") and "fetch_ticket" not in data.get("calls", {}):
            raise ValidationError("Needs a fetch_ticket call: it looks at the ticket.", "check_first")

    @validates_schema
    def plain_text_is_escaped(self, data: Mapping[str, Any], **_: Any) -> None:
        if "escape" in data and data.get("markup", "plain") != "plain":
            raise ValidationError("Only goes with markup = plain: the others escape by themselves.", "escape")


def _headers(data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for part in (data, *data.get("calls", {}).values()):
        yield part.get("headers") or {}
