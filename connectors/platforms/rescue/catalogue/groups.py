"""Groups of users, the tree they stand in, and the channels they serve."""

from __future__ import annotations

from bridge.errors import NotFound, Rejected
from connectors.platforms.rescue.catalogue.model import (
    AUTHCODE,
    NODE,
    OF_A_SIGNED_CALL,
    Method,
    Parameter,
    aspx,
    read,
    write,
)
from connectors.platforms.rescue.catalogue.users import NO_SEATS, NO_SUCH_PARENT, NO_SUCH_STATUS, PARENT_DISABLED
from connectors.platforms.rescue.catalogue.values import PERMISSIONS, PERMISSIONS_2, PERMISSIONS_3
from connectors.platforms.rescue.replies import NO_SUCH_NODE, Meaning

CREATE_GROUP = Method(
    "createGroup",
    aspx("createGroup"),
    (Parameter("parent", "iParentID", required=True), AUTHCODE),
    write(*OF_A_SIGNED_CALL, own={"INVALIDPARAM_PARENT": NO_SUCH_PARENT}),
    outputs=("[new group nodeid]",),
    operation="createGroup",
    writes=True,
)

GROUP_KEYS = (
    "NODEID",
    "NAME",
    "DESCRIPTION",
    "TYPE",
    "PERMISSIONS",
    "LOCKEDPERMISSIONS",
    "ISENABLED",
    "STANDARDCONCURRENTLIMIT",
    "MOBILECONCURRENTLIMIT",
)
GROUP_KEYS_2 = (*GROUP_KEYS, "RPATCONCURRENTLIMIT")
_OF_A_GROUP = read(*OF_A_SIGNED_CALL, own={"INVALIDPARAM_NODE": NO_SUCH_NODE})


def _getter(name: str, keys: tuple[str, ...]) -> Method:
    return Method(name, aspx(name), (NODE, AUTHCODE), _OF_A_GROUP, outputs=keys, operation=name)


GET_GROUP = _getter("getGroup", GROUP_KEYS)
GET_GROUP_2 = _getter("getGroup_v2", GROUP_KEYS_2)
GET_GROUP_3 = _getter("getGroup_v3", GROUP_KEYS_2)

_OF_SET_GROUP = write(
    *OF_A_SIGNED_CALL,
    own={
        "INVALIDPARAM_NODE": NO_SUCH_NODE,
        "INVALIDPARAM_NAME": Meaning(Rejected, "the name is missing or too long: whoever asked must correct it"),
        "INVALIDPARAM_STATUS": NO_SUCH_STATUS,
        "INVALIDPARAM_PERMISSION": Meaning(
            Rejected, "a permission is unknown, or there is none: whoever asked must correct the permissions"
        ),
        "INVALIDPARAM_LOCKEDPERMISSION": Meaning(
            Rejected, "a locked permission is unknown, or there is none: whoever asked must correct them"
        ),
        "INVALIDPARAM_STANDARDCONCURRENTLIMIT": Meaning(
            Rejected, "more standard seats than the account or the group above has: whoever asked must ask for fewer"
        ),
        "INVALIDPARAM_MOBILECONCURRENTLIMIT": Meaning(
            Rejected, "more mobile seats than the account or the group above has: whoever asked must ask for fewer"
        ),
        "NOT_ENOUGH_SEAT_LICENSES_AVAILABLE": NO_SEATS,
        "NODE_CANNOT_BE_ENABLED_BECAUSE_ITS_PARENT_NODE_IS_DISABLED": PARENT_DISABLED,
    },
)
_OF_SET_GROUP_2 = {
    **_OF_SET_GROUP,
    "INVALIDPARAM_RPATCONCURRENTLIMIT": Meaning(
        Rejected, "more RPAT seats than the account or the group above has: whoever asked must ask for fewer"
    ),
}


def _of_a_group(permissions: tuple[str, ...]) -> tuple[Parameter, ...]:
    return (
        NODE,
        Parameter("name", "sName", required=True),
        Parameter("status", "eStatus", required=True, values=("Enabled", "Disabled")),
        Parameter("description", "sDescription"),
        Parameter("permission", "aPermission", values=permissions),
        Parameter("lockedpermission", "aLockedPermission", values=permissions),
        Parameter("standardconcurrentlimit", "iStandardConcurrentLimit", required=True),
        Parameter("mobileconcurrentlimit", "iMobileConcurrentLimit", required=True),
    )


_RPAT_LIMIT = Parameter("rpatconcurrentlimit", "iRPATConcurrentLimit", required=True)
SET_GROUP = Method(
    "setGroup",
    aspx("setGroup"),
    (*_of_a_group(PERMISSIONS), AUTHCODE),
    _OF_SET_GROUP,
    operation="setGroup",
    writes=True,
)
SET_GROUP_2 = Method(
    "setGroup_v2",
    aspx("setGroup_v2"),
    (*_of_a_group(PERMISSIONS_2), _RPAT_LIMIT, AUTHCODE),
    _OF_SET_GROUP_2,
    operation="setGroup_v2",
    writes=True,
)
SET_GROUP_3 = Method(
    "setGroup_v3",
    aspx("setGroup_v3"),
    (*_of_a_group(PERMISSIONS_3), _RPAT_LIMIT, AUTHCODE),
    _OF_SET_GROUP_2,
    operation="setGroup_v3",
    writes=True,
)

MOVE_NODE = Method(
    "moveNode",
    aspx("moveNode"),
    (Parameter("targetNode", "iTargetNodeID", required=True), NODE, AUTHCODE),
    write(
        *OF_A_SIGNED_CALL,
        own={
            "INVALIDPARAM_NODE": NO_SUCH_NODE,
            "INVALIDPARAM_TARGETNODE": Meaning(
                NotFound, "Rescue does not know the group to move to: whoever asked must name one that it has"
            ),
            "INVALID_MOVE": Meaning(
                Rejected, "this node cannot stand below that group: whoever asked must name one that can hold it"
            ),
        },
    ),
    operation="moveNode",
    writes=True,
)
DELETE_NODE = Method(
    "deleteNode",
    aspx("deleteNode"),
    (NODE, AUTHCODE),
    write(
        *OF_A_SIGNED_CALL,
        own={
            "INVALIDPARAM_NODE": NO_SUCH_NODE,
            "INVALID_DELETE": Meaning(
                Rejected, "the Rescue user may not delete the node, and never itself: an administrator of Rescue must"
            ),
        },
    ),
    operation="deleteNode",
    writes=True,
)

_ENTRY = Parameter("entry", "iEntryID", required=True)
_NO_SUCH_CHANNEL = Meaning(NotFound, "Rescue does not know the channel: whoever asked must name one that it has")
ASSIGN_CHANNEL = Method(
    "assignChannel",
    aspx("assignChannel"),
    (NODE, _ENTRY, AUTHCODE),
    write(
        *OF_A_SIGNED_CALL,
        own={
            "INVALIDPARAM_NODE": NO_SUCH_NODE,
            "INVALIDPARAM_ENTRY": _NO_SUCH_CHANNEL,
            "INVALID_ASSIGN": Meaning(
                Rejected, "the node cannot serve a channel: whoever asked must name a technician or their group"
            ),
        },
    ),
    operation="assignChannel",
    writes=True,
)
UNASSIGN_CHANNEL = Method(
    "unassignChannel",
    aspx("unassignChannel"),
    (NODE, _ENTRY, AUTHCODE),
    write(
        *OF_A_SIGNED_CALL,
        own={
            "INVALIDPARAM_NODE": NO_SUCH_NODE,
            "INVALIDPARAM_ENTRY": _NO_SUCH_CHANNEL,
            "INVALID_DEASSIGN": Meaning(
                Rejected, "the channel cannot be taken from this node: whoever asked must name one that serves it"
            ),
        },
    ),
    operation="unassignChannel",
    writes=True,
)

GROUPS = (
    CREATE_GROUP,
    GET_GROUP,
    GET_GROUP_2,
    GET_GROUP_3,
    SET_GROUP,
    SET_GROUP_2,
    SET_GROUP_3,
    MOVE_NODE,
    DELETE_NODE,
    ASSIGN_CHANNEL,
    UNASSIGN_CHANNEL,
)
