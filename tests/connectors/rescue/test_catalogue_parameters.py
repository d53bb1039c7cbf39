"""Every documented parameter goes out under its documented name, from the typed call that gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors import xml
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.catalogue.values import BOOLEANS
from tests.connectors.rescue.calls import BY_SOAP, CALLS, FIELDS, PASSWORD, answered, asked_as, captured, house
from tests.connectors.rescue.support import AUTHCODE, BASE_URL, Api, rescue

USER = {
    "node": "337366",
    "name": "Technician 1",
    "nick": "One",
    "email": "technician1@example.com",
    "ssoid": "123456",
    "pwd": PASSWORD,
    "confpwd": PASSWORD,
    "oldpwd": "made-up-old-password",
    "status": "enabled",
    "description": "Second floor",
}
GROUP = {
    "node": "337364",
    "name": "Group 1",
    "status": "Enabled",
    "description": "Hours",
    "permission": "RemoteView,SendFile",
    "lockedpermission": "SendFile",
    "standardconcurrentlimit": "10",
    "mobileconcurrentlimit": "5",
}
PIN = {**FIELDS, "tracking0": "DB1:desk:4711", "notechconsole": "0"}
SMS = {"PhoneNumber": "+15550100", "LangCode": "de"}
TICKET = {"ssoid": "123456", "Password": PASSWORD, "CompanyID": "654321"}
NODE, SESSION, CHANNEL = {"node": "337366"}, {"session": "1663112"}, {"entry": "1902861082"}

SENT: dict[str, dict[str, str]] = {
    "getAccount": {},
    "getHierarchy": {"isnode": "true", "node": "337364"},
    "getHierarchy_v2": {"isnode": "true", "node": "337364", "filteroffline": "true"},
    "getLoginTicket": TICKET,
    "getDTCLoginTicket": {**TICKET, "arch": "64"},
    "createUser": {"parent": "337364"},
    "getUser": NODE,
    "getUser_v2": NODE,
    "getUser_v3": NODE,
    "setUser": {**USER, "addons": "true"},
    "setUser_v2": {**USER, "mobileaddon": "true", "addons": "true", "rpataddon": "false"},
    "setUserStatus_v7_1": {**NODE, "status": "disabled"},
    "createGroup": {"parent": "337364"},
    "getGroup": {"node": "337364"},
    "getGroup_v2": {"node": "337364"},
    "getGroup_v3": {"node": "337364"},
    "setGroup": GROUP,
    "setGroup_v2": {**GROUP, "rpatconcurrentlimit": "3"},
    "setGroup_v3": {**GROUP, "rpatconcurrentlimit": "3"},
    "moveNode": {**NODE, "targetNode": "337364"},
    "deleteNode": NODE,
    "assignChannel": {**NODE, **CHANNEL},
    "unassignChannel": {**NODE, **CHANNEL},
    "requestPINCode": PIN,
    "requestPINCode_v2": PIN,
    "requestPINCode_v3": {**PIN, "NodeId": "337366"},
    "requestLensPINCode": PIN,
    "requestLensPINCode_v2": PIN,
    "requestLensPINCode_v3": {**PIN, **SMS},
    "generateEmailText": {"pincode": "123456"},
    "getSession": {**NODE, "noderef": "NODE"},
    "getSession_v2": {**NODE, "noderef": "NODE"},
    "getSession_v3": {**NODE, "noderef": "NODE"},
    "startSession": {**SESSION, **NODE},
    "holdSession": SESSION,
    "transferSession": {**SESSION, "node": "337367", "noderef": "NODE", "comment": "knows it"},
    "closeSession": SESSION,
    "cancelAction": SESSION,
    "isAnyTechAvailableOnChannel": {"ChannelID": "1902861082", "ExcludingAwayAndBusy": "true"},
    "getChat": SESSION,
    "getNote": SESSION,
}
UNSIGNED = {"getLoginTicket", "getDTCLoginTicket"}
"""They sign in by what they are given themselves."""

FORM = [name for name in CALLS if METHODS[name].address and name != "getPINCode"]
ALL = [(name, one.name) for name in METHODS for one in METHODS[name].parameters]


def sent(name: str, *, soap: bool = False) -> Api:
    """The fake after the typed call, whatever it made of an answer that is none."""
    api = answered(name, "NEVER_SEEN_BEFORE", soap=soap)
    with house(api) as calls, pytest.raises(Exception, match=r"."):
        (BY_SOAP if soap else CALLS)[name](calls)
    return api


@pytest.mark.parametrize("name", FORM)
def test_a_call_sends_what_it_is_given(name: str) -> None:
    api = sent(name)
    signed = {} if name in UNSIGNED else {"authcode": AUTHCODE}
    assert api.form() == {**SENT[name], **signed}
    _, _, request = api.asked[-1]
    assert (request.method, request.url.path, request.url.query) == ("POST", METHODS[name].address, b"")


def test_the_integration_page_is_opened_by_its_address() -> None:
    _, _, request = sent("getPINCode").asked[-1]
    assert (request.method, request.url.path) == ("GET", "/Integration/HewlettPackard/GetPinCode")
    assert dict(request.url.params) == {
        "CompanyID": "654321",
        "SSOID": "123456",
        "name": "field 0",
        **{name: value for name, value in FIELDS.items() if name != "cfield0"},
        "trackingid": "DB1:desk:4711",
        "notechconsole": "0",
        "islenspincode": "1",
    }


ELEMENTS: dict[str, dict[str, str]] = {
    "getSession": {"iNodeID": "337366", "eNodeRef": "NODE"},
    "getSession_v2": {"iNodeID": "337366", "eNodeRef": "NODE"},
    "getSession_v3": {"iNodeID": "337366", "eNodeRef": "NODE"},
    "isAnyTechAvailableOnChannel": {"iChannelID": "1902861082", "bExcludingAwayAndBusy": "true"},
    "requestLensPINCode_v4": {
        **{f"sCField{number}": f"field {number}" for number in range(6)},
        "sTracking0": "DB1:desk:4711",
        "bNoTechConsole": "false",
        "sPhoneNumber": "+15550100",
        "sLangCode": "de",
        "nodeId": "337366",
        "iNodeID": "337366",
    },
    "createUsers": {
        "iUniqueId": "7",
        "iParentID": "337364",
        "sName": "Technician 7",
        "sNick": "Seven",
        "sEmail": "technician7@example.com",
        "sSSOID": "777",
        "sPwd": PASSWORD,
        "sConfPwd": PASSWORD,
        "eStatus": "Enabled",
        "sDescription": "New",
        "eAddOns": "False",
    },
}


@pytest.mark.parametrize("name", BY_SOAP)
def test_a_call_by_soap_sends_what_it_is_given(name: str) -> None:
    method = METHODS[name]
    _, _, request = sent(name, soap=True).asked[-1]
    assert (request.method, request.url.path, request.url.query) == ("POST", "/API/API.asmx", b"")
    assert request.headers["soapaction"] == f'"https://secure.logmeinrescue.com/API/API.asmx/{method.operation}"'
    assert request.headers["content-type"] == "text/xml; charset=utf-8"
    root = xml.parse(request.content)
    leaves = {xml.local(one): xml.text(one) for one in root.iter() if not len(one)}
    assert leaves == {**ELEMENTS[name], "sAuthCode": AUTHCODE}
    assert f"<{method.operation} ".encode() in request.content


@pytest.mark.parametrize(("name", "parameter"), ALL, ids=[f"{name}-{parameter}" for name, parameter in ALL])
def test_a_parameter_goes_out_under_its_documented_name(name: str, parameter: str) -> None:
    method = METHODS[name]
    [known] = [one for one in method.parameters if one.name == parameter]
    names, values = _on_the_wire(name)
    assert {known.name, known.also} - {""} <= names or known.soap in names
    value = values.get(known.name, values.get(known.soap, ""))
    wanted = BOOLEANS if not method.address and known.soap.startswith("b") else known.values
    assert not wanted or all(one in wanted for one in value.split(","))


def _on_the_wire(name: str) -> tuple[set[str], dict[str, str]]:
    if name in SIGNS:
        api = SIGNS[name]()
        form = next(form for call, form, _ in api.asked if call == asked_as(name, soap=False))
        return set(form), form
    if name == "getUser_v3":
        api = answered(name, "NEVER_SEEN_BEFORE")
        with house(api) as calls:
            for wanted in ("337366", ""):
                with pytest.raises(Exception, match="NEVER"):
                    calls.administration.user(wanted, email="technician1@example.com")
        both = {**api.form(0), **api.form(1)}
        return set(both), both
    _, _, request = (api := sent(name)).asked[-1]
    if not METHODS[name].address:
        elements = {xml.local(one): xml.text(one) for one in xml.parse(request.content).iter()}
        return set(elements), elements
    found = {**api.form(), **dict(request.url.params)}
    return set(found), found


def _signing(**keys: Any) -> Callable[[], Api]:
    def signed() -> Api:
        api = Api(
            login=captured("logIn.txt"),
            requestAuthCode=captured("requestAuthCode.txt"),
            requestAuthCodeSSO=captured("requestAuthCodeSSO.txt"),
            getAccount="INVALID_SECRETAUTHCODE",
        )
        with rescue(api, **keys) as connector, pytest.raises(Exception, match=BASE_URL.split("//")[0] + "|under-test"):
            connector.probe()
        return api

    return signed


SIGNS: dict[str, Callable[[], Api]] = {
    "logIn": _signing(auth="login", email="technician1@example.com", password=PASSWORD),
    "requestAuthCode": _signing(authcode=AUTHCODE, email="technician1@example.com", password=PASSWORD),
    "requestAuthCodeSSO": _signing(auth="sso", sso_id="123456", sso_password=PASSWORD, company_id="654321"),
}
