"""Which kinds of systems Deskbridge knows. A new connector adds one line here.

A module holds its kind as `KIND`; one that speaks several dialects has one kind for each, as `module:NAME`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from connectors.contract import Kind

MODULES = {
    "rescue": "connectors.platforms.rescue",
    "beyondtrust": "connectors.platforms.beyondtrust",
    "remotepc": "connectors.platforms.remotepc",
    "dynamics": "connectors.tickets.dynamics",
    "freshdesk": "connectors.tickets.freshdesk:FRESHDESK",
    "freshservice": "connectors.tickets.freshdesk:FRESHSERVICE",
    "help_scout": "connectors.tickets.help_scout",
    "hubspot": "connectors.tickets.hubspot",
    "jira": "connectors.tickets.jira",
    "request_tracker": "connectors.tickets.request_tracker",
    "salesforce": "connectors.tickets.salesforce",
    "servicenow": "connectors.tickets.servicenow",
    "zammad": "connectors.tickets.zammad",
    "zendesk": "connectors.tickets.zendesk",
    "generic": "connectors.tickets.generic",
}


@cache
def kind(name: str) -> Kind:
    """The kind of that name. Raises KeyError for one we do not know."""
    module, _, attribute = MODULES[name].partition(":")
    found = getattr(import_module(module), attribute or "KIND")
    assert isinstance(found, Kind)
    return found


def names() -> tuple[str, ...]:
    return tuple(MODULES)
