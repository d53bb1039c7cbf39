"""The account's tree by API: users, groups, channels, login tickets, and every refusal that can be had honestly."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.driver import Customer, Technician
from sandbox.rescue.tree import (
    ADMIN_GROUP_ID,
    ADMIN_ID,
    ADMINISTRATOR_ID,
    CHANNEL_ID,
    GROUP_ID,
    GROUP_LINK_ID,
    LINK_ID,
    MASTERS_ID,
    OWNER_ID,
    ROOT_NODE_ID,
    SECOND_CHANNEL_ID,
    SECOND_GROUP_ID,
    SECOND_ID,
    TECHNICIANS_ID,
)
from sandbox.serve import Sandbox


class Admin:
    """Somebody with the account's authcode."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = httpx.Client(base_url=sandbox.rescue_url, trust_env=False)

    def call(self, method: str, **values: object) -> str:
        authcode = self.sandbox.settings.rescue.authcode
        given = {name: str(value) for name, value in values.items()}
        return self.client.post(f"/API/{method}.aspx", data={"authcode": authcode, **given}).text

    def blocks(self, method: str = "getHierarchy_v2", **values: object) -> list[dict[str, str]]:
        text = self.call(method, **values)
        assert text.startswith("OK\n\n")
        blocks = text.removeprefix("OK\n\n").strip().split("\n\n")
        return [dict(line.split(":", 1) for line in block.split("\n")) for block in blocks if block]

    def facts(self, method: str, **values: object) -> dict[str, str]:
        lines = self.call(method, **values).removeprefix("OK\n\n").split("\n")
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.fixture
def admin(sandbox: Sandbox) -> Iterator[Admin]:
    one = Admin(sandbox)
    yield one
    one.client.close()


USER = {"name": "Technician 3", "email": "technician3@example.com", "status": "enabled", "addons": "false"}
GOOD_PASSWORD = "Made-Up-4711"


# the hierarchy


def test_the_tree_from_its_root(admin: Admin) -> None:
    nodes = {int(node["NodeID"]): node for node in admin.blocks()}
    assert next(iter(nodes)) == ROOT_NODE_ID
    assert {node["Type"] for node in nodes.values()} == {
        *("Root", "MasterAdministrators", "Administrators", "Technicians", "AdministratorGroup", "TechnicianGroup"),
        *("MasterAdministrator", "Administrator", "Technician", "AdministratorLink", "AdministratorGroupLink"),
        "Channel",
    }
    assert nodes[GROUP_ID]["Description"] == "First: line"
    assert nodes[OWNER_ID] == {
        "NodeID": str(OWNER_ID),
        "ParentID": str(GROUP_ID),
        "Name": "Technician 1",
        "Email": "technician@example.com",
        "Description": "Support",
        "Status": "Online",
        "Type": "Technician",
    }
    assert admin.blocks("getHierarchy") == admin.blocks()


def test_one_node_of_it(admin: Admin) -> None:
    (node,) = admin.blocks(isnode="true", node=GROUP_ID)
    assert node["Name"] == "Support"
    assert admin.call("getHierarchy", isnode="perhaps") == "INVALIDPARAM_ISNODE"
    assert admin.call("getHierarchy", isnode="true", node=1) == "INVALIDPARAM_NODE"
    assert admin.call("getHierarchy", isnode="true") == "INVALIDPARAM_NODE"


def test_who_is_offline_can_be_left_out(sandbox: Sandbox, admin: Admin, technician: Technician) -> None:
    technician.open_console(open_=False)
    sandbox.rescue.technicians[SECOND_ID].presence = "Busy"
    statuses = {node["NodeID"]: node["Status"] for node in admin.blocks()}
    assert (statuses[str(OWNER_ID)], statuses[str(SECOND_ID)]) == ("Offline", "Busy")
    filtered = {node["NodeID"] for node in admin.blocks(filteroffline="true")}
    assert str(OWNER_ID) not in filtered
    assert {str(SECOND_ID), str(GROUP_ID), str(ADMIN_ID)} <= filtered
    assert len(admin.blocks("getHierarchy", filteroffline="true")) == len(statuses)


def test_who_is_no_administrator(sandbox: Sandbox, admin: Admin) -> None:
    sandbox.settings.rescue.administrator = False
    assert admin.call("getHierarchy_v2") == "HAS_NO_RIGHT"
    assert admin.call("deleteNode", node=SECOND_ID) == "INVALID_DELETE"
    assert admin.call("createUser", parent=GROUP_ID) == "ERROR"
    assert admin.facts("getAccount")["AdminID"] == "0"


# users


def test_a_new_user_is_nameless_and_disabled(admin: Admin) -> None:
    node = admin.call("createUser", parent=GROUP_ID).removeprefix("OK\n\n")
    assert admin.facts("getUser", node=node)["STATUS"] == "Disabled"
    assert admin.call("setUser", node=node, **USER, nick="T3", ssoid="777") == "OK"
    facts = admin.facts("getUser_v3", email="TECHNICIAN3@example.com")
    assert (facts["NODEID"], facts["NICK"], facts["SSOID"], facts["TYPE"]) == (node, "T3", "777", "Technician")
    assert facts["STATUS"] == "Offline"
    assert (facts["HASMOBILEADDON"], facts["HASRPATADDON"]) == ("False", "False")


@pytest.mark.parametrize(
    ("parent", "kind"),
    [(MASTERS_ID, "MasterAdministrator"), (ADMIN_GROUP_ID, "Administrator"), (SECOND_GROUP_ID, "Technician")],
)
def test_what_a_user_is_depends_on_the_place(admin: Admin, parent: int, kind: str) -> None:
    node = admin.call("createUser", parent=parent).removeprefix("OK\n\n")
    assert admin.facts("getUser", node=node)["TYPE"] == kind


def test_versions_of_a_user(admin: Admin) -> None:
    assert "HASRPATADDON" not in admin.facts("getUser", node=OWNER_ID)
    assert admin.facts("getUser_v2", node=OWNER_ID)["ISACCOUNTHOLDER"] == "True"
    assert admin.facts("getUser_v3", email="technician@example.com")["TYPE"] == "Technician"


@pytest.mark.parametrize("parent", [CHANNEL_ID, ROOT_NODE_ID, OWNER_ID, 1, "x"])
def test_places_where_nobody_can_be_made(admin: Admin, parent: object) -> None:
    assert admin.call("createUser", parent=parent) == "INVALIDPARAM_PARENT"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"node": 1}, "INVALIDPARAM_NODE"),
        ({"node": GROUP_ID}, "INVALIDPARAM_NODE"),
        ({"name": ""}, "INVALIDPARAM_NAME"),
        ({"name": "x" * 129}, "INVALIDPARAM_NAME"),
        ({"status": "online"}, "INVALIDPARAM_STATUS"),
        ({"mobileaddon": "maybe"}, "INVALIDPARAM_MOBILEADDON"),
        ({"rpataddon": "maybe"}, "INVALIDPARAM_RPATADDON"),
        ({"email": "nobody"}, "INVALIDPARAM_EMAIL"),
        ({"email": "Technician@example.com"}, "INVALIDPARAM_EMAIL_ALREADY_IN_USE"),
        ({"confpwd": "x"}, "INVALIDPARAM_PASSWORD_LENGTH_HAS_TO_BE_BIGGER_THAN_ZERO"),
        ({"pwd": GOOD_PASSWORD}, "INVALIDPARAM_MISSING_CONFIRMATION_PASSWORD"),
        ({"pwd": "A B-c d-1", "confpwd": "A B-c d-1"}, "INVALIDPARAM_PASSWORD_CANNOT_CONTAIN_WHITESPACE_CHARACTERS"),
        ({"pwd": "A-B-1cd", "confpwd": "A-B-1cd"}, "INVALIDPARAM_PASSWORD_HAS_TO_BE_AT_LEAST_8_CHARACTERS_LONG"),
        (
            {"pwd": "secretPassword", "confpwd": "secretPassword"},
            "INVALIDPARAM_PASSWORD_HAS_TO_CONTAIN_AT_LEAST_TWO_UPPERCASE_LETTERS_OR_SPECIAL_CHARACTERS",
        ),
        (
            {"pwd": "SECRETWORD", "confpwd": "SECRETWORD"},
            "INVALIDPARAM_PASSWORD_DOES_NOT_MEET_THE_MINIMUM_PASSWORD_STRENGHT_REQUIREMENTS",
        ),
        ({"pwd": GOOD_PASSWORD, "confpwd": f"{GOOD_PASSWORD}1"}, "INVALIDPARAM_NEW_PASSWORDS_DO_NOT_MATCH"),
    ],
)
def test_what_a_user_cannot_become(admin: Admin, change: dict[str, object], code: str) -> None:
    given = {"node": SECOND_ID, **USER, "mobileaddon": "false", "rpataddon": "false", **change}
    assert admin.call("setUser_v2", **given) == code
    assert admin.facts("getUser", node=SECOND_ID)["NAME"] == "Technician 2"


def test_their_own_password(sandbox: Sandbox, admin: Admin) -> None:
    settings = sandbox.settings.rescue
    own = {**USER, "name": "Technician 1", "email": settings.email, "node": ADMIN_ID}
    new = {"pwd": GOOD_PASSWORD, "confpwd": GOOD_PASSWORD}
    old = settings.password
    assert admin.call("setUser", **own, **new) == "INVALIDPARAM_MISSING_CURRENT_PASSWORD"
    assert admin.call("setUser", **own, **new, oldpwd="x") == "INVALIDPARAM_CURRENT_PASSWORD_IS_WRONG"
    assert admin.call("setUser", **own, **new, oldpwd=old) == "OK"
    assert admin.call("login", email=settings.email, pwd=old) == "INVALID"
    assert admin.call("login", email=settings.email, pwd=GOOD_PASSWORD) == "OK"
    same = admin.call("setUser", **own, **new, oldpwd=GOOD_PASSWORD)
    assert same == "INVALIDPARAM_CURRENT_AND_NEW_PASSWORD_MATCH"


def test_licences_run_out(sandbox: Sandbox, admin: Admin) -> None:
    node = admin.call("createUser", parent=GROUP_ID).removeprefix("OK\n\n")
    settings = sandbox.settings.rescue
    settings.mobile_seats = 0
    addon = {**USER, "node": node, "mobileaddon": "true", "rpataddon": "true"}
    assert admin.call("setUser_v2", **addon) == "NOT_ENOUGH_SEAT_LICENSES_AVAILABLE"
    settings.mobile_seats, settings.rpat_seats = 1, 0
    assert admin.call("setUser_v2", **addon) == "NOT_ENOUGH_SEAT_LICENSES_AVAILABLE"
    settings.rpat_seats, settings.standard_seats = 1, 2
    assert admin.call("setUser_v2", **addon) == "NOT_ENOUGH_SEAT_LICENSES_AVAILABLE"
    assert admin.call("setUserStatus_v7_1", node=node, status="Enabled") == "ERROR"
    settings.standard_seats = 3
    assert admin.call("setUser_v2", **addon) == "OK"
    assert admin.facts("getUser_v2", node=node)["HASRPATADDON"] == "True"


def test_on_and_off(admin: Admin) -> None:
    assert admin.call("setUserStatus_v7_1", node=SECOND_ID, status="disabled") == "OK"
    assert admin.facts("getUser", node=SECOND_ID)["STATUS"] == "Disabled"
    assert admin.call("setUserStatus_v7_1", node=SECOND_ID, status="Enabled") == "OK"
    assert admin.call("setUserStatus_v7_1", node=SECOND_ID, status="Away") == "INVALIDPARAM_STATUS"
    assert admin.call("setUserStatus_v7_1", node=CHANNEL_ID, status="enabled") == "INVALIDPARAM_NODE"


def test_sessions_of_who_is_gone_are_aborted(
    sandbox: Sandbox, admin: Admin, customer: Customer, technician: Technician
) -> None:
    session = customer.start_in_channel("Customer 1")
    Technician(sandbox.rescue_url, SECOND_ID).pick_up(session)
    assert admin.call("setUserStatus_v7_1", node=SECOND_ID, status="disabled") == "OK"
    assert sandbox.rescue.session(session).status == "Aborted: technician was deleted or disabled"


# groups


def test_a_group_and_its_permissions(admin: Admin) -> None:
    node = admin.call("createGroup", parent=TECHNICIANS_ID).removeprefix("OK\n\n")
    given = {"node": node, "name": "Third line", "status": "Enabled", "description": "Late"}
    limits = {"standardconcurrentlimit": 3, "mobileconcurrentlimit": 1}
    allowed = {"permission": "RemoteControl, RemoteView", "lockedpermission": "CallingCardDeployment"}
    assert admin.call("setGroup", **given, **limits, **allowed) == "OK"
    facts = admin.facts("getGroup", node=node)
    assert (facts["NAME"], facts["TYPE"], facts["ISENABLED"]) == ("Third line", "TechnicianGroup", "True")
    assert facts["PERMISSIONS"] == "RemoteControl, RemoteView,"
    assert facts["LOCKEDPERMISSIONS"] == "CallingCardDeployment,"
    assert "RPATCONCURRENTLIMIT" not in facts
    third = admin.facts("getGroup_v3", node=node)
    assert third["PERMISSIONS"] == "RemoteView, RemoteControlDesktop, RemoteControlMobile"
    assert (third["STANDARDCONCURRENTLIMIT"], third["RPATCONCURRENTLIMIT"]) == ("3", "0")
    assert admin.call("createGroup", parent=CHANNEL_ID) == "INVALIDPARAM_PARENT"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"node": OWNER_ID}, "INVALIDPARAM_NODE"),
        ({"name": ""}, "INVALIDPARAM_NAME"),
        ({"status": ""}, "INVALIDPARAM_STATUS"),
        ({"permission": ""}, "INVALIDPARAM_PERMISSION"),
        ({"permission": "RemoteControl"}, "INVALIDPARAM_PERMISSION"),
        ({"lockedpermission": "Everything"}, "INVALIDPARAM_LOCKEDPERMISSION"),
        ({"standardconcurrentlimit": 11}, "INVALIDPARAM_STANDARDCONCURRENTLIMIT"),
        ({"mobileconcurrentlimit": "x"}, "INVALIDPARAM_MOBILECONCURRENTLIMIT"),
        ({"rpatconcurrentlimit": ""}, "INVALIDPARAM_RPATCONCURRENTLIMIT"),
    ],
)
def test_what_a_group_cannot_become(admin: Admin, change: dict[str, object], code: str) -> None:
    limits = {"standardconcurrentlimit": 0, "mobileconcurrentlimit": 0, "rpatconcurrentlimit": 0}
    given = {"node": SECOND_GROUP_ID, "name": "Second", "status": "enabled", **limits, **change}
    assert admin.call("setGroup_v3", **given) == code


def test_nothing_is_enabled_below_a_disabled_group(sandbox: Sandbox, admin: Admin) -> None:
    limits = {"standardconcurrentlimit": 0, "mobileconcurrentlimit": 0}
    assert admin.call("setGroup", node=SECOND_GROUP_ID, name="Second", status="Disabled", **limits) == "OK"
    inner = admin.call("createGroup", parent=SECOND_GROUP_ID).removeprefix("OK\n\n")
    refused = "NODE_CANNOT_BE_ENABLED_BECAUSE_ITS_PARENT_NODE_IS_DISABLED"
    assert admin.call("setGroup", node=inner, name="Inner", status="Enabled", **limits) == refused
    node = admin.call("createUser", parent=inner).removeprefix("OK\n\n")
    assert admin.call("setUser", node=node, **USER) == refused
    assert admin.call("setUserStatus_v7_1", node=node, status="enabled") == "ERROR"


# moving, deleting, channels


def test_moving(admin: Admin) -> None:
    assert admin.call("moveNode", node=SECOND_ID, targetNode=SECOND_GROUP_ID) == "OK"
    (node,) = admin.blocks(isnode="true", node=SECOND_ID)
    assert node["ParentID"] == str(SECOND_GROUP_ID)
    assert admin.call("moveNode", node=LINK_ID, targetNode=SECOND_GROUP_ID) == "OK"
    assert admin.call("moveNode", node=1, targetNode=GROUP_ID) == "INVALIDPARAM_NODE"
    assert admin.call("moveNode", node=SECOND_ID, targetNode=1) == "INVALIDPARAM_TARGETNODE"


@pytest.mark.parametrize(
    ("node", "target"),
    [
        (SECOND_ID, ADMIN_GROUP_ID),
        (ADMINISTRATOR_ID, GROUP_ID),
        (GROUP_ID, ADMIN_GROUP_ID),
        (GROUP_ID, GROUP_ID),
        (CHANNEL_ID, GROUP_ID),
        (GROUP_LINK_ID, ADMIN_GROUP_ID),
    ],
)
def test_moves_that_make_no_sense(admin: Admin, node: int, target: int) -> None:
    assert admin.call("moveNode", node=node, targetNode=target) == "INVALID_MOVE"


def test_deleting(sandbox: Sandbox, admin: Admin) -> None:
    assert admin.call("deleteNode", node=SECOND_ID) == "OK"
    assert admin.call("getUser", node=SECOND_ID) == "INVALIDPARAM_NODE"
    assert SECOND_ID not in sandbox.rescue.technicians
    assert admin.call("deleteNode", node=SECOND_ID) == "INVALIDPARAM_NODE"
    for own in (OWNER_ID, GROUP_ID, ADMIN_ID, ROOT_NODE_ID):
        assert admin.call("deleteNode", node=own) == "INVALID_DELETE"


def test_channels_have_technicians(admin: Admin) -> None:
    there = {"ChannelID": SECOND_CHANNEL_ID}
    assert admin.call("isAnyTechAvailableOnChannel", **there) == "FALSE"
    assert admin.call("assignChannel", node=SECOND_ID, entry=SECOND_CHANNEL_ID) == "OK"
    assert admin.call("isAnyTechAvailableOnChannel", **there) == "TRUE"
    assert admin.call("unassignChannel", node=SECOND_ID, entry=SECOND_CHANNEL_ID) == "OK"
    assert admin.call("isAnyTechAvailableOnChannel", **there) == "FALSE"
    assert admin.call("unassignChannel", node=SECOND_ID, entry=SECOND_CHANNEL_ID) == "INVALID_DEASSIGN"
    assert admin.call("assignChannel", node=ADMIN_ID, entry=SECOND_CHANNEL_ID) == "INVALID_ASSIGN"
    assert admin.call("unassignChannel", node=1, entry=SECOND_CHANNEL_ID) == "INVALID_DEASSIGN"
    assert admin.call("assignChannel", entry=SECOND_CHANNEL_ID) == "INVALIDPARAM_NODE"
    assert admin.call("assignChannel", node=SECOND_ID, entry=GROUP_ID) == "INVALIDPARAM_ENTRY"


def test_away_and_busy_can_count_as_nobody(sandbox: Sandbox, admin: Admin) -> None:
    for one in sandbox.rescue.technicians.values():
        one.presence = "Away"
    assert admin.call("isAnyTechAvailableOnChannel", ChannelID=CHANNEL_ID) == "TRUE"
    excluded = admin.call("isAnyTechAvailableOnChannel", ChannelID=CHANNEL_ID, ExcludingAwayAndBusy="true")
    assert excluded == "FALSE"
    assert admin.call("isAnyTechAvailableOnChannel", ChannelID=GROUP_ID) == "ERROR"


# single sign-on


def test_a_login_ticket_opens_the_console_once(sandbox: Sandbox, admin: Admin) -> None:
    settings = sandbox.settings.rescue
    known = {"ssoid": settings.sso_id, "Password": settings.sso_password, "CompanyID": settings.company_id}
    answer = admin.client.get("/SSO/GetLoginTicket.aspx", params=known).text
    link = answer.removeprefix("OK:")
    assert link.startswith(f"{sandbox.rescue_url}/SSO/Login.aspx?Ticket=")
    entered = admin.client.get(link)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/technician")
    assert admin.client.get("/API/getAccount.aspx").text.startswith("OK")
    assert admin.client.get(link).status_code == 403


def test_a_ticket_for_the_desktop(sandbox: Sandbox, admin: Admin) -> None:
    settings = sandbox.settings.rescue
    sandbox.rescue.owner.console_open = False
    known = {"ssoid": settings.sso_id, "Password": settings.sso_password, "CompanyID": settings.company_id}
    link = admin.client.get("/SSO/GetDTCLoginTicket.aspx", params={**known, "arch": "64"}).text
    values = parse_qs(urlsplit(link).query)
    assert (values["companyid"], values["arch"]) == ([settings.company_id], ["64"])
    assert admin.client.get(link).status_code == 200
    assert sandbox.rescue.owner.console_open


@pytest.mark.parametrize("name", ["GetLoginTicket", "GetDTCLoginTicket"])
def test_tickets_that_are_refused(sandbox: Sandbox, admin: Admin, name: str) -> None:
    settings = sandbox.settings.rescue
    known = {"ssoid": settings.sso_id, "Password": settings.sso_password, "CompanyID": settings.company_id}
    for change, code in (
        ({"ssoid": ""}, "MISSINGPARAMETERS"),
        ({"CompanyID": "1"}, "INVALIDCOMPANYID"),
        ({"Password": "wrong"}, "INVALIDPASSWORD"),
        ({"ssoid": "nobody"}, "INVALIDPASSWORD"),
    ):
        assert admin.client.get(f"/SSO/{name}.aspx", params={**known, **change}).text == code
