"""Who comes into the console, and who does not."""

from __future__ import annotations

import pytest

from tests.web.conftest import MakeDesk
from tests.web.desk import BASE_URL, KEY, Browser, Desk
from web import auth


def test_a_stranger_is_sent_to_the_sign_in(desk: Desk) -> None:
    answer = desk.browser().get("/deliveries?state=new")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/deliveries?state%3Dnew")


def test_the_token_lets_in(desk: Desk) -> None:
    browser = desk.browser()
    assert browser.sign_in().location == "/"
    assert browser.get("/").status_code == 200


def test_a_wrong_token_does_not(desk: Desk) -> None:
    browser = desk.browser()
    answer = browser.sign_in("another-token-of-somebody")
    assert answer.status_code == 401
    assert browser.get("/").status_code == 303


def test_no_token_never_equals_no_token() -> None:
    assert not auth.same("", "")


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Desk) -> None:
    cookie = desk.browser().sign_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie


def test_the_cookie_of_a_public_bridge_travels_only_encrypted(make_desk: MakeDesk) -> None:
    desk = make_desk(public_url="https://bridge.example.com")
    assert "Secure" in desk.browser().get("/sign-in").headers["Set-Cookie"]


def test_the_cookie_holds_no_token(desk: Desk, browser: Browser) -> None:
    with browser.client.session_transaction(base_url=BASE_URL) as session:
        assert desk.services.house.settings.admin_token not in str(dict(session))


def test_a_session_ends_after_twelve_hours(desk: Desk, browser: Browser) -> None:
    desk.clock.now += 12 * 3600 - 1
    assert browser.get("/").status_code == 200
    desk.clock.now += 2
    assert browser.get("/").status_code == 303


def test_signing_out_ends_it(browser: Browser) -> None:
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/").status_code == 303


def test_a_rotated_signing_key_keeps_sessions(make_desk: MakeDesk) -> None:
    browser = make_desk().browser()
    browser.sign_in()
    rotated = make_desk(secret_keys=("b" * 40, KEY))
    assert _with_cookie_of(browser, rotated).get("/").status_code == 200


def test_a_dropped_signing_key_ends_sessions(make_desk: MakeDesk) -> None:
    browser = make_desk().browser()
    browser.sign_in()
    assert _with_cookie_of(browser, make_desk(secret_keys=("b" * 40,))).get("/").status_code == 303


def test_a_new_administrator_token_ends_sessions(make_desk: MakeDesk) -> None:
    browser = make_desk().browser()
    browser.sign_in()
    assert _with_cookie_of(browser, make_desk(admin_token="a-new-administrator-token")).get("/").status_code == 303


def test_who_fails_too_often_waits(desk: Desk) -> None:
    browser = desk.browser()
    for _ in range(auth.MAX_FAILURES):
        assert browser.sign_in("wrong-wrong-wrong-wrong").status_code == 401
    answer = browser.sign_in()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 60
    desk.clock.now += 61
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_a_sign_in_never_leads_elsewhere(desk: Desk, target: str) -> None:
    browser = desk.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", token=desk.services.house.settings.admin_token, next=target)
    assert answer.location == "/"


@pytest.mark.parametrize("path", ["/sign-out", "/deliveries/1/replay", "/effects/1/skip", "/connections/desk/resume"])
def test_a_form_without_its_token_is_refused(browser: Browser, path: str) -> None:
    browser.get("/")
    assert browser.client.post(path, base_url=BASE_URL).status_code == 400
    assert browser.client.post(path, data={"csrf": "wrong"}, base_url=BASE_URL).status_code == 403


def test_a_sign_in_form_needs_its_token_too(desk: Desk) -> None:
    answer = desk.app.test_client().post("/sign-in", data={"token": "x", "csrf": "planted"}, base_url=BASE_URL)
    assert answer.status_code == 403


def _with_cookie_of(browser: Browser, desk: Desk) -> Browser:
    cookie = browser.client.get_cookie("deskbridge", domain="127.0.0.1")
    assert cookie is not None
    other = desk.browser()
    other.client.set_cookie("deskbridge", cookie.value, domain="127.0.0.1")
    return other
