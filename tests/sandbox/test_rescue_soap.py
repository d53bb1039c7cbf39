"""The pretend Rescue by SOAP 1.1, with envelopes written by hand."""

from __future__ import annotations

import httpx
import pytest
from lxml import etree

from sandbox.driver import Customer, Technician
from sandbox.rescue.soap.envelope import NAMESPACE
from sandbox.rescue.soap.operations import OPERATIONS
from sandbox.rescue.tree import CHANNEL_ID, GROUP_ID, OWNER_ID, ROOT_NODE_ID, SECOND_GROUP_ID, SECOND_ID
from sandbox.serve import Sandbox

ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    '<soap:Body><{name} xmlns="{namespace}">{inside}</{name}></soap:Body></soap:Envelope>'
)
LENS_NUMBER = "+1 202 555 0143"


class Soap:
    """Somebody with the account's authcode."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = httpx.Client(base_url=sandbox.rescue_url, trust_env=False)
        self.authcode = f"<sAuthCode>{sandbox.settings.rescue.authcode}</sAuthCode>"

    def post(self, name: str, inside: str, action: str | None = None, namespace: str = NAMESPACE) -> httpx.Response:
        body = ENVELOPE.format(name=name, namespace=namespace, inside=inside)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action or f'"{NAMESPACE}/{name}"'}
        return self.client.post("/API/API.asmx", content=body.encode(), headers=headers)

    def call(self, name: str, inside: str = "", *, signed: bool = True) -> etree._Element:
        """The element <name>Response, without its namespace."""
        answer = self.post(name, inside + (self.authcode if signed else ""))
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/xml")
        root = etree.fromstring(answer.content)
        for element in root.iter():
            element.tag = etree.QName(element).localname
        (response,) = root.findall("Body/*")
        assert response.tag == f"{name}Response"
        return response

    def result(self, name: str, inside: str = "", *, signed: bool = True) -> str:
        return self.call(name, inside, signed=signed).findtext(f"{name}Result") or ""


@pytest.fixture
def soap(sandbox: Sandbox) -> Soap:
    return Soap(sandbox)


# envelopes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"action": f'"{NAMESPACE}/getEverything"'}, "The request element was not recognized"),
        ({"action": "getAccount"}, "did not recognize the value of HTTP Header SOAPAction"),
        ({"namespace": "urn:else"}, "The request element was not recognized"),
    ],
)
def test_action_and_body_must_agree(soap: Soap, change: dict[str, str], words: str) -> None:
    answer = soap.post("getAccount", soap.authcode, **change)
    assert answer.status_code == 500
    assert "<faultcode>soap:Client</faultcode>" in answer.text
    assert words in answer.text


def test_what_is_no_operation_is_a_fault(soap: Soap) -> None:
    answer = soap.post("getEverything", "")
    assert answer.status_code == 500
    assert "getEverything" in answer.text
    headers = {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/getAccount"}
    assert soap.client.post("/API/API.asmx", content=b"<no", headers=headers).status_code == 500
    assert soap.client.post("/API/API.asmx", json={}).status_code == 415


def test_entities_are_not_read(soap: Soap) -> None:
    inside = "<sAuthCode>&x;</sAuthCode></getAccount></soap:Body></soap:Envelope>"
    body = ENVELOPE.format(name="getAccount", namespace=NAMESPACE, inside="").split("</getAccount>")[0] + inside
    evil = body.replace("<soap:Envelope", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><soap:Envelope', 1)
    headers = {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/getAccount"}
    answer = soap.client.post("/API/API.asmx", content=evil.encode(), headers=headers)
    assert "getAccount_NotLoggedIn" in answer.text


def test_values_of_the_wrong_type_are_faults(soap: Soap) -> None:
    for name, inside in (
        ("getUser", "<iNodeID>x</iNodeID>"),
        ("getSession_V3", f"<iNodeID>{OWNER_ID}</iNodeID><eNodeRef>node</eNodeRef>"),
        ("setUserStatus_v7_1", "<eStatus>disabled</eStatus>"),
        ("requestPINCode", "<bNoTechConsole>yes</bNoTechConsole>"),
    ):
        assert soap.post(name, inside + soap.authcode).status_code == 500


def test_parameters_outside_the_namespace_are_overlooked(soap: Soap) -> None:
    inside = soap.authcode.replace("<sAuthCode>", '<sAuthCode xmlns="">')
    assert soap.result("getAccount", inside, signed=False) == "getAccount_NotLoggedIn"


@pytest.mark.parametrize("address", ["/api/api.asmx", "/api/API.asmx"])
def test_the_address_in_any_case(soap: Soap, address: str) -> None:
    body = ENVELOPE.format(name="getAccount", namespace=NAMESPACE, inside=soap.authcode)
    headers = {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/getAccount"}
    assert "getAccount_OK" in soap.client.post(address, content=body, headers=headers).text


# signing in


def test_a_login_by_soap_is_a_cookie(sandbox: Sandbox, soap: Soap) -> None:
    settings = sandbox.settings.rescue
    known = f"<sEmail>{settings.email}</sEmail><sPassword>{settings.password}</sPassword>"
    assert soap.result("getAccount", signed=False) == "getAccount_NotLoggedIn"
    assert soap.result("login", known, signed=False) == "login_OK"
    account = soap.call("getAccount", signed=False)
    assert (account.findtext("iAdminID"), account.findtext("sEmail")) == ("337365", settings.email)
    assert soap.result("logout", signed=False) == "logout_OK"
    assert soap.result("logout", signed=False) == "logout_NotLoggedIn"
    assert soap.result("login", "<sEmail>x</sEmail>", signed=False) == "login_Invalid"


def test_an_authcode_by_soap(sandbox: Sandbox, soap: Soap) -> None:
    settings = sandbox.settings.rescue
    known = f"<sEmail>{settings.email}</sEmail><sPassword>{settings.password}</sPassword>"
    answer = soap.call("requestAuthCode", known, signed=False)
    assert answer.findtext("requestAuthCodeResult") == "requestAuthCode_OK"
    code = f"<sAuthCode>{answer.findtext('sAuthCode')}</sAuthCode>"
    assert soap.result("getAccount", code, signed=False) == "getAccount_OK"
    assert soap.result("getAccount") == "getAccount_Invalid_SecretAuthCode"
    assert soap.result("requestAuthCode", known, signed=False) == "requestAuthCode_PollRateExceeded"


# PINs


def test_the_oldest_pin_is_a_number(sandbox: Sandbox, soap: Soap) -> None:
    sandbox.settings.rescue.next_pins = ["012345", "000042", "000007"]
    first = soap.call("requestPINCode", "<sCField0>Zoë</sCField0><sTracking0>T-1</sTracking0>")
    assert (first.findtext("requestPINCodeResult"), first.findtext("iPINCode")) == ("requestPINCode_OK", "12345")
    assert sandbox.rescue.pins["012345"].fields[0] == "Zoë"
    assert soap.call("requestPINCodeV2").findtext("sPINCode") == "000042"
    assert soap.call("requestPINCodeV3", f"<iNodeID>{SECOND_ID}</iNodeID>").findtext("sPINCode") == "000007"
    assert sandbox.rescue.pins["000007"].technician.id == SECOND_ID
    email = soap.call("generateEmailText", "<iPINCode>12345</iPINCode>")
    assert (email.findtext("sLink") or "").endswith("Code=012345")


def test_pins_that_are_refused(sandbox: Sandbox, soap: Soap) -> None:
    sandbox.rescue.owner.console_open = False
    refused = soap.call("requestPINCode")
    assert refused.findtext("requestPINCodeResult") == "requestPINCode_NoTechConsoleRunning"
    assert refused.findtext("iPINCode") == "0"
    assert soap.call("requestPINCodeV3").find("sPINCode") is None
    assert soap.result("requestPINCodeV3", "<bNoTechConsole>true</bNoTechConsole>") == "requestPINCode_OK"
    sandbox.settings.rescue.pin_versions = frozenset({1})
    assert soap.post("requestPINCodeV3", soap.authcode).status_code == 500


def test_lens_by_soap(sandbox: Sandbox, soap: Soap) -> None:
    number = f"<sPhoneNumber>{LENS_NUMBER}</sPhoneNumber><sLangCode>de</sLangCode>"
    answer = soap.call("requestLensPINCode_v4", f"{number}<iNodeID>{SECOND_ID}</iNodeID>")
    assert answer.findtext("requestLensPINCode_v4Result") == "requestLensPINCode_OK"
    assert answer.findtext("SMS_RESULT") == "sendInvitationForMobileSession_OK"
    (sms,) = sandbox.rescue.sent_sms
    assert (sms.language, int(sms.pin)) == ("de", int(answer.findtext("iPINCode") or ""))
    sandbox.settings.rescue.sms_left = 0
    fourth = soap.call("requestLensPINCode_v4", number)
    assert fourth.findtext("SMS_RESULT") == "sendInvitationForMobileSession_NO_MORE_SMS"
    assert fourth.findtext("requestLensPINCode_v4Result") == "requestLensPINCode_OK"
    third = soap.result("requestLensPINCode_v3", number)
    assert third == "requestLensPINCode_No_More_Sms"
    sandbox.rescue.owner.lens = False
    assert soap.result("requestLensPINCode") == "requestLensPINCode_NoAccessToLens"


# sessions


@pytest.mark.parametrize(
    ("version", "row", "fields"), [("", "SESSION", 3), ("_V2", "SESSION_V2", 3), ("_V3", "SESSION_V3", 6)]
)
def test_sessions_have_an_enumeration(
    sandbox: Sandbox, soap: Soap, customer: Customer, technician: Technician, version: str, row: str, fields: int
) -> None:
    sandbox.settings.rescue.language = "pt"
    session = customer.start_in_channel("a|b <&>")
    technician.pick_up(session)
    technician.ask_to_join(SECOND_ID)
    answer = soap.call(f"getSession{version}", f"<iNodeID>{ROOT_NODE_ID}</iNodeID><eNodeRef>NODE</eNodeRef>")
    assert answer.findtext(f"getSession{version}Result") == "getSession_OK"
    first, second = answer.findall(f"aSessions/{row}")
    facts = {element.tag: element.text for element in first}
    assert (facts["iID"], facts["bStatus"], facts["sStatus"]) == (str(session), "SESSION_PICKEDUP", "Ativo")
    assert (facts["sCustomField0"], facts["bIsLead"], facts["bHandingOff"]) == ("a|b <&>", "true", "false")
    assert (facts["iEntry"], facts["sEntry"]) == (str(CHANNEL_ID), "Support channel")
    assert sum(str(name).startswith("sCustomField") for name in facts) == fields
    assert (second.findtext("iTechnician"), second.findtext("bIsLead")) == (str(SECOND_ID), "false")


def test_no_session_is_an_empty_list(soap: Soap) -> None:
    answer = soap.call("getSession_V3", f"<iNodeID>{ROOT_NODE_ID}</iNodeID>")
    assert len(answer.findall("aSessions")) == 1
    assert len(answer.findall("aSessions/*")) == 0
    refused = soap.call("getSession_V3", "<iNodeID>1</iNodeID>")
    assert refused.findtext("getSession_V3Result") == "getSession_InvalidParam_NodeID"
    assert refused.find("aSessions") is None


def test_actions_by_soap(sandbox: Sandbox, soap: Soap, customer: Customer) -> None:
    session = customer.start_in_channel("Customer 1")
    one, short = f"<iSessionID>{session}</iSessionID>", f"<iSession>{session}</iSession>"
    assert soap.result("startSession", f"{one}<iNodeID>{OWNER_ID}</iNodeID>") == "startSessionRet_OK"
    assert soap.result("startSession", f"{one}<iNodeID>{OWNER_ID}</iNodeID>") == "startSessionRet_ActionFailed"
    assert soap.result("holdSession", one) == "holdSession_OK"
    moved = f"{one}<iNodeID>{SECOND_ID}</iNodeID><eNodeRef>NODE</eNodeRef><sComment>Escalating</sComment>"
    assert soap.result("transferSession", moved) == "transferSession_OK"
    assert sandbox.rescue.session(session).transfer_comment == "Escalating"
    assert soap.result("cancelAction", short) == "cancelAction_OK"
    assert soap.result("closeSession", short) == "closeSession_OK"
    assert soap.result("closeSession", one, signed=False) == "closeSession_NotLoggedInAsAdmin"
    assert soap.result("holdSession") == "holdSession_InvalidParam_SessionID"


def test_chat_and_note_by_soap(soap: Soap, customer: Customer, technician: Technician) -> None:
    session = customer.start_in_channel("Customer 1")
    technician.pick_up(session)
    customer.say("it is: broken")
    technician.note("line: one\ntwo")
    one = f"<iSessionID>{session}</iSessionID>"
    assert (soap.call("getChat", one).findtext("sChatLog") or "").endswith("Customer 1: it is: broken")
    note = soap.call("getNote", one)
    assert (note.findtext("getNoteResult"), note.findtext("sNote")) == ("getNote_OK", "line: one\ntwo")
    assert soap.result("getNote", "<iSessionID>1</iSessionID>") == "getNote_Error"


def test_is_anybody_there_by_soap(soap: Soap) -> None:
    answer = soap.call("isAnyTechAvailableOnChannel", f"<iChannelID>{CHANNEL_ID}</iChannelID>")
    assert answer.findtext("isAnyTechAvailableOnChannelResult") == "isAnyTechAvailableOnChannel_OK"
    assert answer.findtext("bHasOnlineTechnicians") == "true"
    assert soap.call("isAnyTechAvailableOnChannel").findtext("bHasOnlineTechnicians") == "false"


# the tree


def test_the_tree_by_soap(soap: Soap) -> None:
    answer = soap.call("getHierarchy")
    assert answer.findtext("getHierarchyResult") == "OK"
    assert answer.findtext("aHierarchy/HIERARCHY/eType") == "Root"
    second = soap.call("getHierarchy_v2", f"<bIsNode>true</bIsNode><iNodeID>{GROUP_ID}</iNodeID>")
    assert [one.findtext("sName") for one in second.findall("aHierarchy/HIERARCHY")] == ["Support"]
    assert soap.result("getHierarchy_v2", "<bIsNode>true</bIsNode>") == "getHierarchy_InvalidParam_NodeID"


def test_users_and_groups_by_soap(soap: Soap) -> None:
    made = soap.call("createUser", f"<iParentID>{GROUP_ID}</iParentID>")
    node = f"<iNodeID>{made.findtext('iNewNodeID')}</iNodeID>"
    given = f"{node}<sName>Technician 3</sName><sEmail>technician3@example.com</sEmail><eStatus>Enabled</eStatus>"
    assert soap.result("setUser_v2", f"{given}<eAddons>False</eAddons><bRPATAddon>true</bRPATAddon>") == "setUser_OK"
    user = soap.call("getUser_v2", node)
    assert (user.findtext("oUserV2/sName"), user.findtext("oUserV2/bHasRPATAddon")) == ("Technician 3", "true")
    assert soap.call("getUser_v3", "<sEmail>technician3@example.com</sEmail>").findtext("oUserV2/eStatus") == "Offline"
    assert soap.result("setUserStatus_v7_1", f"{node}<eStatus>Disabled</eStatus>") == "OK"
    assert soap.result("setUserStatus_v7_1", "<eStatus>Disabled</eStatus>") == "INVALIDPARAM_NODE"
    assert soap.result("moveNode", f"{node}<iTargetNodeID>{SECOND_GROUP_ID}</iTargetNodeID>") == "moveNode_OK"
    assert soap.result("deleteNode", node) == "deleteNode_OK"
    assert soap.call("createUser", "<iParentID>1</iParentID>").findtext("iNewNodeID") == "0"
    permissions = (
        "<NODE_PERMISSIONS_V4>RemoteView</NODE_PERMISSIONS_V4><NODE_PERMISSIONS_V4>SendFile</NODE_PERMISSIONS_V4>"
    )
    changed = f"<iNodeID>{GROUP_ID}</iNodeID><sName>Support</sName><aPermission>{permissions}</aPermission>"
    assert soap.result("setGroup_v3", changed) == "setGroup_OK"
    group = soap.call("getGroup_v3", f"<iNodeID>{GROUP_ID}</iNodeID>")
    listed = [one.text for one in group.findall("oGroupV3/aPermission/NODE_PERMISSIONS_V4")]
    assert listed == ["RemoteView", "SendFile"]


# many users


def new_user(number: int, **change: str) -> str:
    given = {
        "iUniqueId": str(number),
        "iParentID": str(GROUP_ID),
        "sName": f"Technician {number}",
        "sEmail": f"technician{number}@example.com",
        "sPwd": "Made-Up-4711",
        "sConfPwd": "Made-Up-4711",
        "eStatus": "Enabled",
        "eAddOns": "False",
        **change,
    }
    return f"<USERDATA>{''.join(f'<{name}>{value}</{name}>' for name, value in given.items())}</USERDATA>"


def created(soap: Soap, *users: str) -> tuple[str, list[tuple[str, bool]]]:
    answer = soap.call("createUsers", f"<aUserData>{''.join(users)}</aUserData>")
    infos = answer.findall("createUsersResult/createUserInfos/CREATEUSERINFO")
    states = [(one.findtext("userState") or "", one.findtext("iNodeId") != "0") for one in infos]
    return answer.findtext("createUsersResult/state") or "", states


def test_many_users_at_once(sandbox: Sandbox, soap: Soap) -> None:
    assert created(soap, new_user(11), new_user(12, sSSOID="1212")) == ("OK", [("OK", True), ("OK", True)])
    assert sandbox.rescue.technician_by_sso("1212") is not None
    state, states = created(soap, new_user(13), new_user(14, iParentID=str(CHANNEL_ID)))
    assert (state, states) == ("PARTIALLY_PROCESSED", [("OK", True), ("INVALIDPARAM_PARENTID", False)])
    assert created(soap, new_user(15, sName=""))[0] == "ERROR"


def test_users_are_made_even_if_nobody_is_told(sandbox: Sandbox, soap: Soap) -> None:
    sandbox.settings.rescue.notifications = False
    assert created(soap, new_user(11)) == ("OK", [("CREATED_BUT_NOTIFICATION_EMAIL_NOT_SENT", True)])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iUniqueId": "0"}, "INVALIDPARAM_UNIQUEID_IS_ZERO_OR_LESS"),
        ({"iParentID": "-1"}, "INVALIDPARAM_PARENTID_IS_ZERO_OR_LESS"),
        ({"sName": "x" * 129}, "INVALIDPARAM_NAME"),
        ({"sNick": "x" * 129}, "INVALIDPARAM_NICK"),
        ({"sDescription": "x" * 1025}, "INVALIDPARAM_DESCRIPTION"),
        ({"sEmail": ""}, "INVALIDPARAM_EMAIL_MISSING"),
        ({"sEmail": "nobody"}, "INVALIDPARAM_EMAIL"),
        ({"sEmail": "technician2@example.com"}, "INVALIDPARAM_EMAIL_ALREADY_IN_USE"),
        ({"sSSOID": "123456"}, "SSO_ID_ALREADY_EXISTS"),
        ({"sPwd": ""}, "INVALIDPARAM_PASSWORD_MISSING"),
        ({"sConfPwd": ""}, "INVALIDPARAM_MISSING_CONFIRMATION_PASSWORD"),
        ({"sConfPwd": "else-Made-4712"}, "INVALIDPARAM_NEW_PASSWORDS_DO_NOT_MATCH"),
    ],
)
def test_users_that_cannot_be_made(soap: Soap, change: dict[str, str], code: str) -> None:
    assert created(soap, new_user(21, **change)) == ("ERROR", [(code, False)])


def test_lists_that_contradict_themselves(soap: Soap) -> None:
    assert created(soap, new_user(31), new_user(31, sEmail="other@example.com"))[0] == "UNIQUE_ID_NOT_UNIQUE"
    twice = new_user(32, sEmail="technician31@example.com")
    assert created(soap, new_user(31), twice)[0] == "INVALIDPARAM_EMAIL_ALREADY_IN_USE"
    same = (new_user(31, sSSOID="7"), new_user(32, sSSOID="7"))
    assert created(soap, *same)[0] == "SSO_ID_ALREADY_EXISTS"


def test_licences_and_rights_for_many(sandbox: Sandbox, soap: Soap) -> None:
    sandbox.settings.rescue.standard_seats = 2
    assert created(soap, new_user(41))[1] == [("NOT_ENOUGH_SEAT_LICENSES_AVAILABLE", False)]
    sandbox.settings.rescue.administrator = False
    assert created(soap, new_user(41))[1] == [("ACCESS_DENIED", False)]
    answer = soap.call("createUsers", "<sAuthCode>wrong</sAuthCode>", signed=False)
    assert answer.findtext("createUsersResult/state") == "INVALID_SECRETAUTHCODE"


# reports, and all operations


def test_a_report_by_soap(sandbox: Sandbox, soap: Soap) -> None:
    assert soap.result("setReportArea_v8", "<eReportArea>0</eReportArea>") == "setReportArea_OK"
    dates = "<sBeginDate>2/19/2024</sBeginDate><sEndDate>2/19/2024</sEndDate>"
    assert soap.result("setReportDate_v2", dates) == "setReportDate_OK"
    assert soap.result("setDelimiter", "<sDelimiter>;</sDelimiter>") == "setDelimiter_OK"
    assert soap.result("setTimezone", "<sTimezone>-300</sTimezone>") == "setTimezone_OK"
    report = soap.call("getReport", f"<iNodeID>{ROOT_NODE_ID}</iNodeID><eNodeRef>NODE</eNodeRef>")
    assert report.findtext("getReportResult") == "getReport_OK"
    assert (report.findtext("sReport") or "").startswith("Start Time;End Time;")
    assert soap.result("getReport", f"<iNodeID>{ROOT_NODE_ID}</iNodeID>") == "getReport_PollRateExceeded"
    assert [one.method for one in sandbox.rescue.calls.all()][:2] == ["setreportarea_v8", "setreportdate_v2"]


def test_forced_answers_count_for_soap_too(sandbox: Sandbox, soap: Soap) -> None:
    sandbox.rescue.force("getSession_v3", "ERROR")
    sandbox.rescue.force("createUsers", "UNKNOWN_ERROR")
    assert soap.result("getSession_V3") == "getSession_Error"
    assert created(soap, new_user(51))[0] == "UNKNOWN_ERROR"


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"login"}))
def test_every_operation_wants_somebody(soap: Soap, name: str) -> None:
    result = soap.result(name, signed=False)
    expected = "INVALID" if name.startswith("requestAuthCode") else "NOTLOGGEDIN"
    assert result.upper().replace("_", "").endswith((expected, f"{expected}ASADMIN", "INVALIDPARAMCOMPANY"))
