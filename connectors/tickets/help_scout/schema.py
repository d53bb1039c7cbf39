"""Help Scout's own keys in bridge.toml."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from connectors.keys import NOT_BLANK


class HelpScoutSchema(Schema):
    """The app that Deskbridge signs in as, and where the conversations that we make go."""

    client_id = fields.String(
        required=True, validate=NOT_BLANK, error_messages={"required": "Give the client_id: the app's App ID."}
    )
    client_secret = fields.String(
        required=True, validate=NOT_BLANK, error_messages={"required": "Give the client_secret: the app's App Secret."}
    )
    email = fields.Email()
    """Of the user that the app belongs to: events that name it are echoes of our own writes."""
    mailbox_id = fields.Integer(
        strict=True, validate=validate.Range(min=1, error="Must be the number of an inbox, as its address shows it.")
    )
    """The inbox in which conversations are made. Without it none can be made."""
