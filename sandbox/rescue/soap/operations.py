"""Every operation: its parameters by their names on the wire, what it does, and what it gives out.

Source: the PHP and C# samples of the Rescue API Reference Guide and clients of the service. Operations of reports
are not in the guide; the names of their parameters were seen in clients, but for dates and times, which are guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from sandbox.rescue.asked import Asked
from sandbox.rescue.listing import rows
from sandbox.rescue.methods import actions, groups, hierarchy, invitations, reports, sessions, signin, users
from sandbox.rescue.methods.caller import caller, version_of
from sandbox.rescue.soap import shapes
from sandbox.rescue.soap.envelope import Element, children
from sandbox.rescue.soap.kinds import STATUS, Parameter, boolean, integer, text, values
from sandbox.rescue.soap.parameters import (
    AUTHCODE,
    CHANNEL,
    DATES,
    FOR_NODE,
    GROUP,
    HIERARCHY,
    NEW_USER,
    NODE,
    PIN,
    REPORT_NODE,
    RPAT_LIMIT,
    SESSION,
    SMS,
    USER,
)
from sandbox.rescue.state import RescueState

Outs = Sequence[Element]
Run = Callable[[RescueState, Asked], Outs]


@dataclass(frozen=True, slots=True)
class Operation:
    """`refused` is what stands after the result when the call is refused: numbers are 0, the rest is missing."""

    run: Run
    parameters: dict[str, Parameter] = field(default_factory=dict)
    refused: Outs = ()


def create_users(state: RescueState, asked: Asked, call: etree._Element) -> list[Element]:
    """What stands inside createUsersResult: the state of all, and that of each."""
    given = [values(one, NEW_USER) for one in call.iter() if _is_user(one)]
    whole, made = users.create_users(state, asked, given)
    return [("state", whole), shapes.created(made)]


def _is_user(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and etree.QName(element).localname == "USERDATA" and any(children(element))


def _nothing(method: Callable[[RescueState, Asked], object]) -> Run:
    def run(state: RescueState, asked: Asked) -> Outs:
        method(state, asked)
        return ()

    return run


def _number(name: str, method: Callable[[RescueState, Asked], int]) -> Run:
    return lambda state, asked: [(name, str(method(state, asked)))]


def _body(name: str, method: Callable[[RescueState, Asked], str]) -> Run:
    """What stands after the OK of a text method."""

    def run(state: RescueState, asked: Asked) -> Outs:
        return [(name, method(state, asked).removeprefix("OK\n\n").partition(":")[2])]

    return run


def _account(state: RescueState, asked: Asked) -> Outs:
    found = signin.account(state, caller(state, asked))
    names = ("iAccountID", "sOrganization", "iAdminID", "iTechID", "sEmail")
    return list(zip(names, found.values(), strict=True))


def _hierarchy(state: RescueState, asked: Asked) -> Outs:
    return [shapes.hierarchy(hierarchy.hierarchy(state, asked))]


def _user(state: RescueState, asked: Asked) -> Outs:
    return [shapes.user(users.asked_user(state, asked), version_of(asked))]


def _group(state: RescueState, asked: Asked) -> Outs:
    return [shapes.group(groups.asked_group(state, asked), version_of(asked))]


def _pin_number(state: RescueState, asked: Asked) -> Outs:
    # An int: leading zeros are lost.
    return [("iPINCode", str(int(invitations.pin(state, asked).code)))]


def _pin(state: RescueState, asked: Asked) -> Outs:
    return [("sPINCode", invitations.pin(state, asked).code)]


def _lens_with_sms(state: RescueState, asked: Asked) -> Outs:
    return [("iPINCode", str(int(invitations.lens_pin_with_sms(state, asked).code)))]


def _lens_and_sms(state: RescueState, asked: Asked) -> Outs:
    """The fourth version gives a PIN in any case, and says what became of the SMS."""
    issued, refused = invitations.pin(state, asked), invitations.sms(state, asked)
    if not refused:
        invitations.send_sms(state, asked, issued.code)
    outcome = f"sendInvitationForMobileSession_{refused or 'OK'}"
    return [("iPINCode", str(int(issued.code))), ("SMS_RESULT", outcome)]


def _email(state: RescueState, asked: Asked) -> Outs:
    pin = asked.get("pincode").zfill(6)
    found = invitations.email_text(state, replace(asked, values={**asked.values, "pincode": pin}))
    return list(zip(("sSubject", "sText", "sLink", "sSignature"), found.values(), strict=True))


def _sessions(state: RescueState, asked: Asked) -> Outs:
    caller(state, asked)
    version = version_of(asked)
    node = asked.get("node") if asked.get("node") != "0" else ""
    listed = rows(state, node, asked.get("noderef"), version)
    return [("aSessions", [shapes.session(state.settings, row, version) for row in listed])]


def _anybody(state: RescueState, asked: Asked) -> Outs:
    return [("bHasOnlineTechnicians", shapes.boolean(sessions.anybody_there(state, asked)))]


def _authcode(method: str) -> Run:
    return _body("sAuthCode", signin.METHODS[method])


def _report(state: RescueState, asked: Asked) -> Outs:
    return [("sReport", reports.METHODS["getreport"](state, asked).removeprefix("OK\n\n"))]


def _setter(method: str, **parameters: str) -> Operation:
    """`sDelimiter="delimiter"`: every parameter of a report is a text here."""
    own = {name: Parameter(value, text) for name, value in parameters.items()}
    return Operation(_nothing(reports.METHODS[method]), {**own, **AUTHCODE})


PIN_ZERO: Outs = [("iPINCode", "0")]
NODE_ZERO: Outs = [("iNewNodeID", "0")]

OPERATIONS: dict[str, Operation] = {
    "login": Operation(
        lambda state, asked: (), {"sEmail": Parameter("email", text), "sPassword": Parameter("pwd", text)}
    ),
    "logout": Operation(_nothing(signin.METHODS["logout"])),
    "requestAuthCode": Operation(
        _authcode("requestauthcode"), {"sEmail": Parameter("email", text), "sPassword": Parameter("pwd", text)}
    ),
    "requestAuthCodeSSO": Operation(
        _authcode("requestauthcodesso"),
        {
            "sSSOID": Parameter("ssoid", text),
            "sPassword": Parameter("pwd", text),
            "sCompany": Parameter("company", text),
        },
    ),
    "getAccount": Operation(_account, AUTHCODE, [("iAccountID", "0"), ("iAdminID", "0"), ("iTechID", "0")]),
    "getHierarchy": Operation(_hierarchy, HIERARCHY),
    "getHierarchy_v2": Operation(_hierarchy, {**HIERARCHY, "bFilterOffline": Parameter("filteroffline", boolean)}),
    "createUser": Operation(
        _number("iNewNodeID", hierarchy.create_user),
        {"iParentID": Parameter("parent", integer, "0"), **AUTHCODE},
        NODE_ZERO,
    ),
    "createGroup": Operation(
        _number("iNewNodeID", hierarchy.create_group),
        {"iParentID": Parameter("parent", integer, "0"), **AUTHCODE},
        NODE_ZERO,
    ),
    "getUser": Operation(_user, NODE),
    "getUser_v2": Operation(_user, NODE),
    "getUser_v3": Operation(
        _user, {"iNodeID": Parameter("node", integer), "sEmail": Parameter("email", text), **AUTHCODE}
    ),
    "setUser": Operation(_nothing(users.set_user), USER),
    "setUser_v2": Operation(_nothing(users.set_user), {**USER, "bRPATAddon": Parameter("rpataddon", boolean, "false")}),
    "setUserStatus_v7_1": Operation(
        _nothing(users.set_user_status), {**NODE, "eStatus": Parameter("status", STATUS, "enabled")}
    ),
    "getGroup": Operation(_group, NODE),
    "getGroup_v2": Operation(_group, NODE),
    "getGroup_v3": Operation(_group, NODE),
    "setGroup": Operation(_nothing(groups.set_group), GROUP),
    "setGroup_v2": Operation(_nothing(groups.set_group), {**GROUP, **RPAT_LIMIT}),
    "setGroup_v3": Operation(_nothing(groups.set_group), {**GROUP, **RPAT_LIMIT}),
    "moveNode": Operation(
        _nothing(hierarchy.move_node), {"iTargetNodeID": Parameter("targetnode", integer, "0"), **NODE}
    ),
    "deleteNode": Operation(_nothing(hierarchy.delete_node), NODE),
    "assignChannel": Operation(_nothing(hierarchy.assign_channel), CHANNEL),
    "unassignChannel": Operation(_nothing(hierarchy.assign_channel), CHANNEL),
    "generateEmailText": Operation(_email, {"iPINCode": Parameter("pincode", integer, "0"), **AUTHCODE}),
    "requestPINCode": Operation(_pin_number, PIN, PIN_ZERO),
    "requestPINCodeV2": Operation(_pin, PIN),
    "requestPINCodeV3": Operation(_pin, {**PIN, **FOR_NODE}),
    "requestLensPINCode": Operation(_pin_number, PIN, PIN_ZERO),
    "requestLensPINCode_v2": Operation(_pin_number, PIN, PIN_ZERO),
    "requestLensPINCode_v3": Operation(_lens_with_sms, {**PIN, **SMS}, PIN_ZERO),
    "requestLensPINCode_v4": Operation(_lens_and_sms, {**PIN, **SMS, **FOR_NODE}, PIN_ZERO),
    "getSession": Operation(_sessions, REPORT_NODE),
    "getSession_V2": Operation(_sessions, REPORT_NODE),
    "getSession_V3": Operation(_sessions, REPORT_NODE),
    "startSession": Operation(_nothing(actions.start), {**SESSION, "iNodeID": Parameter("node", integer, "0")}),
    "holdSession": Operation(_nothing(actions.hold), SESSION),
    "transferSession": Operation(
        _nothing(actions.transfer), {**SESSION, **REPORT_NODE, "sComment": Parameter("comment", text)}
    ),
    "closeSession": Operation(_nothing(actions.close), SESSION),
    "cancelAction": Operation(_nothing(actions.cancel), SESSION),
    "isAnyTechAvailableOnChannel": Operation(
        _anybody,
        {
            "iChannelID": Parameter("channelid", integer, "0"),
            "bExcludingAwayAndBusy": Parameter("excludingawayandbusy", boolean, "false"),
            **AUTHCODE,
        },
        [("bHasOnlineTechnicians", "false")],
    ),
    "getChat": Operation(_body("sChatLog", sessions.METHODS["getchat"]), SESSION),
    "getNote": Operation(_body("sNote", sessions.METHODS["getnote"]), SESSION),
    "setReportArea": _setter("setreportarea", eReportArea="area"),
    "setReportArea_v2": _setter("setreportarea_v2", eReportArea="area"),
    "setReportArea_v8": _setter("setreportarea_v8", eReportArea="area"),
    "setReportDate": _setter("setreportdate", **DATES),
    "setReportDate_v2": _setter("setreportdate_v2", **DATES),
    "setReportTime": _setter("setreporttime", sBeginTime="btime", sEndTime="etime"),
    "setTimezone": _setter("settimezone", sTimezone="timezone"),
    "setOutput": _setter("setoutput", eOutput="output"),
    "setDelimiter": _setter("setdelimiter", sDelimiter="delimiter"),
    "setReportType": _setter("setreporttype", eReportType="type"),
    "getReport": Operation(_report, REPORT_NODE),
    "getReport_v2": Operation(_report, REPORT_NODE),
}
