"""Who works in a Dataverse organisation: enabled users who are people.

https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.model import Person
from connectors.bodies import field_text
from connectors.tickets.dynamics.wire import Dataverse

USERS = "systemusers"
READ_WRITE = 0
"""`accessmode` of people who work there; others are administrators only, applications and Microsoft's support."""
COLUMNS = ("systemuserid", "fullname", "internalemailaddress", "domainname", "azureactivedirectoryobjectid")


def people(api: Dataverse) -> Iterator[Person]:
    """Page by page; the user name is that of the tenant, the SSO id the object's id there."""
    condition = f"isdisabled eq false and accessmode eq {READ_WRITE}"
    for row in api.rows(USERS, {"$select": ",".join(COLUMNS), "$filter": condition, "$orderby": "systemuserid asc"}):
        identity, name, email, username, other = (field_text(row.get(column)) for column in COLUMNS)
        yield Person(name, email, identity, username=username, sso_id=other)
