"""Who works in a Zendesk account: its agents and administrators.

https://developer.zendesk.com/api-reference/ticketing/users/users/#list-users
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.errors import Rejected
from bridge.model import Person
from connectors.answers import members
from connectors.http import Transport
from connectors.tickets.zendesk.mapping import as_text

PER_PAGE = 100
MAX_PAGES = 500
ROLES = ("agent", "admin")


def people(http: Transport) -> Iterator[Person]:
    """Page by page. Raises Rejected for more people than can be read."""
    params: list[tuple[str, str | int]] = [("page[size]", PER_PAGE), *(("role[]", role) for role in ROLES)]
    after: list[tuple[str, str | int]] = []
    for _ in range(MAX_PAGES):
        reply = http.read("GET", "api/v2/users.json", params=[*params, *after])
        for user in members(reply, "users"):
            # The role is looked at again: a parameter that Zendesk did not know would list every customer.
            if user.get("role") in ROLES and user.get("active") is not False and user.get("suspended") is not True:
                yield person(user)
        meta = reply.json().get("meta") or {}
        if not meta.get("has_more"):
            return
        after = [("page[after]", str(meta.get("after_cursor")))]
    raise Rejected("Zendesk has more agents than can be read", code="pages")


def person(user: Mapping[str, Any]) -> Person:
    """A user; what another system calls them stands in `external_id`."""
    name, email, identity, other = (as_text(user.get(key)) for key in ("name", "email", "id", "external_id"))
    return Person(name, email, identity, sso_id=other)
