from __future__ import annotations

import pytest

from config.bridge_toml import Bridge, load
from config.problems import ConfigurationError

CONNECTION = """
[connections.remotepc]
kind = "remotepc"
base_url = "https://web1.remotepc.com"
api_key = "${REMOTEPC_API_KEY}"
"""


def loaded(text: str) -> Bridge:
    return load(text, {"REMOTEPC_API_KEY": "made-up-key-of-a-reseller", "HOOK": "made-up-hook-secret-1"})


def test_a_connection_needs_no_hook_secret() -> None:
    found = loaded(CONNECTION)
    assert not found.warnings
    assert found.connections["remotepc"].keys == {"api_key": "made-up-key-of-a-reseller"}
    assert "made-up-key-of-a-reseller" in found.secrets


def test_a_hook_secret_means_nothing() -> None:
    [warning] = loaded(CONNECTION + 'hook_secret = "${HOOK}"\n').warnings
    assert (warning.line, "sends no deliveries" in str(warning)) == (6, True)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(CONNECTION.replace('api_key = "${REMOTEPC_API_KEY}"\n', ""))
    assert 'add api_key = "${REMOTEPC_API_KEY}"' in str(caught.value)


def test_no_route_of_sessions_leads_there() -> None:
    route = """
[connections.desk]
kind = "zendesk"
base_url = "https://acme.zendesk.com"
email = "bridge@example.com"
api_token = "${REMOTEPC_API_KEY}"
hook_secret = "${HOOK}"

[[routes]]
name = "sessions"
ticket = "desk"
platform = "remotepc"
when = { any = true }
"""
    with pytest.raises(ConfigurationError) as caught:
        loaded(CONNECTION + route)
    assert '"remotepc" is an account provider, not a support platform' in str(caught.value)
