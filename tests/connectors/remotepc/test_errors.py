"""Every error word of the vendor's document: who must act, in words that say so. Most of them over real HTTP."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from bridge.accounts import AccountRequest, Standing
from bridge.errors import AccessDenied, ConnectorError, NotFound, RateLimited, Rejected, Unavailable, UnknownOutcome
from connectors.http import Reply, status_error
from connectors.platforms.remotepc import RemotePc
from connectors.platforms.remotepc.errors import WORDS, read_error
from tests.connectors.remotepc.desk import RemotePcDesk
from tests.connectors.remotepc.test_client import answer, answering

EMAIL = "customer@example.com"
PASSWORD = "Made-up-pass-1"
Call = Callable[[RemotePc], object]
OTHER = AccountRequest("second@example.com", 1, "Customer", "Two")
GOOD = AccountRequest(EMAIL, 1, "Customer", "One")


def add(email: str = EMAIL, first: str = "Customer", last: str = "One", password: str = PASSWORD) -> Call:
    return lambda client: client.add_user(AccountRequest(email, 1, first, last), password)


def signin(name: str = EMAIL, password: str = PASSWORD) -> Call:
    return lambda client: client.sign_in_link(name, password)


@pytest.mark.parametrize(
    ("word", "call", "told"),
    [
        ("FIRSTNAME_REQUIRED", add(first=""), "first name"),
        ("LASTNAME_REQUIRED", add(last=""), "last name"),
        ("EMAILID_REQUIRED", add(email=""), "e-mail address"),
        ("ENTER_VALID_EMAIL", add(email="nobody"), "no valid one"),
        ("PASSWORD_REQUIRED", add(password=""), "password"),
        ("INVALID_PASSWORD", add(password="short"), "does not take this password"),
        ("USERNAME_REQUIRED", signin(name=""), "user name"),
        ("INVALID_EMAIL", signin(name="nobody"), "no valid one"),
        ("PASSWORD_REQUIRED", signin(password=""), "password"),
        ("USERNAME_DOES_NOT_EXIST", signin(), "no user of this name"),
    ],
)
def test_what_is_about_one_user_is_rejected(desk: RemotePcDesk, word: str, call: Call, told: str) -> None:
    with pytest.raises(Rejected) as caught:
        call(desk.built())
    assert caught.value.code == word
    assert told in str(caught.value)
    assert EMAIL not in str(caught.value)


def test_email_exists_is_no_failure_of_add(desk: RemotePcDesk) -> None:
    client = desk.built()
    client.add_user(GOOD, PASSWORD)
    assert client.add_user(GOOD, "Another-pass-2") is Standing.EXISTS
    assert desk.state.users[EMAIL].password == PASSWORD


def test_a_cancelled_account_is_one_users_matter(desk: RemotePcDesk) -> None:
    desk.settings.cancelled = frozenset({EMAIL})
    with pytest.raises(Rejected) as caught:
        desk.built().sign_in_link(EMAIL, PASSWORD)
    assert (caught.value.code, "cancelled" in str(caught.value)) == ("CANCELLED_ACCOUNT", True)


@pytest.mark.parametrize(
    ("setting", "word", "told"),
    [
        ("suspended", "ACTION_PARENT_ACCOUNT_SUSPENDED", "suspended"),
        ("blocked", "IP_ADDRESS_BLOCKED", "blocks this server's address"),
    ],
)
def test_a_suspended_reseller_and_a_blocked_address_stop_the_connection(
    desk: RemotePcDesk, setting: str, word: str, told: str
) -> None:
    setattr(desk.settings, setting, True)
    with pytest.raises(AccessDenied) as caught:
        desk.built().sign_in_link(EMAIL, PASSWORD)
    assert caught.value.code == word
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.add_user(OTHER, PASSWORD),
        lambda client: client.invite_user(GOOD),
        lambda client: client.sign_in_link(EMAIL, PASSWORD),
        lambda client: client.users(),
    ],
    ids=["add", "invite", "signin", "list"],
)
class TestEachCall:
    def test_an_address_that_is_not_on_the_allow_list_is_forbidden(self, desk: RemotePcDesk, call: Call) -> None:
        desk.settings.allowed_addresses = frozenset({"192.0.2.7"})
        with pytest.raises(AccessDenied) as caught:
            call(desk.built())
        assert (caught.value.code, "allow-list" in str(caught.value)) == ("Forbidden", True)

    def test_a_wrong_key_is_refused(self, desk: RemotePcDesk, call: Call) -> None:
        client = desk.built()
        desk.settings.api_key = "another-key"
        with pytest.raises(AccessDenied) as caught:
            call(client)
        assert caught.value.code in ("NOT_AUTHORIZED", "UNAUTHORIZED_ACCESS")

    def test_a_server_error_settles_nothing(self, desk: RemotePcDesk, call: Call) -> None:
        desk.settings.forced_words = ["INTERNAL_SERVER_ERROR"]
        with pytest.raises(Unavailable) as caught:
            call(desk.built())
        assert caught.value.code == "INTERNAL_SERVER_ERROR"

    @pytest.mark.parametrize(("status", "code"), [(200, 500), (500, 200), (200, 400), (400, 200), (403, 200)])
    def test_either_code_that_fails_is_a_failure(self, desk: RemotePcDesk, call: Call, status: int, code: int) -> None:
        client = desk.built()
        client.add_user(GOOD, PASSWORD)
        desk.settings.next_statuses, desk.settings.next_codes = [status], [code]
        with pytest.raises(ConnectorError):
            call(client)

    def test_an_unknown_word_is_kept(self, desk: RemotePcDesk, call: Call) -> None:
        desk.settings.forced_words = ["QUOTA_IS_USED_UP"]
        with pytest.raises(Rejected) as caught:
            call(desk.built())
        assert caught.value.code == "QUOTA_IS_USED_UP"
        assert "QUOTA_IS_USED_UP" in str(caught.value)


def test_only_the_list_says_unauthorized_access(desk: RemotePcDesk) -> None:
    client = desk.built()
    desk.settings.api_key = "another-key"
    with pytest.raises(AccessDenied) as caught:
        client.users()
    assert caught.value.code == "UNAUTHORIZED_ACCESS"
    with pytest.raises(AccessDenied) as caught:
        client.invite_user(GOOD)
    assert caught.value.code == "NOT_AUTHORIZED"


@pytest.mark.parametrize(
    ("name", "error", "code"),
    [
        ("unauthorized", AccessDenied, "NOT_AUTHORIZED"),
        ("list-unauthorized", AccessDenied, "UNAUTHORIZED_ACCESS"),
        ("forbidden", AccessDenied, "Forbidden"),
        ("server-error", UnknownOutcome, "INTERNAL_SERVER_ERROR"),
        ("status-differs-from-code", Rejected, "ENTER_VALID_EMAIL"),
    ],
)
def test_the_documents_own_answers(name: str, error: type[ConnectorError], code: str) -> None:
    with answering(answer(name)) as (client, _), pytest.raises(error) as caught:
        client.invite_user(GOOD)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"status": "OK", "code": 429, "errorsCount": 1}, RateLimited),
        (429, {"status": "OK", "code": 200}, RateLimited),
        (200, {"status": "NOT_FOUND", "code": 404}, NotFound),
        (200, {"status": "OK"}, UnknownOutcome),
        (200, {"status": "OK", "code": "200"}, UnknownOutcome),
        (200, {"status": "STRANGE", "code": 200}, UnknownOutcome),
        (200, {"status": "OK", "code": 200, "errorsCount": 1}, UnknownOutcome),
        (400, {"status": "OK", "code": 200, "errors": [{"description": "<b>\n"}]}, Rejected),
    ],
)
def test_an_envelope_without_a_known_word_goes_by_its_codes(
    status: int, body: dict[str, object], error: type[ConnectorError]
) -> None:
    reply = Reply(status, {}, httpx.Response(status, json=body).content, sent=True)
    said = read_error(reply) or status_error(reply)
    if said is None:
        pytest.fail("taken for success")
    assert type(said) is error
    assert "<b>" not in str(said)


def test_no_word_is_told_by_its_name_alone() -> None:
    assert all(len(meaning.told) > len(word) or word == "Forbidden" for word, meaning in WORDS.items())
