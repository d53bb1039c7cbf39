"""Zendesk's own keys in bridge.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.keys import NOT_BLANK


class ZendeskSchema(Schema):
    """`email` with `api_token`, or `oauth_token`; never both, so that it is plain who writes."""

    email = fields.Email()
    api_token = fields.String(validate=NOT_BLANK)
    oauth_token = fields.String(validate=NOT_BLANK)
    user_id = fields.Integer(strict=True, validate=validate.Range(min=1))

    @validates_schema
    def one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        if "api_token" in data and "oauth_token" in data:
            raise ValidationError("Give api_token (with email) or oauth_token, not both.")
        if "api_token" not in data and "oauth_token" not in data:
            raise ValidationError("Give email and api_token, or oauth_token.")
        if "api_token" in data and "email" not in data:
            raise ValidationError("An api_token needs the email of the agent it acts for.", "email")
