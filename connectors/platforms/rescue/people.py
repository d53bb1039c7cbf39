"""Who works in an account: its technicians, with their single sign-on ids.

An administrator with a technician's seat is a technician under a node of its own, which is the one that sessions name.
Source: Rescue API Reference Guide, getHierarchy_v2 (who is there) and getUser_v3 (their SSO ids).
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.errors import NotFound
from bridge.model import Person
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.words import NodeStatus, NodeType


def people(administration: Administration) -> Iterator[Person]:
    """Each who is not disabled, by their node. One call for the hierarchy and one for each person."""
    told: set[str] = set()
    for node in administration.hierarchy():
        if node.type is not NodeType.TECHNICIAN or node.status is NodeStatus.DISABLED or node.id in told:
            continue
        told.add(node.id)
        try:
            user = administration.user(node.id)
        except NotFound:
            continue  # deleted meanwhile
        yield Person(user.name or node.name, user.email or node.email, node.id, user.description, sso_id=user.sso_id)
