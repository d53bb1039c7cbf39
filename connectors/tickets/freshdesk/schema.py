"""The keys of Freshdesk and Freshservice in bridge.toml."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from connectors.keys import NOT_BLANK

STATUS = validate.Range(min=2, error="Must be a status number, such as 4 for resolved.")


class FreshdeskSchema(Schema):
    """`api_key` is one agent's; `agent_email` and `user_id` name that agent, for the echoes."""

    api_key = fields.String(required=True, validate=NOT_BLANK)
    agent_email = fields.Email()
    user_id = fields.Integer(strict=True, validate=validate.Range(min=1))
    public_as = fields.String(
        validate=validate.OneOf(
            ("reply", "note"), error="Must be reply (the customer gets mail) or note (seen in the portal only)."
        )
    )
    solved_statuses = fields.List(fields.Integer(strict=True, validate=STATUS))


class FreshserviceSchema(FreshdeskSchema):
    """The same, and the workspace where an account has several."""

    workspace_id = fields.Integer(strict=True, validate=validate.Range(min=0))
