"""Who works in a HubSpot account: the owners of its records.

https://developers.hubspot.com/docs/api-reference/crm-owners-v3/guide
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bridge.errors import Rejected
from bridge.model import Person
from connectors.answers import members, object_in
from connectors.bodies import as_text
from connectors.http import Reply
from connectors.tickets.hubspot import mapping

PER_PAGE = 100
MAX_PAGES = 500
TEAM = "QUEUE"


def people(read: Callable[..., Reply]) -> Iterator[Person]:
    """Owners who are people and not archived. `read` asks HubSpot by method, path and parameters."""
    params: dict[str, str | int] = {"limit": PER_PAGE, "archived": "false"}
    for _ in range(MAX_PAGES):
        reply = read("GET", "crm/v3/owners", params=params)
        for row in members(reply, "results"):
            if row.get("archived") is not True and row.get("type") != TEAM:
                yield mapping.owner(row)
        after = following(reply)
        if not after:
            return
        params["after"] = after
    raise Rejected("HubSpot has more owners than can be read", code="pages")


def following(reply: Reply) -> str:
    """Where the next page begins; empty on the last one."""
    paging = object_in(reply).get("paging")
    told = paging.get("next") if isinstance(paging, dict) else None
    return as_text(told.get("after")) if isinstance(told, dict) else ""
