"""Who works in Zammad: users who may work on tickets.

https://docs.zammad.org/en/latest/api/user.html; that `permissions` narrows the search is seen in Zammad's own source.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.errors import Rejected
from bridge.model import Person
from connectors.answers import list_in
from connectors.http import Transport
from connectors.tickets.zammad import mapping

PER_PAGE = 100
MAX_PAGES = 50


def people(http: Transport) -> Iterator[Person]:
    """Active agents, each once. Raises Rejected for more than can be read."""
    told: set[str] = set()
    asked: dict[str, str | int] = {"query": "*", "permissions": "ticket.agent", "per_page": PER_PAGE}
    for page in range(1, MAX_PAGES + 1):
        rows = list_in(http.read("GET", "api/v1/users/search", params={**asked, "page": page}))
        for row in rows:
            one = mapping.person(row)
            if row.get("active") is not False and one.id not in {*told, *mapping.NOBODY}:
                told.add(one.id)
                yield one
        if len(rows) < PER_PAGE:
            return
    raise Rejected("Zammad has more agents than can be read", code="pages")
