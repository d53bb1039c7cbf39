"""Which sessions belong to a node, as getSession and getReport ask.

Source: Rescue API Reference Guide, chapter getSession.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.rescue.model import Code, RescueSession
from sandbox.rescue.tree import ROOT_NODE_ID, Channel, Link, Tree


def selection(tree: Tree, node: str, reference: str) -> Callable[[RescueSession], bool]:
    """Whether a session belongs to this technician, group or channel, or to the whole account."""
    found = tree.find(node)
    if reference == "CHANNEL":
        if not isinstance(found, Channel):
            raise Code("INVALIDPARAM_NODE")
        return lambda session: session.channel_id == found.id
    if reference != "NODE":
        raise Code("INVALIDPARAM_NODEREF")
    if found is None or isinstance(found, Channel | Link):
        raise Code("INVALIDPARAM_NODE")
    if found.id == ROOT_NODE_ID:
        return lambda session: True
    below = {one.id for one in tree.below(found)}
    return lambda session: any(one.id in below for one in (session.technician, *session.collaborators))
