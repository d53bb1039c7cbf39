"""SOAP 1.1 as Rescue speaks it: what goes out, and every way in which it can fail."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, RateLimited, Rejected, Unavailable, UnknownOutcome
from connectors import xml
from connectors.platforms.rescue import soap
from tests.connectors.rescue.calls import CALLS, PASSWORD, REPLIES, captured, envelope, house
from tests.connectors.rescue.support import Api, rescue
from tests.contract.workshop import MemoryVault

MANY = CALLS["createUsers"]
LISTED: Any = lambda calls: calls.sessions.by_soap("1")  # noqa: E731  # a call, like those of CALLS


def test_what_people_typed_is_text() -> None:
    sent = soap.envelope("op", [("sName", "</sName><x>&\"'"), ("aList", [("ITEM", [("sText", "a\n]]>")])])])
    call = xml.children(xml.children(xml.parse(sent))[0])[0]
    assert xml.text(call, "sName") == "</sName><x>&\"'"
    assert [xml.local(one) for one in call.iter()] == ["op", "sName", "aList", "ITEM", "sText"]


def test_a_control_character_is_refused_and_not_quoted() -> None:
    with pytest.raises(Rejected) as refused:
        soap.envelope("op", [("sPwd", f"{PASSWORD}\x07")])
    assert PASSWORD not in str(refused.value)


def fault(file: str) -> httpx.Response:
    return httpx.Response(500, content=(REPLIES / file).read_bytes())


def test_an_operation_that_the_site_does_not_have() -> None:
    with house(Api(createUsers=fault("fault-action.xml"))) as calls, pytest.raises(Rejected) as refused:
        MANY(calls)
    assert refused.value.code == "NOTSUPPORTED"


def test_a_call_that_the_site_does_not_understand_did_nothing() -> None:
    text = (REPLIES / "fault-action.xml").read_text().replace("SOAPAction", "value")
    with house(Api(createUsers=httpx.Response(500, text=text))) as calls, pytest.raises(Rejected) as refused:
        MANY(calls)
    assert refused.value.code == "fault"


def test_a_fault_of_the_server_may_have_done_it_and_is_not_quoted() -> None:
    with house(Api(createUsers=fault("fault-server.xml"))) as calls, pytest.raises(UnknownOutcome) as unknown:
        MANY(calls)
    assert PASSWORD not in str(unknown.value)
    with house(Api(getSession_V3=fault("fault-server.xml"))) as calls, pytest.raises(Unavailable) as raised:
        LISTED(calls)
    assert type(raised.value) is Unavailable


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<html>down",
        "<a/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        envelope("another", "another_OK"),
        envelope("createUsers", ""),
        envelope("createUsers", "<b>"),
        httpx.Response(500, text="<html>"),
        httpx.Response(502, text=""),
        httpx.ReadTimeout("slow"),
    ],
)
def test_what_is_no_answer_may_have_done_it(answer: Any) -> None:
    with house(Api(createUsers=answer)) as calls, pytest.raises(UnknownOutcome):
        MANY(calls)


@pytest.mark.parametrize(
    ("said", "code", "kind"),
    [
        ("getSession_InvalidParam_NodeID", "INVALIDPARAM_NODE", Exception),
        ("getSession_NotLoggedIn", "NOTLOGGEDIN", AccessDenied),
        ("getSession_Invalid_SecretAuthCode", "INVALID_SECRETAUTHCODE", AccessDenied),
        ("getSession_User_Deleted_Or_Disabled", "USER_DELETED_OR_DISABLED", AccessDenied),
        ("getSession_PollRateExceeded", "POLLRATEEXCEEDED", RateLimited),
        ("getSession_Not_OK", "NOT_OK", Rejected),
        ("getSession_", "GETSESSION_", Rejected),
        ("NOT_OK", "NOT_OK", Rejected),
    ],
)
def test_codes_have_a_name_before_them_and_other_capitals(said: str, code: str, kind: type[Exception]) -> None:
    with house(Api(getSession_V3=envelope("getSession_V3", said))) as calls, pytest.raises(kind) as raised:
        LISTED(calls)
    assert getattr(raised.value, "code", "") == code


@pytest.mark.parametrize(
    "said", ["OK", "startSessionRet_OK", "getSession_OK", "requestPINCode_OK", "setUserStatus_v7_1_OK"]
)
def test_a_success_in_all_its_forms(said: str) -> None:
    operation = "setUserStatus_v7_1" if "v7" in said else "any"
    assert soap.code_of(said, ("OK", "ERROR"), operation) == "OK"


def test_a_lost_session_is_renewed_once() -> None:
    vault = MemoryVault()
    keys: dict[str, Any] = {"auth": "login", "email": "technician1@example.com", "password": PASSWORD}
    cookie = httpx.Response(200, text="OK", headers={"set-cookie": "ASP.NET_SessionId=one"})
    answers = [envelope("getSession_V3", "getSession_NotLoggedIn"), captured("getSession_V3-none.xml")]
    api = Api(login=[cookie, cookie], getSession_V3=answers)
    with rescue(api, vault, **keys) as connector:
        connector._sessions.by_soap("1")
    assert api.calls == ["login", "getSession_V3", "login", "getSession_V3"]
    assert b"sAuthCode" not in api.asked[-1][2].content
    assert api.asked[-1][2].headers["cookie"] == "ASP.NET_SessionId=one"
