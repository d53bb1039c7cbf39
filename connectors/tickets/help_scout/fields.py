"""What can be set of a conversation: three values of its own, and its inbox's custom fields by name or number. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.errors import Rejected
from connectors.bodies import as_text, field_text
from connectors.tickets.help_scout.mapping import Row, rows

OWN = frozenset({"subject", "status", "assignTo"})
"""Values of the conversation itself, each changed by a call of its own. Every other name is a custom field's."""
STATUSES = ("active", "pending", "closed", "spam")


def patch(name: str, value: object) -> dict[str, Any]:
    """The change of one value. Raises Rejected for one that Help Scout does not know."""
    text = field_text(value).strip()
    if name == "status" and text not in STATUSES:
        raise Rejected(f"a status in Help Scout is one of {', '.join(STATUSES)}", code="status")
    if name != "assignTo":
        return {"op": "replace", "path": f"/{name}", "value": text}
    if not text:
        return {"op": "remove", "path": "/assignTo"}
    if not text.isdecimal():
        raise Rejected("assignTo is the number of a user in Help Scout", code="assignTo")
    return {"op": "replace", "path": "/assignTo", "value": int(text)}


def merged(there: Iterable[Row], changes: Mapping[str, object], known: Iterable[Row]) -> list[dict[str, Any]]:
    """All custom fields after the changes: what is not sent would be removed. Raises Rejected for an unknown one."""
    values = {as_text(row.get("id")): as_text(row.get("value")) for row in there}
    declared = list(known)
    for name, value in changes.items():
        field = _named(declared, name)
        values[as_text(field.get("id"))] = _value(field, field_text(value).strip())
    return [{"id": int(number), "value": value} for number, value in values.items() if number.isdecimal() and value]


def _named(declared: Iterable[Row], name: str) -> Row:
    for field in declared:
        if name.strip().casefold() in (as_text(field.get("id")), as_text(field.get("name")).casefold()):
            return field
    raise Rejected(f"the conversation's inbox has no custom field {name}", code="no-field")


def _value(field: Row, text: str) -> str:
    """What stands for the text: an option of a drop-down goes by its number."""
    if field.get("type") != "dropdown" or not text:
        return text
    for option in rows(field, "options"):
        number = as_text(option.get("id"))
        if text.casefold() in (number, as_text(option.get("label")).casefold()):
            return number
    raise Rejected(f"{as_text(field.get('name'))} has no such option", code="no-option")
