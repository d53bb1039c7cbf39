"""A route's values in the shape that each of Jira's fields takes, by the field's schema. Pure.

A route says `"High"` or `3`; Jira wants `{"name": "High"}`, `{"value": …}`, a document, a list, an account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.errors import Rejected
from connectors.bodies import as_moment
from connectors.tickets.jira.mapping import as_text, plain

NAMED = frozenset({"priority", "resolution", "issuetype", "securitylevel", "version", "component", "group", "project"})
"""Kinds of values that Jira knows by their name."""
DOCUMENTS = frozenset({"description", "environment"})
TEXT_AREA = ":textarea"
"""Ends the custom type of a field of several lines: it says `string` but takes a document."""


def fields_by_name(editmeta: Mapping[str, Any], names: list[str]) -> dict[str, Mapping[str, Any]]:
    """What is known of the fields that a route names by id or by the name that people see, each under its id.

    Raises Rejected for a field that cannot be edited on this issue, and for a name that several have.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for name in names:
        same = [field_id for field_id, field in editmeta.items() if field.get("name") == name]
        if name not in editmeta and len(same) != 1:
            why = "several fields are called" if same else "this issue has no field to edit that is called"
            raise Rejected(f"{why} {name!r}: name it by its id, such as customfield_10050", code="unknown-field")
        field_id = name if name in editmeta else same[0]
        found[name] = {**editmeta[field_id], "id": field_id}
    return found


def value_for(field: Mapping[str, Any], value: object, account_of: Callable[[str], str]) -> object:
    """The value as this field takes it. Raises Rejected for one that it cannot take. `account_of` an e-mail address."""
    if value is None or value == "":
        return None
    schema = field.get("schema") or {}
    if isinstance(value, dict):
        return value  # already in Jira's shape
    if schema.get("type") == "array":
        return [_one(field, str(schema.get("items")), part, account_of) for part in _parts(value)]
    if schema.get("system") in DOCUMENTS or str(schema.get("custom")).endswith(TEXT_AREA):
        return plain(as_text(value))
    return _one(field, str(schema.get("type")), value, account_of)


def _parts(value: object) -> list[object]:
    """Several values, as a list or as a text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list | tuple) else [value]


def _one(field: Mapping[str, Any], kind: str, value: object, account_of: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return value
    text = as_text(value)
    if kind == "number":
        return _number(field, value)
    if kind in ("option", "option-with-child"):
        return {"value": text}
    if kind in NAMED:
        return {"name": text}
    if kind == "user":
        return {"accountId": _account(field, text, account_of)}
    return text


def _number(field: Mapping[str, Any], value: object) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = as_text(value).strip()
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", text):
        raise Rejected(f"the field {field['id']} takes a number", code=str(field["id"]))
    return float(text) if "." in text else int(text)


def _account(field: Mapping[str, Any], text: str, account_of: Callable[[str], str]) -> str:
    found = account_of(text) if "@" in text else text
    if not found:
        raise Rejected(f"no account for the field {field['id']} has this e-mail address", code=str(field["id"]))
    return found


def is_kept(sent: object, there: object) -> bool:
    """Whether a field has what was sent; where Jira tells it in other words, whether it has anything at all."""
    if sent is None or sent == []:
        return not there
    if isinstance(sent, list):
        shown = there if isinstance(there, list) else []
        return all(any(is_kept(one, other) for other in shown) for one in sent)
    if isinstance(sent, dict):
        return _is_kept_object(sent, there)
    if isinstance(sent, str) and isinstance(there, str):
        moment = as_moment(sent)
        return sent.strip().casefold() == there.strip().casefold() or (
            moment is not None and moment == as_moment(there)
        )
    return sent == there if isinstance(sent, int | float) else bool(there)


def _is_kept_object(sent: Mapping[str, Any], there: object) -> bool:
    """An option, a person, a document: compared by what both tell."""
    if not isinstance(there, dict):
        return False
    if sent.get("type") == "doc":
        return as_text(sent) == as_text(there)
    both = sent.keys() & there.keys()
    return all(as_text(sent[key]).casefold() == as_text(there[key]).casefold() for key in both)
