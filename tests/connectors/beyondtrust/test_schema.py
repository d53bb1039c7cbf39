"""The keys of a BeyondTrust connection."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.platforms.beyondtrust.schema import SECRET_KEYS, KeysSchema

CURRENT = {"client_id": "c", "client_secret": "s"}
OLD = {"api": "2008", "username": "u", "password": "p"}


def refused(**keys: object) -> dict[str, Any]:
    with pytest.raises(ValidationError) as found:
        KeysSchema().load(keys)
    return found.value.messages_dict


def test_what_is_left_out_has_a_default() -> None:
    loaded = KeysSchema().load(CURRENT)
    assert (loaded["api"], loaded["poll_seconds"], loaded["real_time"]) == ("current", 60, False)
    assert (loaded["queue"], loaded["public_hostname"]) == ("general", "")


@pytest.mark.parametrize("api", ["2008", 2008])
def test_the_year_may_be_a_number(api: object) -> None:
    assert KeysSchema().load({**OLD, "api": api})["api"] == "2008"


@pytest.mark.parametrize("api", ["2009", "", True, None, ["current"]])
def test_other_dialects_are_refused(api: object) -> None:
    assert "api" in refused(**{**CURRENT, "api": api})


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_each_key_of_oauth_is_needed(missing: str) -> None:
    assert "needs it" in refused(**{**CURRENT, missing: ""})[missing][0]


@pytest.mark.parametrize("missing", ["username", "password"])
def test_each_key_of_the_old_sign_in_is_needed(missing: str) -> None:
    assert "needs it" in refused(**{**OLD, missing: ""})[missing][0]


def test_keys_of_the_other_dialect_are_a_mistake() -> None:
    assert "2008" in refused(**CURRENT, password="p")["password"][0]
    assert "current" in refused(**OLD, client_id="c")["client_id"][0]


def test_the_old_dialect_has_no_real_time_state() -> None:
    assert "real_time" in refused(**OLD, real_time=True)


@pytest.mark.parametrize("seconds", [-1, 1.5, "60", True])
def test_polling_takes_whole_seconds(seconds: object) -> None:
    assert "poll_seconds" in refused(**CURRENT, poll_seconds=seconds)


@pytest.mark.parametrize("queue", ["general", "rep:1", "rep_username:john doe", "team:12", "issue:slow_pc"])
def test_the_queues_of_the_guide_are_taken(queue: str) -> None:
    assert KeysSchema().load({**CURRENT, "queue": queue})["queue"] == queue


@pytest.mark.parametrize("queue", ["", "General", "team:", "team:second", "rep_username: ", "issue:a\nb", "everybody"])
def test_other_queues_are_refused(queue: str) -> None:
    assert "rep_username:NAME" in refused(**CURRENT, queue=queue)["queue"][0]


@pytest.mark.parametrize("host", ["https://help.example.com", "help.example.com/x", "-x", "a b"])
def test_a_public_host_name_is_a_name_only(host: str) -> None:
    assert "public_hostname" in refused(**CURRENT, public_hostname=host)


def test_what_signs_in_is_secret() -> None:
    assert {"client_secret", "password"} == SECRET_KEYS
