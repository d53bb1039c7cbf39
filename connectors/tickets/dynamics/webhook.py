"""What Dataverse's webhooks say: the execution context of a step, or our template from a Power Automate flow.

https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import CrmEvent, CrmEventKind, CrmRecord, Delivery, TicketEvent, TicketEventKind
from connectors.bodies import PastedTemplate, as_text, digest_key, field_text, from_milliseconds, load_json
from connectors.tickets.dynamics.mapping import GUID

TICKETS = {
    "Assign": TicketEventKind.CHANGED,
    "Close": TicketEventKind.CLOSED,
    "Create": TicketEventKind.CHANGED,
    "Delete": TicketEventKind.CLOSED,
    "Merge": TicketEventKind.MERGED,
    "SetState": TicketEventKind.CHANGED,
    "SetStateDynamicEntity": TicketEventKind.CHANGED,
    "Update": TicketEventKind.CHANGED,
}
"""Messages about a case that can matter to a session. All others are ignored."""

CRM = {
    "Create": CrmEventKind.CREATED,
    "Delete": CrmEventKind.DELETED,
    "Merge": CrmEventKind.CHANGED,
    "Update": CrmEventKind.CHANGED,
}
RECORDS = {"account": CrmRecord.ACCOUNT, "contact": CrmRecord.CONTACT, "lead": CrmRecord.CONTACT}

ID_HEADERS = ("x-request-id", "x-ms-workflow-run-id")
NOBODY = "00000000-0000-0000-0000-000000000000"

TEMPLATE = PastedTemplate(
    GUID,
    "expected a webhook of Dataverse about a case, or the template"
    ' {"event": "ticket.updated", "ticket_id": "<the case\'s unique identifier>", "actor": "<who changed it>"}',
)


def delivery_key(delivery: Delivery) -> str:
    """An id that stays the same when it is sent again; else a digest of the body.

    A step's is its asynchronous operation, a flow's what our template says, or its run.
    """
    told = _told_id(load_json(delivery.body))
    headers = (delivery.headers.get(name, "") for name in ID_HEADERS)
    return told or next(filter(None, headers), "") or digest_key(delivery)


def _told_id(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    return _id(body.get("OperationId")) if "MessageName" in body else as_text(body.get("delivery"))


def parse(delivery: Delivery) -> Sequence[TicketEvent | CrmEvent]:
    """The event in the body. Raises MalformedPayload for what is neither of the two shapes."""
    body = load_json(delivery.body)
    if body is None:
        return TEMPLATE.repaired(delivery.body)
    if TEMPLATE.fits(body):
        return [TEMPLATE.event(body)]
    message, table = _words(body)
    if table == "incident" and message in TICKETS:
        return [_ticket_event(body, message)]
    if table in RECORDS and message in CRM:
        return [_crm_event(body, message, table)]
    return []


def _words(body: object) -> tuple[str, str]:
    """Message and table of an execution context. Raises MalformedPayload for anything else."""
    if isinstance(body, dict):
        message, table = body.get("MessageName"), body.get("PrimaryEntityName")
        if isinstance(message, str) and isinstance(table, str):
            return message, table
    raise MalformedPayload(TEMPLATE.expected)


def _ticket_event(body: Mapping[str, Any], message: str) -> TicketEvent:
    kind, ticket_id, into = TICKETS[message], _record(body), ""
    if message == "Close":
        ticket_id = ticket_id or _closed_case(body)
    if kind is TicketEventKind.MERGED:
        merged = _id(_parameter(body, "SubordinateId"))
        if merged:
            ticket_id, into = merged, ticket_id
        else:
            # Over 256 KB the parameters are missing: what is left names only the case that lives on.
            kind = TicketEventKind.CHANGED
    if not ticket_id:
        raise MalformedPayload(f"the case's id is missing: {TEMPLATE.expected}")
    return TicketEvent(
        kind=kind,
        ticket_id=ticket_id,
        name=f"incident.{message.lower()}",
        actor=_actor(body),
        occurred_at=moment(body.get("OperationCreatedOn")),
        merged_into=into,
    )


def _crm_event(body: Mapping[str, Any], message: str, table: str) -> CrmEvent:
    record = _record(body)
    if not record:
        raise MalformedPayload(f"the record's id is missing: {TEMPLATE.expected}")
    return CrmEvent(
        kind=CRM[message],
        record=RECORDS[table],
        record_id=record,
        name=f"{table}.{message.lower()}",
        actor=_actor(body),
        occurred_at=moment(body.get("OperationCreatedOn")),
        fields=_attributes(_parameter(body, "Target")),
    )


def _record(body: Mapping[str, Any]) -> str:
    """The id of the record that it is about: it stays where the rest is cut off."""
    target = _parameter(body, "Target")
    return _id(body.get("PrimaryEntityId")) or _id(target.get("Id") if isinstance(target, dict) else None)


def _actor(body: Mapping[str, Any]) -> str:
    return _id(body.get("InitiatingUserId")) or _id(body.get("UserId"))


def _closed_case(body: Mapping[str, Any]) -> str:
    """The case that a resolution closes."""
    resolution = _parameter(body, "IncidentResolution")
    for key, value in _pairs(resolution.get("Attributes") if isinstance(resolution, dict) else None):
        if key == "incidentid":
            return _id(value.get("Id") if isinstance(value, dict) else value)
    return ""


def _parameter(body: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in _pairs(body.get("InputParameters")) if key == name), None)


def _attributes(target: object) -> dict[str, str]:
    """The columns in a record of the execution context, as text."""
    found = target.get("Attributes") if isinstance(target, dict) else None
    return {key: _text(value) for key, value in _pairs(found)}


def _pairs(listed: object) -> list[tuple[str, Any]]:
    """Dataverse writes its dictionaries as lists of `{"key", "value"}`."""
    rows = listed if isinstance(listed, list) else []
    return [(row["key"], row.get("value")) for row in rows if isinstance(row, dict) and isinstance(row.get("key"), str)]


def _text(value: object) -> str:
    """A column's value: a choice's number, a lookup's id, a moment in ISO 8601."""
    if isinstance(value, dict):
        return field_text(value["Value"] if "Value" in value else value.get("Id"))
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    when = moment(value)
    return when.isoformat() if when else field_text(value)


def moment(value: object) -> datetime | None:
    """Such as `/Date(1506409448000-0700)/`: milliseconds of UTC, whatever zone stands behind them."""
    found = re.fullmatch(r"/Date\(([0-9]{1,14})([+-][0-9]{4})?\)/", value) if isinstance(value, str) else None
    return from_milliseconds(found[1]) if found else None


def _id(value: object) -> str:
    told = as_text(value).lower()
    return told if re.fullmatch(GUID, told) and told != NOBODY else ""
