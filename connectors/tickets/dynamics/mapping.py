"""Dataverse's cases, notes and tasks in our words, and ours in Dataverse's. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID, uuid5

from bridge.errors import Rejected
from bridge.model import Attachment, NewTicket, Note, Person, Ticket, TicketStatus, TimeSpent, Visibility
from bridge.render import Rendered
from connectors.bodies import as_moment, field_text, iso

Row = Mapping[str, Any]

GUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
CASE_NUMBER = r"[A-Za-z0-9][A-Za-z0-9-]{2,99}"
"""What people type instead of a GUID, such as CAS-01234-X1Y2Z3; its prefix is the organisation's own."""

ACTIVE = 0
COMPLETED = 1

MAX_TITLE = 200
MAX_FILENAME = 255
PUBLIC_PREFIX = "*WEB*"
"""A portal shows customers those notes of a case whose text holds this, and only those."""
TITLE = "Deskbridge"
"""The title of our notes: Dataverse wants one."""

FORMATTED = "OData.Community.Display.V1.FormattedValue"
TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"

PEOPLE = {
    "customerid_contact": ("contactid", "fullname", "emailaddress1"),
    "customerid_account": ("accountid", "name", "emailaddress1"),
    "primarycontactid": ("contactid", "fullname", "emailaddress1"),
    "owninguser": ("systemuserid", "fullname", "internalemailaddress"),
}
"""Whom a case is read with: the columns of id, name and e-mail address by navigation property."""
EXPAND = ",".join(f"{name}($select={','.join(columns)})" for name, columns in PEOPLE.items())

_NAMESPACE = UUID("8a1f6d5e-3f0b-4c57-9c64-0d5b7e2a91c3")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BIND = re.compile(r"[A-Za-z_][A-Za-z0-9_]*@odata\.bind")
_CODES = re.compile(r"-?[0-9]+(,-?[0-9]+)*")


def record_id(what: str, mark: str) -> str:
    """The id under which a thing with this mark is kept: always the same one, so that there is one thing."""
    return str(uuid5(_NAMESPACE, f"{what}\n{mark}"))


# -- reading ---------------------------------------------------------------------------------------------------


def ticket(case: Row, base_url: str) -> Ticket:
    """The case, read with all its columns, its people and its formatted values."""
    case_id = str(case["incidentid"]).lower()
    customers = [_person(case, name) for name in ("customerid_contact", "primarycontactid", "customerid_account")]
    return Ticket(
        id=case_id,
        subject=field_text(case.get("title")),
        # Canceled, too: both show their timeline, and whether they take more notes only trying tells.
        status=TicketStatus.OPEN if case.get("statecode") == ACTIVE else TicketStatus.SOLVED,
        vendor_status=field_text(case.get(f"statuscode@{FORMATTED}")) or field_text(case.get("statuscode")),
        fields=fields(case),
        requester=next((person for person in customers if person.email), customers[0]),
        assignee=_person(case, "owninguser"),
        url=f"{base_url.rstrip('/')}/main.aspx?pagetype=entityrecord&etn=incident&id={case_id}",
        number=field_text(case.get("ticketnumber")),
    )


def fields(case: Row) -> dict[str, str]:
    """Columns by their logical name, a lookup's id among them, as text.

    What is shown for a choice, a yes/no or a lookup stands under its name with `name` behind it, as Dataverse
    calls it itself: `prioritycode` is 1 and `prioritycodename` is High.
    """
    found: dict[str, str] = {}
    for key, value in case.items():
        if "@" in key or key in PEOPLE or isinstance(value, dict | list):
            continue
        lookup = re.fullmatch(r"_(\w+)_value", key)
        name = lookup[1] if lookup else key
        found[name] = field_text(value)
        shown = case.get(f"{key}@{FORMATTED}")
        if isinstance(shown, str) and (lookup or isinstance(value, int) or _CODES.fullmatch(found[name])):
            found.setdefault(f"{name}name", shown)
    return found


def _person(case: Row, relation: str) -> Person:
    row = case.get(relation)
    if not isinstance(row, dict):
        return Person()
    identity, name, email = (field_text(row.get(column)) for column in PEOPLE[relation])
    return Person(name=name, email=email, id=identity)


def customer_of(case: Row) -> tuple[str, str] | None:
    """Table and id of the case's customer, which is a contact or an account."""
    table, identity = case.get(f"_customerid_value@{TABLE}"), case.get("_customerid_value")
    if table not in ("contact", "account") or not isinstance(identity, str):
        return None
    return str(table), identity


# -- writing ---------------------------------------------------------------------------------------------------


def note_rows(case_id: str, note: Note, rendered: Rendered) -> list[tuple[str, dict[str, Any]]]:
    """Ids and rows that make the note, in the order of writing: the note itself comes last.

    A row holds one file: the first stands in the note's own row, each further one in a row of its own.
    """
    prefix = PUBLIC_PREFIX if note.visibility is Visibility.PUBLIC else ""
    common = {"subject": TITLE, "objectid_incident@odata.bind": f"/incidents({case_id})"}
    first, further = rendered.attachments[:1], rendered.attachments[1:]
    rows = [
        (record_id(f"file {number}", note.mark), {**common, "notetext": prefix, **_file(attachment)})
        for number, attachment in enumerate(further, 2)
    ]
    own = {**common, "notetext": prefix + rendered.body}
    for attachment in first:
        own |= _file(attachment)
    return [*rows, (record_id("note", note.mark), own)]


def _file(attachment: Attachment) -> dict[str, Any]:
    return {
        "isdocument": True,
        "filename": _short_name(attachment.filename),
        "mimetype": attachment.media_type[:256],
        "documentbody": base64.b64encode(attachment.content).decode(),
    }


def _short_name(name: str) -> str:
    """The file's name within the column, its ending kept."""
    if len(name) <= MAX_FILENAME:
        return name
    ending = PurePosixPath(name).suffix[-20:]
    return name[: MAX_FILENAME - len(ending)] + ending


def task(case_id: str, spent: TimeSpent) -> dict[str, Any]:
    """Time spent as an activity of the case; it counts once it is completed."""
    who = f", {spent.agent.label}" if spent.agent.label else ""
    return {
        "subject": f"{spent.text}{who}"[:MAX_TITLE],
        "actualdurationminutes": spent.minutes,
        "actualstart": iso(spent.began_at),
        "regardingobjectid_incident_task@odata.bind": f"/incidents({case_id})",
    }


def new_case(new: NewTicket, customer: tuple[str, str], parent: str) -> dict[str, Any]:
    """A case of that customer, below its parent where there is one."""
    table, identity = customer
    row = {"title": new.subject[:MAX_TITLE], f"customerid_{table}@odata.bind": f"/{table}s({identity})"}
    if parent:
        row["parentcaseid@odata.bind"] = f"/incidents({parent})"
    return row


def columns(changes: Mapping[str, object]) -> list[str]:
    """The columns among the changes; lookups are set by `<name>@odata.bind` and cannot be selected so.

    Raises Rejected for what is neither.
    """
    for name in changes:
        if not _COLUMN.fullmatch(name) and not _BIND.fullmatch(name):
            raise Rejected("a field is named by its logical name, a lookup by <name>@odata.bind", code="field-name")
    return [name for name in changes if _COLUMN.fullmatch(name)]


def not_set(changes: Mapping[str, object], before: Row, after: Row) -> Iterator[str]:
    """Columns that are still what they were, and not what was asked: Dataverse ignores read-only ones in silence."""
    for name in columns(changes):
        if not _same(changes[name], after.get(name)) and after.get(name) == before.get(name):
            yield name


def _same(asked: object, told: object) -> bool:
    if field_text(asked) == field_text(told):
        return True
    if isinstance(asked, int | float) and isinstance(told, int | float):
        return float(asked) == float(told)
    moment = as_moment(asked)
    return moment is not None and moment == as_moment(told)


def quoted(text: str) -> str:
    """The text as a literal in a `$filter`."""
    return "'" + text.replace("'", "''") + "'"
