"""The tree: what it holds, new nodes, moving and deleting them, and which technicians have which channel.

Source: Rescue API Reference Guide, chapters getHierarchy, createUser, createGroup, moveNode, deleteNode,
assignChannel, unassignChannel. What an administrator alone may do answers ERROR where the guide names no code.
"""

from __future__ import annotations

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, administrator, caller, ok
from sandbox.rescue.model import Code, Technician
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import GROUPS_IN, LINKS_IN, ROOT_NODE_ID, USERS_IN, Channel, Group, Link, Node


def hierarchy(state: RescueState, asked: Asked) -> list[Node]:
    """One node, or all of them, parents first; the second version can leave out who is offline."""
    caller(state, asked)
    if not state.is_administrator():
        raise Code("HAS_NO_RIGHT")
    isnode = asked.get("isnode", "false").lower()
    if isnode not in ("true", "false"):
        raise Code("INVALIDPARAM_ISNODE")
    nodes = state.tree.below(state.tree.nodes[ROOT_NODE_ID])
    if isnode == "true":
        node = state.tree.find(asked.get("node"))
        if node is None:
            raise Code("INVALIDPARAM_NODE")
        nodes = [node]
    if asked.method == "gethierarchy_v2" and asked.get("filteroffline").lower() == "true":
        nodes = [one for one in nodes if not (one.type == "Technician" and one.status == "Offline")]
    return nodes


def _get_hierarchy(state: RescueState, asked: Asked) -> str:
    return ok("\n\n".join(map(_block, hierarchy(state, asked))) + "\n")


def _block(node: Node) -> str:
    return (
        f"NodeID:{node.id}\nParentID:{node.parent_id}\nName:{node.name}\nEmail:{node.email}\n"
        f"Description:{node.description}\nStatus:{node.status}\nType:{node.type}"
    )


def create_user(state: RescueState, asked: Asked) -> int:
    """The id of a nameless user, who is disabled until setUser says otherwise."""
    administrator(state, asked)
    parent = state.tree.find(asked.get("parent"))
    if parent is None or parent.type not in USERS_IN:
        raise Code("INVALIDPARAM_PARENT")
    user = Technician(state.tree.new_id(), "New user", "", description="", console_open=False, disabled=True)
    user.parent_id, user.type = parent.id, USERS_IN[parent.type]
    state.tree.add(user)
    return user.id


def create_group(state: RescueState, asked: Asked) -> int:
    administrator(state, asked)
    parent = state.tree.find(asked.get("parent"))
    if parent is None or parent.type not in GROUPS_IN:
        raise Code("INVALIDPARAM_PARENT")
    group = Group(state.tree.new_id(), parent.id, "New group", GROUPS_IN[parent.type])
    state.tree.add(group)
    return group.id


def move_node(state: RescueState, asked: Asked) -> None:
    administrator(state, asked)
    node, target = state.tree.find(asked.get("node")), state.tree.find(asked.get("targetnode"))
    if node is None:
        raise Code("INVALIDPARAM_NODE")
    if target is None:
        raise Code("INVALIDPARAM_TARGETNODE")
    if not _may_stand_in(node, target) or target in state.tree.below(node):
        raise Code("INVALID_MOVE")
    node.parent_id = target.id


def _may_stand_in(node: Node, target: Node) -> bool:
    if isinstance(node, Technician):
        return USERS_IN.get(target.type) == node.type
    if isinstance(node, Link):
        return LINKS_IN[node.type] == target.type
    return isinstance(node, Group) and GROUPS_IN.get(target.type) == node.type


def delete_node(state: RescueState, asked: Asked) -> None:
    user = caller(state, asked)
    node = state.tree.find(asked.get("node"))
    if node is None:
        raise Code("INVALIDPARAM_NODE")
    fixed = isinstance(node, Group) and node.type not in GROUPS_IN.values()
    own = any(isinstance(one, Technician) and one.email == user.email for one in state.tree.below(node))
    if fixed or own or not state.is_administrator():
        raise Code("INVALID_DELETE")
    for technician in state.tree.remove(node):
        state.abort_sessions_of(technician)


def assign_channel(state: RescueState, asked: Asked) -> None:
    """Assign and unassign differ in one word of one code."""
    administrator(state, asked)
    assign = asked.method == "assignchannel"
    if not asked.get("node").isdecimal():
        raise Code("INVALIDPARAM_NODE")
    channel, node = state.tree.find(asked.get("entry")), state.tree.find(asked.get("node"))
    if not isinstance(channel, Channel):
        raise Code("INVALIDPARAM_ENTRY")
    if node is None or node.type not in ("Technician", "TechnicianGroup"):
        raise Code("INVALID_ASSIGN" if assign else "INVALID_DEASSIGN")
    if assign:
        channel.assigned.add(node.id)
    elif node.id in channel.assigned:
        channel.assigned.remove(node.id)
    else:
        raise Code("INVALID_DEASSIGN")


def _create_user(state: RescueState, asked: Asked) -> str:
    return ok(str(create_user(state, asked)))


def _create_group(state: RescueState, asked: Asked) -> str:
    return ok(str(create_group(state, asked)))


def _move_node(state: RescueState, asked: Asked) -> str:
    move_node(state, asked)
    return "OK"


def _delete_node(state: RescueState, asked: Asked) -> str:
    delete_node(state, asked)
    return "OK"


def _assign_channel(state: RescueState, asked: Asked) -> str:
    assign_channel(state, asked)
    return "OK"


METHODS: dict[str, Method] = {
    "gethierarchy": _get_hierarchy,
    "gethierarchy_v2": _get_hierarchy,
    "createuser": _create_user,
    "creategroup": _create_group,
    "movenode": _move_node,
    "deletenode": _delete_node,
    "assignchannel": _assign_channel,
    "unassignchannel": _assign_channel,
}
