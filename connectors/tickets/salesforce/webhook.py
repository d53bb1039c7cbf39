"""What Salesforce's outbound messages say: SOAP, up to a hundred notifications in one, nothing of it signed.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from bridge.errors import MalformedPayload
from bridge.model import CrmEvent, CrmEventKind, CrmRecord, Delivery, TicketEvent, TicketEventKind
from connectors import xml
from connectors.bodies import EVENTS, as_moment, digest_key
from connectors.tickets.salesforce import ids

TICKET = "Case"
RECORDS: Mapping[str, tuple[CrmRecord, str]] = {
    "Contact": (CrmRecord.CONTACT, ids.CONTACT),
    "Account": (CrmRecord.ACCOUNT, ids.ACCOUNT),
}
"""What else is understood: the object's API name, what it is for us, and how its ids begin. All others are ignored."""

EXPECTED = "expected a SOAP outbound message of Salesforce (Envelope, Body, notifications, Notification, sObject)"
ACKNOWLEDGEMENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)
"""Anything else is no acknowledgement: Salesforce would send it all again for a day."""

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class _Message(NamedTuple):
    root: xml.Element
    notifications: xml.Element
    each: list[xml.Element]


def split(delivery: Delivery) -> Sequence[Delivery]:
    """A delivery for each notification, with the message around it but without its session id.

    Raises MalformedPayload for a stranger's shape. The same notification gives the same body, whatever it came with.
    """
    message = _read(delivery.body)
    for element in (*message.each, *xml.children(message.notifications, "SessionId")):
        message.notifications.remove(element)
    parts = []
    for notification in message.each:
        message.notifications.append(notification)
        body = etree.tostring(message.root, xml_declaration=True, encoding="UTF-8")
        parts.append(replace(delivery, body=body))
        message.notifications.remove(notification)
    return parts


def delivery_key(delivery: Delivery) -> str:
    """The notification's id, which all of its resends share; a digest for anything but a single notification."""
    try:
        [notification] = _read(delivery.body).each
    except (MalformedPayload, ValueError):
        return digest_key(delivery)
    return ids.full_id(_text(notification, "Id")) or digest_key(delivery)


def organization(delivery: Delivery) -> str:
    """The id of the organization that says it sent this, in 18 characters; empty for anything strange."""
    try:
        return ids.full_id(_text(_read(delivery.body).notifications, "OrganizationId"), ids.ORGANIZATION)
    except MalformedPayload:
        return ""


def parse(delivery: Delivery) -> Sequence[TicketEvent | CrmEvent]:
    """The events in the message. `?event=…` in the address of the outbound message names them."""
    named = delivery.query.get("event", "").strip()
    events = (_event(notification, named) for notification in _read(delivery.body).each)
    return [event for event in events if event is not None]


def _event(notification: xml.Element, named: str) -> TicketEvent | CrmEvent | None:
    record = xml.child(notification, "sObject")
    if record is None:
        raise MalformedPayload(EXPECTED)
    kind = record.get(_TYPE, "").rpartition(":")[2]
    fields = {xml.local(field): xml.text(field).strip() for field in xml.children(record)}
    if kind == TICKET:
        return _ticket_event(fields, named or kind)
    if kind in RECORDS:
        return _crm_event(fields, *RECORDS[kind], named or kind)
    return None


def _ticket_event(fields: Mapping[str, str], name: str) -> TicketEvent:
    merged = ids.full_id(fields.get("MasterRecordId", ""), ids.CASE)
    return TicketEvent(
        kind=TicketEventKind.MERGED if merged else EVENTS.get(name, TicketEventKind.CHANGED),
        ticket_id=_id(fields, ids.CASE),
        name=name,
        actor=_actor(fields),
        occurred_at=_moment(fields),
        merged_into=merged,
    )


def _crm_event(fields: Mapping[str, str], record: CrmRecord, prefix: str, name: str) -> CrmEvent:
    return CrmEvent(
        kind=_crm_kind(fields),
        record=record,
        record_id=_id(fields, prefix),
        name=name,
        actor=_actor(fields),
        occurred_at=_moment(fields),
        fields={field: value for field, value in fields.items() if field != "Id"},
    )


def _crm_kind(fields: Mapping[str, str]) -> CrmEventKind:
    """A message does not say what happened: a record that was never changed since it was made is a new one."""
    if fields.get("IsDeleted") == "true":
        return CrmEventKind.DELETED
    made, changed = as_moment(fields.get("CreatedDate")), as_moment(fields.get("LastModifiedDate"))
    return CrmEventKind.CREATED if made is not None and made == changed else CrmEventKind.CHANGED


def _id(fields: Mapping[str, str], prefix: str) -> str:
    found = ids.full_id(fields.get("Id", ""), prefix)
    if not found:
        raise MalformedPayload(f"the record's id is none of this object: {EXPECTED}")
    return found


def _actor(fields: Mapping[str, str]) -> str:
    return ids.full_id(fields.get("LastModifiedById", ""), ids.USER)


def _moment(fields: Mapping[str, str]) -> datetime | None:
    return as_moment(fields.get("LastModifiedDate")) or as_moment(fields.get("SystemModstamp"))


def _read(body: bytes) -> _Message:
    """The message and its notifications, at least one. Raises MalformedPayload."""
    try:
        root = xml.parse(body)
    except MalformedPayload as broken:
        raise MalformedPayload(f"{broken}: {EXPECTED}") from None
    inside = xml.child(root, "Body") if xml.local(root) == "Envelope" else None
    notifications = xml.child(inside, "notifications") if inside is not None else None
    if notifications is None:
        raise MalformedPayload(EXPECTED)
    each = xml.children(notifications, "Notification")
    if not each:
        raise MalformedPayload(EXPECTED)
    return _Message(root, notifications, each)


def _text(element: xml.Element, name: str) -> str:
    return xml.text(element, name).strip()
