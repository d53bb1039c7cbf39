"""The people of an account: technicians and administrators, their groups, and the channels that they serve."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bridge.errors import Rejected
from connectors.http import Reply
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.directory import (
    Account,
    CreatedUsers,
    Group,
    GroupChange,
    HierarchyNode,
    NewUser,
    User,
    UserChange,
    account_of,
    created_of,
    group_of,
    nodes_of,
    user_of,
)
from connectors.platforms.rescue.replies import body_of
from connectors.platforms.rescue.soap import Value
from connectors.platforms.rescue.tickets import LoginTicket, error_of, ticket_of

USERS_PARAMETER = "aUserData"
"""The list's own element: no source names it."""


class Administration:
    """What the API says of an account's people, and takes as orders about them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def account(self) -> Account:
        """The account that the API's user belongs to."""
        return account_of(self._api.ask("getAccount", {}))

    def hierarchy(
        self, node: str = "", *, without_offline: bool = False, version: int = 2
    ) -> tuple[HierarchyNode, ...]:
        """All that the API's user may see, or one node; version 1 cannot leave offline technicians out."""
        data = {"isnode": "true" if node else "false", **({"node": node} if node else {})}
        if version > 1:
            data["filteroffline"] = "true" if without_offline else "false"
        return nodes_of(self._api.ask(_versioned("getHierarchy", version), data))

    def user(self, node: str = "", *, email: str = "", version: int = 3) -> User:
        """By node, or (version 3) by e-mail address. Raises NotFound for a node that is no user."""
        if not node and (not email or version < 3):
            raise Rejected("a user is asked for by node, or in version 3 by address: whoever asked must give one")
        name = _versioned("getUser", version)
        wanted = {"node": node} if node else {"email": email}
        return user_of(self._api.ask(name, wanted), METHODS[name].outputs)

    def create_user(self, parent: str) -> str:
        """A new, empty user below that group; its node, to be filled by `set_user`."""
        return _new_node(self._api.order("createUser", {"parent": parent}))

    def create_users(self, users: Sequence[NewUser]) -> CreatedUsers:
        """Many at once, by SOAP; each has a result of its own.

        Raises a ConnectorError only where nothing is said of the single users.
        """
        method = METHODS["createUsers"]
        parameters: list[tuple[str, Value]] = [(USERS_PARAMETER, [("USERDATA", _user_data(one)) for one in users])]
        told = self._api.soap(method.operation, parameters, write=True, parts="createUserInfos")
        return created_of(told, method.operation)

    def set_user(self, node: str, change: UserChange, *, version: int = 2) -> None:
        """Make a user what the change says; version 1 knows no RPAT add-on."""
        mobile, rpat = _true(change.mobile_addon), _true(change.rpat_addon)
        # The table of version 2 says mobileaddon, its samples addons.
        addons = {"addons": mobile} if version == 1 else {"mobileaddon": mobile, "addons": mobile, "rpataddon": rpat}
        data = {
            "node": node,
            "name": change.name,
            "nick": change.nick,
            "email": change.email,
            "ssoid": change.sso_id,
            "pwd": change.password,
            "confpwd": change.password,
            "oldpwd": change.current_password,
            "status": "enabled" if change.enabled else "disabled",
            "description": change.description,
            **addons,
        }
        self._api.order(_versioned("setUser", version), _given(data))

    def set_user_status(self, node: str, *, enabled: bool) -> None:
        """Let a user sign in, or no more."""
        self._api.order("setUserStatus_v7_1", {"node": node, "status": "enabled" if enabled else "disabled"})

    def create_group(self, parent: str) -> str:
        """A new, empty group below another of its type; its node, to be filled by `set_group`."""
        return _new_node(self._api.order("createGroup", {"parent": parent}))

    def group(self, node: str, *, version: int = 3) -> Group:
        """Raises NotFound for a node that is no group."""
        name = _versioned("getGroup", version)
        return group_of(self._api.ask(name, {"node": node}), METHODS[name].outputs)

    def set_group(self, node: str, change: GroupChange, *, version: int = 3) -> None:
        """Make a group what the change says; version 1 knows no RPAT seats, 3 tells remote control by device."""
        data = {
            "node": node,
            "name": change.name,
            "status": "Enabled" if change.enabled else "Disabled",
            "description": change.description,
            "permission": _joined(change.permissions),
            "lockedpermission": _joined(change.locked_permissions),
            "standardconcurrentlimit": str(change.standard_limit),
            "mobileconcurrentlimit": str(change.mobile_limit),
            "rpatconcurrentlimit": str(change.rpat_limit) if version > 1 else None,
        }
        self._api.order(_versioned("setGroup", version), _given(data))

    def move(self, node: str, target: str) -> None:
        """Hang a node below another group."""
        self._api.order("moveNode", {"targetNode": target, "node": node})

    def delete(self, node: str) -> None:
        """Delete a user or a group; there is no way back."""
        self._api.order("deleteNode", {"node": node})

    def assign_channel(self, node: str, channel: str) -> None:
        """Let a technician or a group take sessions of a channel."""
        self._api.order("assignChannel", {"node": node, "entry": channel})

    def unassign_channel(self, node: str, channel: str) -> None:
        """Let a technician or a group take no more sessions of a channel."""
        self._api.order("unassignChannel", {"node": node, "entry": channel})

    def login_ticket(self, sso_id: str, password: str, company: str) -> LoginTicket:
        """A link that signs a technician in at the site. The password is the company's for single sign-on."""
        return self._ticket("getLoginTicket", {"ssoid": sso_id, "Password": password, "CompanyID": company})

    def console_ticket(self, sso_id: str, password: str, company: str, *, bits64: bool = True) -> LoginTicket:
        """A link that fetches the desktop console and signs a technician in there."""
        data = {"ssoid": sso_id, "Password": password, "CompanyID": company, **({"arch": "64"} if bits64 else {})}
        return self._ticket("getDTCLoginTicket", data)

    def _ticket(self, name: str, data: Mapping[str, str]) -> LoginTicket:
        method = METHODS[name]
        transport = self._api.unsigned(lambda reply: error_of(reply, method.codes))
        return ticket_of(transport.read("POST", method.address, data=data))


def _versioned(name: str, version: int) -> str:
    return name if version == 1 else f"{name}_v{version}"


def _given(data: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in data.items() if value is not None}


def _joined(words: Sequence[str] | None) -> str | None:
    return None if words is None else ",".join(words)


def _true(value: bool) -> str:  # one of two words
    return "true" if value else "false"


def _new_node(reply: Reply) -> str:
    """The number that follows OK, bare, in brackets or behind a key. Raises UnknownOutcome for anything else."""
    found = re.fullmatch(r"(?:[A-Za-z]+:)?\s*\[?([1-9][0-9]*)\]?", body_of(reply))
    if not found:
        raise reply.unclear("was answered OK without the new node", code="unreadable")
    return found[1]


def _user_data(user: NewUser) -> list[tuple[str, Value]]:
    return [
        ("iUniqueId", str(user.unique_id)),
        ("iParentID", user.parent_id),
        ("sName", user.name),
        ("sNick", user.nick),
        ("sEmail", user.email),
        ("sSSOID", user.sso_id),
        ("sPwd", user.password),
        ("sConfPwd", user.password),
        ("eStatus", "Enabled" if user.enabled else "Disabled"),
        ("sDescription", user.description),
        ("eAddOns", "True" if user.mobile_addon else "False"),
    ]
