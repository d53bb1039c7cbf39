"""Who works in a ServiceNow instance: active users with a role, as the table of roles tells it.

A query that the instance does not understand would list everybody, so each row is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.model import Person
from connectors.tickets.servicenow.mapping import value
from connectors.tickets.servicenow.tables import Tables

ROLES = "sys_user_has_role"
FIELDS = (
    "user",
    "user.name",
    "user.email",
    "user.user_name",
    "user.federated_id",
    "user.active",
    "role.name",
    "state",
)


def people(tables: Tables, role: str) -> Iterator[Person]:
    """Each user once: a role may be had in several ways."""
    told: set[str] = set()
    for page in tables.rows(ROLES, f"role.name={role}^user.active=true", FIELDS):
        for row in page:
            sys_id = value(row, "user")
            works = value(row, "role.name") == role and value(row, "user.active") == "true"
            if works and value(row, "state") in ("active", "") and sys_id and sys_id not in told:
                told.add(sys_id)
                name, email, username, other = (
                    value(row, f"user.{field}") for field in ("name", "email", "user_name", "federated_id")
                )
                yield Person(name, email, sys_id, username=username, sso_id=other)
