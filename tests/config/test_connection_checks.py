"""What is warned of between connections, by the real kinds."""

from __future__ import annotations

import pytest

from config.bridge_toml import load
from config.problems import Severity

BY_PERSON = 'grant = "authorization_code"\nredirect_uri = "http://127.0.0.1:8400/callback"'
LOGIN = 'kind = "rescue"\nauth = "login"\nemail = "bridge@example.com"\npassword = "pass-word"'
CODE = 'kind = "rescue"\nauth = "authcode"\nauthcode = "an-authcode"'
RENEWED = CODE + '\nemail = "Bridge@example.com"\npassword = "pass-word"'
SSO = 'kind = "rescue"\nauth = "sso"\nsso_id = "bridge"\nsso_password = "pass-word"\ncompany_id = "7"'
OAUTH = f'kind = "rescue"\nauth = "oauth"\nclient_id = "client"\n{BY_PERSON}'
APPLIANCE = 'kind = "beyondtrust"\nclient_id = "client"\nclient_secret = "its-secret"'
PEOPLE = 'kind = "zendesk"\nemail = "bridge@example.com"\napi_token = "token"'


def warned(one: str, other: str, address: str = "https://one.example.com") -> list[str]:
    """What is said of two connections that differ in nothing but their keys."""
    rest = 'base_url = "{}"\nhook_secret = "a-long-enough-secret"\n'
    text = "\n".join(
        ["[connections.a]", one, rest.format("https://one.example.com"), "[connections.b]", other, rest.format(address)]
    )
    warnings = load(text, {}).warnings
    assert all(problem.where == "connections.b" and problem.severity is Severity.WARNING for problem in warnings)
    return [problem.message for problem in warnings]


@pytest.mark.parametrize(
    ("one", "other"), [(LOGIN, LOGIN), (LOGIN, RENEWED), (RENEWED, RENEWED), (SSO, SSO), (APPLIANCE, APPLIANCE)]
)
def test_one_user_of_two_connections_is_warned_of(one: str, other: str) -> None:
    [message] = warned(one, other)
    assert message.startswith("signs in as the same user as connections.a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LOGIN, LOGIN.replace("bridge@", "second@")),
        (LOGIN, CODE),
        # Nobody renews it: two may use it.
        (CODE, CODE),
        (SSO, SSO.replace('"7"', '"8"')),
        # Tokens do not end each other.
        (OAUTH, OAUTH),
        (PEOPLE, PEOPLE),
        (APPLIANCE, APPLIANCE.replace('"client"', '"other"')),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert warned(one, other) == []


def test_nor_is_a_user_of_another_system() -> None:
    assert warned(LOGIN, LOGIN, "https://two.example.com") == []
