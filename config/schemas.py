"""The shapes of bridge.toml. A kind's own keys have their schema beside its connector."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from bridge import template
from bridge.model import Visibility
from bridge.people import Agent
from bridge.route import (
    Artefact,
    Closed,
    CloseOn,
    Helper,
    InvitationRule,
    Merged,
    RecordingMode,
    Route,
    SessionRule,
    TicketPolicy,
    TimeEntry,
    TransferRule,
    When,
    WhenKind,
)
from config.problems import guess
from config.schema_errors import Mistake
from config.settings import is_loopback

LANGUAGES = ("en",)
OPTIONS = ("queue", "ttl_seconds", "priority", "skills", "attributes")


def _refuse(message: str, fix: str) -> ValidationError:
    return ValidationError([Mistake(message, fix)])


class Word(fields.Enum[Any]):
    """One of an enum's values, or one of those in `only`."""

    def __init__(self, enum: type[Any], only: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(enum, by_value=True, **options)
        self.words = [str(item.value) for item in only or enum]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value not in self.words:
            raise _refuse("is not a known word", guess(str(value), self.words))
        return super()._deserialize(value, attr, data, **kwargs)


class Template(fields.String):
    """A text whose placeholders are all known."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        check_template(text)
        return str(text)


def check_template(text: str) -> None:
    """Raise ValidationError for placeholders that nobody could fill."""
    found = [_template_mistake(name) for name in template.mistakes(text)]
    if found:
        raise ValidationError(found)


def _template_mistake(name: str) -> Mistake:
    if name in ("{", "}"):
        return Mistake("has a lone brace", f"write {name * 2} for a brace")
    return Mistake(f"names an unknown placeholder {{{name}}}", guess(name, template.PLACEHOLDERS))


class Secrets(fields.Field[tuple[str, ...]]):
    """A secret or, while it is being rotated, a list of secrets."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        found = value if isinstance(value, list) else [value]
        if not found or not all(isinstance(secret, str) and secret.strip() for secret in found):
            raise _refuse("is not a secret", 'write a text that is not empty, or an array of such: ["…", "…"]')
        return tuple(found)


class JsonValues(fields.Field[Mapping[str, Any]]):
    """A table of anything that JSON has. Every text in it is a template."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise _refuse("is of the wrong type", "write a table: { name = … }")
        _check_json(value)
        return dict(value)


def _check_json(value: object) -> None:
    if isinstance(value, str):
        check_template(value)
    elif isinstance(value, date | time):
        raise _refuse("holds a date or time", 'write it as a text: "…"')
    elif isinstance(value, Mapping):
        for item in value.values():
            _check_json(item)
    elif isinstance(value, list):
        for item in value:
            _check_json(item)


def _base_url(text: str) -> None:
    right = "write https://host, with a path if the system needs one"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _refuse("is not a URL", right) from None
    if parts.scheme not in ("http", "https") or not host:
        raise _refuse("is not a URL", right)
    if parts.scheme != "https" and not is_loopback(host):
        raise _refuse("is not https", "write https://…; http is for this machine only")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise _refuse("holds more than a host and a path", right)


def filled(text: str) -> None:
    if not text.strip():
        raise _refuse("is empty", "write a text")


def true(value: bool) -> None:
    if not value:
        raise _refuse("is false", "write any = true, or another condition")


def _timezone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = guess(name, zoneinfo.available_timezones())
        fix = near if near.startswith("did") else "write an IANA name such as Europe/Berlin"
        raise _refuse("is not a known time zone", fix) from None


def _language(name: str) -> None:
    if name not in LANGUAGES:
        raise _refuse("is a language that Deskbridge does not write yet", f"for now only {', '.join(LANGUAGES)}")


def _whole(minimum: int, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=minimum), **options)


def text(check: Callable[[str], None] = filled, **options: Any) -> fields.String:
    return fields.String(validate=check, **options)


class ConnectionSchema(Schema):
    """The keys that every connection has; the kind's own keys are checked by the kind's schema."""

    class Meta:
        unknown = EXCLUDE

    kind = text(required=True)
    base_url = text(_base_url, required=True)
    hook_secret = Secrets(load_default=())


class FieldIsSchema(Schema):
    name = text(required=True)
    value = fields.String(required=True)


class WhenSchema(Schema):
    tag = text()
    field = fields.Nested(FieldIsSchema)
    status = text()
    event = text()
    any = fields.Boolean(validate=true)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> When:
        return make_when(data)


def make_when(data: Mapping[str, Any]) -> When:
    """The one condition in it."""
    if len(data) != 1:
        raise ValidationError([Mistake("needs exactly one condition", "tag, field, status, event or any = true")])
    [(kind, value)] = data.items()
    if kind == "field":
        return When(WhenKind.FIELD, value["name"], value["value"])
    return When(WhenKind(kind), "" if kind == "any" else value)


class InvitationSchema(Schema):
    visibility = Word(Visibility)
    fields_ = fields.Dict(keys=fields.String(), values=Template(), data_key="fields", attribute="fields")
    close_on = Word(CloseOn)
    lifetime_minutes = _whole(1)
    technician = Word(Helper)
    queue = text()
    ttl_seconds = _whole(1)
    priority = _whole(0)
    skills = fields.List(text())
    attributes = fields.Dict(keys=fields.String(), values=Template())

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> InvitationRule:
        options = {name: data.pop(name) for name in OPTIONS if name in data}
        return InvitationRule(**data, options=options)


class TimeEntrySchema(Schema):
    minimum_minutes = _whole(0)
    round_to_minutes = _whole(1)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> TimeEntry:
        return TimeEntry(**data)


class TransferSchema(Schema):
    field = text(required=True)
    to = fields.Dict(keys=fields.String(), values=text(), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> TransferRule:
        return TransferRule(data["field"], data["to"])


class SessionSchema(Schema):
    visibility = Word(Visibility)
    include = fields.List(Word(Artefact))
    time_entry = fields.Nested(TimeEntrySchema)
    set_fields = JsonValues()
    timezone = text(_timezone)
    language = text(_language)
    recordings = Word(RecordingMode)
    close_on = Word(CloseOn)
    transfer = fields.Nested(TransferSchema)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SessionRule:
        if "include" in data:
            data["include"] = frozenset(data["include"])
        return SessionRule(**data)


class TicketPolicySchema(Schema):
    closed = Word(Closed)
    deleted = Word(Closed, only=(Closed.PARK, Closed.FOLLOW_UP))
    merged = Word(Merged)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> TicketPolicy:
        return TicketPolicy(**data)


class RouteSchema(Schema):
    name = fields.String(required=True, validate=[filled, validate.Length(max=100)])
    ticket = text(required=True)
    platform = text(required=True)
    when = fields.Nested(WhenSchema, required=True)
    invitation = fields.Nested(InvitationSchema)
    session = fields.Nested(SessionSchema)
    if_ticket = fields.Nested(TicketPolicySchema)
    trust_typed_keys = fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "is not true or false"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Route:
        return Route(**data)


class AgentSchema(Schema):
    """One entry of `people`: an agent of the help desk, and what the platforms call them."""

    email = text(required=True)
    name = text()
    known_as = fields.Dict(keys=fields.String(), values=text())

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Agent:
        return Agent(**data)
