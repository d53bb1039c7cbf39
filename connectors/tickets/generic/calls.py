"""The calls of a generic connection in bridge.toml: which there are, and what each may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.markup import Markup
from connectors.tickets.generic.caller import COUNTED
from connectors.tickets.generic.templates import placeholders, used_by

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MARKUPS = [markup.value for markup in Markup if markup is not Markup.ADF]
"""Atlassian's format is no text, and the help desk that speaks it has a connector of its own."""
TICKET = frozenset({"ticket_id"})
READERS = frozenset({"visibility", "internal", "public"})
MARKS = frozenset({"mark", "digest", "shown"})


def filled() -> validate.Length:
    return validate.Length(min=1, error="Must not be empty.")


def path_in_json(**options: Any) -> fields.String:
    return fields.String(validate=filled(), **options)


def texts() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.String())


def below_base_url(text: str) -> None:
    if not text.startswith("/") or "#" in text:
        raise ValidationError("Write a path below base_url that begins with a slash.")


class TicketPathsSchema(Schema):
    """Where the parts of a ticket stand in a body."""

    subject = path_in_json()
    status = path_in_json()
    tags = path_in_json()
    requester_name = path_in_json()
    requester_email = path_in_json()
    assignee_name = path_in_json()
    assignee_email = path_in_json()
    url = path_in_json()
    merged_into = path_in_json()
    custom = texts()


class RequestSchema(Schema):
    """One HTTP request: at most one of `json` and `form`, unless files make the difference."""

    method = fields.String(validate=validate.OneOf(METHODS), load_default="POST")
    path = fields.String(required=True, validate=below_base_url)
    headers = texts()
    json = fields.Raw()
    form = fields.Dict(keys=fields.String(), values=fields.Raw())

    @validates_schema
    def has_one_body(self, data: Mapping[str, Any], **_: Any) -> None:
        if "json" in data and "form" in data and "files" not in data:
            raise ValidationError("Write json or form, not both; both only with files.", "form")


class CallSchema(RequestSchema):
    """One call; `known` are the placeholders that it may use, in the path only those of `in_path`."""

    known: frozenset[str] = frozenset()
    in_path: frozenset[str] = TICKET

    values = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Raw()))

    @validates_schema
    def placeholders_are_known(self, data: Mapping[str, Any], **_: Any) -> None:
        everywhere = self.known | self.in_path
        for key, known in (("path", self.in_path), ("json", everywhere), ("form", everywhere)):
            strange = placeholders(data.get(key)) - known
            if strange:
                raise ValidationError(f"Knows no {{{min(strange)}}}, only {', '.join(sorted(known))}.", key)
        strange = data.get("values", {}).keys() - everywhere
        if strange:
            raise ValidationError(f"Knows no {min(strange)}, only {', '.join(sorted(everywhere))}.", "values")


class LoginSchema(RequestSchema):
    """How to sign in: what it gives stands as `{token}` in `headers`."""

    token = path_in_json(required=True)
    seconds = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=600)


class ListSchema(CallSchema):
    """A call that lists something, page by page."""

    method = fields.String(validate=validate.OneOf(METHODS), load_default="GET")
    items = fields.String(load_default="")
    id = path_in_json()
    next = path_in_json()
    page_size = fields.Integer(strict=True, validate=validate.Range(min=1), load_default=100)
    pages = fields.Integer(strict=True, validate=validate.Range(min=1, max=50))

    @validates_schema
    def goes_on_in_one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if "next" in data and COUNTED & placeholders(data.get("path")):
            raise ValidationError("Is not looked at: the path counts the pages itself.", "next")


class FindSchema(ListSchema):
    """A list in which something is known by a text of its own."""

    known = in_path = TICKET | MARKS | COUNTED

    text = fields.String(required=True)


class FindNoteSchema(FindSchema):
    internal = path_in_json()


class FindFileSchema(FindSchema):
    known = in_path = TICKET | COUNTED

    size = path_in_json()


class FindTicketSchema(FindSchema):
    known = in_path = MARKS | COUNTED

    id = path_in_json(required=True)


class TicketsSinceSchema(ListSchema):
    known = in_path = COUNTED | {"since"}

    id = path_in_json(required=True)
    tags = path_in_json(required=True)


class PeopleSchema(ListSchema):
    known = in_path = COUNTED

    id = path_in_json(required=True)
    name = path_in_json()
    email = path_in_json(required=True)
    username = path_in_json()
    sso_id = path_in_json()
    active = path_in_json()


class AddNoteSchema(CallSchema):
    known = READERS | MARKS | {"body", "uploads"}
    in_path = frozenset({"ticket_id", "visibility"})

    note_id = path_in_json()
    files = path_in_json()
    read_back = fields.Boolean(truthy={True}, falsy={False})

    @validates_schema
    def says_the_note(self, data: Mapping[str, Any], **_: Any) -> None:
        for key in (
            ("json", "form") if "json" in data and "form" in data else ("json",) if "json" in data else ("form",)
        ):
            if "body" not in placeholders(data.get(key)):
                raise ValidationError(f"Put {{body}} into {key if key in data else 'json'}: it is the note.", key)

    @validates_schema
    def names_no_file_twice(self, data: Mapping[str, Any], **_: Any) -> None:
        if "files" in data and "uploads" in used_by(data):
            raise ValidationError("Write files or {uploads}, not both.", "files")


class AttachSchema(CallSchema):
    known = READERS | {"file_name", "media_type"}
    in_path = TICKET | {"file_name", "media_type"}

    files = path_in_json()
    raw = fields.Boolean(truthy={True}, falsy={False})
    upload = path_in_json()
    each = fields.Raw()

    @validates_schema
    def sends_the_file(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("files" in data) == bool(data.get("raw")):
            raise ValidationError("Write files = a form's field, or raw = true.", "files")
        strange = placeholders(data.get("each")) - self.known - self.in_path - {"upload"}
        if strange:
            raise ValidationError(f"Knows no {{{min(strange)}}}.", "each")


class FetchTicketSchema(CallSchema):
    method = fields.String(validate=validate.OneOf(METHODS), load_default="GET")
    fields_ = fields.Nested(TicketPathsSchema, required=True, data_key="fields", attribute="fields")


class UpdateFieldsSchema(CallSchema):
    known = frozenset({"fields"})

    method = fields.String(validate=validate.OneOf(METHODS), load_default="PATCH")
    each = fields.Raw()
    read_back = fields.Boolean(truthy={True}, falsy={False})

    @validates_schema
    def each_is_a_field(self, data: Mapping[str, Any], **_: Any) -> None:
        strange = placeholders(data.get("each")) - {"name", "value"}
        if strange:
            raise ValidationError(f"Knows no {{{min(strange)}}}, only name, value.", "each")


class AddTagsSchema(CallSchema):
    known = frozenset({"tags"})


class AddTimeSchema(CallSchema):
    known = MARKS | {
        "minutes", "hours", "seconds", "date", "began_at", "ended_at", "text", "agent_name", "agent_email",
    }  # fmt: skip

    time_id = path_in_json()
    max_length = fields.Integer(strict=True, validate=validate.Range(min=250))
    markup = fields.String(validate=validate.OneOf(MARKUPS))


class CreateTicketSchema(CallSchema):
    known = MARKS | {"subject", "body", "requester_name", "requester_email", "follows"}
    in_path = frozenset()

    ticket_id = path_in_json(required=True)
    max_length = fields.Integer(strict=True, validate=validate.Range(min=20))


class ProbeSchema(CallSchema):
    in_path = frozenset()
    method = fields.String(validate=validate.OneOf(METHODS), load_default="GET")


class CallsSchema(Schema):
    add_note = fields.Nested(AddNoteSchema, required=True)
    add_public_note = fields.Nested(AddNoteSchema)
    find_note = fields.Nested(FindNoteSchema)
    attach = fields.Nested(AttachSchema)
    find_file = fields.Nested(FindFileSchema)
    fetch_ticket = fields.Nested(FetchTicketSchema)
    update_fields = fields.Nested(UpdateFieldsSchema)
    add_tags = fields.Nested(AddTagsSchema)
    add_time = fields.Nested(AddTimeSchema)
    find_time = fields.Nested(FindSchema)
    create_ticket = fields.Nested(CreateTicketSchema)
    find_ticket = fields.Nested(FindTicketSchema)
    reopen = fields.Nested(CallSchema)
    tickets_since = fields.Nested(TicketsSinceSchema)
    people = fields.Nested(PeopleSchema)
    probe = fields.Nested(ProbeSchema)

    @validates_schema
    def what_needs_another_call(self, data: Mapping[str, Any], **_: Any) -> None:
        for name, needed, why in _needs(data):
            if needed not in data:
                raise ValidationError(f"Needs a {needed} call: {why}.", name)

    @validates_schema
    def what_is_uploaded_is_named(self, data: Mapping[str, Any], **_: Any) -> None:
        if "attach" not in data:
            if "uploads" in used_by(data.get("add_note", {})):
                raise ValidationError("Has {uploads}, which only an attach call gives.", "add_note")
        elif "files" in data.get("add_note", {}):
            raise ValidationError("Is not asked: add_note takes the files itself.", "attach")


def _needs(calls: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    found = [
        (name, "find_note", "it is read back there")
        for name in ("add_note", "add_public_note")
        if calls.get(name, {}).get("read_back")
    ]
    if calls.get("update_fields", {}).get("read_back"):
        found.append(("update_fields", "fetch_ticket", "it is read back there"))
    return found


def is_pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValidationError(f"Is no regular expression: {error}.") from None
