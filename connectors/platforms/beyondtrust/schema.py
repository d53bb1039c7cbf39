"""What a BeyondTrust connection takes in bridge.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

SECRET_KEYS = frozenset({"client_secret", "password"})

CURRENT, OLD = "current", "2008"
"""The two dialects: OAuth and today's paths, or the `.ns` paths with user name and password as parameters."""

NEEDED = {CURRENT: ("client_id", "client_secret"), OLD: ("username", "password")}
"""The keys that each `api` cannot do without."""

_WHAT = {
    "client_id": "the OAuth client ID of the API account (/login > Management > API Configuration)",
    "client_secret": "the OAuth client secret of that API account",
    "username": "the name of the appliance's user that Deskbridge works as",
    "password": "the password of that user",
}

_POLL = "whole seconds between two looks at the reports, such as 60; 0 turns them off"
_QUEUE = "general, rep:ID, rep_username:NAME, team:ID or issue:CODE_NAME"
_HOST = "a host name only, such as help.example.com"
_API = 'one of "current", "2008"'


def queue_is_known(text: str) -> bool:
    """Whether generate_session_key takes it as `queue_id` (guide, API Command: generate_session_key)."""
    return re.fullmatch(r"general|(?:rep|team):[0-9]{1,20}|(?:rep_username|issue):\S(?:.{0,253}\S)?", text) is not None


def _queue(text: str) -> None:
    if not queue_is_known(text):
        raise ValidationError(_QUEUE)


class Dialect(fields.String):
    """`current` or `2008`; the year may stand there as a bare number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(value) if type(value) is int else value
        if not isinstance(text, str) or text not in NEEDED:
            raise ValidationError(_API)
        return text


class KeysSchema(Schema):
    """The keys of a BeyondTrust connection beside `kind`, `base_url` and `hook_secret`."""

    api = Dialect(load_default=CURRENT)
    client_id = fields.String(load_default="")
    client_secret = fields.String(load_default="")
    username = fields.String(load_default="")
    password = fields.String(load_default="")
    poll_seconds = fields.Integer(
        load_default=60,
        strict=True,
        validate=validate.Range(min=0, error=_POLL),
        error_messages={"invalid": _POLL},
    )
    real_time = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        error_messages={"invalid": "true (watch the real-time state over a web socket) or false"},
    )
    queue = fields.String(load_default="general", validate=_queue)
    public_hostname = fields.String(
        load_default="",
        validate=validate.Regexp(r"\A(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)?\Z", error=_HOST),
    )

    @validates_schema(skip_on_field_errors=False)
    def enough_to_sign_in(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        """Raise ValidationError that names each key that is missing, or that this dialect does not have."""
        api = data.get("api")
        if api is None:
            return
        # A key that is not in `data` was there and refused for another reason.
        lacking = [key for key in NEEDED[api] if data.get(key, "refused") == ""]
        problems = {key: [f'api = "{api}" needs it: {_WHAT[key]}'] for key in lacking}
        other = OLD if api == CURRENT else CURRENT
        for key in NEEDED[other]:
            if data.get(key):
                problems[key] = [f'belongs to api = "{other}"']
        if api == OLD and data.get("real_time"):
            problems["real_time"] = ['api = "2008" has no real-time state']
        if problems:
            raise ValidationError(problems)
