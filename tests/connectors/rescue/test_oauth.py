"""Access tokens by client credentials, by refresh token, by authorization code: verified, shared, never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from bridge.errors import AccessDenied, NotAuthorized, RateLimited, Unavailable
from connectors.contract import ConnectionConfig
from connectors.platforms.rescue.identity import AUTHORIZE, Identity
from connectors.platforms.rescue.oauth_keys import UNVERIFIED
from connectors.platforms.rescue.schema import KeysSchema
from tests.connectors.rescue.support import BASE_URL, PASSWORD, Api, rescue
from tests.connectors.rescue.tokens import access_token, keys, token_answer
from tests.contract.workshop import MemoryVault, workshop

OAUTH: dict[str, Any] = {"auth": "oauth", "client_id": "11", "client_secret": PASSWORD, "scope": "Rescue;API"}
REDIRECT = "http://127.0.0.1:8765/callback"
PUBLIC: dict[str, Any] = {"auth": "oauth", "client_id": "12", "redirect_uri": REDIRECT}
CONFIDENTIAL: dict[str, Any] = {**OAUTH, "grant": "authorization_code", "redirect_uri": REDIRECT}
ONE, TWO = (access_token(jti=name) for name in ("one", "two"))


@contextmanager
def identity(api: Api, vault: MemoryVault | None = None, keys: Mapping[str, Any] = CONFIDENTIAL) -> Iterator[Identity]:
    config = ConnectionConfig("emea", "rescue", BASE_URL, (), KeysSchema().load(keys))
    with workshop(BASE_URL, api, vault) as given:
        yield Identity(config, given)


def api(*tokens: httpx.Response, **answers: Any) -> Api:
    return Api(token=list(tokens), keys=keys("1"), **{"getAccount": "OK", **answers})


def access_kept(vault: MemoryVault) -> tuple[str, float | None]:
    [name] = [name for name in vault.kept if name.startswith("oauth:")]
    return vault.kept[name], vault.seconds[name]


def refresh_kept(vault: MemoryVault) -> tuple[str, float | None]:
    [name] = [name for name in vault.kept if name.startswith("refresh:")]
    return vault.kept[name], vault.seconds[name]


# client credentials


def test_a_token_is_kept_less_a_margin_and_shared() -> None:
    served, vault = api(token_answer(ONE)), MemoryVault()
    for _ in range(2):
        with rescue(served, vault, **OAUTH) as connector:
            connector.probe()
    assert served.calls == ["token", "keys", "getAccount", "getAccount"]
    assert served.asked[0][2].url.path == "/id-srv-api/api/oauth/token"
    assert served.form(0) == {
        "grant_type": "client_credentials",
        "client_id": "11",
        "client_secret": PASSWORD,
        "scope": "Rescue;API",
    }
    assert served.asked[-1][2].headers["authorization"] == f"Bearer {ONE}"
    assert "authcode" not in served.form()
    assert access_kept(vault) == (ONE, 3540.0)


@pytest.mark.parametrize("ended", [httpx.Response(401), "NOTLOGGEDIN"])
def test_a_token_that_ended_early_is_renewed_once(ended: Any) -> None:
    served, vault = api(token_answer(ONE), token_answer(TWO, 40), getAccount=[ended, "OK"]), MemoryVault()
    with rescue(served, vault, **OAUTH) as connector:
        connector.probe()
    assert served.asked[-1][2].headers["authorization"] == f"Bearer {TWO}"
    assert access_kept(vault) == (TWO, 20.0)
    assert served.calls.count("keys") == 1


@pytest.mark.parametrize("token", [access_token("stranger", kid="1"), "made-up.token", "opaque"])
def test_a_token_that_does_not_verify_is_never_used(token: str) -> None:
    served, vault = api(token_answer(token)), MemoryVault()
    with rescue(served, vault, **OAUTH) as connector, pytest.raises(AccessDenied) as denied:
        connector.probe()
    assert denied.value.code == UNVERIFIED
    assert "getAccount" not in served.calls
    assert token not in vault.kept.values()
    assert token not in str(denied.value)


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
        (httpx.Response(200, json={"access_token": ONE, "token_type": "mac"}), Unavailable),
    ],
)
def test_no_token(answer: httpx.Response, kind: type[Exception]) -> None:
    with rescue(Api(token=answer), **OAUTH) as connector, pytest.raises(kind) as failed:
        connector.probe()
    assert type(failed.value) is kind


# a person's authorization


def test_the_address_for_the_browser() -> None:
    with identity(Api()) as service:
        address = urlsplit(service.code_address("made-up-state", "made-up-challenge"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{BASE_URL}/id-srv-api/api/oauth/code"
    assert dict(parse_qsl(address.query)) == {
        "response_type": "code",
        "client_id": "11",
        "scope": "Rescue;API",
        "state": "made-up-state",
        "redirect_uri": REDIRECT,
        "code_challenge_method": "S256",
        "code_challenge": "made-up-challenge",
    }
    assert ";" not in address.query, "some servers take it for a separator"


def test_a_code_is_exchanged_by_all_the_names_that_the_reference_uses() -> None:
    served, vault = api(token_answer(ONE, refresh_token="refresh-1")), MemoryVault()
    with identity(served, vault) as service:
        tokens, claims = service.authorized("made+up/code==", "made-up-verifier")
    assert served.form(0) == {
        "grant_type": "authorization_code",
        "code": "made+up/code==",
        "client_id": "11",
        "client_secret": PASSWORD,
        "redirect_uri": REDIRECT,
        "redirect_url": REDIRECT,
        "client_verifier": "made-up-verifier",
        "code_verifier": "made-up-verifier",
    }
    assert (tokens.access, claims["name"]) == (ONE, "Technician 1")
    assert refresh_kept(vault) == ("refresh-1", None)
    assert "refresh-1" not in repr(tokens) + str(tokens)
    assert ONE not in repr(tokens)


def test_a_public_client_sends_no_secret() -> None:
    served = api(token_answer(ONE, refresh_token="refresh-1"), token_answer(TWO, refresh_token="refresh-2"))
    vault = MemoryVault()
    with identity(served, vault, PUBLIC) as service:
        service.authorized("code", "verifier")
        service.access()
    assert "client_secret" not in served.form(0)
    assert served.form() == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (token_answer(ONE), AUTHORIZE),
        (token_answer(access_token("stranger", kid="1"), refresh_token="refresh-1"), UNVERIFIED),
        (httpx.Response(400, json={"error": "invalid_grant"}), "invalid_grant"),
    ],
)
def test_an_exchange_that_fails_keeps_nothing(answer: httpx.Response, code: str) -> None:
    vault = MemoryVault()
    with identity(api(answer), vault) as service, pytest.raises(AccessDenied) as denied:
        service.authorized("code", "verifier")
    assert denied.value.code == code
    assert not any(name.startswith("refresh:") for name in vault.kept)


def test_without_an_authorization_the_operator_is_told_what_to_run() -> None:
    with rescue(Api(), **CONFIDENTIAL) as connector, pytest.raises(NotAuthorized, match="authorize`") as denied:
        connector.probe()
    assert denied.value.code == AUTHORIZE


def authorized(*tokens: httpx.Response, **answers: Any) -> tuple[Api, MemoryVault]:
    """A connection whose refresh token is `refresh-0`."""
    vault = MemoryVault()
    with identity(Api(), vault) as service:
        vault.put(service.refresh_name, "refresh-0")
    return api(*tokens, **answers), vault


def test_a_refresh_token_is_used_once_and_the_new_one_kept() -> None:
    served, vault = authorized(
        token_answer(ONE, refresh_token="refresh-1"),
        token_answer(TWO, refresh_token="refresh-2"),
        getAccount=["OK", "NOTLOGGEDIN", "OK"],
    )
    with rescue(served, vault, **CONFIDENTIAL) as connector:
        connector.probe()
        connector.probe()
    sent = [served.form(at) for at, call in enumerate(served.calls) if call == "token"]
    assert sent[0] == {"grant_type": "refresh_token", "refresh_token": "refresh-0", "client_secret": PASSWORD}
    assert sent[1]["refresh_token"] == "refresh-1"
    assert refresh_kept(vault) == ("refresh-2", None)
    assert served.asked[-1][2].headers["authorization"] == f"Bearer {TWO}"


def test_where_no_new_refresh_token_comes_the_old_one_stays() -> None:
    served, vault = authorized(token_answer(ONE))
    with rescue(served, vault, **CONFIDENTIAL) as connector:
        connector.probe()
    assert refresh_kept(vault) == ("refresh-0", None)


def test_the_new_refresh_token_is_kept_before_anything_else_can_fail() -> None:
    served, vault = authorized(token_answer("unreadable-token", refresh_token="refresh-1"))
    with rescue(served, vault, **CONFIDENTIAL) as connector, pytest.raises(AccessDenied):
        connector.probe()
    assert refresh_kept(vault) == ("refresh-1", None)


def test_a_refused_refresh_token_tells_what_to_run_and_nothing_secret() -> None:
    served, vault = authorized(httpx.Response(400, json={"error": "invalid_grant"}))
    with rescue(served, vault, **CONFIDENTIAL) as connector, pytest.raises(AccessDenied) as denied:
        connector.probe()
    assert denied.value.code == AUTHORIZE
    assert "invalid_grant" in str(denied.value)
    assert "rescue --connection rescue authorize" in str(denied.value)
    assert "refresh-0" not in str(denied.value)
    assert refresh_kept(vault) == ("refresh-0", None)


def test_what_somebody_authorized_meanwhile_is_taken() -> None:
    class Meanwhile(Api):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            answer = super().__call__(request)
            if answer.status_code == 400:
                vault.put(next(name for name in vault.kept if name.startswith("refresh:")), "refresh-7")
            return answer

    answers, vault = authorized(
        httpx.Response(400, json={"error": "invalid_grant"}), token_answer(TWO, refresh_token="refresh-8")
    )
    served = Meanwhile(**answers.answers)
    with identity(served, vault) as service:
        assert service.access()[0] == TWO
    sent = [served.form(at)["refresh_token"] for at, call in enumerate(served.calls) if call == "token"]
    assert sent == ["refresh-0", "refresh-7"]
    assert refresh_kept(vault) == ("refresh-8", None)


def test_another_client_has_another_refresh_token() -> None:
    with identity(Api()) as one, identity(Api(), keys=PUBLIC) as other:
        assert one.refresh_name != other.refresh_name
