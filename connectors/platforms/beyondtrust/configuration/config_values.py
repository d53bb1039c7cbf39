"""Fields that an operator typed as `name=value`, as the JSON that the appliance's description asks for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.configuration.openapi import Description, Operation, Tree

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


def query_of(operation: Operation, given: Mapping[str, str]) -> dict[str, str]:
    """The query, if the operation takes it. The appliance answers an unknown parameter with 401."""
    known = operation.query
    for name in given:
        if name not in known:
            raise WrongInput("a parameter", f"is not known to this resource; it takes: {', '.join(known) or 'none'}")
    for name, parameter in known.items():
        if parameter.required and name not in given:
            raise WrongInput(name, "is needed")
    return {name: _one_of(name, value, known[name].schema) for name, value in given.items()}


def body_of(
    description: Description, operation: Operation, given: Mapping[str, Any], *, whole: bool
) -> dict[str, Any] | None:
    """The JSON body; texts become what their field's type is, other values are taken as they are. None for none.

    `whole` says that a new resource is made: then all that it needs must be there.
    """
    if operation.body is None:
        if given:
            raise WrongInput("fields", "are not taken by this resource")
        return None
    known = settable(description, operation.body)
    for name in given:
        # Where nothing is listed, anything may be sent.
        if known and name not in known:
            raise WrongInput("a field", f"is not known to this resource; it takes: {', '.join(known)}")
    if whole:
        for name in sorted(description.required(operation.body) & set(known)):
            if name not in given:
                raise WrongInput(name, "is needed")
    return {name: typed(name, value, description, known.get(name, {})) for name, value in given.items()}


def settable(description: Description, body: Tree) -> dict[str, Tree]:
    """The fields of a body that are not the appliance's own (an id, a time)."""
    return {name: schema for name, schema in description.properties(body).items() if not schema.get("readOnly")}


def typed(name: str, value: Any, description: Description, schema: Tree) -> Any:
    """One field. The appliance takes a number for an integer and no text with digits."""
    if not isinstance(value, str):
        return value
    kinds = kinds_of(description, schema)
    if value == "null" and schema.get("nullable"):
        return None
    for kind in kinds:
        found = _READERS[kind](value) if kind in _READERS else value
        if found is not None:
            return _one_of(name, found, schema)
    if not kinds:
        return value
    raise WrongInput(name, f"must be {' or '.join(_WORDS.get(kind, kind) for kind in kinds)}")


def kinds_of(description: Description, schema: Tree) -> list[str]:
    """The types that a value may have, texts last: every value is a text too."""
    parts = [schema, *(description.resolved(part) for word in ("oneOf", "anyOf") for part in schema.get(word) or ())]
    found = {str(part["type"]) for part in parts if part.get("type")}
    return sorted(found, key=lambda kind: (kind == "string", kind))


def _one_of(name: str, value: Any, schema: Tree) -> Any:
    choices = schema.get("enum")
    if isinstance(choices, list) and value not in choices:
        raise WrongInput(name, f"must be one of {', '.join(map(str, choices))}")
    return value


def _json_of(kind: type) -> Any:
    def read(text: str) -> Any:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, kind) else None

    return read


_READERS = {
    "integer": lambda text: int(text) if _INTEGER.fullmatch(text) else None,
    "number": lambda text: float(text) if _NUMBER.fullmatch(text) else None,
    "boolean": {"true": True, "false": False}.get,
    "array": _json_of(list),
    "object": _json_of(dict),
}
_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list as JSON, such as [1, 2]",
    "object": "an object as JSON",
}
