"""Request Tracker's own keys in bridge.toml."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from connectors.keys import NOT_BLANK


class RequestTrackerSchema(Schema):
    """`api_token`, and words of this RT where it does not use those that it came with."""

    api_token = fields.String(required=True, validate=NOT_BLANK)
    queue = fields.String(validate=NOT_BLANK)
    tags_field = fields.String(validate=NOT_BLANK)
    agents_group = fields.Integer(strict=True, validate=validate.Range(min=1))
    solved_statuses = fields.List(fields.String(validate=NOT_BLANK), load_default=lambda: ["resolved", "rejected"])
    open_status = fields.String(validate=NOT_BLANK, load_default="open")
