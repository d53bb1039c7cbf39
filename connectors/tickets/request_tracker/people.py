"""Who works in Request Tracker: the members of one group.

RT lists all its users, every customer among them, and tells who is privileged only one by one (measured against 5.0.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from bridge.errors import NotFound, Rejected
from bridge.model import Person
from connectors.answers import members, object_in
from connectors.bodies import field_text
from connectors.http import Reply

MAX_GROUPS = 200


def people(read: Callable[..., Reply], group_id: str) -> Iterator[Person]:
    """Its members and those of the groups in it, each once. Raises Rejected where our user may not see a group.

    `read` asks RT by method and path.
    """
    groups, seen, told = [group_id], {group_id}, set[str]()
    while groups:
        for row in members(read("GET", f"group/{groups.pop()}"), "Members"):
            identity = field_text(row.get("id"))
            if row.get("type") == "group" and identity not in seen:
                if len(seen) >= MAX_GROUPS:
                    raise Rejected("the group of agents has too many groups in it", code="groups")
                seen.add(identity)
                groups.append(identity)
            elif row.get("type") == "user" and identity not in told:
                told.add(identity)
                yield from _user(read, identity)


def _user(read: Callable[..., Reply], name: str) -> Iterator[Person]:
    """The user, if there is one who is privileged and not disabled. Their id is their name, as in tickets."""
    try:
        user = object_in(read("GET", f"user/{quote(name, safe='@')}"))
    except NotFound:
        return
    if field_text(user.get("Privileged")) == "1" and field_text(user.get("Disabled")) != "1":
        called, username, email = (field_text(user.get(field)) for field in ("RealName", "Name", "EmailAddress"))
        yield Person(called, email, username or name, username=username or name)
