"""The four calls: what goes out, and what of the answers is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest

from bridge.accounts import Account, AccountRequest, Standing
from bridge.errors import Rejected, Unavailable, UnknownOutcome
from connectors.platforms.remotepc.client import RemotePcClient
from tests.connectors.remotepc.desk import RemotePcDesk
from tests.contract.workshop import workshop

FIXTURES = Path(__file__).parents[2] / "fixtures/remotepc"
USERS = "/rpc-api/reseller/private/user"
SOMEBODY = AccountRequest("customer3@example.com", 10, "Customer", "Three")
PASSWORD = "Made-up-pass-1"


def answer(name: str) -> httpx.Response:
    """The captured answer."""
    head, _, body = (FIXTURES / f"{name}.http").read_bytes().partition(b"\r\n\r\n")
    return httpx.Response(int(head.split(b" ")[1]), content=body, headers={"content-type": "application/json"})


@contextmanager
def answering(
    *answers: httpx.Response | Callable[[httpx.Request], httpx.Response],
) -> Iterator[tuple[RemotePcClient, list[httpx.Request]]]:
    """A client that gets these answers one after another, and what it asked."""
    asked: list[httpx.Request] = []
    waiting = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = waiting.pop(0)
        return found if isinstance(found, httpx.Response) else found(request)

    with workshop("https://web1.remotepc.com", handle) as shop:
        yield RemotePcClient(shop.transport, "made-up-key"), asked


def sent(request: httpx.Request) -> object:
    assert request.method == "POST"
    assert request.headers["authorization"] == "Bearer made-up-key"
    assert request.headers["content-type"] == "application/json"
    return json.loads(request.content)


def test_add_sends_what_the_document_says() -> None:
    with answering(answer("add-success")) as (client, asked):
        assert client.add_user(SOMEBODY, PASSWORD) is Standing.ADDED
    assert asked[0].url == f"https://web1.remotepc.com{USERS}/add"
    assert sent(asked[0]) == {
        "firstName": "Customer",
        "lastName": "Three",
        "invitedUserEmailId": "customer3@example.com",
        "password": PASSWORD,
        "allotedComputers": 10,
        "sendEmailToUser": True,
    }


def test_add_can_leave_the_letter_out() -> None:
    with answering(answer("add-success")) as (client, asked):
        client.add_user(SOMEBODY, PASSWORD, tell_user=False)
    assert json.loads(asked[0].content)["sendEmailToUser"] is False


def test_add_of_somebody_who_is_there_is_no_failure() -> None:
    with answering(answer("add-email-exists")) as (client, _):
        assert client.add_user(SOMEBODY, PASSWORD) is Standing.EXISTS


def test_invite_sends_a_list_and_is_answered_user_by_user() -> None:
    people = [AccountRequest(f"customer{number}@example.com", number) for number in (1, 2, 3)]
    with answering(answer("invite-success")) as (client, asked):
        answers = client.invite_users(people)
    assert asked[0].url == f"https://web1.remotepc.com{USERS}/invite"
    assert sent(asked[0]) == [
        {"invitedUserEmailId": f"customer{number}@example.com", "allotedComputers": number} for number in (1, 2, 3)
    ]
    assert [(one.email, one.word, one.standing) for one in answers] == [
        ("customer1@example.com", "ALREADY_INVITED", Standing.ALREADY_INVITED),
        ("customer2@example.com", "EXISTS", Standing.EXISTS),
        ("customer3@example.com", "INVITED", Standing.INVITED),
    ]


def test_invite_of_one_finds_its_own_answer_whatever_its_case() -> None:
    with answering(answer("invite-success")) as (client, _):
        assert client.invite_user(AccountRequest("Customer2@Example.com")) is Standing.EXISTS


def test_an_invitation_that_is_answered_for_somebody_else_is_in_doubt() -> None:
    with answering(answer("invite-success")) as (client, _), pytest.raises(UnknownOutcome):
        client.invite_user(AccountRequest("stranger@example.com"))


def test_an_unknown_word_for_a_user_is_kept() -> None:
    message = [{"username": SOMEBODY.email, "status": "NO_LICENSE_LEFT"}]
    told = httpx.Response(200, json={"status": "OK", "code": 200, "message": message})
    with answering(told) as (client, _), pytest.raises(Rejected) as caught:
        client.invite_user(SOMEBODY)
    assert caught.value.code == "NO_LICENSE_LEFT"


def test_signin_sends_name_and_password_and_returns_the_link() -> None:
    with answering(answer("signin-success")) as (client, asked):
        link = client.sign_in_link("customer1@example.com", PASSWORD)
    assert asked[0].url == f"https://web1.remotepc.com{USERS}/signin"
    assert sent(asked[0]) == {"username": "customer1@example.com", "password": PASSWORD}
    assert link.url == "https://login.example.com/rpcnew/process/autologin/made-up-token"


def test_a_link_is_not_in_its_representation() -> None:
    with answering(answer("signin-success")) as (client, _):
        link = client.sign_in_link("customer1@example.com", PASSWORD)
    assert "made-up-token" not in f"{link!r} {link}"


def test_list_asks_for_all_and_reads_days_as_month_day_year() -> None:
    with answering(answer("list-success")) as (client, asked):
        found = client.users()
    assert asked[0].url == f"https://web1.remotepc.com{USERS}/list"
    assert sent(asked[0]) == {}
    assert list(found) == [
        Account("customer1@example.com", 1, 0, True, date(2023, 1, 13)),
        Account("customer2@example.com", 425, 0, True, date(2023, 1, 25)),
    ]


@pytest.mark.parametrize(("told", "day"), [("12-31-2024", date(2024, 12, 31)), ("31-12-2024", None), (None, None)])
def test_a_day_that_is_none_is_left_out(told: object, day: date | None) -> None:
    row = {"username": "customer1@example.com", "created_date": told}
    body = {"status": "OK", "code": 200, "message": {"resellerUsersList": [row, {"username": ""}, "no row"]}}
    with answering(httpx.Response(200, json=body)) as (client, _):
        [user] = client.users()
    assert (user.created_on, user.active, user.computers_allotted) == (day, False, 0)


@pytest.mark.parametrize("message", ["SUCCESS", [], {}, None])
def test_a_message_of_another_shape_settles_nothing(message: object) -> None:
    body = {"status": "OK", "code": 200, "message": message}
    with answering(*(httpx.Response(200, json=body) for _ in range(3))) as (client, _):
        with pytest.raises(Unavailable):
            client.users()
        with pytest.raises(Unavailable):
            client.sign_in_link("customer1@example.com", PASSWORD)
        with pytest.raises(UnknownOutcome):
            client.invite_user(SOMEBODY)


def test_over_the_wire_with_the_pretend_vendor(desk: RemotePcDesk) -> None:
    client = desk.built()
    assert client.add_user(SOMEBODY, PASSWORD) is Standing.ADDED
    assert desk.state.users["customer3@example.com"].password == PASSWORD
    link = client.sign_in_link("customer3@example.com", PASSWORD)
    assert link.url == desk.state.links[0]
    desk.state.connect_computer("customer3@example.com")
    [user] = client.users()
    assert (user.computers_allotted, user.computers_used, user.active) == (10, 1, True)
    assert client.probe() == "the API key opens a reseller account: 1 users, 1 of 10 computers used"
