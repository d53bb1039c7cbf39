"""Who has an account of the site. Jira does not tell who of them is an agent.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.errors import Rejected
from bridge.model import Person
from connectors.answers import list_in
from connectors.tickets.jira import mapping
from connectors.tickets.jira.wire import API, Wire

PER_PAGE = 200
MAX_PAGES = 500
EMPLOYEE = "atlassian"
"""The type of account of people; others are apps and the portal's customers."""


def people(wire: Wire) -> Iterator[Person]:
    """Active accounts of people. A page may be short, so only an empty one is the end."""
    told: set[str] = set()
    for number in range(MAX_PAGES):
        asked = {"startAt": str(number * PER_PAGE), "maxResults": str(PER_PAGE)}
        users = list_in(wire.read("GET", f"{API}/users/search", params=asked))
        if not users:
            return
        for user in users:
            one = mapping.person(user)
            known = one.id in told
            if user.get("active") is True and user.get("accountType") == EMPLOYEE and one.id and not known:
                told.add(one.id)
                yield one
    raise Rejected("the site has more accounts than can be read", code="pages")
