"""ServiceNow's own keys in bridge.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.markup import Markup
from connectors.keys import NOT_BLANK

TABLE = validate.Regexp(r"[a-z][a-z0-9_]{0,79}\Z", error="Must be a table's name, such as incident, not its label.")
ROLE = validate.Regexp(r"[A-Za-z][A-Za-z0-9_.]{0,99}\Z", error="Must be a role's name, such as itil.")
MARKUPS = (Markup.CODE.value, Markup.PLAIN.value)
MIN_LENGTH = 1_000
MAX_LENGTH = 60_000


def _states() -> fields.List[str]:
    return fields.List(fields.String(validate=NOT_BLANK))


class ServiceNowSchema(Schema):
    """`username` with `password`, or `client_id` with `client_secret`; never both, so that it is plain who writes."""

    username = fields.String(validate=NOT_BLANK)
    password = fields.String(validate=NOT_BLANK)
    client_id = fields.String(validate=NOT_BLANK)
    client_secret = fields.String(validate=NOT_BLANK)
    email = fields.Email()
    table = fields.String(validate=TABLE, load_default="incident")
    markup = fields.String(
        validate=validate.OneOf(MARKUPS, error='Must be "code" or "plain".'), load_default=Markup.CODE.value
    )
    max_length = fields.Integer(
        strict=True,
        validate=validate.Range(MIN_LENGTH, MAX_LENGTH, error="Must be from {min} to {max}."),
        load_default=16_000,
    )
    attachments = fields.Boolean(load_default=False)
    labels = fields.Boolean(load_default=True)
    closed_states = _states()
    solved_states = _states()
    agent_role = fields.String(validate=ROLE, load_default="itil")
    reopen_state = fields.String(validate=NOT_BLANK)

    @validates_schema
    def one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        oauth = {"client_id", "client_secret"} & set(data)
        if "password" in data and oauth:
            raise ValidationError("Give password (with username), or client_id and client_secret, not both.")
        if "password" in data and "username" not in data:
            raise ValidationError("A password needs the username of the account it opens.", "username")
        if "password" not in data and len(oauth) < 2:
            raise ValidationError("Give username and password, or client_id and client_secret.")

    @validates_schema
    def one_meaning_a_state(self, data: Mapping[str, Any], **_: Any) -> None:
        closed = set(data.get("closed_states", ()))
        if closed & set(data.get("solved_states", ())):
            raise ValidationError("A state is closed or solved, not both.", "solved_states")
        if data.get("reopen_state") in closed:
            raise ValidationError("Must be a state that is not closed.", "reopen_state")
