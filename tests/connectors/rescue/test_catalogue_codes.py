"""Every documented return value of every method, answered as on the wire, is its own clear error or its success."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bridge.errors import ConnectorError, NobodyThere, Unavailable, UnknownOutcome
from connectors.http import Reply
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.catalogue import METHODS, codes_of
from connectors.platforms.rescue.replies import CODES, Meaning
from tests.connectors.rescue.calls import BY_SOAP, CALLS, answered, captured, envelope, house
from tests.connectors.rescue.support import AUTHCODE, PASSWORD, Api, rescue

SIGN_IN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "logIn": ("login", {"auth": "login", "email": "technician1@example.com", "password": PASSWORD}),
    "requestAuthCode": (
        "requestAuthCode",
        {"authcode": AUTHCODE, "email": "technician1@example.com", "password": PASSWORD},
    ),
    "requestAuthCodeSSO": (
        "requestAuthCodeSSO",
        {"auth": "sso", "sso_id": "123456", "sso_password": PASSWORD, "company_id": "654321"},
    ),
}
"""What only the sign-in calls: its address and the keys that lead there."""
LOG_OUT = "logOut"
"""Read by the same reader as every other, but called by no typed method."""

ACTORS = ("Deskbridge", "an operator", "an administrator of Rescue", "a technician", "whoever asked")
SAME = {
    frozenset({"NO_ACCESS_TO_LENS", "NOPERMISSIONFORLENS"}),
    frozenset({"INVALIDPARAM_PARENT", "INVALIDPARAM_PARENTID"}),
}
"""Codes of different methods that mean the same."""

ALL = [(name, code) for name, method in METHODS.items() for code in method.codes]
SOAPED = [(name, code) for name in BY_SOAP for code in METHODS[name].codes]
EACH = [(name, code) for name, method in METHODS.items() for code in method.each]


def refused(name: str, code: str, *, soap: bool = False) -> ConnectorError:
    """The error that the typed call raises when that code is the answer."""
    if name in SIGN_IN:
        address, keys = SIGN_IN[name]
        api = Api(**{"getAccount": "INVALID_SECRETAUTHCODE", address: code})
        with rescue(api, **keys) as connector, pytest.raises(ConnectorError) as raised:
            connector.probe()
        return raised.value
    if name == LOG_OUT:
        error = replies.error_of(Reply(200, content=code.encode()), codes_of(METHODS[name]))
        assert error is not None
        return error
    call = (BY_SOAP if soap else CALLS)[name]
    with house(answered(name, code, soap=soap)) as calls, pytest.raises(ConnectorError) as raised:
        call(calls)
    return raised.value


def ids(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{name}-{code}" for name, code in pairs]


def test_every_method_has_a_call() -> None:
    assert set(METHODS) == {*CALLS, *SIGN_IN, LOG_OUT}


@pytest.mark.parametrize(("name", "code"), ALL, ids=ids(ALL))
def test_a_return_value_is_its_own_error(name: str, code: str) -> None:
    meaning = METHODS[name].codes[code]
    error = refused(name, code)
    assert (type(error), error.code) == (meaning.error, code)
    assert meaning.says in str(error)
    assert not any(secret in str(error) for secret in (PASSWORD, AUTHCODE))


@pytest.mark.parametrize(("name", "code"), SOAPED, ids=ids(SOAPED))
def test_a_return_value_by_soap_is_the_same_error(name: str, code: str) -> None:
    operation = METHODS[name].operation
    for said in (code, f"{operation}_{code}", f"{operation}Ret_{code.title()}", f"{operation}_{code.title()}ID"):
        error = refused(name, said, soap=True)
        assert (type(error), error.code) == (METHODS[name].codes[code].error, code), said


@pytest.mark.parametrize(("name", "code"), EACH, ids=ids(EACH))
def test_a_return_value_of_each_item_is_its_own_error(name: str, code: str) -> None:
    parts = (
        f"<CREATEUSERINFO><iNodeId>0</iNodeId><iUniqueId>7</iUniqueId><userState>{code}</userState></CREATEUSERINFO>"
    )
    answer = envelope("createUsers", f"PARTIALLY_PROCESSED</state><createUserInfos>{parts}</createUserInfos><state>")
    with house(Api(createUsers=answer)) as calls:
        created = CALLS[name](calls)
    [user] = created.users
    assert (user.unique_id, user.id, user.code) == (7, "", code)
    assert type(user.problem) is METHODS[name].each[code].error
    assert METHODS[name].each[code].says in str(user.problem)


def test_a_meaning_says_who_must_do_what() -> None:
    known = [CODES, *(method.codes for method in METHODS.values()), *(method.each for method in METHODS.values())]
    for code, meaning in (pair for codes in known for pair in codes.items()):
        assert any(f": {actor} " in meaning.says for actor in ACTORS), code


def test_no_two_codes_say_the_same_unless_they_mean_the_same() -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for method in METHODS.values():
        for codes in (method.codes, method.each):
            assert len({meaning.says for meaning in codes.values()}) == len(codes), method.name
            for code, meaning in codes.items():
                said[meaning.says].add(code)
    assert {frozenset(codes) for codes in said.values() if len(codes) > 1} == SAME


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_code_that_nobody_knows_is_refused(name: str) -> None:
    if name == "getPINCode":
        return  # A page: whatever stands there that is no PIN is unreadable.
    assert refused(name, "NEVER_SEEN_BEFORE").code == "NEVER_SEEN_BEFORE"


@pytest.mark.parametrize("name", sorted(CALLS))
def test_garbage_is_no_success(name: str) -> None:
    api = answered(name, captured("fault-server.xml") if not METHODS[name].address else "<html>busy</html>")
    with house(api) as calls, pytest.raises(Unavailable) as raised:
        CALLS[name](calls)
    assert type(raised.value) is (UnknownOutcome if METHODS[name].writes else Unavailable)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.writes])
def test_an_unspecified_error_of_a_write_may_have_done_it(name: str) -> None:
    said = METHODS[name].codes["ERROR"]
    # Of PINs and of many users it is known that nothing was done.
    known = "PIN" in name or name == "createUsers"
    assert said.error is (Unavailable if known else UnknownOutcome)


@pytest.mark.parametrize(
    "call",
    [
        lambda calls: calls.sessions.start("1", "2"),
        lambda calls: calls.sessions.transfer("1", "2"),
        lambda calls: calls.sessions.close("1"),
    ],
)
def test_an_offline_technician_is_told_apart(call: Callable[[Any], Any]) -> None:
    refusing = dict.fromkeys(("startSession", "transferSession", "closeSession"), "ACTIONFAILED")
    with house(Api(**refusing)) as calls, pytest.raises(NobodyThere):
        call(calls)


def test_what_is_meant_everywhere_is_said_once() -> None:
    """A method has words of its own only where it means something of its own."""
    for name, method in METHODS.items():
        for code, meaning in method.codes.items():
            same = isinstance(CODES.get(code), Meaning) and CODES[code].says == meaning.says
            assert not same or CODES[code] is meaning, (name, code)


def test_a_log_out_is_read() -> None:
    assert replies.error_of(Reply(200, content=b"OK"), codes_of(METHODS[LOG_OUT])) is None
