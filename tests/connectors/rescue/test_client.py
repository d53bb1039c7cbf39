"""The calls of Rescue's API, against a script of answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bridge.errors import NotFound, RateLimited, Rejected, Unavailable, UnknownOutcome
from bridge.model import ChatLine, InvitationRequest
from connectors.platforms.rescue.inviting import cut
from tests.connectors.rescue.support import AUTHCODE, BASE_URL, Api, rescue

REQUEST = InvitationRequest("4711", "DB1:zendesk:4711:1:mac", {"cfield0": "Chris", "cfield1": "Drive"})
PIN = "OK\n\nPINCODE:012345"


def test_an_invitation() -> None:
    api = Api(requestPINCode_v3=PIN)
    with rescue(api) as connector:
        invitation = connector.invite(REQUEST)
    assert (invitation.code, invitation.url) == ("012345", f"{BASE_URL}/R?i=2&Code=012345")
    assert (invitation.join_page, invitation.expires_at) == ("https://www.logmein123.com", None)
    assert api.form() == {
        "cfield0": "Chris",
        "cfield1": "Drive",
        "tracking0": "DB1:zendesk:4711:1:mac",
        "notechconsole": "1",
        "authcode": AUTHCODE,
    }


def test_a_console_may_be_demanded() -> None:
    api = Api(requestPINCode_v3=PIN)
    with rescue(api, authcode=AUTHCODE, no_technician_console=False) as connector:
        connector.invite(REQUEST)
    assert api.form()["notechconsole"] == "0"


def test_a_pin_for_another_technician() -> None:
    api = Api(requestPINCode_v3=PIN)
    with rescue(api, authcode=AUTHCODE, node=337367) as connector:
        connector.invite(REQUEST)
    assert api.form()["NodeId"] == "337367"


def test_a_pin_for_another_technician_is_never_made_for_the_wrong_one() -> None:
    api = Api(requestPINCode_v2=PIN)
    with rescue(api, authcode=AUTHCODE, node=337367) as connector, pytest.raises(Rejected):
        connector.invite(REQUEST)
    assert api.calls == ["requestPINCode_v3"]


@pytest.mark.parametrize("absent", [httpx.Response(404), "NOTSUPPORTED"])
def test_an_older_site_is_asked_by_an_older_call_from_then_on(absent: Any) -> None:
    api = Api(requestPINCode_v3=absent, requestPINCode_v2=httpx.Response(404), requestPINCode="OK\n\nPINCODE:42")
    with rescue(api) as connector:
        assert connector.invite(REQUEST).code == "000042"
        assert connector.invite(REQUEST).code == "000042"
    assert api.calls == ["requestPINCode_v3", "requestPINCode_v2", "requestPINCode", "requestPINCode"]


def test_a_site_without_any_call_is_refused() -> None:
    with rescue(Api()) as connector:
        for _ in range(2):
            with pytest.raises(Rejected, match="no call"):
                connector.invite(REQUEST)


def test_another_refusal_asks_no_older_call() -> None:
    api = Api(requestPINCode_v3="INVALIDFORMAT", requestPINCode_v2=PIN)
    with rescue(api) as connector, pytest.raises(Rejected):
        connector.invite(REQUEST)
    assert api.calls == ["requestPINCode_v3"]


def test_fields_are_one_line_and_cut_by_what_dotnet_counts() -> None:
    api = Api(requestPINCode_v3=PIN)
    request = InvitationRequest("1", "r", {"cfield0": "🎉" * 33, "cfield4": " a\r\n b\0c "})
    with rescue(api) as connector:
        invitation = connector.invite(request)
    assert invitation.cut == ("cfield0",)
    assert (api.form()["cfield0"], api.form()["cfield4"]) == ("🎉" * 32, "a b c")


@pytest.mark.parametrize(
    ("text", "limit", "kept"), [("a🎉", 2, "a"), ("🎉a", 2, "🎉"), ("abc", 3, "abc"), ("🎉", 1, "")]
)
def test_an_emoji_is_not_cut_in_half(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


def test_a_strange_field_is_named() -> None:
    with rescue(Api()) as connector, pytest.raises(Rejected, match="cfield9"):
        connector.invite(InvitationRequest("1", "r", {"cfield9": "x"}))


def test_nothing_secret_stands_in_a_url() -> None:
    api = Api(requestPINCode_v3=PIN, getChat="OK\n\nCHATLOG:", getNote="OK\n\nNOTE:", getAccount="OK")
    with rescue(api) as connector:
        connector.invite(REQUEST)
        connector.fetch_session("7")
        connector.probe()
    assert {(request.method, request.url.query) for _, _, request in api.asked} == {("POST", b"")}


def test_a_cut_connection_may_have_made_a_pin() -> None:
    api = Api(requestPINCode_v3=httpx.RemoteProtocolError("gone"))
    with rescue(api) as connector, pytest.raises(UnknownOutcome):
        connector.invite(REQUEST)


def test_pins_have_a_rate_limit_of_their_own() -> None:
    api = Api(requestPINCode_v3=PIN, getAccount="OK")
    with rescue(api, throttle=lambda bucket: 0.7 if bucket == "pins" else 0.0) as connector:
        connector.probe()
        with pytest.raises(RateLimited) as limited:
            connector.invite(REQUEST)
    assert limited.value.retry_after == 0.7
    assert api.calls == ["getAccount"]


def test_a_whole_session() -> None:
    chat = "OK\n\nCHATLOG:10:09 AM Ann: CHATLOG: is a word\n10:10 AM Switched to P2P"
    api = Api(getChat=chat, getNote="OK\n\nNOTE:Fixed.\nReally.")
    with rescue(api) as connector:
        session = connector.fetch_session("16633560")
    [part] = session.chat
    assert (part.order, part.whole) == (9, True)
    assert part.lines[0] == ChatLine("CHATLOG: is a word", author="Ann", time="10:09 AM")
    assert (session.notes, session.ended) == ("Fixed.\nReally.", False)
    assert api.form() == {"session": "16633560", "authcode": AUTHCODE}


@pytest.mark.parametrize("code", ["ERROR", "INVALIDPARAM_SESSION"])
def test_an_unknown_session(code: str) -> None:
    with rescue(Api(getChat=code)) as connector, pytest.raises(NotFound):
        connector.fetch_session("7")


def test_an_error_about_the_notes_of_a_known_session_is_a_fault() -> None:
    with rescue(Api(getChat="OK\n\nCHATLOG:", getNote="ERROR")) as connector, pytest.raises(Unavailable):
        connector.fetch_session("7")


@pytest.mark.parametrize("number", ["", "abc", "7 or 1=1", "٧", "../7"])
def test_what_is_no_number_is_no_session(number: str) -> None:
    api = Api()
    with rescue(api) as connector, pytest.raises(NotFound):
        connector.fetch_session(number)
    assert api.calls == []


def test_the_probe_tells_no_address() -> None:
    api = Api(getAccount="OK\n\nAccountID:560961\nOrganization:Company\nTechID:1\nEmail:jdoe@example.com")
    with rescue(api) as connector:
        assert connector.probe() == "account 560961, Company"
