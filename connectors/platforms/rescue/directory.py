"""Who and what stands in an account: its users, groups and hierarchy, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bridge.errors import ConnectorError
from connectors import xml
from connectors.http import Reply
from connectors.platforms.rescue import soap
from connectors.platforms.rescue.blocks import record_of, records_of, unreadable
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.replies import SUCCESS, made
from connectors.platforms.rescue.words import NodeStatus, NodeType

Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the API's user belongs to."""

    id: str
    organization: str
    administrator_id: str
    """`0` for a user who is none."""
    technician_id: str
    """`0` for a user without a technician's seat."""
    email: str


@dataclass(frozen=True, slots=True)
class HierarchyNode:
    """A user, group, link or channel where it stands in the account."""

    id: str
    parent_id: str
    name: str
    email: str
    description: str
    status: NodeStatus
    type: NodeType


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    nick: str
    email: str
    sso_id: str
    description: str
    type: NodeType
    status: NodeStatus
    has_mobile_addon: bool
    is_account_holder: bool
    has_rpat_addon: bool | None = None
    """None from the oldest call, which does not say."""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    description: str
    type: NodeType
    permissions: tuple[str, ...]
    locked_permissions: tuple[str, ...]
    """Those that only a master administrator may change."""
    enabled: bool
    standard_limit: int
    """Technicians at once, as for each limit."""
    mobile_limit: int
    rpat_limit: int | None = None
    """None from the oldest call, which does not say."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """All that a user is to be; None leaves a value out, and whatever Rescue has there."""

    name: str
    email: str
    enabled: bool
    mobile_addon: bool
    rpat_addon: bool = False
    nick: str | None = None
    sso_id: str | None = None
    description: str | None = None
    password: str | None = field(default=None, repr=False)
    current_password: str | None = field(default=None, repr=False)
    """Only master administrators who change themselves need it."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """All that a group is to be; None leaves a value out, and whatever Rescue has there."""

    name: str
    enabled: bool
    standard_limit: int
    mobile_limit: int
    rpat_limit: int = 0
    description: str | None = None
    permissions: Sequence[str] | None = None
    locked_permissions: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class NewUser:
    unique_id: int
    """Ours, above zero and different for each: by it the result is told."""
    parent_id: str
    name: str
    email: str
    password: str = field(repr=False)
    nick: str = ""
    sso_id: str = ""
    description: str = ""
    enabled: bool = True
    mobile_addon: bool = False


@dataclass(frozen=True, slots=True)
class CreatedUser:
    unique_id: int
    id: str
    """Empty for a user who was not created."""
    code: str
    problem: ConnectorError | None
    """What is wrong; with an id, the user is there all the same."""


@dataclass(frozen=True, slots=True)
class CreatedUsers:
    state: str
    """`OK`, `PARTIALLY_PROCESSED`, or why none was created."""
    users: tuple[CreatedUser, ...]


def account_of(reply: Reply) -> Account:
    told = record_of(reply, METHODS["getAccount"].outputs)
    return Account(
        id=told["AccountID"],
        organization=told.get("Organization", ""),
        administrator_id=told.get("AdminID", ""),
        technician_id=told.get("TechID", ""),
        email=told.get("Email", ""),
    )


def nodes_of(reply: Reply) -> tuple[HierarchyNode, ...]:
    return tuple(
        HierarchyNode(
            id=told["NodeID"],
            parent_id=told.get("ParentID", ""),
            name=told.get("Name", ""),
            email=told.get("Email", ""),
            description=told.get("Description", ""),
            status=NodeStatus(told.get("Status", "")),
            type=NodeType(told.get("Type", "")),
        )
        for told in records_of(reply, METHODS["getHierarchy_v2"].outputs)
    )


def user_of(reply: Reply, keys: Sequence[str]) -> User:
    told = record_of(reply, keys)
    return User(
        id=_number(reply, told, "NODEID"),
        name=told.get("NAME", ""),
        nick=told.get("NICK", ""),
        email=told.get("EMAIL", ""),
        sso_id=told.get("SSOID", ""),
        description=told.get("DESCRIPTION", ""),
        type=NodeType(told.get("TYPE", "")),
        status=NodeStatus(told.get("STATUS", "")),
        has_mobile_addon=_truth(reply, told, "HASMOBILEADDON"),
        is_account_holder=_truth(reply, told, "ISACCOUNTHOLDER"),
        has_rpat_addon=_truth(reply, told, "HASRPATADDON") if "HASRPATADDON" in keys else None,
    )


def group_of(reply: Reply, keys: Sequence[str]) -> Group:
    told = record_of(reply, keys)
    rpat = "RPATCONCURRENTLIMIT"
    return Group(
        id=_number(reply, told, "NODEID"),
        name=told.get("NAME", ""),
        description=told.get("DESCRIPTION", ""),
        type=NodeType(told.get("TYPE", "").replace(" ", "")),
        permissions=_listed(told.get("PERMISSIONS", "")),
        locked_permissions=_listed(told.get("LOCKEDPERMISSIONS", "")),
        enabled=_truth(reply, told, "ISENABLED"),
        standard_limit=int(_number(reply, told, "STANDARDCONCURRENTLIMIT")),
        mobile_limit=int(_number(reply, told, "MOBILECONCURRENTLIMIT")),
        rpat_limit=int(_number(reply, told, rpat)) if rpat in keys else None,
    )


def _number(reply: Reply, told: Record, key: str) -> str:
    value = told.get(key, "")
    if not (value.isascii() and value.isdecimal()):
        raise unreadable(reply, f"without a number as {key}")
    return value


def _truth(reply: Reply, told: Record, key: str) -> bool:
    value = told.get(key, "").casefold()
    if value not in ("true", "false"):
        raise unreadable(reply, f"with neither True nor False as {key}")
    return value == "true"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


def created_of(answer: xml.Element, operation: str) -> CreatedUsers:
    """The state, and each user's own."""
    method = METHODS[operation]
    result = xml.child(answer, f"{operation}Result")
    inside = answer if result is None else result
    state = soap.code_of(xml.text(inside, "state").strip(), (*method.successes, *method.codes))
    return CreatedUsers(state, tuple(_created(one) for one in soap.items(inside, "createUserInfos")))


def _created(element: xml.Element) -> CreatedUser:
    # The reference says nodeId, its sample iNodeId.
    told = {xml.local(child).lower().removeprefix("i"): xml.text(child).strip() for child in xml.children(element)}
    meanings = METHODS["createUsers"].each
    code = soap.code_of(told.get("userstate", ""), (SUCCESS, *meanings))
    number, node = told.get("uniqueid", ""), told.get("nodeid", "")
    meaning = meanings.get(code)
    return CreatedUser(
        unique_id=int(number) if number.isdecimal() else 0,
        id=node if node.isdecimal() and int(node) else "",
        code=code,
        problem=None if code == SUCCESS else made(meaning, code, f"user {number}"),
    )
