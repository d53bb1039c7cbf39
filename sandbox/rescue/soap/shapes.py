"""Nodes, users, groups and sessions as elements.

Source: a captured reply of getSession_V3 and the reference's samples; the fields of users and groups beyond the
samples are guesses by the same habit.
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.clock import us_second
from sandbox.rescue.listing import CUSTOM_FIELDS, Row, handing_off
from sandbox.rescue.methods.users import Created
from sandbox.rescue.model import Technician
from sandbox.rescue.soap.envelope import Element
from sandbox.rescue.tree import Group, Node
from sandbox.rescue.tree.permissions import shown
from sandbox.rescue.words import enumeration, status_word
from sandbox.settings import RescueSettings

SESSION = {1: "SESSION", 2: "SESSION_V2", 3: "SESSION_V3"}
PERMISSIONS = {1: "NODE_PERMISSIONS", 2: "NODE_PERMISSIONS_V2", 3: "NODE_PERMISSIONS_V4"}


def boolean(value: bool) -> str:
    return "true" if value else "false"


def session(settings: RescueSettings, row: Row, version: int) -> Element:
    one = row.session
    fields = one.fields[: CUSTOM_FIELDS[version]]
    return SESSION[version], [
        ("iID", str(one.id)),
        ("bStatus", enumeration(one.status)),
        ("sStatus", status_word(settings, one.status)),
        ("iEntry", str(one.channel_id)),
        ("sEntry", row.channel),
        ("iTechnician", str(row.technician.id)),
        ("sTechnician", row.technician.name),
        ("sStartTime", us_second(one.created_at)),
        ("iWaitingTimeInSec", str(row.seconds)),
        *((f"sCustomField{number}", value) for number, value in enumerate(fields)),
        ("sLanguage", one.language),
        ("sTransferredTo", one.transferred_to),
        ("sTransferredComment", one.transfer_comment),
        ("bIsLead", boolean(row.lead)),
        ("bHandingOff", boolean(handing_off(one))),
    ]


def hierarchy(nodes: Iterable[Node]) -> Element:
    return "aHierarchy", [("HIERARCHY", _node(node)) for node in nodes]


def _node(node: Node) -> list[Element]:
    return [
        ("iNodeID", str(node.id)),
        ("iParentID", str(node.parent_id)),
        ("sName", node.name),
        ("sEmail", node.email),
        ("sDescription", node.description),
        ("eStatus", node.status),
        ("eType", node.type),
    ]


def user(one: Technician, version: int) -> Element:
    rpat: list[Element] = [("bHasRPATAddon", boolean(one.rpat_addon))] if version > 1 else []
    return "oUser" if version == 1 else "oUserV2", [
        ("iNodeID", str(one.id)),
        ("sName", one.name),
        ("sNick", one.nick),
        ("sEmail", one.email),
        ("sSSOID", one.sso_id),
        ("sDescription", one.description),
        ("eType", one.type),
        ("bHasMobileAddon", boolean(one.mobile_addon)),
        *rpat,
        ("bIsAccountHolder", boolean(one.account_holder)),
        ("eStatus", one.status),
    ]


def group(one: Group, version: int) -> Element:
    rpat: list[Element] = [("iRPATConcurrentLimit", str(one.rpat_limit))] if version > 1 else []
    return "oGroup" if version == 1 else f"oGroupV{version}", [
        ("iNodeID", str(one.id)),
        ("sName", one.name),
        ("sDescription", one.description),
        ("eType", one.type),
        ("aPermission", [(PERMISSIONS[version], name) for name in shown(one.permissions, version)]),
        ("aLockedPermission", [(PERMISSIONS[version], name) for name in shown(one.locked, version)]),
        ("bIsEnabled", boolean(not one.disabled)),
        ("iStandardConcurrentLimit", str(one.standard_limit)),
        ("iMobileConcurrentLimit", str(one.mobile_limit)),
        *rpat,
    ]


def created(users: Iterable[Created]) -> Element:
    return "createUserInfos", [
        ("CREATEUSERINFO", [("iNodeId", str(one.node_id)), ("iUniqueId", one.unique_id), ("userState", one.state)])
        for one in users
    ]
