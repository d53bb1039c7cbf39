"""Templates of bridge.toml: plain `{name}` substitutions, never code.

`{{` and `}}` stand for braces. What is filled in is never read as a template again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from bridge.model import Ticket

FIELD_PREFIX = "ticket.field."

VALUES: Mapping[str, Callable[[Ticket], str]] = {
    "requester.name": lambda ticket: ticket.requester.name,
    "requester.email": lambda ticket: ticket.requester.email,
    "ticket.id": lambda ticket: ticket.id,
    "ticket.number": lambda ticket: ticket.called,
    "ticket.subject": lambda ticket: ticket.subject,
    "ticket.url": lambda ticket: ticket.url,
    "agent.name": lambda ticket: ticket.assignee.name,
    "agent.email": lambda ticket: ticket.assignee.email,
}
PLACEHOLDERS = (*VALUES, f"{FIELD_PREFIX}NAME")
"""What a template may name; NAME is a field of the ticket by its API name."""

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def fill(template: str, ticket: Ticket) -> str:
    """The template with the ticket's values; what the ticket does not have, and what nobody knows, is empty."""
    return fill_by(template, lambda name: _value(name, ticket))


def fill_by(template: str, value: Callable[[str], str]) -> str:
    """The template with what `value` knows of each name in it."""
    return _TOKEN.sub(lambda token: token.group()[0] if token[1] is None else value(token[1]), template)


def names(template: str) -> Iterator[str]:
    """The placeholders in it."""
    return (token[1] for token in _TOKEN.finditer(template) if token[1] is not None)


def fill_all(value: object, ticket: Ticket) -> object:
    """The value with every text in it filled: lists and tables at any depth, keys as they are."""
    if isinstance(value, str):
        return fill(value, ticket)
    if isinstance(value, Mapping):
        return {key: fill_all(item, ticket) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill_all(item, ticket) for item in value]
    return value


def _known(name: str) -> bool:
    return name in VALUES or (name.startswith(FIELD_PREFIX) and name != FIELD_PREFIX)


def mistakes(template: str, known: Callable[[str], bool] = _known) -> Iterator[str]:
    """What a template has that cannot be filled: unknown names as they stand, and `{` or `}` for a lone brace."""
    for token in _TOKEN.finditer(template):
        name = token.group(1)
        if name is not None and not known(name):
            yield name
        elif token.group() in ("{", "}"):
            yield token.group()


def _value(name: str, ticket: Ticket) -> str:
    if name.startswith(FIELD_PREFIX):
        return ticket.fields.get(name.removeprefix(FIELD_PREFIX), "")
    value = VALUES.get(name)
    return value(ticket) if value else ""
