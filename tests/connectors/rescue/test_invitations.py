"""PINs in all the ways that Rescue has: which call is taken, and what its answer may be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, NobodyThere, Rejected, UnknownOutcome
from connectors.platforms.rescue.invitations import PinRequest
from tests.connectors.rescue.calls import (
    FOR_SOMEBODY,
    PASSWORD,
    REPLIES,
    WANTED,
    captured,
    envelope,
    house,
)
from tests.connectors.rescue.support import Api, rescue


def cookie(value: str) -> httpx.Response:
    return httpx.Response(200, text="OK", headers={"set-cookie": f"ASP.NET_SessionId={value}"})


@pytest.mark.parametrize("call", ["requestPINCode", "requestPINCode_v2"])
def test_only_the_newest_call_makes_a_pin_for_somebody_else(call: str) -> None:
    api = Api()
    with house(api) as calls, pytest.raises(Rejected, match="the user of the API only"):
        calls.invitations.pin(FOR_SOMEBODY, call)
    assert api.calls == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (PinRequest({"cfield6": "x"}), "no field cfield6"),
        (PinRequest({"notechconsole": "1"}), "no field notechconsole"),
        (PinRequest({"cfield0": "x" * 65}), "cfield0 has more than 64"),
        (PinRequest({"cfield4": "🎉" * 33}), "cfield4 has more than 64"),
        (PinRequest(reference="x" * 65), "tracking0 has more than 64"),
    ],
)
def test_what_rescue_has_no_room_for_is_refused(wanted: PinRequest, words: str) -> None:
    api = Api()
    with house(api) as calls:
        for ask in (calls.invitations.pin, calls.invitations.lens_pin):
            with pytest.raises(Rejected, match=words):
                ask(wanted)
        with pytest.raises(Rejected, match=words):
            calls.invitations.integration_pin("1", "2", wanted)
    assert api.calls == []


def test_a_lens_pin_is_asked_for_by_the_oldest_call_that_can() -> None:
    api = Api(
        requestLensPINCode_v2="OK\n\nPINCODE:000001",
        requestLensPINCode_v3="OK\n\nPINCODE:000002\nSMS_RESULT: sendInvitationForMobileSession_OK",
        requestLensPINCodeV4=captured("requestLensPINCodeV4.xml"),
    )
    with house(api) as calls:
        assert calls.invitations.lens_pin(WANTED).code == "000001"
        assert calls.invitations.lens_pin(WANTED, phone="+15550100").sms_problem is None
        assert calls.invitations.lens_pin(FOR_SOMEBODY).code == "012345"
    assert api.calls == ["requestLensPINCode_v2", "requestLensPINCode_v3", "requestLensPINCodeV4"]
    assert "PhoneNumber" not in api.form(0)
    assert b"sPhoneNumber" not in api.asked[2][2].content


def test_an_older_lens_call_makes_no_pin_for_somebody_else() -> None:
    with house(Api()) as calls, pytest.raises(Rejected, match="version 4"):
        calls.invitations.lens_pin(FOR_SOMEBODY, version=3)


@pytest.mark.parametrize("absent", [httpx.Response(404), "NOTSUPPORTED"])
def test_the_third_lens_call_has_two_spellings(absent: Any) -> None:
    api = Api(requestLensPINCode_v3=absent, requestLensPINCodev3="OK\n\nPINCODE:012345")
    with house(api) as calls:
        assert calls.invitations.lens_pin(WANTED, phone="+15550100").code == "012345"
    assert api.calls == ["requestLensPINCode_v3", "requestLensPINCodev3"]


def test_another_refusal_asks_no_other_spelling() -> None:
    api = Api(requestLensPINCode_v3="INVALID_PHONENUMBER")
    with house(api) as calls, pytest.raises(Rejected, match="the phone number is none"):
        calls.invitations.lens_pin(WANTED, phone="0")
    assert api.calls == ["requestLensPINCode_v3"]
    api = Api(requestLensPINCodev3="NO_MORE_SMS")
    with house(api) as calls, pytest.raises(Rejected, match="SMS are used up"):
        calls.invitations.lens_pin(WANTED, phone="0")


@pytest.mark.parametrize("said", ["sendInvitationForMobileSession_No_More_SMS", "SMS_CANNOT_BE_SENT", "Never_Seen"])
def test_a_pin_without_its_sms_is_a_pin_with_a_problem(said: str) -> None:
    with house(Api(requestLensPINCode_v3=f"OK\n\nPINCODE:012345\nSMS_RESULT: {said}")) as calls:
        pin = calls.invitations.lens_pin(WANTED, phone="+15550100")
    assert pin.code == "012345"
    assert isinstance(pin.sms_problem, Rejected)
    assert "012345" not in repr(pin)


@pytest.mark.parametrize("said", ["OK", "OK\n\nPINCODE:", "OK\n\nPINCODE:1234567", "OK\n\nSMS_RESULT: OK"])
def test_a_lens_answer_without_a_pin_may_have_made_one(said: str) -> None:
    with house(Api(requestLensPINCode_v2=said)) as calls, pytest.raises(UnknownOutcome):
        calls.invitations.lens_pin(WANTED)


def test_the_fourth_lens_call_has_two_names() -> None:
    absent = httpx.Response(500, content=(REPLIES / "fault-action.xml").read_bytes())
    there = (REPLIES / "requestLensPINCodeV4.xml").read_text().replace("CodeV4", "Code_v4")
    api = Api(requestLensPINCodeV4=absent, requestLensPINCode_v4=there)
    with house(api) as calls:
        assert calls.invitations.lens_pin(FOR_SOMEBODY).code == "012345"
    assert api.calls == ["requestLensPINCodeV4", "requestLensPINCode_v4"]
    api = Api(requestLensPINCodeV4=envelope("requestLensPINCodeV4", "requestPINCode_NoAccessToLens"))
    with house(api) as calls, pytest.raises(Rejected, match="may not use Rescue Lens"):
        calls.invitations.lens_pin(FOR_SOMEBODY)
    assert len(api.calls) == 1


def test_a_lens_answer_by_soap_without_a_pin_may_have_made_one() -> None:
    answer = envelope("requestLensPINCodeV4", "requestPINCode_OK")
    with house(Api(requestLensPINCodeV4=answer)) as calls, pytest.raises(UnknownOutcome):
        calls.invitations.lens_pin(FOR_SOMEBODY)


def test_a_number_by_soap_has_lost_its_zeros() -> None:
    told = "requestPINCode_OK</requestLensPINCodeV4Result><iPINCode>42</iPINCode><requestLensPINCodeV4Result>"
    with house(Api(requestLensPINCodeV4=envelope("requestLensPINCodeV4", told))) as calls:
        assert calls.invitations.lens_pin(FOR_SOMEBODY).code == "000042"


@pytest.mark.parametrize(
    "page",
    ["<p>123456 or 654321</p>", "<p>12345</p>", "<p>1234567</p>", "", "<script>123456</script>", "<p>busy</p>"],
)
def test_a_page_without_one_pin_may_have_made_one(page: str) -> None:
    with house(Api(GetPinCode=page)) as calls, pytest.raises(UnknownOutcome):
        calls.invitations.integration_pin("654321", "123456", WANTED)


@pytest.mark.parametrize("page", ["NOTECHCONSOLERUNNING", "<html><body><p>NOTECHCONSOLERUNNING</p></body></html>"])
def test_a_page_tells_its_codes_bare_or_in_html(page: str) -> None:
    with house(Api(GetPinCode=page)) as calls, pytest.raises(NobodyThere):
        calls.invitations.integration_pin("654321", "123456", WANTED)


def test_the_page_needs_no_sign_in() -> None:
    api = Api(GetPinCode=captured("getPINCode.html"))
    with house(api) as calls:
        calls.invitations.integration_pin("654321", "123456", replace(WANTED, reference=""))
    _, _, request = api.asked[0]
    assert not {"authcode", "trackingid"} & set(dict(request.url.params))


@pytest.mark.parametrize("said", ["OK", "OK:ftp://rescue.example.com/x", "OK:", "<html>", "https://a b"])
def test_no_ticket_is_no_link(said: str) -> None:
    with house(Api(GetLoginTicket=said)) as calls, pytest.raises(Exception, match="neither a ticket nor a code"):
        calls.administration.login_ticket("1", PASSWORD, "2")


def test_both_tickets_may_have_an_ok_before_them() -> None:
    link = "https://rescue.example.com/SSO/Login.aspx?Ticket=made-up"
    api = Api(GetLoginTicket=link, GetDTCLoginTicket=f"OK:{link}")
    with house(api) as calls:
        assert calls.administration.login_ticket("1", PASSWORD, "2").url == link
        assert calls.administration.console_ticket("1", PASSWORD, "2", bits64=False).url == link
    assert "arch" not in api.form()
    assert "authcode" not in api.form()


def test_a_refused_ticket_does_not_show_its_password() -> None:
    with house(Api(GetLoginTicket="INVALIDPASSWORD")) as calls, pytest.raises(Rejected) as refused:
        calls.administration.login_ticket("1", PASSWORD, "2")
    assert PASSWORD not in str(refused.value)


def test_a_session_that_was_lost_is_answered_by_not_an_administrator() -> None:
    keys: dict[str, Any] = {"auth": "login", "email": "technician1@example.com", "password": PASSWORD}
    api = Api(login=[cookie("one"), cookie("two")], closeSession=["NOTLOGGEDINASADMIN", "OK"])
    with rescue(api, **keys) as connector:
        connector._sessions.close("7")
    assert api.calls == ["login", "closeSession", "login", "closeSession"]
    api = Api(closeSession="NOTLOGGEDINASADMIN")
    with house(api) as calls, pytest.raises(Rejected) as refused:
        calls.sessions.close("7")
    assert not isinstance(refused.value, AccessDenied), "the connection goes on"
    assert api.calls == ["closeSession"]
