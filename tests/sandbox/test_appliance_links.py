"""Links, scripts, the Configuration API and the health page of the pretend appliance."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.appliance import Account, House

RDP = {"type": "rep", "operation": "generate", "action": "start_rdp_session", "target": "PC 7"}


def led(house: House, path: str = "/api/start_session", **params: str) -> str:
    """The key to which a link leads; dots stand as `__`."""
    with house.client() as client:
        answer = client.get(path, params={name.replace("__", "."): value for name, value in params.items()})
        assert answer.status_code == 303, answer.text
        assert client.get(answer.headers["location"]).status_code == 200
        return answer.headers["location"].partition("?ak=")[2]


def test_a_key_with_what_the_link_adds(house: House) -> None:
    key = house.appliance.request_key("general", {"external_key": "1", "asset": "A"})
    access = led(house, short_key=key.short_key, session__custom__external_key="2", customer__name="Ann")
    assert access == key.access
    assert not key.used
    session = house.appliance.join(key.short_key)
    assert (session.customer_name, session.attributes) == ("Ann", {"external_key": "2", "asset": "A"})


def test_a_representative_and_an_issue(house: House) -> None:
    by_rep = house.appliance.join(led(house, id="1", name="Technician 1"))
    assert (str(by_rep.queue), by_rep.start_method) == ("rep:1", "rep_list")
    by_issue = house.appliance.join(
        led(house, issue_menu="1", codeName="network", customer__details="slow", session__priority="1")
    )
    assert (str(by_issue.queue), by_issue.details, by_issue.priority) == ("team:2", "slow", 1)
    assert house.appliance.join(led(house, issue_menu="1", id="1")).queue.issue == "printing"


def test_the_names_of_2008(house: House) -> None:
    access = led(house, "/download_customer_connector.ns", issue_menu="1", customer_desc="slow", external_key="7")
    session = house.appliance.join(access)
    assert (str(session.queue), session.details, session.external_key) == ("general", "slow", "7")
    assert led(house, "/download_customer_connector.ns", id="1", name="Technician 1")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"short_key": "0000000"},
        {"id": "1", "name": "Somebody"},
        {"issue_menu": "2", "id": "1"},
        {"issue_menu": "1"},
        {"issue_menu": "1", "id": "1", "codeName": "printing"},
        {"issue_menu": "1", "id": "1", "customer.name": "x" * 101},
        {"issue_menu": "1", "id": "1", "customer.details": "ä" * 513},
        {"issue_menu": "1", "id": "1", "locale": "tlh"},
        {"issue_menu": "1", "id": "1", "platform": "linux"},
        {"issue_menu": "1", "id": "1", "c2cjs": "yes"},
        {"issue_menu": "1", "id": "1", "session.priority": "0"},
        {"issue_menu": "1", "id": "1", "session.skills": "cooking"},
        {"issue_menu": "1", "id": "1", "session.custom.unknown": "1"},
        {"issue_menu": "1", "id": "1", "external_key": "1"},
        {"issue_menu": "1", "id": "1", "timezone_offset": "west"},
    ],
)
def test_links_that_are_refused(house: House, wrong: dict[str, str]) -> None:
    with house.client() as client:
        assert client.get("/api/start_session", params=wrong).status_code == 400
    assert house.appliance.sessions == {}


def test_a_script_for_the_console(account: Account) -> None:
    answer = account.client.get("/api/client_script", params=RDP)
    lines = answer.text.split("\n")
    assert lines == ["BRCS1.0", "action=login", "action=start_rdp_session&target=PC%207", "action=delete_script_file"]
    assert "script.brcs-examplecompany" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "execute"},
        {"type": "web_console", "operation": "execute"},
        {"action": "reboot"},
        {"target": ""},
        {"surprise": "1"},
        {"session.custom.unknown": "1"},
        {"action": "login"},
        {"action": "start_jump_item_session"},
        {"action": "start_vpro_session"},
    ],
)
def test_scripts_that_are_refused(account: Account, wrong: dict[str, str]) -> None:
    assert account.client.get("/api/client_script", params=RDP | wrong).status_code == 400


def test_the_health_page_asks_nobody_who_they_are(house: House) -> None:
    with house.client() as client:
        assert client.get("/check_health").status_code == 200
        house.settings.healthy = False
        assert client.get("/check_health").status_code == 500


def everything(client: httpx.Client, path: str) -> list[int]:
    """The ids of a list, page after page."""
    found: list[int] = []
    while path:
        answer = client.get(path)
        found += [item["id"] for item in answer.json()]
        path = answer.links.get("next", {}).get("url", "")
    return found


def test_configuration_is_listed_made_changed_and_deleted(account: Account) -> None:
    client, groups = account.client, "/api/config/v1/jump-group"
    assert everything(client, groups) == [1, 2, 3]
    made = client.post(groups, json={"name": "Shops", "code_name": "shops"})
    assert (made.status_code, made.json()["id"]) == (201, 4)
    assert client.patch(f"{groups}/4", json={"comments": "new"}).json()["comments"] == "new"
    assert client.delete(f"{groups}/4").status_code == 204
    assert client.get(f"{groups}/4").status_code == 404
    assert [one["id"] for one in client.get("/api/config/v1/user?username=lead").json()] == [3]


def test_configuration_that_is_refused(house: House, account: Account) -> None:
    client, groups = account.client, "/api/config/v1/jump-group"
    assert client.post(groups, json={"name": "Shops"}).status_code == 422
    assert client.patch(f"{groups}/1", json={"id": 7}).status_code == 422
    assert client.patch(f"{groups}/1", json={"name": 7}).status_code == 422
    assert client.patch(f"{groups}/1", content=b"{").status_code == 400
    assert client.get(f"{groups}?surprise=1").status_code == 422
    house.settings.denied = frozenset({"configuration"})
    assert client.get(f"{groups}/1").status_code == 403


def test_the_description_names_what_there_is(account: Account) -> None:
    text = account.client.get("/api/config/v1/openapi.yaml").text
    assert all(f"  {path}:\n" in text for path in ("/jump-group", "/jump-group/{id}", "/user", "/user/{id}"))
