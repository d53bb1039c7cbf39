"""Parts of a vendor's JSON answers, or the error that says that they are not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.http import Reply


def object_in(reply: Reply) -> Mapping[str, Any]:
    """The answer as an object. Raises Unavailable, or UnknownOutcome where it answers a write."""
    body = reply.json()
    if not isinstance(body, dict):
        raise reply.unclear("answered without an object")
    return body


def list_in(reply: Reply) -> list[Mapping[str, Any]]:
    """The answer as a list of objects; what else stands in it is left out."""
    return _objects(reply, reply.json(), "a list")


def member(reply: Reply, name: str) -> Mapping[str, Any]:
    """One object of an answer."""
    found = _at(reply, name)
    if not isinstance(found, dict):
        raise reply.unclear(f"answered without {name}")
    return found


def members(reply: Reply, name: str) -> list[Mapping[str, Any]]:
    """A list of objects in an answer; what else stands in it is left out."""
    return _objects(reply, _at(reply, name), name)


def told(reply: Reply, name: str) -> str:
    """A text or whole number of an answer, as text; never empty."""
    found = _at(reply, name)
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        raise reply.unclear(f"answered without {name}")
    return str(found)


def _at(reply: Reply, name: str) -> object:
    body = reply.json()
    return body.get(name) if isinstance(body, dict) else None


def _objects(reply: Reply, found: object, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(found, list):
        raise reply.unclear(f"answered without {name}")
    return [row for row in found if isinstance(row, dict)]
