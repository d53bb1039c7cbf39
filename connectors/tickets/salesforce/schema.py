"""Salesforce's own keys in bridge.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.keys import NOT_BLANK
from connectors.tickets.salesforce import ids

SECRET_KEYS = frozenset({"private_key", "client_secret", "refresh_token"})

_JWT = frozenset({"username", "private_key"})
_REFRESH = frozenset({"client_secret", "refresh_token"})
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?")


class RecordId(fields.String):
    """A record's id, kept in its 18 characters."""

    def __init__(self, what: str, prefix: str) -> None:
        super().__init__()
        self._what = what
        self._prefix = prefix

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = ids.full_id(value.strip(), self._prefix) if isinstance(value, str) else ""
        if not found:
            raise ValidationError(f"Must be {self._what}'s id: 15 or 18 characters that begin with {self._prefix}.")
        return found


class LoginUrl(fields.String):
    """The page that gives tokens, without a slash at its end; it is signed as the audience too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        url = str(super()._deserialize(value, attr, data, **kwargs)).strip().rstrip("/")
        if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?", url) and not _LOOPBACK.fullmatch(url):
            raise ValidationError(
                "Must be https://login.salesforce.com, https://test.salesforce.com or your My Domain."
            )
        return url


class SalesforceSchema(Schema):
    """`client_id` with `username` and `private_key`, or with `client_secret` and `refresh_token`; never both."""

    client_id = fields.String(
        required=True, validate=NOT_BLANK, error_messages={"required": "Give the app's consumer key."}
    )
    username = fields.String(validate=NOT_BLANK)
    private_key = fields.String(validate=NOT_BLANK)
    client_secret = fields.String(validate=NOT_BLANK)
    refresh_token = fields.String(validate=NOT_BLANK)
    login_url = LoginUrl(load_default="https://login.salesforce.com")
    organization_id = RecordId("the organization", ids.ORGANIZATION)
    user_id = RecordId("the user", ids.USER)
    notes = fields.String(
        load_default="comment",
        validate=validate.OneOf(("comment", "feed"), error='Must be "comment" (case comments) or "feed" (Chatter).'),
    )
    reopen_status = fields.String(validate=NOT_BLANK)
    api_version = fields.String(
        load_default="v62.0", validate=validate.Regexp(r"v[0-9]{2,3}\.0\Z", error="Must look like v62.0.")
    )

    @validates_schema
    def one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        signed, refreshed = _JWT & data.keys(), _REFRESH & data.keys()
        if signed and refreshed:
            raise ValidationError("Give username and private_key, or client_secret and refresh_token, not both.")
        if not signed and not refreshed:
            raise ValidationError("Give username and private_key, or client_secret and refresh_token.")
        for missing in (_JWT if signed else _REFRESH) - data.keys():
            raise ValidationError(f"Is missing beside {', '.join(sorted(signed | refreshed))}.", missing)
