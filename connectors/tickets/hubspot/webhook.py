"""What HubSpot's webhooks say: an array of events, each with ids and little more.

https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import CrmEvent, CrmEventKind, CrmRecord, Delivery, TicketEvent, TicketEventKind
from connectors.bodies import as_text, digest_key, field_text, from_milliseconds, load_json

TICKET = "ticket"
TICKETS = {
    "creation": TicketEventKind.CHANGED,
    "propertyChange": TicketEventKind.CHANGED,
    "restore": TicketEventKind.CHANGED,
    "deletion": TicketEventKind.CLOSED,
    "merge": TicketEventKind.MERGED,
}
RECORDS = {"contact": CrmRecord.CONTACT, "company": CrmRecord.ACCOUNT}
RECORD_EVENTS = {
    "creation": CrmEventKind.CREATED,
    "propertyChange": CrmEventKind.CHANGED,
    "restore": CrmEventKind.CHANGED,
    "deletion": CrmEventKind.DELETED,
    "privacyDeletion": CrmEventKind.DELETED,
    "merge": CrmEventKind.DELETED,
}
"""Of a merge: each record that is no more. All other events, and those of other objects, are ignored."""
OBJECTS = {"0-5": TICKET, "0-1": "contact", "0-2": "company"}
"""What the newer subscriptions to `object.*` name by a number."""

IDENTITY = (
    "portalId",
    "subscriptionId",
    "eventId",
    "subscriptionType",
    "objectTypeId",
    "objectId",
    "occurredAt",
    "propertyName",
    "propertyValue",
    "primaryObjectId",
    "mergedObjectIds",
)
"""What one event and no other has. Its id alone may come twice, and `attemptNumber` counts how often it was sent."""

EXPECTED = 'expected HubSpot\'s array of events, each with a "subscriptionType" and the "objectId" of a record'

Event = TicketEvent | CrmEvent


def split(delivery: Delivery) -> Sequence[Delivery]:
    """Each event as a delivery of its own: HubSpot groups them anew when it sends them again.

    Raises MalformedPayload for what is no such array. What is wrong inside one event is found when that is read.
    """
    return [replace(delivery, body=json.dumps([one], separators=(",", ":")).encode()) for one in _rows(delivery)]


def delivery_key(delivery: Delivery) -> str:
    """A digest of what tells its events from others, so that an event sent again, in whatever company, is known."""
    try:
        rows = _rows(delivery)
    except MalformedPayload:
        return digest_key(delivery)
    told = [[row.get(name) for name in IDENTITY] if isinstance(row, dict) else row for row in rows]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def parse(delivery: Delivery) -> Sequence[Event]:
    """The events of tickets, contacts and companies in it. Raises MalformedPayload for a stranger's shape."""
    return [event for row in _rows(delivery) for event in _events(row)]


def _rows(delivery: Delivery) -> list[Any]:
    body = load_json(delivery.body)
    if not isinstance(body, list) or not body:
        raise MalformedPayload(EXPECTED)
    return body


def _events(row: object) -> Iterator[Event]:
    told = row.get("subscriptionType") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(told, str):
        raise MalformedPayload(EXPECTED)
    noun, _, verb = told.partition(".")
    if noun == "object":
        noun = OBJECTS.get(as_text(row.get("objectTypeId")), "")
    name = f"{noun}.{verb}"
    if noun == TICKET and verb in TICKETS:
        yield from _of_ticket(row, verb, name)
    elif noun in RECORDS and verb in RECORD_EVENTS:
        yield from _of_record(row, RECORDS[noun], verb, name)


def _of_ticket(row: Mapping[str, Any], verb: str, name: str) -> Iterator[TicketEvent]:
    into = _survivor(row) if verb == "merge" else ""
    for number in _gone(row, into) if into else [_id(row.get("objectId"))]:
        yield TicketEvent(
            kind=TICKETS[verb],
            ticket_id=number,
            name=name,
            actor=as_text(row.get("sourceId")),
            occurred_at=from_milliseconds(row.get("occurredAt")),
            merged_into=into,
        )


def _of_record(row: Mapping[str, Any], record: CrmRecord, verb: str, name: str) -> Iterator[CrmEvent]:
    into = _survivor(row) if verb == "merge" else ""
    for number in _gone(row, into) if into else [_id(row.get("objectId"))]:
        yield CrmEvent(
            kind=RECORD_EVENTS[verb],
            record=record,
            record_id=number,
            name=name,
            actor=as_text(row.get("sourceId")),
            occurred_at=from_milliseconds(row.get("occurredAt")),
            fields=_changed(row),
        )


def _changed(row: Mapping[str, Any]) -> dict[str, str]:
    """The property that changed. What HubSpot calls sensitive stays there."""
    name = as_text(row.get("propertyName"))
    if not name or row.get("isSensitive") is True:
        return {}
    return {name: field_text(row.get("propertyValue"))}


def _survivor(row: Mapping[str, Any]) -> str:
    """The record that lives on: a new one where the merge made one, else the primary one."""
    return _id(row.get("newObjectId") or row.get("primaryObjectId"))


def _gone(row: Mapping[str, Any], into: str) -> list[str]:
    """The records that live on in another one."""
    told = row.get("mergedObjectIds")
    merged = [_id(one) for one in told] if isinstance(told, list) else []
    return [one for one in dict.fromkeys([_id(row.get("primaryObjectId")), *merged]) if one != into]


def _id(value: object) -> str:
    told = as_text(value)
    if not re.fullmatch(r"[0-9]{1,20}", told):
        raise MalformedPayload(EXPECTED)
    return told
