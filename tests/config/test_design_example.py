"""The bridge.toml of the public contract, against the connectors that there are."""

from __future__ import annotations

import pytest

from config.bridge_toml import load
from config.problems import ConfigurationError, Severity
from connectors import registry

CONTRACT = """\
[connections.rescue]
kind = "rescue"
base_url = "https://secure.logmeinrescue.com"
auth = "authcode"                     # authcode | login | sso | oauth
authcode = "${RESCUE_AUTHCODE}"
hook_secret = "${RESCUE_HOOK_SECRET}"

[connections.appliance]
kind = "beyondtrust"
base_url = "https://support.example.com"
client_id = "${BT_CLIENT_ID}"
client_secret = "${BT_CLIENT_SECRET}"
hook_secret = "${BT_HOOK_SECRET}"
poll_seconds = 60                     # the reporting API as a second way in; 0 = off

[connections.zendesk]
kind = "zendesk"
base_url = "https://acme.zendesk.com"
email = "bridge@acme.com"
api_token = "${ZENDESK_API_TOKEN}"
hook_secret = "${ZENDESK_SIGNING_SECRET}"

[[routes]]
name = "remote help from Zendesk"
ticket = "zendesk"
platform = "rescue"
when = { tag = "remote-support" }     # tag | field = {name, value} | status | event | any
invitation = { visibility = "public", fields = { cfield0 = "{requester.name}", cfield1 = "{ticket.subject}" }, \
close_on = "ticket_closed" }
session = { visibility = "internal", \
include = ["transcript", "notes", "surveys", "times", "recordings", "files"], \
time_entry = { minimum_minutes = 5, round_to_minutes = 15 }, set_fields = { } }

[[routes]]
name = "appliance"
ticket = "jira"
platform = "appliance"
when = { field = { name = "Remote session", value = "requested" } }
invitation = { visibility = "public", queue = "team:1", ttl_seconds = 3600, priority = 2, \
attributes = { asset = "{ticket.field.Asset}" } }
"""

# The contract's text stops short of the connection that its second route names.
JIRA = """
[connections.jira]
kind = "jira"
base_url = "https://acme.atlassian.net"
email = "bridge@acme.com"
api_token = "${JIRA_API_TOKEN}"
hook_secret = "${JIRA_HOOK_SECRET}"
"""

ENVIRON = {
    name: f"made-up-{name.lower()}"
    for name in (
        "RESCUE_AUTHCODE",
        "RESCUE_HOOK_SECRET",
        "BT_CLIENT_ID",
        "BT_CLIENT_SECRET",
        "BT_HOOK_SECRET",
        "ZENDESK_API_TOKEN",
        "ZENDESK_SIGNING_SECRET",
        "JIRA_API_TOKEN",
        "JIRA_HOOK_SECRET",
    )
}


def told(text: str) -> set[str]:
    """Where the errors of the text are."""
    try:
        load(text, ENVIRON)
    except ConfigurationError as error:
        return {problem.where for problem in error.problems if problem.severity is Severity.ERROR}
    return set()


def test_only_what_is_not_there_yet_is_told() -> None:
    absent = {"appliance": "beyondtrust", "jira": "jira"}
    kinds = {f"connections.{name}.kind" for name, kind in absent.items() if kind not in registry.names()}
    assert told(CONTRACT + JIRA) == kinds


def test_the_part_with_known_kinds_is_a_bridge() -> None:
    start, end = CONTRACT.index("[connections.appliance]"), CONTRACT.index("[connections.zendesk]")
    text = CONTRACT[:start] + CONTRACT[end : CONTRACT.index('[[routes]]\nname = "appliance"')]
    bridge = load(text, ENVIRON)
    assert set(bridge.connections) == {"rescue", "zendesk"}
    assert [route.name for route in bridge.routes] == ["remote help from Zendesk"]
    assert {"made-up-rescue_authcode", "made-up-zendesk_api_token"} < bridge.secrets


@pytest.mark.parametrize(
    ("change", "where", "fix"),
    [
        ('authcode = "${RESCUE_AUTHCODE}"', "connections.rescue.authcode", 'add authcode = "${RESCUE_AUTHCODE}"'),
        ('email = "bridge@acme.com"', "connections.zendesk.email", "add email = "),
    ],
)
def test_a_key_that_another_key_needs_is_told(change: str, where: str, fix: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(CONTRACT.replace(change, "", 1), ENVIRON)
    found = {problem.where: problem for problem in caught.value.problems}
    assert found[where].fix.startswith(fix)
    assert found[where].message == "is missing"
