"""Who gets into the pretend appliance's API, and how often."""

from __future__ import annotations

import pytest

from tests.sandbox.appliance import Account, House, error, root


def test_a_token_says_how_long_it_lives(house: House, account: Account) -> None:
    house.settings.token_seconds, house.settings.token_type = 1799, "bearer"
    answer = account.ask_token().json()
    assert (answer["expires_in"], answer["token_type"]) == (1799, "bearer")


@pytest.mark.parametrize(("secret", "grant", "status"), [("wrong", "client_credentials", 401), (None, "password", 400)])
def test_no_token_for_strangers_and_other_grants(account: Account, secret: str, grant: str, status: int) -> None:
    assert account.ask_token(secret, grant).status_code == status


def test_an_expired_token_is_refused_in_json(house: House, account: Account) -> None:
    house.clock.advance(3600)
    answer = account.client.get("/api/command", params={"action": "get_api_info"})
    assert (answer.status_code, answer.json()["error"]) == (401, "access_denied")


def test_a_new_secret_ends_all_tokens(house: House, account: Account) -> None:
    house.gate.revoke()
    assert account.client.get("/api/command", params={"action": "get_api_info"}).json()["error"] == "access_denied"


def test_the_31st_token_ends_the_oldest(house: House, account: Account) -> None:
    for _ in range(29):
        account.ask_token()
    assert error(account.command("get_api_info")) == ""
    account.ask_token()
    assert account.client.get("/api/command", params={"action": "get_api_info"}).status_code == 401
    assert house.gate.tokens == 30


def test_twenty_requests_a_second(house: House, account: Account) -> None:
    house.settings.requests_per_second = 3
    asked = [account.client.get("/api/command", params={"action": "get_api_info"}) for _ in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    house.clock.advance(1)
    assert account.client.get("/api/command", params={"action": "get_api_info"}).status_code == 200


def test_the_hour_is_counted_in_headers_and_comes_to_an_end(house: House, account: Account) -> None:
    house.settings.requests_per_hour = 2
    left = []
    for _ in range(3):
        answer = account.client.get("/api/command", params={"action": "get_api_info"})
        left.append((answer.status_code, answer.headers["X-RateLimit-Remaining"]))
    assert left == [(200, "1"), (200, "0"), (429, "0")]
    house.clock.advance(3599)
    account.sign_in()
    house.clock.advance(1)
    assert account.client.get("/api/reporting").headers["X-RateLimit-Limit"] == "2"


def test_a_connection_kept_open_may_be_refused(house: House, account: Account) -> None:
    house.settings.strict_close = True
    assert error(account.command("get_api_info")) == ""
    kept = account.client.get("/api/command", headers={"Connection": "keep-alive"})
    assert (kept.status_code, "closed" in kept.text) == (400, True)


def test_parameters_in_parts_or_twice_are_refused(account: Account) -> None:
    parts = account.client.post("/api/command", files={"action": (None, "get_api_info")})
    twice = account.client.get("/api/command?action=get_api_info&action=get_api_info")
    assert (parts.status_code, twice.status_code) == (415, 400)


def test_2008_knows_passwords_and_no_tokens(house: House, account: Account) -> None:
    settings = house.settings
    settings.old = True
    assert account.ask_token().status_code == 404
    assert account.client.post("/api/command", data={"action": "get_api_info"}).status_code == 404
    assert account.client.post("/api/command.ns", data={"action": "get_api_info"}).json()["error"] == "access_denied"
    with house.client() as client:
        who = {"username": settings.username, "password": settings.password}
        key = {"action": "generate_session_key", "type": "support", "queue_id": "general", "external_key": "7"}
        answer = root(client.post("/api/command.ns", data={**key, **who}))
        assert answer.findtext("external_key") == "7"
        wrong = client.post("/api/command.ns", data={**key, **who, "password": "wrong"})
        assert wrong.json()["error"] == "access_denied"


def test_the_paths_with_ns_still_work_today(account: Account) -> None:
    assert root(account.client.get("/api/command.ns?action=get_api_info")).tag == "api_information"
    assert account.client.post("/api/backup.ns").content == account.client.get("/api/backup").content


def test_without_the_api_its_pages_are_not_found(house: House, account: Account) -> None:
    house.settings.enabled = False
    answer = account.client.get("/api/reporting")
    assert (answer.status_code, "Document Not Found" in answer.text) == (404, True)
