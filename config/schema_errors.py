"""What marshmallow complains about, turned into places, messages and what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from config.problems import guess

Node = Schema | fields.Field[Any] | None
Place = tuple[str | int, ...]

_TABLE = "write a table: { name = … }"
# The most special class comes first: an Integer is a Number too.
_RIGHT: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.String, 'write a text: "…"'),
    (fields.Integer, "write a whole number"),
    (fields.Number, "write a number"),
    (fields.Boolean, "write true or false"),
    (fields.List, "write an array: […]"),
    (fields.Mapping, _TABLE),
)


class Mistake(NamedTuple):
    """A complaint of our own validators: `raise ValidationError([Mistake(…)])` keeps it whole."""

    message: str
    fix: str = ""


class Complaint(NamedTuple):
    place: Place
    mistake: Mistake
    missing: bool = False


def explain(schema: Schema, data: Mapping[str, Any], errors: Any) -> Iterator[Complaint]:
    """The complaints in the messages of a ValidationError that `schema` raised for `data`."""
    yield from _explain(errors, schema, data, ())


def _explain(errors: Any, node: Node, data: object, place: Place) -> Iterator[Complaint]:
    if not isinstance(errors, Mapping):
        for message in errors:
            mistake = message if isinstance(message, Mistake) else _typed(str(message), node)
            yield Complaint(place, mistake)
        return
    for key, inner in errors.items():
        if key == "_schema" and not isinstance(data, Mapping):
            yield Complaint(place, Mistake("is of the wrong type", _TABLE))
        elif key == "_schema":
            yield from _explain(inner, node, data, place)
        else:
            yield from _explain_key(key, inner, node, data, place)


def _explain_key(key: str | int, inner: Any, node: Node, data: object, place: Place) -> Iterator[Complaint]:
    below = (*place, key)
    known = _known(node)
    if known is not None and key not in known:
        yield Complaint(below, Mistake("is not a known key", guess(str(key), known)))
    elif known is not None and isinstance(data, Mapping) and key not in data:
        yield Complaint(below, Mistake("is missing", _reason(inner, known[str(key)])), missing=True)
    else:
        yield from _explain(_unwrapped(inner, node), _child(node, key), _item(data, key), below)


def _reason(messages: Any, node: fields.Field[Any]) -> str:
    """Why a missing key is needed, where the schema says more than that it is."""
    required = node.error_messages.get("required")
    return " ".join(str(message) for message in messages if message != required)


def _known(node: Node) -> Mapping[str, fields.Field[Any]] | None:
    """The keys of a table with a schema; None for what has no fixed keys."""
    if isinstance(node, fields.Nested):
        node = node.schema
    if not isinstance(node, Schema):
        return None
    return {item.data_key or name: item for name, item in node.load_fields.items()}


def _child(node: Node, key: str | int) -> Node:
    if isinstance(node, fields.List):
        return node.inner
    if isinstance(node, fields.Mapping):
        return node.value_field
    return (_known(node) or {}).get(str(key))


def _unwrapped(inner: Any, node: Node) -> Any:
    """A Mapping field says apart whether a name or its value is wrong; the place is the same."""
    if isinstance(node, fields.Mapping) and isinstance(inner, Mapping):
        return inner.get("value", inner.get("key", inner))
    return inner


def _item(data: object, key: str | int) -> object:
    if isinstance(data, Mapping):
        return data.get(key)
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        return data[key]
    return None


def _typed(message: str, node: Node) -> Mistake:
    """marshmallow's own words for a wrong type become ours; what a schema says itself is what would be right."""
    for kind, right in _RIGHT:
        if isinstance(node, kind) and message in kind.default_error_messages.values():
            return Mistake("is of the wrong type", right)
    return Mistake("is not right", message)
