"""Users: technicians, administrators and master administrators."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.errors import NotFound, Rejected, Unavailable, UnknownOutcome
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
from connectors.platforms.rescue.catalogue.values import BOOLEANS, STATUSES
from connectors.platforms.rescue.replies import NO_SUCH_NODE, Meaning

NO_SUCH_PARENT = Meaning(
    NotFound, "the parent is unknown or of the wrong type: whoever asked must name a group that can hold it"
)
NO_SEATS = Meaning(Rejected, "the licences are used up: an administrator of Rescue must free or buy some")
PARENT_DISABLED = Meaning(Rejected, "the group above is disabled: an administrator of Rescue must enable it first")
NO_SUCH_STATUS = Meaning(Rejected, "the status is unknown: whoever asked must say enabled or disabled")
EMAIL_IN_USE = Meaning(Rejected, "somebody has this e-mail address: whoever asked must give another")

PASSWORD_RULES: Mapping[str, Meaning] = {
    "INVALIDPARAM_PASSWORD_CANNOT_CONTAIN_WHITESPACE_CHARACTERS": Meaning(
        Rejected, "a password has white space in it: whoever asked must choose one without"
    ),
    "INVALIDPARAM_PASSWORD_HAS_TO_BE_AT_LEAST_8_CHARACTERS_LONG": Meaning(
        Rejected, "the new password has fewer than 8 characters: whoever asked must choose a longer one"
    ),
    "INVALIDPARAM_PASSWORD_HAS_TO_CONTAIN_AT_LEAST_TWO_UPPERCASE_LETTERS_OR_SPECIAL_CHARACTERS": Meaning(
        Rejected,
        "the new password has fewer than two capitals or special characters: whoever asked must choose another",
    ),
    # The vendor writes STRENGHT.
    "INVALIDPARAM_PASSWORD_DOES_NOT_MEET_THE_MINIMUM_PASSWORD_STRENGHT_REQUIREMENTS": Meaning(
        Rejected, "the new password is weaker than the account allows: whoever asked must choose a stronger one"
    ),
    "INVALIDPARAM_NEW_PASSWORDS_DO_NOT_MATCH": Meaning(
        Rejected, "the new password and its confirmation differ: whoever asked must give the same twice"
    ),
    "INVALIDPARAM_CURRENT_PASSWORD_IS_WRONG": Meaning(
        Rejected, "the user's present password is wrong: whoever asked must give the right one"
    ),
    "INVALIDPARAM_MISSING_CONFIRMATION_PASSWORD": Meaning(
        Rejected, "the password's confirmation is missing: whoever asked must give it"
    ),
}

CREATE_USER = Method(
    "createUser",
    aspx("createUser"),
    (Parameter("parent", "iParentID", required=True), AUTHCODE),
    write(*OF_A_SIGNED_CALL, own={"INVALIDPARAM_PARENT": NO_SUCH_PARENT}),
    outputs=("[new person nodeid]",),
    operation="createUser",
    writes=True,
)

_SSO_ID_TAKEN = Meaning(Rejected, "somebody has this single sign-on ID: whoever asked must give another")
_EACH_NEW_USER: Mapping[str, Meaning] = {
    "ERROR": Meaning(Unavailable, "Rescue did not create the user: whoever asked may try it again"),
    "INVALIDPARAM_PARENTID": NO_SUCH_PARENT,
    "ACCESS_DENIED": Meaning(
        Rejected, "the Rescue user may not create users in this group: an administrator of Rescue must allow it"
    ),
    "INVALIDPARAM_PARENTID_IS_ZERO_OR_LESS": Meaning(
        Rejected, "the parent's number is not above zero: whoever asked must give the group's"
    ),
    "INVALIDPARAM_NAME": Meaning(
        Rejected, "the name is missing or has more than 128 characters: whoever asked must correct it"
    ),
    "INVALIDPARAM_NICK": Meaning(Rejected, "the nickname has more than 128 characters: whoever asked must shorten it"),
    "INVALIDPARAM_DESCRIPTION": Meaning(
        Rejected, "the description has more than 1024 characters: whoever asked must shorten it"
    ),
    "INVALIDPARAM_EMAIL": Meaning(
        Rejected, "the e-mail address is none or has more than 128 characters: whoever asked must correct it"
    ),
    "INVALIDPARAM_EMAIL_ALREADY_IN_USE": EMAIL_IN_USE,
    **PASSWORD_RULES,
    "NOT_ENOUGH_SEAT_LICENSES_AVAILABLE": NO_SEATS,
    "NODE_CANNOT_BE_ENABLED_BECAUSE_ITS_PARENT_NODE_IS_DISABLED": PARENT_DISABLED,
    "USER_DELETED_OR_DISABLED": Meaning(
        Rejected, "the administrator who creates users is deleted or disabled: an operator must name another"
    ),
    "CREATED_BUT_NOTIFICATION_EMAIL_NOT_SENT": Meaning(
        Rejected, "the user is created, but no e-mail tells its creator: whoever asked must tell them"
    ),
    "SSO_ID_ALREADY_EXISTS": _SSO_ID_TAKEN,
    "INVALIDPARAM_UNIQUEID_IS_ZERO_OR_LESS": Meaning(
        Rejected, "the number of the new user is not above zero: whoever asked must give one that is"
    ),
    "INVALIDPARAM_PASSWORD_MISSING": Meaning(Rejected, "a password is missing: whoever asked must give it"),
    "INVALIDPARAM_EMAIL_MISSING": Meaning(Rejected, "the e-mail address is missing: whoever asked must give it"),
}
CREATE_USERS = Method(
    "createUsers",
    "",
    (
        Parameter("USERDATA[]", "USERDATA", required=True),
        Parameter("uniqueid", "iUniqueId", required=True),
        Parameter("parentid", "iParentID", required=True),
        Parameter("name", "sName", required=True, limit=128),
        Parameter("nick", "sNick", limit=128),
        Parameter("email", "sEmail", required=True, limit=128),
        Parameter("ssoid", "sSSOID"),
        Parameter("pwd", "sPwd", required=True),
        Parameter("confpwd", "sConfPwd", required=True),
        Parameter("status", "eStatus", values=("Enabled", "Disabled")),
        Parameter("description", "sDescription", limit=1024),
        Parameter("addons", "eAddOns", required=True, values=("True", "False")),
        AUTHCODE,
    ),
    write(
        *OF_A_SIGNED_CALL,
        own={
            "ERROR": Meaning(Unavailable, "Rescue created none of the users: whoever asked may try it again"),
            "UNIQUE_ID_NOT_UNIQUE": Meaning(
                Rejected, "a number of a new user is taken: whoever asked must give each its own"
            ),
            "INVALIDPARAM_EMAIL_ALREADY_IN_USE": EMAIL_IN_USE,
            "SSO_ID_ALREADY_EXISTS": _SSO_ID_TAKEN,
            "UNKNOWN_ERROR": Meaning(
                UnknownOutcome, "some of the users may not be created: whoever asked must look at the hierarchy"
            ),
        },
    ),
    outputs=("state", "nodeId", "uniqueId", "userState"),
    successes=("OK", "PARTIALLY_PROCESSED"),
    operation="createUsers",
    writes=True,
    each=_EACH_NEW_USER,
)

_OF_A_USER = read(*OF_A_SIGNED_CALL, own={"INVALIDPARAM_NODE": NO_SUCH_NODE})
_KEYS = ("NODEID", "NAME", "NICK", "EMAIL", "SSOID", "DESCRIPTION", "TYPE", "HASMOBILEADDON")
USER_KEYS = (*_KEYS, "ISACCOUNTHOLDER", "STATUS")
USER_KEYS_2 = (*_KEYS, "HASRPATADDON", "ISACCOUNTHOLDER", "STATUS")
GET_USER = Method("getUser", aspx("getUser"), (NODE, AUTHCODE), _OF_A_USER, outputs=USER_KEYS, operation="getUser")
GET_USER_2 = Method(
    "getUser_v2", aspx("getUser_v2"), (NODE, AUTHCODE), _OF_A_USER, outputs=USER_KEYS_2, operation="getUser_v2"
)
GET_USER_3 = Method(
    "getUser_v3",
    aspx("getUser_v3"),
    (Parameter("node", "iNodeID"), Parameter("email", "sEmail"), AUTHCODE),
    _OF_A_USER,
    outputs=USER_KEYS_2,
    operation="getUser_v3",
)

_OF_SET_USER = write(
    *OF_A_SIGNED_CALL,
    own={
        "INVALIDPARAM_NODE": NO_SUCH_NODE,
        "INVALIDPARAM_NAME": Meaning(Rejected, "the name is missing or too long: whoever asked must correct it"),
        "INVALIDPARAM_STATUS": NO_SUCH_STATUS,
        "INVALIDPARAM_MOBILEADDON": Meaning(
            Rejected, "the mobile add-on is neither true nor false: whoever asked must say one of them"
        ),
        "INVALIDPARAM_EMAIL": Meaning(Rejected, "the e-mail address is none: whoever asked must correct it"),
        "INVALIDPARAM_EMAIL_ALREADY_IN_USE": EMAIL_IN_USE,
        "INVALIDPARAM_MISSING_CURRENT_PASSWORD": Meaning(
            Rejected, "a master administrator changes itself: whoever asked must give the present password, too"
        ),
        "INVALIDPARAM_PASSWORD_LENGTH_HAS_TO_BE_BIGGER_THAN_ZERO": Meaning(
            Rejected, "a password is empty: whoever asked must give one or leave all out"
        ),
        "INVALIDPARAM_CURRENT_AND_NEW_PASSWORD_MATCH": Meaning(
            Rejected, "the new password is the present one: whoever asked must choose another"
        ),
        **PASSWORD_RULES,
        "NOT_ENOUGH_SEAT_LICENSES_AVAILABLE": NO_SEATS,
        "NODE_CANNOT_BE_ENABLED_BECAUSE_ITS_PARENT_NODE_IS_DISABLED": PARENT_DISABLED,
    },
)
_USER = (
    NODE,
    Parameter("name", "sName", required=True),
    Parameter("nick", "sNick"),
    Parameter("email", "sEmail", required=True),
    Parameter("ssoid", "sSSOID"),
    Parameter("pwd", "sPwd"),
    Parameter("confpwd", "sConfPwd"),
    Parameter("oldpwd", "sOldPwd"),
    Parameter("status", "eStatus", required=True, values=STATUSES),
    Parameter("description", "sDescription"),
)
SET_USER = Method(
    "setUser",
    aspx("setUser"),
    (*_USER, Parameter("addons", "eAddons", required=True, values=BOOLEANS), AUTHCODE),
    _OF_SET_USER,
    operation="setUser",
    writes=True,
)
SET_USER_2 = Method(
    "setUser_v2",
    aspx("setUser_v2"),
    (
        *_USER,
        # The table says mobileaddon, every sample addons.
        Parameter("mobileaddon", required=True, values=BOOLEANS, also="addons"),
        Parameter("rpataddon", required=True, values=BOOLEANS),
        AUTHCODE,
    ),
    {
        **_OF_SET_USER,
        "INVALIDPARAM_RPATADDON": Meaning(
            Rejected, "the RPAT add-on is neither true nor false: whoever asked must say one of them"
        ),
    },
    operation="setUser_v2",
    writes=True,
)
SET_USER_STATUS = Method(
    "setUserStatus_v7_1",
    aspx("setUserStatus_v7_1"),
    (NODE, Parameter("status", "eStatus", required=True, values=STATUSES), AUTHCODE),
    write(*OF_A_SIGNED_CALL, own={"INVALIDPARAM_STATUS": NO_SUCH_STATUS, "INVALIDPARAM_NODE": NO_SUCH_NODE}),
    operation="setUserStatus_v7_1",
    writes=True,
)

USERS = (
    CREATE_USER,
    CREATE_USERS,
    GET_USER,
    GET_USER_2,
    GET_USER_3,
    SET_USER,
    SET_USER_2,
    SET_USER_STATUS,
)
