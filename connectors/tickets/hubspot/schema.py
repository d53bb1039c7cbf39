"""HubSpot's own keys in bridge.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.keys import NOT_BLANK

PROPERTY = validate.Regexp(
    r"[a-z][a-z0-9_]*\Z", error="Must be a property's internal name: small letters, digits and underscores."
)


class HubSpotSchema(Schema):
    """An app's access token, the properties to read, and what the tickets that we make shall be."""

    access_token = fields.String(
        required=True, validate=NOT_BLANK, error_messages={"required": "Give the access_token of a private app."}
    )
    app_id = fields.Integer(strict=True, validate=validate.Range(min=1))
    """Of the app that the token belongs to: events whose source it is are echoes of our own writes."""
    properties = fields.List(fields.String(validate=PROPERTY))
    """Properties of tickets to read beside HubSpot's usual ones."""
    mark_property = fields.String(validate=PROPERTY)
    """A property of tickets with unique values, by which those that we made are found."""
    pipeline = fields.String(validate=NOT_BLANK)
    pipeline_stage = fields.String(validate=NOT_BLANK)
    """Ids of where tickets are made."""
    reopen_stage = fields.String(validate=NOT_BLANK)
    """Id of the stage that a closed ticket is put into; else the first open one of its pipeline."""

    @validates_schema
    def tickets_are_made_and_found(self, data: Mapping[str, Any], **_: Any) -> None:
        if "mark_property" in data and "pipeline_stage" not in data:
            raise ValidationError("mark_property needs pipeline_stage: where the tickets are made.", "pipeline_stage")
        if "mark_property" not in data and ("pipeline_stage" in data or "pipeline" in data):
            raise ValidationError(
                "Tickets are made only with mark_property, a property with unique values: else one could stand twice.",
                "mark_property",
            )
