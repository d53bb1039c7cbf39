"""BeyondTrust's outbound events: a form for each thing that happens to a support session. Pure.

The guide does not describe them. At anything but exactly 200 the appliance puts an event back and sends no other
one until this one is taken; hence `Kind.stops_at_refusal`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import unquote_to_bytes

from bridge.errors import MalformedPayload
from bridge.model import Delivery, Person, Session, SessionEvent, SessionEventKind
from connectors.platforms.beyondtrust.reports.people import address
from connectors.platforms.beyondtrust.reports.surveys import BY_CUSTOMER, BY_REPRESENTATIVE
from connectors.platforms.beyondtrust.wire.elements import unix_second

MEDIA_TYPES = frozenset({"application/x-www-form-urlencoded"})

EVENTS: Mapping[str, SessionEventKind] = {
    "support_conference_begin": SessionEventKind.STARTED,
    "support_conference_end": SessionEventKind.ENDED,
    "support_conference_owner_changed": SessionEventKind.CHANGED,
    "support_conference_member_added": SessionEventKind.CHANGED,
    "support_conference_member_departed": SessionEventKind.CHANGED,
    "support_conference_customer_exit_survey_completed": SessionEventKind.SURVEYED,
    "support_conference_rep_exit_survey_completed": SessionEventKind.SURVEYED,
}
"""The appliance's words to ours; any other event says nothing about a session that we follow."""

SURVEYED_BY: Mapping[str, str] = {
    "support_conference_customer_exit_survey_completed": BY_CUSTOMER,
    "support_conference_rep_exit_survey_completed": BY_REPRESENTATIVE,
}

MAX_FIELDS = 1000

_EXPECTED = "expected an outbound event of BeyondTrust: a form with event, version, timestamp and, of a session, lsid"
_LSID = re.compile(r"[0-9A-Za-z-]{1,64}")


def delivery_key(delivery: Delivery) -> str:
    """A digest of the event's own fields, so that one sent again has the same; of the raw body where there are none."""
    fields: object = sorted(_pairs(delivery.body)) or delivery.body.hex()
    told = [fields, sorted(item for item in delivery.query.items() if item[0] != "key")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def parse(delivery: Delivery) -> tuple[SessionEvent, ...]:
    """The one event of a form, none for a name that we do not know. Raises MalformedPayload for a stranger's shape."""
    fields = _fields(_pairs(delivery.body))
    name = fields.get("event", "")
    if not name:
        raise MalformedPayload(f"{_EXPECTED}; there is no event")
    kind = EVENTS.get(name)
    if kind is None:
        return ()
    if not _LSID.fullmatch(fields.get("lsid", "")):
        raise MalformedPayload(f"{_EXPECTED}; the lsid is missing or is none")
    moment = unix_second(fields.get("timestamp", ""))
    return (SessionEvent(kind, _session(name, kind, fields, moment), name, moment),)


def _session(name: str, kind: SessionEventKind, fields: Mapping[str, str], moment: datetime | None) -> Session:
    """What the event tells of its session. Who was called in or left is not whose session it is."""
    ended = kind is SessionEventKind.ENDED
    return Session(
        id=fields["lsid"],
        reference=fields.get("external_key", ""),
        technician=_representative(fields) if name == "support_conference_owner_changed" else Person(),
        customer=_customer(fields) if name == "support_conference_member_added" else Person(),
        started_at=moment if kind is SessionEventKind.STARTED else None,
        ended_at=moment if ended else None,
        ended=ended,
        surveyed_by=frozenset({SURVEYED_BY[name]} if name in SURVEYED_BY else ()),
    )


def _representative(fields: Mapping[str, str]) -> Person:
    """A session's owner may be a queue too, which has no user name."""
    said = fields.get("type", "").lower()
    username = fields.get("username", "")
    if not (said.startswith("rep") or (not said and username)):
        return Person()
    return Person(
        name=fields.get("display_name") or fields.get("name", ""),
        email=address(username),
        id=fields.get("user_id", ""),
        username=username,
    )


def _customer(fields: Mapping[str, str]) -> Person:
    if fields.get("type", "").lower() != "customer":
        return Person()
    return Person(name=fields.get("display_name") or fields.get("name", ""))


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields by name; of one that comes twice the first that says something."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if not found.get(name):
            found[name] = value.strip()
    return found


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """Names and values, without what no database and no ticket takes; bytes that are no UTF-8 are replaced."""
    found = []
    for pair in body.replace(b"+", b" ").split(b"&", MAX_FIELDS)[:MAX_FIELDS]:
        name, equals, value = pair.partition(b"=")
        if equals and name:
            found.append((_text(name).strip(), _text(value)))
    return found


def _text(raw: bytes) -> str:
    return unquote_to_bytes(raw).decode("utf-8", "replace").replace("\0", "")
