"""Every documented output is read into its field, from replies as Rescue gives them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from bridge.errors import Rejected
from connectors.http import Reply
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.directory import Account, Group, HierarchyNode, User
from connectors.platforms.rescue.invitations import LensPin
from connectors.platforms.rescue.listing import SessionListing, SessionRow
from connectors.platforms.rescue.replies import EmailText
from connectors.platforms.rescue.tickets import LoginTicket
from connectors.platforms.rescue.words import NodeStatus, NodeType, SessionState
from tests.connectors.rescue.calls import BY_SOAP, CALLS, PASSWORD, REPLIES, answered, captured, house

USER: dict[str, Any] = {
    "id": "337366",
    "name": "Technician 1",
    "nick": "Tech: One",
    "email": "technician1@example.com",
    "sso_id": "123456",
    "description": "Second floor",
    "type": NodeType.TECHNICIAN,
    "status": NodeStatus.ONLINE,
    "has_mobile_addon": False,
    "is_account_holder": True,
}
GROUP: dict[str, Any] = {
    "id": "337364",
    "name": "Technician Group 1",
    "description": "Hours: 9-17",
    "type": NodeType.TECHNICIAN_GROUP,
    "locked_permissions": ("CallingCardDeployment",),
    "enabled": True,
    "standard_limit": 10,
    "mobile_limit": 5,
}
NODES = (
    HierarchyNode(
        "337364",
        "337363",
        "Technician Group 1",
        "",
        "First line: hours",
        NodeStatus.OFFLINE,
        NodeType.TECHNICIAN_GROUP,
    ),
    HierarchyNode(
        "671835", "337364", "Technician 1", "technician1@example.com", "", NodeStatus.ONLINE, NodeType.TECHNICIAN
    ),
)
FIELDS = {"cfield0": "Customer 1", "cfield1": "Drive", "cfield2": "Room 1"}
MORE = {"cfield3": "a", "cfield4": "b", "cfield5": "c"}


def row(told: dict[str, str], **more: Any) -> SessionListing:
    known: dict[str, Any] = {
        "session_id": "1663112",
        "status": "Transferring",
        "channel_id": "1902861082",
        "channel": "Help",
        "technician_id": "337366",
        "technician": "Technician 1",
        "start_time": "2/16/2026 9:00 AM",
        "waiting_seconds": 13,
        "language": "en",
        "transferred_to": "Technician 2",
        "transferred_comment": "knows it",
        "is_lead": True,
        "handing_off": True,
    }
    return SessionListing((SessionRow(**{**known, "fields": told, **more}),))


BY_ENUM: dict[str, Any] = {"state": SessionState.TRANSFERRING, "start_time": "2/16/2026 9:00:37 AM"}
IN_SOAP = {**FIELDS, "cfield0": "Customer | 1"}

READ: dict[str, Any] = {
    "getAccount": Account("560961", "Example: Support", "337365", "337366", "technician1@example.com"),
    "getHierarchy": NODES,
    "getHierarchy_v2": NODES,
    "getLoginTicket": LoginTicket("https://rescue.example.com/SSO/Login.aspx?Ticket=made-up-ticket-1"),
    "getDTCLoginTicket": LoginTicket(
        "https://rescue.example.com/TechConsole/DesktopApp/DownloadSSO.aspx"
        "?companyid=654321&ticket=made-up-ticket-2&arch=64"
    ),
    "createUser": "671836",
    "getUser": User(**USER),
    "getUser_v2": User(**USER, has_rpat_addon=True),
    "getUser_v3": User(**USER, has_rpat_addon=True),
    "createGroup": "671837",
    "getGroup": Group(**GROUP, permissions=("RemoteControl", "RemoteView", "EditCustomField")),
    "getGroup_v2": Group(**GROUP, permissions=("RemoteControl", "RemoteView", "EditCustomField"), rpat_limit=3),
    "getGroup_v3": Group(**GROUP, permissions=("RemoteControlDesktop", "RemoteView", "EditCustomField"), rpat_limit=3),
    # The oldest calls give a number: leading zeros are lost on the way.
    "requestPINCode": "012345",
    "requestPINCode_v2": "012345",
    "requestPINCode_v3": "012345",
    "requestLensPINCode": LensPin("012345"),
    "requestLensPINCode_v2": LensPin("012345"),
    "requestLensPINCode_v3": LensPin("012345"),
    "requestLensPINCode_v4": LensPin("012345"),
    "getPINCode": "012345",
    "generateEmailText": EmailText(
        "Connection email link",
        "Please click the link below:\nLINK:is meant",
        "https://rescue.example.com/R?i=2&Code=123456",
        "Best regards,\nSupport",
    ),
    "getSession": row(FIELDS),
    "getSession_v2": row(FIELDS),
    "getSession_v3": row({**FIELDS, **MORE}),
    "isAnyTechAvailableOnChannel": True,
    "getChat": "10:09 AM Connected to Applet\n10:09 AM Technician 1: Hello\n10:10 AM Customer 1: CHATLOG:again",
    "getNote": "Customer had an issue.\nNOTE:solved",
}
READ_BY_SOAP: dict[str, Any] = {
    "getSession": row(IN_SOAP, **BY_ENUM),
    "getSession_v2": row(IN_SOAP, **BY_ENUM),
    "getSession_v3": row({**IN_SOAP, **MORE}, **BY_ENUM),
    "isAnyTechAvailableOnChannel": True,
    "requestLensPINCode_v4": LensPin("012345"),
}
SILENT = [name for name, method in METHODS.items() if name in CALLS and not method.outputs]
OUTPUTS = [(name, output) for name, method in METHODS.items() for output in method.outputs]


def file(name: str) -> str:
    method = METHODS[name]
    if name == "getPINCode":
        return f"{name}.html"
    return f"{name}.txt" if method.address else f"{method.operation}.xml"


@pytest.mark.parametrize("name", READ)
def test_a_reply_is_read(name: str) -> None:
    with house(answered(name, captured(file(name)))) as calls:
        found = CALLS[name](calls)
    assert found == READ[name]
    assert not any(secret in repr(found) for secret in ("012345", "made-up-ticket", PASSWORD)) or found == "012345"


@pytest.mark.parametrize("name", READ_BY_SOAP)
def test_a_reply_by_soap_is_read(name: str) -> None:
    with house(answered(name, captured(f"{METHODS[name].operation}.xml"), soap=True)) as calls:
        assert BY_SOAP[name](calls) == READ_BY_SOAP[name]


@pytest.mark.parametrize("name", SILENT)
def test_a_bare_ok_is_a_success(name: str) -> None:
    with house(answered(name, captured(file(name)))) as calls:
        assert CALLS[name](calls) is None


def test_many_new_users_each_have_a_result() -> None:
    with house(answered("createUsers", captured("createUsers.xml"))) as calls:
        created = CALLS["createUsers"](calls)
    assert created.state == "PARTIALLY_PROCESSED"
    assert [(user.unique_id, user.id, user.code, user.problem is None) for user in created.users] == [
        (1, "671840", "OK", True),
        (2, "", "INVALIDPARAM_EMAIL_ALREADY_IN_USE", False),
        (3, "671841", "CREATED_BUT_NOTIFICATION_EMAIL_NOT_SENT", False),
    ]


def test_an_authcode_is_read() -> None:
    for name in ("requestAuthCode", "requestAuthCodeSSO"):
        reply = Reply(200, content=(REPLIES / f"{name}.txt").read_bytes())
        assert replies.authcode_of(reply) == "made-up-authcode-9876543210"


def _changed_value(value: str) -> str:
    """Another value of the same kind."""
    if value.strip().isdecimal():
        return "4711"
    return {"True": "False", "False": "True", "yes": "", "TRUE": "FALSE", "": "x"}.get(value.strip(), f"{value}x")


def _changed_cell(text: str, output: str) -> str:
    head, header, line, *rest = re.split(r"(?<=\n)(?=ID\||1663112\|)", text)
    number = header.strip().split("|").index(output)
    cells = line.split("|")
    cells[number] = _changed_value(cells[number])
    return "".join((head, header, "|".join(cells), *rest))


ELEMENTS = {"nodeId": "iNodeId", "uniqueId": "iUniqueId", "PINCODE": "sPINCode"}


def changed(name: str, output: str) -> str:
    """The reply with another value as that output."""
    text = (REPLIES / file(name)).read_bytes().decode()
    if name.startswith("getSession"):
        return _changed_cell(text, output)
    if output in ("OK:[link]", "[link]"):
        return f"{text}x"
    if output in ("[new person nodeid]", "[new group nodeid]"):
        return re.sub("[0-9]+", "4711", text)
    if output == "6-digit PIN code":
        return text.replace("012345", "004711")
    if name == "isAnyTechAvailableOnChannel":
        return _changed_value(text)
    if output == "SMS_RESULT":
        return text.replace("sendInvitationForMobileSession_OK", "sendInvitationForMobileSession_No_More_SMS")
    if not METHODS[name].address:
        element = ELEMENTS.get(output, output)
        return re.sub(rf"(<{element}>)([^<]*)", lambda one: one[1] + _changed_value(one[2]), text, count=1)
    key = rf"(?m)^((?:OK:)?{re.escape(output)}:[ \t]*)(.*)$"
    return re.sub(key, lambda one: one[1] + _changed_value(one[2]), text, count=1)


@pytest.mark.parametrize(("name", "output"), OUTPUTS, ids=[f"{name}-{output}" for name, output in OUTPUTS])
def test_another_output_is_read_as_another_value(name: str, output: str) -> None:
    text = changed(name, output)
    before = (REPLIES / file(name)).read_bytes().decode()
    assert text != before
    if name in ("requestAuthCode", "requestAuthCodeSSO"):
        codes = [replies.authcode_of(Reply(200, content=one.encode())) for one in (before, text)]
        assert codes[0] != codes[1]
        return
    assert read(name, text) != read(name, before)


def read(name: str, text: str) -> Any:
    with house(answered(name, httpx.Response(200, content=text.encode()))) as calls:
        try:
            return CALLS[name](calls)
        except Rejected as refused:
            return refused.code
