"""The keys of a Rescue connection, and how Rescue writes times and durations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from connectors.platforms.rescue import KIND
from connectors.platforms.rescue.schema import SECRET_KEYS, KeysSchema, moment, seconds


def refused(**keys: object) -> dict[str, Any]:
    with pytest.raises(ValidationError) as found:
        KeysSchema().load(keys)
    return found.value.messages_dict


@pytest.mark.parametrize(
    "keys",
    [
        {"authcode": "c"},
        {"auth": "authcode", "authcode": "c", "email": "e@example.com", "password": "p"},
        {"auth": "login", "email": "e@example.com", "password": "p"},
        {"auth": "sso", "sso_id": "7", "sso_password": "p", "company_id": 654321},
        {"auth": "oauth", "client_id": "11", "client_secret": "s", "scope": "Rescue;API"},
        {"auth": "oauth", "client_id": "12", "redirect_uri": "http://127.0.0.1:8765/callback"},
        {"auth": "oauth", "client_id": "12", "redirect_uri": "https://bridge.example.com/x"},
        {"authcode": "c", "join_url": "https://www.123rescue.com", "node": 337366},
    ],
)
def test_each_way_to_sign_in(keys: dict[str, object]) -> None:
    assert KeysSchema().load(keys)["auth"] == keys.get("auth", "authcode")


def test_what_is_left_out_has_a_default() -> None:
    loaded = KeysSchema().load({"authcode": "c"})
    assert loaded["join_url"] == "https://www.logmein123.com"
    assert (loaded["no_technician_console"], loaded["pins_per_second"], loaded["node"]) == (True, 1.0, "")


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        ({}, {"authcode"}),
        ({"authcode": ""}, {"authcode"}),
        ({"auth": "login", "email": "e@example.com"}, {"password"}),
        ({"auth": "sso", "sso_id": "7"}, {"sso_password", "company_id"}),
        ({"auth": "oauth"}, {"client_id", "client_secret"}),
        ({"auth": "oauth", "grant": "client_credentials", "client_id": "11"}, {"client_secret"}),
        ({"auth": "oauth", "grant": "authorization_code"}, {"client_id", "redirect_uri"}),
        ({"authcode": "c", "email": "e@example.com"}, {"password"}),
        ({"authcode": "c", "password": "p"}, {"email"}),
    ],
)
def test_a_missing_key_is_named(keys: dict[str, object], missing: set[str]) -> None:
    messages = refused(**keys)
    assert set(messages) == missing
    assert all(len(text) > 20 for [text] in messages.values())


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("auth", "password", "authcode, login, sso, oauth"),
        ("company_id", "acme", "digits"),
        ("company_id", True, "digits"),
        ("node", "John", "digits"),
        ("no_technician_console", "yes", "true"),
        ("pins_per_second", 0, "above 0"),
        ("pins_per_second", "fast", "above 0"),
        ("grant", "password", "client_credentials, authorization_code"),
        ("grant", "client_credentials", "does nothing"),
        ("redirect_uri", "http://127.0.0.1:8765/callback", "does nothing"),
        ("redirect_uri", "http://bridge.example.com/callback", "https://"),
        ("redirect_uri", "http://127.0.0.1/callback", "<port>"),
        ("redirect_uri", "http://127.0.0.1:port/callback", "<port>"),
        ("redirect_uri", "https://bridge.example.com/?a=b", "https://"),
        ("redirect_uri", "callback", "https://"),
        ("join_url", "logmein123", "https://www.logmein123.com"),
        ("join_url", "javascript:alert(1)", "https://www.logmein123.com"),
    ],
)
def test_a_bad_key_is_told_what_would_be_right(key: str, value: object, right: str) -> None:
    messages = refused(**{"authcode": "c", key: value})
    assert right in messages[key][0]


@pytest.mark.parametrize(
    ("keys", "grant"),
    [
        ({"client_secret": "s"}, "client_credentials"),
        ({"redirect_uri": "http://127.0.0.1:8765/callback"}, "authorization_code"),
        (
            {"client_secret": "s", "redirect_uri": "https://x.example.com/", "grant": "authorization_code"},
            "authorization_code",
        ),
    ],
)
def test_the_grant_follows_from_what_is_there(keys: dict[str, object], grant: str) -> None:
    assert KeysSchema().load({"auth": "oauth", "client_id": "11", **keys})["grant"] == grant


def test_an_address_to_come_back_to_beside_a_secret_must_say_which_grant() -> None:
    messages = refused(auth="oauth", client_id="11", client_secret="s", redirect_uri="https://x.example.com/")
    assert 'grant = "authorization_code"' in messages["redirect_uri"][0]


def test_a_bad_number_is_not_missing_too() -> None:
    messages = refused(auth="sso", sso_id="7", sso_password="p", company_id="acme")
    assert messages == {"company_id": ["digits only, such as 337366"]}


def test_an_unknown_key_is_refused() -> None:
    assert set(refused(authcode="c", authcod="c")) == {"authcod"}


def test_every_secret_key_is_a_key() -> None:
    assert KIND.secret_keys == SECRET_KEYS
    assert set(KeysSchema._declared_fields) >= SECRET_KEYS


AFTERNOON = datetime(2024, 2, 19, 14, 36, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2/19/2024 2:36:37 PM",
        "02/19/2024 02:36:37 pm",
        "2/19/2024 14:36:37",
        "2024-02-19 14:36:37",
        "2024-02-19T14:36:37Z",
        "2024-02-19T15:36:37+01:00",
        " 2/19/2024 2:36:37.000 PM ",
    ],
)
def test_times_are_utc(text: str) -> None:
    assert moment(text) == AFTERNOON


@pytest.mark.parametrize(("text", "hour"), [("2/16/2012 12:00 AM", 0), ("2/16/2012 12:00 PM", 12)])
def test_twelve_is_midnight_or_noon(text: str, hour: int) -> None:
    assert moment(text) == datetime(2012, 2, 16, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "19.02.2024 14:36",
        "13/13/2024 1:00 PM",
        "2/19/2024 13:00 PM",
        "2/19/2024 0:30 AM",
        "1/1/0001 12:00:00 AM",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59-14:00",
        "٢/19/2024 2:36:37 PM",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment(text) is None


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_a_time_or_a_duration(text: str) -> None:
    moment(text)
    seconds(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("104", 104),
        ("0", 0),
        ("104.7", 104),
        ("0:01:44", 104),
        ("100:00:01", 360_001),
        ("", None),
        ("-1", None),
        ("9" * 99, None),
    ],
)
def test_durations(text: str, told: int | None) -> None:
    assert seconds(text) == told
