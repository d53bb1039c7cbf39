"""Zammad's own keys in bridge.toml."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from connectors.keys import NOT_BLANK

NOTE, EMAIL = "note", "email"


class ZammadSchema(Schema):
    """An API token, and what the tickets that we make and the times that we enter shall be."""

    api_token = fields.String(
        required=True, validate=NOT_BLANK, error_messages={"required": "Give the api_token of an agent."}
    )
    email = fields.Email()
    """Of the agent that the token belongs to: events that name it are echoes of our own writes."""
    group = fields.String(validate=NOT_BLANK)
    """Where tickets are made. Without it none can be made."""
    public_as = fields.String(
        validate=validate.OneOf(
            (NOTE, EMAIL), error='Must be "note" (to be read in the portal) or "email" (sent to the customer).'
        )
    )
    time_unit_minutes = fields.Float(
        validate=validate.Range(min=0.1, max=1440, error="Must be how many minutes one unit is, such as 1, 15 or 60.")
    )
