"""Jira's own keys in bridge.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.keys import NOT_BLANK

PROJECT = validate.Regexp(r"[A-Z][A-Z0-9_]{1,50}\Z", error="Must be a project's key, such as DESK.")
REQUEST_TYPE = validate.Regexp(r"[1-9][0-9]{0,18}\Z", error="Must be a request type's number in quotes, not its name.")
SITE = validate.URL(schemes={"https", "http"}, require_tld=False, error="Must be the address of the site.")


class JiraSchema(Schema):
    """`email` with `api_token`, or `oauth_token`; never both, so that it is plain who writes."""

    email = fields.Email()
    api_token = fields.String(validate=NOT_BLANK)
    oauth_token = fields.String(validate=NOT_BLANK)
    account_id = fields.String(validate=NOT_BLANK)
    site_url = fields.String(validate=SITE)
    closed_statuses = fields.List(fields.String(validate=NOT_BLANK))
    reopen_transition = fields.String(validate=NOT_BLANK)
    project = fields.String(validate=PROJECT)
    issue_type = fields.String(validate=NOT_BLANK)
    request_type = fields.String(validate=REQUEST_TYPE)
    link_type = fields.String(validate=NOT_BLANK)
    attachment_bytes = fields.Integer(strict=True, validate=validate.Range(min=1))

    @validates_schema
    def one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        if "api_token" in data and "oauth_token" in data:
            raise ValidationError("Give api_token (with email) or oauth_token, not both.")
        if "api_token" not in data and "oauth_token" not in data:
            raise ValidationError("Give email and api_token, or oauth_token.")
        if "api_token" in data and "email" not in data:
            raise ValidationError("An api_token needs the email of the account it belongs to.", "email")

    @validates_schema
    def where_new_tickets_go(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("project" in data) != ("issue_type" in data):
            raise ValidationError("Give project and issue_type together: both are needed to make tickets.")
        if "request_type" in data and "project" not in data:
            raise ValidationError("A request_type is for new tickets: give project and issue_type, too.")
