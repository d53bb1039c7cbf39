"""The calls of Rescue's API, against a script of answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, NotFound, RateLimited, Rejected, Unavailable, UnknownOutcome
from bridge.model import ChatLine, InvitationRequest
from connectors.platforms.rescue import cut
from tests.connectors.rescue.support import AUTHCODE, BASE_URL, PASSWORD, Api, rescue
from tests.contract.workshop import MemoryVault

REQUEST = InvitationRequest("4711", "DB1:zendesk:4711:1:mac", {"cfield0": "Chris", "cfield1": "Drive"})
PIN = "OK\n\nPINCODE:012345"
REFUSED = "INVALID_SECRETAUTHCODE"
LOGIN: dict[str, Any] = {"auth": "login", "email": "jdoe@example.com", "password": PASSWORD}
SSO: dict[str, Any] = {"auth": "sso", "sso_id": "123456", "sso_password": PASSWORD, "company_id": "654321"}
OAUTH: dict[str, Any] = {"auth": "oauth", "client_id": "11", "client_secret": PASSWORD, "scope": "Rescue;API"}
RENEWING: dict[str, Any] = {"authcode": AUTHCODE, "email": "jdoe@example.com", "password": PASSWORD}


def cookie(value: str) -> httpx.Response:
    set_cookie = [("set-cookie", "lang=en; path=/"), ("set-cookie", f"ASP.NET_SessionId={value}; path=/; HttpOnly")]
    return httpx.Response(200, text="OK", headers=set_cookie)


def token(value: str, seconds: float = 3600) -> httpx.Response:
    return httpx.Response(200, json={"access_token": value, "expires_in": seconds, "token_type": "Bearer"})


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


def test_the_invitation_text() -> None:
    api = Api(generateEmailText="OK\n\nSUBJECT:Link\nTEXT:Click\nLINK:https://x/R?i=2&Code=123456\nSIGNATURE:Team")
    with rescue(api) as connector:
        assert connector.email_text("123456").text == "Click"
    assert api.form()["pincode"] == "123456"


def test_the_listing_asks_for_a_node() -> None:
    api = Api(getSession_v3="OK\n\nID|Status|")
    with rescue(api) as connector:
        assert connector.sessions("1902861082", "CHANNEL").rows == ()
    assert api.form()["noderef"] == "CHANNEL"


def test_the_probe_tells_no_address() -> None:
    api = Api(getAccount="OK\n\nAccountID:560961\nOrganization:Company\nTechID:1\nEmail:jdoe@example.com")
    with rescue(api) as connector:
        assert connector.probe() == "account 560961, Company"


# signing in


def test_an_authcode_is_used_as_it_is() -> None:
    api, vault = Api(requestPINCode_v3=PIN), MemoryVault()
    with rescue(api, vault) as connector:
        connector.invite(REQUEST)
    assert (api.calls, vault.kept) == (["requestPINCode_v3"], {})


def test_a_refused_authcode_stops_the_connection() -> None:
    api = Api(requestPINCode_v3=REFUSED)
    with rescue(api) as connector, pytest.raises(AccessDenied):
        connector.invite(REQUEST)
    assert api.calls == ["requestPINCode_v3"]


def test_a_refused_authcode_is_renewed_once_where_a_password_is_known() -> None:
    api = Api(requestPINCode_v3=[REFUSED, PIN, PIN], requestAuthCode="OK\n\nAUTHCODE: new-authcode")
    vault = MemoryVault()
    with rescue(api, vault, **RENEWING) as connector:
        connector.invite(REQUEST)
        assert api.form(1) == {"email": "jdoe@example.com", "pwd": PASSWORD}
        assert api.form()["authcode"] == "new-authcode"
    with rescue(api, vault, **RENEWING) as another_worker:
        another_worker.invite(REQUEST)
    assert api.form()["authcode"] == "new-authcode"
    assert api.calls.count("requestAuthCode") == 1
    assert (list(vault.kept.values()), list(vault.seconds.values())) == (["new-authcode"], [None])


def test_a_renewed_authcode_that_is_refused_stops_the_connection() -> None:
    api = Api(requestPINCode_v3=REFUSED, requestAuthCode="OK\n\nAUTHCODE:new-authcode")
    with rescue(api, **RENEWING) as connector, pytest.raises(AccessDenied):
        connector.invite(REQUEST)
    assert api.calls == ["requestPINCode_v3", "requestAuthCode", "requestPINCode_v3"]


def test_a_wrong_password_stops_the_connection() -> None:
    api = Api(requestPINCode_v3=REFUSED, requestAuthCode="INVALID")
    with rescue(api, **RENEWING) as connector, pytest.raises(AccessDenied) as denied:
        connector.invite(REQUEST)
    assert denied.value.code == "INVALID"


def test_what_was_refused_is_not_kept_though_renewing_failed() -> None:
    api = Api(login=[cookie("one"), "LIMITREACHED"], getAccount="NOTLOGGEDIN")
    vault = MemoryVault()
    with rescue(api, vault, **LOGIN) as connector, pytest.raises(RateLimited):
        connector.probe()
    assert vault.kept == {}


@pytest.mark.parametrize("code", ["USER_IS_DELETED", "USER_DELETED_OR_DISABLED", "NOTTECHNICIAN"])
def test_no_new_sign_in_helps_a_user_who_may_not(code: str) -> None:
    api = Api(requestPINCode_v3=code)
    with rescue(api, **RENEWING) as connector, pytest.raises(AccessDenied):
        connector.invite(REQUEST)
    assert api.calls == ["requestPINCode_v3"]


def test_what_another_worker_renewed_is_taken() -> None:
    class Renewing(MemoryVault):
        def lock(self, name: str, *, seconds: float = 30.0) -> Any:
            self.put(name, "renewed-elsewhere")
            return super().lock(name)

    vault = Renewing()
    api = Api(requestPINCode_v3=[REFUSED, PIN])
    with rescue(api, vault, **RENEWING) as connector:
        connector.invite(REQUEST)
    assert api.form()["authcode"] == "renewed-elsewhere"
    assert "requestAuthCode" not in api.calls


def test_a_new_authcode_of_the_operator_replaces_the_kept_one() -> None:
    vault = MemoryVault()
    api = Api(requestPINCode_v3=[REFUSED, PIN, PIN], requestAuthCode="OK\n\nAUTHCODE:new-authcode")
    with rescue(api, vault, **RENEWING) as connector:
        connector.invite(REQUEST)
    with rescue(api, vault, **{**RENEWING, "authcode": "operators-new-authcode"}) as connector:
        connector.invite(REQUEST)
    assert api.form()["authcode"] == "operators-new-authcode"


def test_a_login_is_shared_by_its_cookie() -> None:
    api, vault = Api(login=cookie("abc123"), getAccount="OK"), MemoryVault()
    for _ in range(3):
        with rescue(api, vault, **LOGIN) as connector:
            connector.probe()
    assert api.calls == ["login", "getAccount", "getAccount", "getAccount"]
    assert api.form(0) == {"email": "jdoe@example.com", "pwd": PASSWORD}
    assert api.asked[-1][2].headers["cookie"] == "ASP.NET_SessionId=abc123"
    assert list(vault.seconds.values()) == [900.0]


def test_signed_out_means_one_new_login() -> None:
    api = Api(login=[cookie("one"), cookie("two")], getAccount=["NOTLOGGEDIN", "OK"])
    vault = MemoryVault()
    with rescue(api, vault, **LOGIN) as connector:
        connector.probe()
    assert api.calls == ["login", "getAccount", "login", "getAccount"]
    assert api.asked[-1][2].headers["cookie"] == "ASP.NET_SessionId=two"
    assert len(vault.locked) == 2


def test_signed_out_again_stops_the_connection() -> None:
    api = Api(login=[cookie("one"), cookie("two")], getAccount="NOTLOGGEDIN")
    with rescue(api, **LOGIN) as connector, pytest.raises(AccessDenied):
        connector.probe()
    assert api.calls.count("login") == 2


def test_too_many_logins_wait_three_minutes() -> None:
    with rescue(Api(login="LIMITREACHED"), **LOGIN) as connector, pytest.raises(RateLimited) as limited:
        connector.probe()
    assert limited.value.retry_after == 180.0


def test_a_login_without_a_cookie_is_a_fault() -> None:
    with rescue(Api(login="OK"), **LOGIN) as connector, pytest.raises(Unavailable):
        connector.probe()


def test_single_sign_on_asks_once_and_keeps_the_authcode() -> None:
    api, vault = Api(requestAuthCodeSSO="OK\n\nAUTHCODE:sso-authcode", getAccount="OK"), MemoryVault()
    for _ in range(2):
        with rescue(api, vault, **SSO) as connector:
            connector.probe()
    assert api.calls == ["requestAuthCodeSSO", "getAccount", "getAccount"]
    assert api.form(0) == {"ssoid": "123456", "pwd": PASSWORD, "company": "654321"}
    assert api.form()["authcode"] == "sso-authcode"


def test_oauth_keeps_its_token_less_a_margin() -> None:
    api, vault = Api(token=token("made-up.token"), getAccount="OK"), MemoryVault()
    for _ in range(2):
        with rescue(api, vault, **OAUTH) as connector:
            connector.probe()
    assert api.calls == ["token", "getAccount", "getAccount"]
    assert api.asked[0][2].url.path == "/id-srv-api/api/OAuth/token"
    assert api.form(0) == {
        "grant_type": "client_credentials",
        "client_id": "11",
        "client_secret": PASSWORD,
        "scope": "Rescue;API",
    }
    assert api.asked[-1][2].headers["authorization"] == "Bearer made-up.token"
    assert "authcode" not in api.form()
    assert list(vault.seconds.values()) == [3540.0]


@pytest.mark.parametrize("ended", [httpx.Response(401), "NOTLOGGEDIN"])
def test_a_token_that_ended_early_is_renewed_once(ended: Any) -> None:
    api = Api(token=[token("one"), token("two", 40)], getAccount=[ended, "OK"])
    vault = MemoryVault()
    with rescue(api, vault, **OAUTH) as connector:
        connector.probe()
    assert api.asked[-1][2].headers["authorization"] == "Bearer two"
    assert list(vault.seconds.values()) == [20.0]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"error": "invalid_client"}), AccessDenied),
        (httpx.Response(401, html="<html>"), AccessDenied),
        (httpx.Response(404), AccessDenied),
        (httpx.Response(429), RateLimited),
        (httpx.Response(500), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, json=[]), Unavailable),
        (httpx.Response(200, json={"access_token": "a b", "expires_in": 5}), Unavailable),
        (httpx.Response(200, json={"access_token": "a"}), Unavailable),
    ],
)
def test_no_token(answer: httpx.Response, kind: type[Exception]) -> None:
    with rescue(Api(token=answer), **OAUTH) as connector, pytest.raises(kind) as failed:
        connector.probe()
    assert type(failed.value) is kind


@pytest.mark.parametrize("keys", [{"authcode": AUTHCODE}, RENEWING, LOGIN, SSO, OAUTH])
def test_credentials_are_shown_nowhere(keys: dict[str, Any]) -> None:
    api = Api(
        requestPINCode_v3="NOTLOGGEDIN",
        requestAuthCode="INVALID",
        requestAuthCodeSSO="INVALID",
        login="INVALID",
        token=httpx.Response(400, json={"error": f"no {PASSWORD}"}),
    )
    with rescue(api, **keys) as connector, pytest.raises(AccessDenied) as denied:
        connector.invite(REQUEST)
    assert PASSWORD not in str(denied.value)
    assert AUTHCODE not in str(denied.value)
