"""The two ways in which appliances of different age are spoken to: paths, sign-in, names of parameters.

Since version 15.1 of the API (RS 16.2) accounts sign in by OAuth; since 1.12.0 the paths have no `.ns` and the
attributes of a session are called `session.custom.…` (guide, API Change Log). Newer appliances keep the older
forms, so the old dialect is right for everything before OAuth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.model import REFERENCE_ATTRIBUTE
from connectors.platforms.beyondtrust import schema


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one generation of appliances is asked."""

    name: str
    """As `api` in bridge.toml names it."""
    command: str
    reporting: str
    backup: str
    start_session: str
    client_script: str
    bearer: bool
    """An access token in a header; else user name and password among the parameters."""
    attribute_prefix: str
    """What stands before the code name of a session's custom field."""
    external_key: str
    """The parameter that carries the external key."""

    def attribute(self, name: str) -> str:
        """The parameter that carries an attribute, by its code name (`external_key` is the key itself)."""
        return self.external_key if name == REFERENCE_ATTRIBUTE else f"{self.attribute_prefix}{name}"


CURRENT = Dialect(
    name=schema.CURRENT,
    command="/api/command",
    reporting="/api/reporting",
    backup="/api/backup",
    start_session="/api/start_session",
    client_script="/api/client_script",
    bearer=True,
    attribute_prefix="session.custom.",
    external_key="session.custom.external_key",
)

# The 2008 guide gives `external_key` by that name; custom fields came with `session.custom.` and had no older one.
OLD = Dialect(
    name=schema.OLD,
    command="/api/command.ns",
    reporting="/api/reporting.ns",
    backup="/api/backup.ns",
    start_session="/download_customer_connector.ns",
    client_script="/api/client_script.ns",
    bearer=False,
    attribute_prefix="session.custom.",
    external_key="external_key",
)

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (CURRENT, OLD)}

TOKEN_PATH = "/oauth2/token"  # noqa: S105  # a path, no password
HEALTH_PATH = "/check_health"
"""Answers without sign-in: 200 when all is well, 500 when not (guide, check_health, Alternative Method)."""
