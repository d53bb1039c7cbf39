"""Signing in at Rescue: one credential for all workers, renewed once when it is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, RateLimited, Unavailable
from bridge.model import InvitationRequest
from tests.connectors.rescue.support import AUTHCODE, PASSWORD, Api, rescue
from tests.contract.workshop import MemoryVault

REQUEST = InvitationRequest("4711", "DB1:zendesk:4711:1:mac", {})
PIN = "OK\n\nPINCODE:012345"
REFUSED = "INVALID_SECRETAUTHCODE"
LOGIN: dict[str, Any] = {"auth": "login", "email": "jdoe@example.com", "password": PASSWORD}
SSO: dict[str, Any] = {"auth": "sso", "sso_id": "123456", "sso_password": PASSWORD, "company_id": "654321"}
OAUTH: dict[str, Any] = {"auth": "oauth", "client_id": "11", "client_secret": PASSWORD, "scope": "Rescue;API"}
RENEWING: dict[str, Any] = {"authcode": AUTHCODE, "email": "jdoe@example.com", "password": PASSWORD}


def cookie(value: str) -> httpx.Response:
    set_cookie = [("set-cookie", "lang=en; path=/"), ("set-cookie", f"ASP.NET_SessionId={value}; path=/; HttpOnly")]
    return httpx.Response(200, text="OK", headers=set_cookie)


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
        def lock(self, name: str, *, seconds: float = 30.0, rest: float = 0.0) -> Any:
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
