"""What a RemotePC connection takes in bridge.toml."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from connectors.keys import NOT_BLANK

SECRET_KEYS = frozenset({"api_key"})


class RemotePcSchema(Schema):
    """The reseller's API key, and a limit of our own."""

    api_key = fields.String(
        required=True,
        validate=NOT_BLANK,
        error_messages={"required": "Give the API key of the reseller account (My Account > API Keys)."},
    )
    requests_per_second = fields.Float(validate=validate.Range(min=0, min_inclusive=False))
    """Fewer calls than our own usual limit; RemotePC publishes none."""
