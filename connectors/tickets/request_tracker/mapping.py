"""Request Tracker's tickets and fields in our words, and ours in RT's. Pure."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.errors import Rejected
from bridge.model import Attachment, Person, Ticket, TicketStatus
from connectors.bodies import field_text

DELETED = "deleted"

WRITABLE = ("FinalPriority", "Owner", "Priority", "Queue", "Status", "Subject")
"""What a route may set beside custom fields. Dates are missing: RT reads them in its user's time zone, and takes an
ISO 8601 moment for none at all."""

READABLE = (
    *("Created", "Due", "FinalPriority", "InitialPriority", "LastUpdated", "Owner", "Priority", "Queue", "Resolved"),
    *("Started", "Starts", "Status", "Subject", "TimeEstimated", "TimeLeft", "TimeWorked", "Type"),
)

SEARCH_FIELDS: Mapping[str, str] = {
    "fields": ",".join((*READABLE, "Requestor", "CustomFields")),
    "fields[Requestor]": "Name,RealName,EmailAddress",
    "fields[Owner]": "Name,RealName,EmailAddress",
    "fields[Queue]": "Name",
}
"""Makes a search tell all of a ticket, people by name and address."""

NO_MOMENT = ("1970-01-01", "1970-01-01T00:00:00Z")
"""How RT writes a date that is not set, or that it did not understand."""
NOBODY = "Nobody"

_CUSTOM = re.compile(r"CF\.\{(.+)\}")
_TOKEN = re.compile(r"1-([0-9]{1,18})-[0-9a-fA-F]+")


def user_of(token: str) -> str:
    """The number of the user whom a token belongs to: RT writes it into the token. Empty for another shape."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else ""


# -- tickets ---------------------------------------------------------------------------------------------------


def ticket(told: Mapping[str, Any], base_url: str, solved: Container[str], tags_field: str) -> Ticket:
    """The ticket of a search with SEARCH_FIELDS, or of `GET ticket/{id}`, which knows people by their names only."""
    ticket_id, status = str(told["id"]), field_text(told.get("Status"))
    requesters = told.get("Requestor")
    return Ticket(
        id=ticket_id,
        subject=field_text(told.get("Subject")),
        status=TicketStatus.SOLVED if status in solved else TicketStatus.OPEN,
        vendor_status=status,
        tags=frozenset(custom_values(told).get(tags_field, ())) if tags_field else frozenset(),
        fields=fields(told),
        requester=_person(requesters[0]) if isinstance(requesters, list) and requesters else Person(),
        assignee=_person(told.get("Owner")),
        url=f"{base_url.rstrip('/')}/Ticket/Display.html?id={ticket_id}",
    )


def fields(told: Mapping[str, Any]) -> dict[str, str]:
    """Core fields by name; custom fields as `CF.{name}`, and by the bare name where no core field has it."""
    custom = {name: field_text(values) for name, values in custom_values(told).items()}
    core = {name: _core(told[name]) for name in READABLE if name in told}
    return {**custom, **{f"CF.{{{name}}}": text for name, text in custom.items()}, **core}


def _core(value: object) -> str:
    if isinstance(value, dict):
        return field_text(value.get("Name") or value.get("id"))
    return _text(value)


def _text(value: object) -> str:
    text = field_text(value)
    return "" if text in NO_MOMENT else text


def custom_values(told: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ticket's custom fields, each with all its values; those that our user may not see are not told at all."""
    found = {}
    for custom in told.get("CustomFields") or ():
        values = custom.get("values") or ()
        # A file or picture is an object with its name.
        found[field_text(custom.get("name"))] = [
            _text(value.get("filename") if isinstance(value, dict) else value) for value in values
        ]
    return found


def _person(told: object) -> Person:
    if not isinstance(told, dict):
        return Person()
    identity = field_text(told.get("id"))
    username = field_text(told.get("Name")) or identity
    if username == NOBODY:
        return Person()
    email = field_text(told.get("EmailAddress")) or (username if "@" in username else "")
    return Person(name=field_text(told.get("RealName")), email=email, id=identity, username=username)


# -- setting fields --------------------------------------------------------------------------------------------


def field_changes(changes: Mapping[str, object], before: Mapping[str, Any]) -> dict[str, Any]:
    """The body of an update that sets these fields. Raises Rejected for one that the ticket does not have.

    RT would answer 200 to a field that it does not know, and 500 to a tick that is not text.
    """
    body: dict[str, Any] = {}
    custom: dict[str, object] = {}
    known = custom_values(before)
    for name, value in changes.items():
        own = _custom_name(name, known)
        if own is None:
            body[name] = field_text(value)
            continue
        parts = [text for part in _parts(value) if (text := field_text(part))]
        # One empty value more is what RT makes of emptying what is empty.
        if parts or any(known[own]):
            custom[own] = parts if isinstance(value, list) or not parts else parts[0]
    if custom:
        body["CustomFields"] = custom
    return body


def _parts(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _custom_name(name: str, known: Container[str]) -> str | None:
    """The custom field that is meant; None for a core field."""
    found = _CUSTOM.fullmatch(name)
    if found is None and name in WRITABLE:
        return None
    own = found[1] if found else name
    if own not in known:
        raise Rejected(f"no ticket field {name!r} in Request Tracker, or none that our user may see", code="no-field")
    return own


def fields_refused(changes: Mapping[str, object], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of fields that do not have what was sent, and have what they had before or nothing: refused with a 200.

    Some fields bring a value into a form of their own (dates, addresses): what changed was taken.
    """
    return [
        name
        for name, value in changes.items()
        if not _is(name, value, after) and _kept(name, after) in (_kept(name, before), [])
    ]


def _is(name: str, wanted: object, told: Mapping[str, Any]) -> bool:
    """Whether the field has the value, by any of the names that a queue or an owner may be called by."""
    held = told.get(name)
    if name in WRITABLE:
        names = [held.get(key) for key in ("id", "Name", "EmailAddress")] if isinstance(held, dict) else [held]
        return field_text(wanted) in map(field_text, names)
    return sorted(text for part in _parts(wanted) if (text := field_text(part))) == _kept(name, told)


def _kept(name: str, told: Mapping[str, Any]) -> list[str]:
    """The field's values as the database has them: of people and queues the id."""
    if name in WRITABLE:
        held = told.get(name)
        return [field_text(held.get("id") if isinstance(held, dict) else held)]
    found = _CUSTOM.fullmatch(name)
    return sorted(text for text in custom_values(told).get(found[1] if found else name, ()) if text)


# -- marks and texts -------------------------------------------------------------------------------------------


def mark_line(mark: str) -> str:
    """The HTML comment that a text of ours begins with: kept by RT, and shown to nobody.

    A digest, because a comment may not hold every text. It is short, so that no encoding of the database breaks it
    into two lines, and all in lower case, so that no database finds another one.
    """
    return f"<!-- deskbridge reference {hashlib.sha256(mark.encode()).hexdigest()[:32]} -->"


def wrapped(body: str) -> str:
    """The HTML with lines that wrap: RT's pages cut what is preformatted, and let no style through that would help.

    Every text in the body is escaped, so a `<pre>` in it is one of ours.
    """
    return re.sub(r"<pre>(.*?)</pre>", lambda found: f"<div>{_lines(found[1])}</div>", body, flags=re.S)


def _lines(text: str) -> str:
    kept = re.sub(r"^ +| {2,}", lambda run: "&nbsp;" * (len(run[0]) - 1) + " ", text, flags=re.M)
    return kept.replace("\n", "<br>")


def file_part(attachment: Attachment) -> tuple[str, tuple[str, bytes, str]]:
    """A file of a multipart body.

    Its name goes as an encoded word (RFC 2047), which RT decodes: quotes and backslashes would come out changed.
    """
    name = b64encode(attachment.filename.replace("/", "_").encode()).decode()
    return "Attachments", (f"=?UTF-8?B?{name}?=", attachment.content, _media_type(attachment))


def _media_type(attachment: Attachment) -> str:
    """RT converts texts to UTF-8, and what is none would be damaged; it takes messages and multiparts apart."""
    told = attachment.media_type.partition(";")[0].strip().lower()
    if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", told) or told.startswith(("message/", "multipart/")):
        return "application/octet-stream"
    if not told.startswith("text/"):
        return told
    try:
        attachment.content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return f"{told}; charset=utf-8"


# -- TicketSQL -------------------------------------------------------------------------------------------------


def touched_query(moment: datetime, now: datetime, tags_field: str, tags: Iterable[str], after: int) -> str:
    """The search for tickets touched since the moment that carry one of the tags, with ids above `after`.

    RT reads a moment in its user's time zone, whatever the moment itself says: so it is told as an age, with a
    minute for clocks that differ.
    """
    age = max(int((now - moment.astimezone(UTC)).total_seconds()), 0) + 60
    parts = [f"LastUpdated >= '{age} seconds ago'", f"id > {after}"]
    wanted = [f"'CF.{{{_quoted(tags_field)}}}' = '{_quoted(tag)}'" for tag in tags]
    if wanted:
        parts.append(f"( {' OR '.join(wanted)} )")
    return " AND ".join(parts)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
