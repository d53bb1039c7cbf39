"""How the catalogue describes a method of Rescue's API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.platforms.rescue.replies import CODES, FAULT_OF_A_WRITE, SUCCESS, Meaning


@dataclass(frozen=True, slots=True)
class Parameter:
    """What goes in, by its documented name."""

    name: str
    soap: str = ""
    """Its element in a SOAP body; empty where the method has none."""
    required: bool = False
    limit: int | None = None
    """Characters."""
    values: tuple[str, ...] = ()
    """All that it may be, where the reference or its samples list that."""
    also: str = ""
    """Another name that the reference's samples use: both are sent."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method in one version."""

    name: str
    address: str
    """Its path under the site; empty where SOAP is the only way."""
    parameters: tuple[Parameter, ...]
    codes: Mapping[str, Meaning]
    """Every documented return value that is no success."""
    outputs: tuple[str, ...] = ()
    successes: tuple[str, ...] = (SUCCESS,)
    operation: str = ""
    """Of SOAP; empty where there is none."""
    writes: bool = False
    each: Mapping[str, Meaning] = field(default_factory=dict)
    """What is said of each item of a list by itself."""


AUTHCODE = Parameter("authcode", "sAuthCode")
NODE = Parameter("node", "iNodeID", required=True)
NODE_REF = Parameter("noderef", "eNodeRef", values=("NODE", "CHANNEL"))
SESSION = Parameter("session", "iSessionID", required=True)

OF_A_SIGNED_CALL = (
    "ERROR",
    "NOTLOGGEDIN",
    "INVALID_SECRETAUTHCODE",
    "USER_DELETED_OR_DISABLED",
)
"""Return values of nearly every method."""


def read(*names: str, own: Mapping[str, Meaning] | None = None) -> Mapping[str, Meaning]:
    """The codes of a method that changes nothing: those that mean the same everywhere, and its own."""
    return {**{name: CODES[name] for name in names}, **(own or {})}


def write(*names: str, own: Mapping[str, Meaning] | None = None) -> Mapping[str, Meaning]:
    """The codes of a method that changes something: an unspecified error may have done it."""
    known = {name: FAULT_OF_A_WRITE if name == "ERROR" else CODES[name] for name in names}
    return {**known, **(own or {})}


def aspx(name: str) -> str:
    return f"/API/{name}.aspx"
