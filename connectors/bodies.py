"""What ticket systems' webhooks have in common: JSON that may be broken, and the template that an admin pastes.

Where a system sends a body that its admin wrote, we ask for `{"event", "ticket_id", "delivery", "actor"}`. Its
placeholders are filled as text by most systems, so one that people can type (a title, a name) breaks the JSON.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind

EVENTS: Mapping[str, TicketEventKind] = {
    "ticket.closed": TicketEventKind.CLOSED,
    "ticket.merged": TicketEventKind.MERGED,
    "ticket.session_requested": TicketEventKind.REQUESTED,
}
"""Words in a pasted template that say more than that the ticket changed. Any other word is the admin's own."""

BROKEN = "(broken template)"
"""Ends the name of an event whose body was no JSON: only its ticket's id is believed."""


class _Doubled(ValueError):
    """A name stands twice in one object: readers differ in which they take, so none is believed."""


def load_json(raw: bytes) -> Any | None:
    """The JSON, None when it is none. So is a name said twice: a placeholder could overrule the template."""
    try:
        return _load(raw)
    except (ValueError, RecursionError):
        return None


def _load(raw: bytes) -> Any:
    return json.loads(raw.decode("utf-8-sig"), strict=False, object_pairs_hook=_without_doubles)


def why_not_json(raw: bytes) -> str:
    """Where and how a body is no JSON, in words for the admin who wrote its template. Repeats nothing of it."""
    try:
        _load(raw)
    except _Doubled:
        return "a name stands in it twice"
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except json.JSONDecodeError as error:
        return f"it breaks at line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError):
        return "it cannot be read"
    return "it is JSON"


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Doubled
    return members


def as_text(value: object) -> str:
    """Text and whole numbers as text; anything else is nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def field_text(value: object) -> str:
    """A field's value as text: nothing is empty, ticks are `true` and `false`, several are a comma list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(field_text(part) for part in value)
    return str(value)


def as_moment(value: object) -> datetime | None:
    """An ISO 8601 moment in UTC, taken as UTC where it names no zone; None when it is not one."""
    try:
        moment = datetime.fromisoformat(as_text(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def iso(moment: datetime) -> str:
    """As most systems take a moment: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_milliseconds(value: object) -> datetime | None:
    """Milliseconds since 1970, as a number or as its digits; None when it is not one."""
    told = as_text(value)
    if not re.fullmatch(r"[0-9]{1,14}", told):
        return None
    return datetime.fromtimestamp(int(told) / 1000, UTC)


def digest_key(delivery: Delivery, *about: str) -> str:
    """A delivery key where the vendor gives no id: a digest of the body and of what else tells two of them apart."""
    return hashlib.sha256("\n".join(about).encode() + b"\n" + delivery.body).hexdigest()


def told_key(delivery: Delivery, header: str, *about: str) -> str:
    """The delivery's id in that header, else the template's `delivery`, else a digest."""
    told = delivery.headers.get(header, "")
    if not told:
        body = load_json(delivery.body)
        told = as_text(body.get("delivery")) if isinstance(body, dict) else ""
    return told or digest_key(delivery, *about)


@dataclass(frozen=True, slots=True)
class PastedTemplate:
    """Reads the body that an admin pasted as our template."""

    ticket_id: str
    """What one of the system's ids looks like, as a regular expression without groups."""
    expected: str
    """What a right body is, for the admin who wrote a wrong one; begins with `expected`."""

    def fits(self, body: object) -> bool:
        """Whether the JSON is meant to be our template."""
        return isinstance(body, dict) and "ticket_id" in body

    def event(self, body: Mapping[str, Any]) -> TicketEvent:
        """The event in such a body. Raises MalformedPayload for an id that is none."""
        name = as_text(body.get("event")) or "ticket.updated"
        merged = as_text(body.get("merged_into"))
        return TicketEvent(
            kind=EVENTS.get(name, TicketEventKind.CHANGED),
            ticket_id=self.checked(body["ticket_id"]),
            name=name,
            actor=as_text(body.get("actor")),
            merged_into=merged if re.fullmatch(self.ticket_id, merged) else "",
        )

    def checked(self, value: object) -> str:
        """The id. Raises MalformedPayload when the system would not give such a one."""
        told = as_text(value)
        if not re.fullmatch(self.ticket_id, told):
            raise MalformedPayload(f"the ticket id is not one of this system's: {self.expected}")
        return told

    def repaired(self, raw: bytes) -> Sequence[TicketEvent]:
        """What a body that is no JSON may still be believed.

        A quote in a placeholder breaks the JSON and can forge parts of it: one plain id is believed, or nothing.
        """
        found = set(re.findall(rf'"ticket_id"\s*:\s*"?({self.ticket_id})(?=["\s,}}])', raw.decode("utf-8", "replace")))
        if len(found) != 1:
            raise MalformedPayload(
                f"this is no JSON ({why_not_json(raw)}) and holds no single ticket_id; a placeholder that people"
                f" can type may have put a quote or a line break into it: {self.expected}"
            )
        return [TicketEvent(TicketEventKind.CHANGED, found.pop(), f"ticket.updated {BROKEN}")]
