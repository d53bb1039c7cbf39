"""The pretend Identity Service over HTTP: codes with consent and PKCE, tokens of three grants, published keys."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import jwt
import pytest

from sandbox.serve import Sandbox

REDIRECT = "http://127.0.0.1:8765/callback"
VERIFIER = "made-up-verifier-of-more-than-43-characters-0123456789"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
CODE = "/id-srv-api/api/oauth/code"
TOKEN = "/id-srv-api/api/oauth/token"
KEYS = "/id-srv-api/api/oauth/keys"


@pytest.fixture
def browser(rescue: httpx.Client, sandbox: Sandbox) -> httpx.Client:
    """Somebody who is signed in at Rescue."""
    account = sandbox.settings.rescue
    rescue.post("/API/login.aspx", data={"email": account.email, "pwd": account.password})
    return rescue


def request(**changed: str) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": "11",
        "scope": "Rescue;API",
        "state": "ku8765g",
        "redirect_uri": REDIRECT,
        "code_challenge_method": "S256",
        "code_challenge": CHALLENGE,
        **changed,
    }
    return {name: value for name, value in asked.items() if value}


def consent(browser: httpx.Client, asked: dict[str, str], answer: str = "allow") -> httpx.Response:
    """What the person does: the consent page, then the answer, then the code's address again."""
    page = browser.get(CODE, params=asked)
    assert page.status_code == 302
    query = dict(parse_qsl(urlsplit(page.headers["location"]).query))
    assert "Rescue;API" in browser.get(page.headers["location"]).text
    done = browser.post(urlsplit(page.headers["location"]).path, data={**query, "answer": answer})
    return browser.get(done.headers["location"]) if done.headers["location"].startswith("/") else done


def came_back(answer: httpx.Response) -> dict[str, str]:
    """The query of the redirect to the client, each value unescaped once."""
    address, _, query = answer.headers["location"].partition("?")
    assert address == REDIRECT
    return {name: unquote(value) for name, _, value in (part.partition("=") for part in query.split("&"))}


def exchange(browser: httpx.Client, code: str, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "11",
        "client_secret": "sandbox-client-secret",
        "redirect_uri": REDIRECT,
        "client_verifier": VERIFIER,
        **changed,
    }
    return browser.post(TOKEN, data={name: value for name, value in form.items() if value})


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error", "")


def code_for(browser: httpx.Client, **changed: str) -> str:
    return came_back(consent(browser, request(**changed)))["code"]


def test_a_stranger_is_sent_to_the_login_and_from_there_back(rescue: httpx.Client, sandbox: Sandbox) -> None:
    sent = rescue.get(CODE, params=request())
    assert urlsplit(sent.headers["location"]).path == "/id-srv/login"
    back = dict(parse_qsl(urlsplit(sent.headers["location"]).query))["return_url"]
    assert back in rescue.get(sent.headers["location"]).text.replace("&amp;", "&")
    account = sandbox.settings.rescue
    wrong = rescue.post("/id-srv/login", data={"email": account.email, "password": "x", "return_url": back})
    assert (wrong.status_code, "INVALID" in wrong.text) == (403, True)
    right = rescue.post(
        "/id-srv/login", data={"email": account.email, "password": account.password, "return_url": back}
    )
    again = rescue.get(right.headers["location"])
    assert urlsplit(again.headers["location"]).path == "/id-srv-api/api/oauth/consent"


def test_the_login_leads_to_no_other_site(rescue: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.settings.rescue
    form = {"email": account.email, "password": account.password, "return_url": "//elsewhere.example.com/"}
    assert rescue.post("/id-srv/login", data=form).headers["location"] == "/"


def test_after_consent_the_code_comes_with_the_state_and_escaped(browser: httpx.Client) -> None:
    answer = consent(browser, request())
    told = came_back(answer)
    assert (set(told), told["state"]) == ({"code", "state"}, "ku8765g")
    assert told["code"] not in answer.headers["location"]
    assert "code" in came_back(browser.get(CODE, params=request())), "consent is asked for once"


def test_who_does_not_consent_is_sent_back(browser: httpx.Client) -> None:
    assert came_back(consent(browser, request(), "deny"))["error"] == "access_denied"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "Everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"client_id": "12", "code_challenge": ""}, "invalid_request"),
    ],
)
def test_what_is_refused_is_sent_back_as_an_error(browser: httpx.Client, changed: dict[str, str], error: str) -> None:
    assert came_back(browser.get(CODE, params=request(**changed)))["error"] == error


@pytest.mark.parametrize("changed", [{"client_id": "13"}, {"redirect_uri": "https://x.example.com/"}, {"state": ""}])
def test_nobody_is_sent_to_an_address_that_is_not_registered(browser: httpx.Client, changed: dict[str, str]) -> None:
    assert browser.get(CODE, params=request(**changed)).status_code == 400


@pytest.mark.parametrize(
    "client", [{"client_id": "11"}, {"client_id": "12", "client_secret": ""}], ids=["confidential", "public"]
)
def test_a_code_gives_a_token_that_signs_in(browser: httpx.Client, client: dict[str, str]) -> None:
    answer = exchange(browser, code_for(browser, client_id=client["client_id"]), **client).json()
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 3600, "Rescue;API")
    browser.cookies.clear()
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert browser.post("/API/getAccount.aspx", headers=bearer).text.startswith("OK")


def test_a_confidential_client_may_do_without_pkce(browser: httpx.Client) -> None:
    code = code_for(browser, code_challenge="", code_challenge_method="")
    assert exchange(browser, code, client_verifier="").status_code == 200


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"client_verifier": "another-verifier"}, "invalid_grant"),
        ({"client_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "https://x.example.com/"}, "invalid_grant"),
        ({"client_id": "12", "client_secret": ""}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange(browser: httpx.Client, changed: dict[str, str], word: str) -> None:
    assert error(exchange(browser, code_for(browser), **changed)) == (400, word)


def test_a_code_is_good_once_and_for_ten_minutes(browser: httpx.Client, sandbox: Sandbox) -> None:
    code = code_for(browser)
    assert exchange(browser, code).status_code == 200
    assert error(exchange(browser, code)) == (400, "invalid_grant")
    late = came_back(browser.get(CODE, params=request()))["code"]
    sandbox.clock.advance(601)
    assert error(exchange(browser, late)) == (400, "invalid_grant")


def test_the_example_in_the_reference_may_be_meant(browser: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.settings.rescue
    account.pkce_challenge, account.redirect_name, account.verifier_name = "hex", "redirect_url", "code_verifier"
    code = code_for(browser, code_challenge=hashlib.sha256(VERIFIER.encode()).hexdigest())
    assert exchange(browser, code, redirect_url=REDIRECT, code_verifier=VERIFIER).status_code == 200


def test_a_refresh_token_is_used_up(browser: httpx.Client) -> None:
    tokens = exchange(browser, code_for(browser)).json()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert error(browser.post(TOKEN, data=form)) == (400, "invalid_client")
    form["client_secret"] = "sandbox-client-secret"
    renewed = browser.post(TOKEN, data=form).json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert error(browser.post(TOKEN, data=form)) == (400, "invalid_grant")


def test_client_credentials_are_for_the_confidential_client(rescue: httpx.Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": "11", "scope": "Rescue;API"}
    assert error(rescue.post(TOKEN, data=form)) == (400, "invalid_client")
    assert error(rescue.post(TOKEN, data={**form, "client_id": "12"})) == (400, "invalid_client")
    form["client_secret"] = "sandbox-client-secret"
    assert error(rescue.post(TOKEN, data={**form, "scope": "Rescue"})) == (400, "invalid_scope")
    assert rescue.post(TOKEN, data=form).json()["refresh_token"]


def test_tokens_are_signed_by_the_newest_key_and_keys_overlap(rescue: httpx.Client, sandbox: Sandbox) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "11",
        "client_secret": "sandbox-client-secret",
        "scope": "Rescue;API",
    }
    named = []
    for _ in range(2):
        published = rescue.get(KEYS).json()
        assert published["Result"] == "Success"
        keys = {key["KeyId"]: key["Public"] for key in published["Data"]}
        assert all(pem.startswith("-----BEGIN RSA PUBLIC KEY-----\n") for pem in keys.values())
        token = rescue.post(TOKEN, data=form).json()["access_token"]
        assert "kid" not in jwt.get_unverified_header(token)
        kid = jwt.decode(token, options={"verify_signature": False})["kid"]
        claims = jwt.decode(token, keys[kid], algorithms=["RS256"], issuer="rescue-oauth")
        assert (claims["name"], claims["email"]) == ("Technician 1", "technician@example.com")
        named.append((kid, set(keys)))
        sandbox.rescue.accounts.identity.rotate_keys()
    assert named == [("2", {"1", "2"}), ("3", {"1", "2", "3"})]
