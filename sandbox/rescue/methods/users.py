"""Users: what they are like, changing them, many new ones at once.

Source: Rescue API Reference Guide, chapters createUsers, getUser to getUser_v3, setUser, setUser_v2,
setUserStatus_v7_1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, administrator, caller, ok
from sandbox.rescue.model import Code, Technician
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import USERS_IN
from sandbox.rescue.tree.users import (
    DESCRIPTION_LENGTH,
    EMAIL,
    NAME_LENGTH,
    STATUSES,
    Wanted,
    apply,
    check_licences,
    check_password,
)
from sandbox.rescue.tree.users import check as check_user


def asked_user(state: RescueState, asked: Asked) -> Technician:
    """By node; the third version takes an e-mail address instead."""
    caller(state, asked)
    email = asked.get("email")
    if asked.method == "getuser_v3" and email and not asked.get("node"):
        found = [one for one in state.tree.users() if one.email.lower() == email.lower()]
        if not found:
            raise Code("INVALIDPARAM_NODE")
        # Who is an administrator, too, is found as the technician.
        return max(found, key=lambda one: one.type == "Technician")
    return state.tree.user(asked.get("node"))


def _get_user(state: RescueState, asked: Asked) -> str:
    user = asked_user(state, asked)
    rpat = "" if asked.method == "getuser" else f"HASRPATADDON: {user.rpat_addon}\n"
    return ok(
        f"NODEID: {user.id}\nNAME: {user.name}\nNICK: {user.nick}\nEMAIL: {user.email}\nSSOID: {user.sso_id}\n"
        f"DESCRIPTION: {user.description}\nTYPE: {user.type}\nHASMOBILEADDON: {user.mobile_addon}\n{rpat}"
        f"ISACCOUNTHOLDER: {user.account_holder}\nSTATUS: {user.status}"
    )


def _wanted(asked: Asked) -> Wanted:
    second = asked.method == "setuser_v2"
    return Wanted(
        asked.get("name"),
        asked.get("email"),
        asked.get("status"),
        asked.get("nick"),
        asked.get("ssoid"),
        asked.get("description"),
        asked.get("pwd"),
        asked.get("confpwd"),
        asked.get("oldpwd"),
        # The second version's table says mobileaddon, its sample addons.
        (asked.get("mobileaddon") or asked.get("addons")) if second else asked.get("addons"),
        asked.get("rpataddon") if second else None,
    )


def set_user(state: RescueState, asked: Asked) -> None:
    """Everything at once; who changes their own password gives the old one."""
    calls = administrator(state, asked)
    user, wanted = state.tree.user(asked.get("node")), _wanted(asked)
    own = user.email == calls.email
    if own:
        user.password = state.settings.password
    check_user(state.tree, state.settings, user, wanted, own=own)
    apply(user, wanted)
    if own and wanted.password:
        state.settings.password = wanted.password
    if user.disabled:
        state.abort_sessions_of(user)


def set_user_status(state: RescueState, asked: Asked) -> None:
    administrator(state, asked)
    status = asked.get("status").lower()
    if status not in STATUSES:
        raise Code("INVALIDPARAM_STATUS")
    user = state.tree.user(asked.get("node"))
    if not STATUSES[status] and state.tree.parent_disabled(user):
        raise Code("ERROR")
    if not STATUSES[status] and user.disabled:
        _check_seat(state, user)
    user.disabled = STATUSES[status]
    if user.disabled:
        state.abort_sessions_of(user)


def _check_seat(state: RescueState, user: Technician) -> None:
    """This method has no code of its own for a missing licence."""
    mobile, rpat = str(user.mobile_addon).lower(), str(user.rpat_addon).lower()
    try:
        check_licences(
            state.tree, state.settings, user, Wanted("", "", "enabled", mobile_addon=mobile, rpat_addon=rpat)
        )
    except Code:
        raise Code("ERROR") from None


def _set_user(state: RescueState, asked: Asked) -> str:
    set_user(state, asked)
    return "OK"


def _set_user_status(state: RescueState, asked: Asked) -> str:
    set_user_status(state, asked)
    return "OK"


@dataclass(frozen=True, slots=True)
class Created:
    """What became of one of many new users; node 0 means that there is none."""

    unique_id: str
    node_id: int
    state: str


UserData = Mapping[str, str]
"""One USERDATA, by the names of the reference in lower case: uniqueid, parentid, name, ..."""


def create_users(state: RescueState, asked: Asked, users: Iterable[UserData]) -> tuple[str, list[Created]]:
    """The state of the whole and that of each; a list that contradicts itself makes nobody."""
    caller(state, asked)
    given = list(users)
    refused = _list_refused(given)
    if refused:
        return refused, [Created(one.get("uniqueid", ""), 0, "ERROR") for one in given]
    made = [_create(state, one) for one in given]
    good = sum(one.node_id != 0 for one in made)
    return ("OK" if good == len(made) else "PARTIALLY_PROCESSED" if good else "ERROR"), made


def _list_refused(given: list[UserData]) -> str:
    checks = (
        ("uniqueid", "UNIQUE_ID_NOT_UNIQUE"),
        ("email", "INVALIDPARAM_EMAIL_ALREADY_IN_USE"),
        ("ssoid", "SSO_ID_ALREADY_EXISTS"),
    )
    for name, code in checks:
        values = Counter(one.get(name, "").lower() for one in given if one.get(name))
        if any(number > 1 for number in values.values()):
            return code
    return ""


def _create(state: RescueState, data: UserData) -> Created:
    unique = data.get("uniqueid", "")
    try:
        node = _checked_and_made(state, data)
    except Code as refused:
        return Created(unique, 0, refused.code)
    return Created(unique, node, "OK" if state.settings.notifications else "CREATED_BUT_NOTIFICATION_EMAIL_NOT_SENT")


def _checked_and_made(state: RescueState, data: UserData) -> int:
    parent = _checked_place(state, data)
    _check_lengths(data)
    if any(one.sso_id == data["ssoid"] for one in state.tree.users() if data.get("ssoid")):
        raise Code("SSO_ID_ALREADY_EXISTS")
    if not data.get("pwd"):
        raise Code("INVALIDPARAM_PASSWORD_MISSING")
    user = Technician(0, "", "", description="", console_open=False, parent_id=parent, type=_type_in(state, parent))
    wanted = Wanted(
        data["name"],
        data["email"],
        data.get("status") or "enabled",
        data.get("nick", ""),
        data.get("ssoid", ""),
        data.get("description", ""),
        data["pwd"],
        data.get("confpwd", ""),
        mobile_addon=data.get("addons") or "false",
    )
    check_password(state.settings, wanted, None)
    check_user(state.tree, state.settings, user, wanted, own=False)
    user.id = state.tree.new_id()
    apply(user, wanted)
    state.tree.add(user)
    return user.id


def _type_in(state: RescueState, parent: int) -> str:
    return USERS_IN[state.tree.nodes[parent].type]


def _checked_place(state: RescueState, data: UserData) -> int:
    for name, code in (
        ("uniqueid", "INVALIDPARAM_UNIQUEID_IS_ZERO_OR_LESS"),
        ("parentid", "INVALIDPARAM_PARENTID_IS_ZERO_OR_LESS"),
    ):
        if not data.get(name, "").isdecimal() or int(data[name]) <= 0:
            raise Code(code)
    parent = state.tree.find(data["parentid"])
    if parent is None or parent.type not in USERS_IN:
        raise Code("INVALIDPARAM_PARENTID")
    if not state.is_administrator():
        raise Code("ACCESS_DENIED")
    return parent.id


def _check_lengths(data: UserData) -> None:
    if not data.get("name") or len(data["name"]) > NAME_LENGTH:
        raise Code("INVALIDPARAM_NAME")
    if len(data.get("nick", "")) > NAME_LENGTH:
        raise Code("INVALIDPARAM_NICK")
    if len(data.get("description", "")) > DESCRIPTION_LENGTH:
        raise Code("INVALIDPARAM_DESCRIPTION")
    if not data.get("email"):
        raise Code("INVALIDPARAM_EMAIL_MISSING")
    if not EMAIL.fullmatch(data["email"]) or len(data["email"]) > NAME_LENGTH:
        raise Code("INVALIDPARAM_EMAIL")


METHODS: dict[str, Method] = {
    "getuser": _get_user,
    "getuser_v2": _get_user,
    "getuser_v3": _get_user,
    "setuser": _set_user,
    "setuser_v2": _set_user,
    "setuserstatus_v7_1": _set_user_status,
}
