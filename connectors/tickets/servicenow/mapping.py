"""ServiceNow's records in our words, and ours in ServiceNow's. Pure.

A record is what the Table API answers with `sysparm_display_value=all`: each field has a `value`, as stored (times
in UTC, references as sys_id), and a `display_value`, as this user sees it. What the user may not read is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bridge.document import Document
from bridge.errors import Rejected
from bridge.markup import Markup
from bridge.model import Note, Person, Ticket, TicketStatus, TimeSpent, Visibility
from bridge.render import Rendered, TextLimits, render
from connectors import marks
from connectors.bodies import field_text

Record = Mapping[str, Any]

SYS_ID = re.compile(r"[0-9a-f]{32}")
NUMBER = re.compile(r"[A-Za-z][A-Za-z_]{0,19}[0-9]{1,20}")
EMAIL = re.compile(r"[\w.+'-]+@[\w.-]+")
"""Addresses that can stand in an encoded query without changing it."""

JOURNAL = {Visibility.INTERNAL: "work_notes", Visibility.PUBLIC: "comments"}
JOURNALS = frozenset({*JOURNAL.values(), "comments_and_work_notes", "approval_history"})
"""Fields that hold what was said, entry by entry: whatever is set there is added as a new entry."""

CLOSED_STATES = {"incident": frozenset({"7", "8"})}
SOLVED_STATES = {"incident": frozenset({"6"})}
"""For other tables the operator names the states; `active` tells what is closed where none are named."""

REQUESTERS = ("caller_id", "requested_for", "contact", "opened_for", "opened_by")
"""Where tables keep whom a ticket is for; the first that is filled counts."""
REQUESTER_FIELD = {"sc_request": "requested_for", "sc_req_item": "requested_for", "sn_customerservice_case": "contact"}

STAMP = "%Y-%m-%d %H:%M:%S"

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
_SYSTEM = re.compile(r"sys_.*")
HARMLESS_BRACKET = "\N{FULLWIDTH LEFT SQUARE BRACKET}"
_CODE_TAG = re.compile(r"\[(?=\s*/?\s*code)", re.I)


# -- reading ---------------------------------------------------------------------------------------------------


def value(record: Record, name: str) -> str:
    """The field as it is stored, as text; empty when it is empty or not there."""
    return _part(record, name, "value")


def shown(record: Record, name: str) -> str:
    """The field as this user sees it, as text."""
    return _part(record, name, "display_value")


def _part(record: Record, name: str, part: str) -> str:
    field = record.get(name)
    return field_text(field.get(part) if isinstance(field, dict) else field)


class States:
    """Which states of the table are closed or solved."""

    def __init__(self, table: str, closed: Iterable[str] | None, solved: Iterable[str] | None) -> None:
        self._closed = frozenset(closed) if closed is not None else CLOSED_STATES.get(table)
        self._solved = frozenset(solved) if solved is not None else SOLVED_STATES.get(table, frozenset())

    def status(self, record: Record) -> TicketStatus:
        state = value(record, "state")
        if state in self._solved:
            return TicketStatus.SOLVED
        closed = value(record, "active") == "false" if self._closed is None else state in self._closed
        return TicketStatus.CLOSED if closed else TicketStatus.OPEN


def ticket(
    record: Record, table: str, base_url: str, status: TicketStatus, people: Mapping[str, Person], tags: Iterable[str]
) -> Ticket:
    """The ticket that a whole record is, with what is known of its people by sys_id."""
    sys_id = value(record, "sys_id")
    return Ticket(
        id=sys_id,
        subject=value(record, "short_description"),
        status=status,
        vendor_status=shown(record, "state"),
        tags=frozenset(tags),
        fields=fields(record),
        requester=_person(record, requester_field(record), people),
        assignee=_person(record, "assigned_to", people),
        url=f"{base_url.rstrip('/')}/nav_to.do?uri={quote(f'{table}.do?sys_id={sys_id}', safe='')}",
        number=value(record, "number"),
    )


def fields(record: Record) -> dict[str, str]:
    """Each field by its name as it is stored, and as `dv_<name>` as people see it, where that is another text."""
    found: dict[str, str] = {}
    for name in record:
        if name in JOURNALS:
            continue
        found[name] = value(record, name)
        if shown(record, name) != found[name]:
            found[f"dv_{name}"] = shown(record, name)
    return found


def requester_field(record: Record) -> str:
    return next((name for name in REQUESTERS if value(record, name)), REQUESTERS[0])


def people_of(record: Record) -> list[str]:
    """sys_ids of the requester and the assignee."""
    named = (value(record, requester_field(record)), value(record, "assigned_to"))
    return sorted({sys_id for sys_id in named if SYS_ID.fullmatch(sys_id)})


def person(record: Record) -> Person:
    """The person that a record of `sys_user` is."""
    return Person(
        name=value(record, "name"),
        email=value(record, "email"),
        id=value(record, "sys_id"),
        username=value(record, "user_name"),
    )


def _person(record: Record, field: str, people: Mapping[str, Person]) -> Person:
    sys_id = value(record, field)
    return people.get(sys_id) or Person(name=shown(record, field), id=sys_id)


def moment(record: Record, name: str) -> datetime | None:
    """A time of a record; ServiceNow stores UTC."""
    try:
        return datetime.strptime(value(record, name), STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


# -- writing ---------------------------------------------------------------------------------------------------


def entry(note: Note, limits: TextLimits) -> Rendered:
    """The note as a journal entry: its text, and its mark as a plain last line."""
    line = f"\n{marks.line(note.mark)}"
    rendered = render(note, limits.less(line))
    # In a plain entry too, ServiceNow would take what somebody typed between these tags for HTML.
    body = rendered.body if limits.markup is Markup.CODE else _CODE_TAG.sub(HARMLESS_BRACKET, rendered.body)
    return Rendered(body + line, rendered.attachments)


def text_of(mark: str, document: Document, limits: TextLimits) -> str:
    return entry(Note(mark, document), limits).body


def field_changes(changes: Mapping[str, object]) -> dict[str, str]:
    """The body of an update that sets these fields. Raises Rejected for what is no field that can be set."""
    for name in changes:
        if name in JOURNALS:
            raise Rejected(f"{name} cannot be set: each time it would add a note", code="journal")
        if not _FIELD_NAME.fullmatch(name) or _SYSTEM.fullmatch(name):
            raise Rejected(f"no field {name[:40]!r} can be set: give its API name, such as u_remote_session")
    return {name: field_text(content) for name, content in changes.items()}


def fields_missed(changes: Mapping[str, str], record: Record) -> list[str]:
    """Names of fields that do not have the value that was sent: ServiceNow ignores what a user may not write."""
    return [name for name, sent in changes.items() if not _has(record, name, sent.strip())]


def _has(record: Record, name: str, sent: str) -> bool:
    told = [text.replace("\r\n", "\n").strip() for text in (value(record, name), shown(record, name))]
    return name in record and (sent.replace("\r\n", "\n") in told if sent else not told[0])


def time_entry(sys_id: str, user: str, spent: TimeSpent) -> dict[str, str]:
    """A row of `task_time_worked`. Durations are stored as a moment after 1970."""
    seconds = spent.minutes * 60
    length = datetime.fromtimestamp(seconds, UTC).strftime(STAMP)
    row = {
        "task": sys_id,
        "comments": f"{spent.text}\n{marks.line(spent.mark)}",
        "time_in_seconds": str(seconds),
        "time_worked": length,
        "work_date": spent.began_at.astimezone(UTC).strftime("%Y-%m-%d"),
    }
    return {**row, "user": user} if user else row


def time_missed(sent: Mapping[str, str], made: Record, mark: str) -> list[str]:
    """What of such a row was ignored, and matters: whose task it is, how long it took, and its mark."""
    kept = {
        "task": value(made, "task") == sent["task"],
        "comments": marks.in_text(value(made, "comments"), mark),
        "time_in_seconds": any(value(made, name) == sent[name] for name in ("time_in_seconds", "time_worked")),
    }
    return [name for name, done in kept.items() if not done]
