"""Groups: permissions, locked permissions and how many of them may work at once.

Source: Rescue API Reference Guide, chapters getGroup to getGroup_v3, setGroup to setGroup_v3.
"""

from __future__ import annotations

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, administrator, caller, ok, version_of
from sandbox.rescue.model import Code
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import Group, Link
from sandbox.rescue.tree.permissions import read, shown
from sandbox.rescue.tree.users import NAME_LENGTH, STATUSES


def asked_group(state: RescueState, asked: Asked) -> Group:
    caller(state, asked)
    return _group(state, asked)


def _group(state: RescueState, asked: Asked) -> Group:
    node = state.tree.find(asked.get("node"))
    if isinstance(node, Link):
        node = state.tree.nodes.get(node.target_id)
    if not isinstance(node, Group) or not node.type.endswith("Group"):
        raise Code("INVALIDPARAM_NODE")
    return node


def _get_group(state: RescueState, asked: Asked) -> str:
    group, version = asked_group(state, asked), version_of(asked)
    lines = [
        f"NODEID: {group.id}",
        f"NAME: {group.name}",
        f"DESCRIPTION: {group.description}",
        f"TYPE: {group.type}",
        f"PERMISSIONS: {_listed(group.permissions, version)}",
        f"LOCKEDPERMISSIONS: {_listed(group.locked, version)}",
        f"ISENABLED: {not group.disabled}",
        f"STANDARDCONCURRENTLIMIT: {group.standard_limit}",
        f"MOBILECONCURRENTLIMIT: {group.mobile_limit}",
    ]
    return ok("\n".join(lines if version == 1 else [*lines, f"RPATCONCURRENTLIMIT: {group.rpat_limit}"]))


def _listed(permissions: list[str], version: int) -> str:
    """The first two versions leave a comma after the last one."""
    names = ", ".join(shown(permissions, version))
    return f"{names}," if names and version < 3 else names


def set_group(state: RescueState, asked: Asked) -> None:
    administrator(state, asked)
    group, version = _group(state, asked), version_of(asked)
    if not asked.get("name") or len(asked.get("name")) > NAME_LENGTH:
        raise Code("INVALIDPARAM_NAME")
    if asked.get("status").lower() not in STATUSES:
        raise Code("INVALIDPARAM_STATUS")
    permissions = _permissions(asked, "permission", group.permissions, version)
    locked = _permissions(asked, "lockedpermission", group.locked, version)
    settings = state.settings
    standard = _limit(asked, "standardconcurrentlimit", settings.standard_seats)
    mobile = _limit(asked, "mobileconcurrentlimit", settings.mobile_seats)
    rpat = group.rpat_limit if version == 1 else _limit(asked, "rpatconcurrentlimit", settings.rpat_seats)
    disabled = STATUSES[asked.get("status").lower()]
    if not disabled and state.tree.parent_disabled(group):
        raise Code("NODE_CANNOT_BE_ENABLED_BECAUSE_ITS_PARENT_NODE_IS_DISABLED")
    group.name, group.disabled, group.permissions, group.locked = asked.get("name"), disabled, permissions, locked
    group.description = asked.get("description", group.description)
    group.standard_limit, group.mobile_limit, group.rpat_limit = standard, mobile, rpat


def _permissions(asked: Asked, name: str, before: list[str], version: int) -> list[str]:
    if name not in asked.values:
        return before
    found = read(asked.get(name).split(","), version)
    if found is None:
        raise Code(f"INVALIDPARAM_{name.upper()}")
    return found


def _limit(asked: Asked, name: str, seats: int) -> int:
    """0 is no limit."""
    text = asked.get(name).strip()
    if not (text.isascii() and text.isdigit()) or int(text) > seats:
        raise Code(f"INVALIDPARAM_{name.upper()}")
    return int(text)


def _set_group(state: RescueState, asked: Asked) -> str:
    set_group(state, asked)
    return "OK"


METHODS: dict[str, Method] = {
    "getgroup": _get_group,
    "getgroup_v2": _get_group,
    "getgroup_v3": _get_group,
    "setgroup": _set_group,
    "setgroup_v2": _set_group,
    "setgroup_v3": _set_group,
}
