"""The pretend RemotePC's page; its API is tested with the connector."""

from __future__ import annotations

import httpx

from sandbox.serve import Sandbox

USER = {"firstName": "Customer", "lastName": "One", "invitedUserEmailId": "customer@example.com"}
PASSWORD = "Made-up-pass-1"


def post(sandbox: Sandbox, path: str) -> int:
    return httpx.post(f"{sandbox.remotepc_url}{path}", trust_env=False).status_code


def test_the_page_lists_users_and_who_is_invited(sandbox: Sandbox) -> None:
    sandbox.remotepc.invite({"invitedUserEmailId": "second@example.com", "allotedComputers": 2})
    sandbox.remotepc.add({**USER, "password": PASSWORD, "allotedComputers": 1, "sendEmailToUser": True})
    page = httpx.get(sandbox.remotepc_url, trust_env=False).text
    assert "0 of 1 used" in page
    assert "welcome to customer@example.com" in page
    assert "invitation to second@example.com" in page
    assert PASSWORD not in page


def test_the_invited_accept_and_users_connect_computers(sandbox: Sandbox) -> None:
    sandbox.remotepc.invite({"invitedUserEmailId": "second@example.com", "allotedComputers": 1})
    assert post(sandbox, "/invited/second@example.com/accept") == 303
    assert post(sandbox, "/users/second@example.com/connect") == 303
    assert post(sandbox, "/users/second@example.com/connect") == 303
    [user] = sandbox.remotepc.listed()
    assert (user["utilized_computers"], user["alloted_computers"]) == (1, 1)
    assert post(sandbox, "/invited/second@example.com/accept") == 404
    assert post(sandbox, "/users/nobody@example.com/connect") == 404


def test_a_call_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    url = f"{sandbox.remotepc_url}/rpc-api/reseller/private/user/invite"
    headers = {"Authorization": f"Bearer {sandbox.settings.remotepc.api_key}"}
    assert httpx.post(url, content=b"no", headers=headers, trust_env=False).status_code == 400
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 405
