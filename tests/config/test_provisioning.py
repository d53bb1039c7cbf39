"""`[[provisioning]]`: what loads, and every mistake with its line and what would be right."""

from __future__ import annotations

import pytest

from bridge.accounts import AccountAction
from bridge.model import CrmRecord
from bridge.provisioning import OutcomeRule, SyncRule
from bridge.route import When, WhenKind
from config.bridge_toml import Bridge, describe, load
from config.problems import ConfigurationError

ENVIRON = {"TOKEN": "made-up-token-of-a-connection", "HOOK": "made-up-hook-secret-1"}
CONNECTIONS = """\
[connections.crm]
kind = "hubspot"
base_url = "https://api.hubapi.com"
hook_secret = "${HOOK}"
access_token = "${TOKEN}"
[connections.desk]
kind = "zendesk"
base_url = "https://acme.zendesk.com"
hook_secret = "${HOOK}"
email = "bridge@example.com"
api_token = "${TOKEN}"
[connections.rescue]
kind = "rescue"
base_url = "https://secure.logmeinrescue.com"
hook_secret = "${HOOK}"
authcode = "${TOKEN}"
[connections.remotepc]
kind = "remotepc"
base_url = "https://web1.remotepc.com"
api_key = "${TOKEN}"
"""
FIRST = CONNECTIONS.count("\n") + 1
ROUTE = """\
[[provisioning]]
name = "accounts"
source = "crm"
accounts = "remotepc"
when = { record = "contact", field = { name = "remote_access", value = "requested" } }
email = "{contact.email}"
"""
OF_TICKETS = (
    ROUTE.replace('"crm"', '"desk"')
    .replace('{ record = "contact", field = { name = "remote_access", value = "requested" } }', '{ tag = "remotepc" }')
    .replace("{contact.email}", "{requester.email}")
)


def loaded(text: str) -> Bridge:
    return load(CONNECTIONS + text, ENVIRON)


def wrong(text: str) -> list[tuple[int | None, str]]:
    """Line in the text, from 1, and what is said."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(text)
    return [((one.line or 0) - FIRST + 1, str(one)) for one in caught.value.problems]


def test_a_short_route_has_defaults() -> None:
    [route] = loaded(ROUTE).provisioning
    assert (route.name, route.source, route.accounts, route.record) == (
        "accounts",
        "crm",
        "remotepc",
        CrmRecord.CONTACT,
    )
    assert route.when == When(WhenKind.FIELD, "remote_access", "requested")
    assert (route.action, route.computers, route.outcome, route.sync) == (AccountAction.INVITE, "1", None, None)


def test_a_long_route_says_everything() -> None:
    more = """\
action = "add"
first_name = "{contact.field.firstname}"
last_name = "{contact.last_name}"
computers = 3
outcome = { field = "status", reason_field = "reason", invited = "invited", exists = true, failed = 7 }
sync = { allotted = "remotepc_allotted", used = "remotepc_used" }
"""
    [route] = loaded(ROUTE + more).provisioning
    assert (route.action, route.computers, route.last_name) == (AccountAction.ADD, "3", "{contact.last_name}")
    assert route.outcome == OutcomeRule("status", "reason", {"invited": "invited", "exists": True, "failed": 7})
    assert route.sync == SyncRule("remotepc_allotted", "remotepc_used")


def test_a_route_of_tickets() -> None:
    [route] = loaded(OF_TICKETS).provisioning
    assert (route.record, route.when) == (None, When(WhenKind.TAG, "remotepc"))


def test_it_is_told_without_secrets() -> None:
    told = describe(loaded(ROUTE))
    assert told["provisioning"][0]["name"] == "accounts"
    assert "made-up-token" not in str(told)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (ROUTE.replace('"crm"', '"crmm"'), 3, 'there is no connection "crmm"'),
        (ROUTE.replace('"crm"', '"rescue"'), 3, '"rescue" is a support platform, not a ticket system'),
        (ROUTE.replace('"remotepc"', '"desk"'), 4, '"desk" is a ticket system, not an account provider'),
        (ROUTE.replace('"crm"', '"desk"'), 5, "has no contacts and accounts"),
        (ROUTE.replace('record = "contact"', 'record = "person"'), 5, "is not a known word"),
        (ROUTE.replace("field = {", "fields = {"), 5, "is not a known key"),
        (ROUTE.replace("when = {", "when = { any = true,"), 5, "needs exactly one condition"),
        (
            ROUTE.replace('field = { name = "remote_access", value = "requested" }', 'tag = "x"'),
            5,
            "is no condition of a record",
        ),
        (ROUTE.replace("{contact.email}", "{account.email}"), 6, "unknown placeholder {account.email}"),
        (ROUTE.replace("{contact.email}", "{requester.email}"), 6, "unknown placeholder {requester.email}"),
        (ROUTE.replace("{contact.email}", "{contact.email"), 6, "lone brace"),
        (OF_TICKETS.replace("{requester.email}", "{contact.email}"), 6, "unknown placeholder {contact.email}"),
        (ROUTE.replace('email = "{contact.email}"\n', ""), 1, "is missing"),
        (ROUTE + 'action = "remove"\n', 7, "is not a known word"),
        (ROUTE + 'action = "add"\nfirst_name = "{contact.first_name}"\n', 1, "add last_name"),
        (ROUTE + "computers = -1\n", 7, "is no number"),
        (ROUTE + "computers = true\n", 7, "is no number"),
        (ROUTE + 'outcome = { invited = "x" }\n', 7, "is missing"),
        (ROUTE + 'outcome = { field = "x", invited = [1] }\n', 7, "is no value of a field"),
        (ROUTE + "sync = {}\n", 7, "names no field"),
        (OF_TICKETS + 'sync = { used = "x" }\n', 7, "has no contacts"),
        (OF_TICKETS.replace('"desk"', '"crm"'), 5, "waits for a tag"),
        (ROUTE + ROUTE.replace('"accounts"', '"again"'), 11, 'asks for the same accounts as "accounts"'),
        (ROUTE + ROUTE.replace("contact", "account"), 8, "is the name of an earlier route"),
    ],
)
def test_each_mistake_has_its_line(text: str, line: int, told: str) -> None:
    found = wrong(text)
    assert [place for place, said in found if told in said] == [line], found


def test_a_name_is_taken_by_a_route_of_sessions_too() -> None:
    session = '[[routes]]\nname = "accounts"\nticket = "desk"\nplatform = "rescue"\nwhen = { any = true }\n'
    assert any("earlier route" in said for _, said in wrong(session + ROUTE))
