"""Dynamics 365's own keys in bridge.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.keys import NOT_BLANK
from connectors.tickets.dynamics.mapping import GUID

TENANT = validate.Regexp(
    r"[A-Za-z0-9][A-Za-z0-9.-]*\Z", error="Write the directory (tenant) id, or one of its domains: no URL."
)


class DynamicsSchema(Schema):
    """An application (client) of Microsoft Entra ID and its secret; `tenant_id`, or the whole `token_url`."""

    tenant_id = fields.String(validate=TENANT)
    client_id = fields.String(required=True, validate=NOT_BLANK)
    client_secret = fields.String(required=True, validate=NOT_BLANK)
    token_url = fields.Url(schemes={"https", "http"}, require_tld=False)
    scope = fields.String(validate=NOT_BLANK)
    api_version = fields.String(
        load_default="9.2", validate=validate.Regexp(r"9\.[0-9]\Z", error='Write a version such as "9.2".')
    )
    user_id = fields.String(
        validate=validate.Regexp(rf"{GUID}\Z", error="Write the systemuserid: `deskbridge doctor` prints it.")
    )

    @validates_schema
    def a_token_page(self, data: Mapping[str, Any], **_: Any) -> None:
        if "tenant_id" not in data and "token_url" not in data:
            raise ValidationError("Give the tenant_id, or the whole token_url.", "tenant_id")
