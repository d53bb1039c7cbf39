"""Every method of Rescue's API: what goes in, what comes out, and what each return value means.

Source: the Rescue API Reference Guide with its quick starts, and the older guide's getSession. Parameters that
its tables and its samples name differently have both names. An element of SOAP is left out where no source names it.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.platforms.rescue.catalogue.account import ACCOUNT
from connectors.platforms.rescue.catalogue.groups import GROUPS
from connectors.platforms.rescue.catalogue.model import Method
from connectors.platforms.rescue.catalogue.pins import PINS
from connectors.platforms.rescue.catalogue.sessions import SESSIONS
from connectors.platforms.rescue.catalogue.users import USERS
from connectors.platforms.rescue.replies import CODES, FAULT_OF_A_WRITE, Meaning

METHODS: Mapping[str, Method] = {one.name: one for one in (*ACCOUNT, *USERS, *GROUPS, *PINS, *SESSIONS)}

OPERATIONS: Mapping[str, str] = {one.operation: one.name for one in METHODS.values() if one.operation}
"""The method that an operation of SOAP is."""


def codes_of(method: Method) -> Mapping[str, Meaning]:
    """What is documented for the method before what a code means elsewhere."""
    return {**CODES, **({"ERROR": FAULT_OF_A_WRITE} if method.writes else {}), **method.codes}
