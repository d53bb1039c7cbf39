"""Which kinds of systems Deskbridge knows. A new connector adds one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from connectors.contract import Kind

MODULES = {
    "rescue": "connectors.platforms.rescue",
    "beyondtrust": "connectors.platforms.beyondtrust",
    "zendesk": "connectors.tickets.zendesk",
    "generic": "connectors.tickets.generic",
}


@cache
def kind(name: str) -> Kind:
    """The kind of that name. Raises KeyError for one we do not know."""
    found = import_module(MODULES[name]).KIND
    assert isinstance(found, Kind)
    return found


def names() -> tuple[str, ...]:
    return tuple(MODULES)
