"""Who works at the appliance: the users of its Configuration API.

The guide leaves the resources to the appliance's own description. That there is a `user` with these fields is what
descriptions in the field show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.errors import Rejected
from bridge.model import Person
from connectors.bodies import as_text
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.reports.people import address

USERS = "user"
PER_PAGE = 100


def people(config: ConfigApi) -> Iterator[Person]:
    """Users who are enabled. Raises Rejected where the appliance describes none."""
    try:
        taken = {one.name for one in config.fields(USERS) if one.method == "get"}
    except WrongInput as missing:
        raise Rejected("the appliance's Configuration API describes no users", code="user") from missing
    for user in config.list(USERS, {"per_page": str(PER_PAGE)} if "per_page" in taken else {}):
        if isinstance(user, dict) and user.get("enabled") is not False:
            yield person(user)


def person(user: Mapping[str, Any]) -> Person:
    """A user; what the directory that they sign in by calls them stands in `external_id`, where there is one."""
    username = as_text(user.get("username"))
    return Person(
        name=as_text(user.get("private_display_name")) or as_text(user.get("public_display_name")),
        email=as_text(user.get("email_address")) or address(username),
        id=as_text(user.get("id")),
        username=username,
        sso_id=as_text(user.get("external_id")),
    )
