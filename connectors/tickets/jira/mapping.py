"""Jira's issues, fields and documents in our words, and our marks in Jira's properties. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.document import Document, Paragraph
from bridge.errors import Rejected
from bridge.markup import to_adf
from bridge.model import Person, Ticket, TicketStatus
from connectors import marks

MARK_KEY = "deskbridge"
"""Under this name the mark is a property of a comment, a worklog or an issue, which no reader sees."""
INTERNAL_KEY = "sd.public.comment"
"""The property by which a comment in a service project is kept from the customer."""
DONE = "done"
"""The category of all statuses in which nothing is left to do, whatever they are called."""

_BLOCKS = frozenset({"blockquote", "bulletList", "codeBlock", "heading", "listItem", "orderedList", "panel"})

# -- issues ----------------------------------------------------------------------------------------------------


def ticket(issue: Mapping[str, Any], site_url: str, closed: frozenset[str]) -> Ticket:
    """The issue in an answer to `GET issue/{key}?expand=names`. `closed` are statuses that take no more notes."""
    told = _dict(issue.get("fields"))
    key = str(issue["key"])
    status = _dict(told.get("status"))
    return Ticket(
        id=key,
        subject=as_text(told.get("summary")),
        status=status_of(status, closed),
        vendor_status=as_text(status.get("name")),
        tags=frozenset(as_text(label) for label in told.get("labels") or ()),
        fields=fields(told, _dict(issue.get("names"))),
        requester=person(told.get("reporter")),
        assignee=person(told.get("assignee")),
        url=f"{site_url.rstrip('/')}/browse/{key}" if site_url else "",
    )


def status_of(status: Mapping[str, Any], closed: frozenset[str]) -> TicketStatus:
    if as_text(status.get("name")).casefold() in closed:
        return TicketStatus.CLOSED
    done = _dict(status.get("statusCategory")).get("key") == DONE
    return TicketStatus.SOLVED if done else TicketStatus.OPEN


def fields(told: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, str]:
    """Fields by their id, and by the name that people see where only one field has it."""
    found = {name: as_text(value) for name, value in told.items()}
    shown = [as_text(names.get(name)) for name in told]
    for name, called in zip(told, shown, strict=True):
        if called and called not in told and shown.count(called) == 1:
            found[called] = found[name]
    return found


def person(user: object) -> Person:
    told = _dict(user)
    name, email, identity = (as_text(told.get(key)) for key in ("displayName", "emailAddress", "accountId"))
    return Person(name=name, email=email, id=identity)


def as_text(value: object) -> str:
    """A field's value as people read it: an option's value, a person's name, a document's text, a comma list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(as_text(part) for part in value)
    if isinstance(value, dict):
        return _object_text(value)
    return str(value)


def _object_text(value: Mapping[str, Any]) -> str:
    if value.get("type") == "doc":
        return adf_text(value)
    requested = value.get("requestType")
    if isinstance(requested, dict):
        return as_text(requested.get("name"))
    shown = next((as_text(value[key]) for key in ("value", "name", "displayName", "key") if key in value), "")
    below = value.get("child")
    return f"{shown} - {as_text(below)}" if isinstance(below, dict) else shown


def adf_text(node: object) -> str:
    """The text of a document, its paragraphs on lines of their own."""
    return "".join(_texts(node)).strip("\n")


def _texts(node: object) -> Iterator[str]:
    told = _dict(node)
    if told.get("type") == "text":
        yield as_text(told.get("text"))
    elif told.get("type") == "hardBreak":
        yield "\n"
    for part in told.get("content") or ():
        yield from _texts(part)
    if told.get("type") == "paragraph" or told.get("type") in _BLOCKS:
        yield "\n"


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


# -- marks -----------------------------------------------------------------------------------------------------


def mark_property(mark: str) -> dict[str, Any]:
    return {"key": MARK_KEY, "value": {"mark": mark}}


def carries(thing: Mapping[str, Any], mark: str) -> bool:
    """Whether a comment or worklog (list of properties) or an issue (properties by key) has the mark."""
    return any(_dict(value).get("mark") == mark for value in _marks(thing.get("properties")))


def _marks(properties: object) -> Iterator[object]:
    if isinstance(properties, dict) and MARK_KEY in properties:
        yield properties[MARK_KEY]
    elif isinstance(properties, list):
        yield from (_dict(one).get("value") for one in properties if _dict(one).get("key") == MARK_KEY)


def reference(mark: str) -> str:
    """A line that names a note where Jira takes plain text only; letters and digits, so that nothing is markup."""
    return f"{marks.WORDS} {marks.digest(mark, 24)}"


# -- documents -------------------------------------------------------------------------------------------------


def document(blocks: Document) -> dict[str, Any]:
    """The blocks as an Atlassian document."""
    made: dict[str, Any] = json.loads(to_adf(blocks))
    return made


def plain(text: str) -> dict[str, Any]:
    """A text as an Atlassian document."""
    return document((Paragraph(text),))


def joined(first: Mapping[str, Any], second: object) -> dict[str, Any]:
    """One document with the blocks of both."""
    return {**first, "content": [*first["content"], *(_dict(second).get("content") or ())]}


def as_json(value: object) -> str:
    """As it is counted against Jira's limits: compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def comment(body: Mapping[str, Any], mark: str, *, public: bool) -> dict[str, Any]:
    """A comment with its mark, kept from the customer unless it is public."""
    visibility = {"key": INTERNAL_KEY, "value": {"internal": not public}}
    return {"body": body, "properties": [visibility, mark_property(mark)]}


_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\/"%:$?*<>|]')


def file_name(name: str) -> str:
    """The name without what Jira refuses in names of files, its ending kept when it is too long."""
    clean = _FORBIDDEN.sub("_", name.encode("utf-8", "replace").decode()).strip() or "file"
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = clean, "", ""
    room = 240 - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room].decode('utf-8', 'ignore')}{dot}{ending}"


# -- moments and searches --------------------------------------------------------------------------------------


def stamp(moment: datetime) -> str:
    """A moment as Jira wants it in a worklog."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def search_query(minutes: int, labels: Sequence[str]) -> str:
    """The search for issues touched in the last minutes. Relative, because Jira reads dates in the user's zone."""
    for label in labels:
        if re.search(r"""[\s"'\\]""", label):
            raise Rejected("a Jira label has neither spaces nor quotes", code="label")
    named = ", ".join(f'"{label}"' for label in labels)
    among = f" AND labels in ({named})" if labels else ""
    return f'updated >= "-{minutes}m"{among} ORDER BY updated ASC'
