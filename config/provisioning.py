"""The shape of `[[provisioning]]`, and what such a route asks of its two connections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from bridge.accounts import AccountAction
from bridge.model import CrmRecord
from bridge.provisioning import OutcomeRule, ProvisioningRoute, SyncRule, Word, mistakes, placeholders
from bridge.route import WhenKind
from config.problems import guess
from config.report import Report
from config.route_checks import Need, at, check_need, check_side
from config.schema_errors import Mistake
from config.schemas import FieldIsSchema, filled, make_when, text, true
from config.schemas import Word as OneOf
from config.toml_lines import Path
from connectors.contract import Capability, Kind, Role

OF_RECORDS = frozenset({WhenKind.FIELD, WhenKind.EVENT, WhenKind.ANY})
TEMPLATES = ("email", "first_name", "last_name", "computers")


class ProvisioningWhenSchema(Schema):
    """As a route's condition; `record` says that a contact or an account asks instead of a ticket."""

    record = OneOf(CrmRecord)
    tag = text()
    field = fields.Nested(FieldIsSchema)
    status = text()
    event = text()
    any = fields.Boolean(validate=true)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        record = data.pop("record", None)
        when = make_when(data)
        if record and when.kind not in OF_RECORDS:
            raise ValidationError([Mistake("is no condition of a record", "field, event or any = true")], when.kind)
        return {"record": record, "when": when}


class Computers(fields.Field[str]):
    """A whole number, or a template that gives one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        right = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)
        if not right:
            raise ValidationError([Mistake("is no number", 'write a whole number, or a template: "{…}"')])
        return str(value)


class OutcomeSchema(Schema):
    field = text(required=True)
    reason_field = text()
    invited = fields.Raw()
    added = fields.Raw()
    exists = fields.Raw()
    failed = fields.Raw()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> OutcomeRule:
        words: dict[str, object] = {str(word): data[word] for word in Word if word in data}
        for name, value in words.items():
            if not isinstance(value, str | int | float | bool):
                raise ValidationError(
                    [Mistake("is no value of a field", "write a text, a number, true or false")], name
                )
        return OutcomeRule(data["field"], data.get("reason_field", ""), words)


class SyncSchema(Schema):
    allotted = text()
    used = text()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SyncRule:
        if not data:
            raise ValidationError([Mistake("names no field", "allotted = …, used = …, or both")])
        return SyncRule(**data)


class ProvisioningSchema(Schema):
    name = fields.String(required=True, validate=[filled, validate.Length(max=100)])
    source = text(required=True)
    accounts = text(required=True)
    when = fields.Nested(ProvisioningWhenSchema, required=True)
    action = OneOf(AccountAction)
    email = text(required=True)
    first_name = fields.String()
    last_name = fields.String()
    computers = Computers()
    outcome = fields.Nested(OutcomeSchema)
    sync = fields.Nested(SyncSchema)

    @validates_schema
    def templates_are_known(self, data: Mapping[str, Any], **_: Any) -> None:
        record = data["when"]["record"]
        found = {
            name: [_mistake(one, record) for one in mistakes(data[name], record)] for name in TEMPLATES if name in data
        }
        if wrong := {name: complaints for name, complaints in found.items() if complaints}:
            raise ValidationError(wrong)

    @validates_schema
    def users_that_are_added_have_names(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("action") is AccountAction.ADD:
            missing = [name for name in ("first_name", "last_name") if not data.get(name, "").strip()]
            if missing:
                wrong = Mistake("is needed to add somebody", 'write a template, or action = "invite"')
                raise ValidationError({name: [wrong] for name in missing})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ProvisioningRoute:
        return ProvisioningRoute(**{**data, **data["when"]})


def _mistake(name: str, record: CrmRecord | None) -> Mistake:
    if name in ("{", "}"):
        return Mistake("has a lone brace", f"write {name * 2} for a brace")
    return Mistake(f"names an unknown placeholder {{{name}}}", guess(name, placeholders(record)))


def _of_ticket(value: Any) -> bool:
    return isinstance(value, Mapping) and "record" not in value


NEEDS = (
    Need("accounts", (), lambda route: route.get("action", "invite") == "invite", Capability.INVITE_USER,
         "cannot invite anybody", 'write action = "add"'),
    Need("accounts", (), lambda route: route.get("action") == "add", Capability.ADD_USER,
         "cannot add anybody", 'write action = "invite"'),
    Need("accounts", ("sync",), bool, Capability.LIST_USERS, "does not list its users", "remove it"),
    Need("source", ("when", "record"), bool, Capability.RECORDS,
         "has no contacts and accounts that Deskbridge reads", "let a ticket ask: remove record"),
    Need("source", ("sync",), bool, Capability.RECORDS,
         "has no contacts that Deskbridge could write to", "remove it"),
    Need("source", ("when", "tag"), bool, Capability.TAGS,
         "waits for a tag, which tickets of this system do not have", "write when = { field = … }"),
)  # fmt: skip
OUTCOME_NEED = Need("source", ("outcome",), bool, Capability.UPDATE_FIELDS,
                    "asks to set a field, which this ticket system does not allow",
                    "remove it: the outcome is told in a note all the same")  # fmt: skip


def check_provisioning(
    tables: Mapping[Path, Mapping[str, Any]], kinds: Mapping[str, Kind | None], routes: Collection[str], report: Report
) -> None:
    """Report what these routes ask in vain, and names that are taken."""
    names: set[object] = set(routes)
    for path, table in tables.items():
        name = table.get("name")
        if isinstance(name, str) and name in names:
            report.add((*path, "name"), "is the name of an earlier route", "names are told apart in the console")
        names.add(name)
        sides = {
            "source": check_side("source", Role.TICKETS, path, table, kinds, report),
            "accounts": check_side("accounts", Role.ACCOUNTS, path, table, kinds, report),
        }
        for need in NEEDS:
            check_need(need, sides[need.side], path, table, report)
        if _of_ticket(at(table, ("when",))):
            check_need(OUTCOME_NEED, sides["source"], path, table, report)


def check_doubles(routes: Mapping[Path, ProvisioningRoute], report: Report) -> None:
    """Report routes that would ask for the same account twice."""
    first: dict[object, str] = {}
    for path, route in routes.items():
        key = (route.source, route.record, route.when, route.accounts, route.email)
        if key in first:
            message = f'asks for the same accounts as "{first[key]}"'
            report.add((*path, "when"), message, "one of them is enough")
        first.setdefault(key, route.name)
