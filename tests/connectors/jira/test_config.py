"""Jira's keys in bridge.toml."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import Capability
from connectors.tickets.jira import KIND

TOKEN = {"email": "bridge@example.com", "api_token": "made-up"}
PROJECT = {"project": "DESK", "issue_type": "[System] Service request"}


@pytest.mark.parametrize(
    "keys",
    [
        TOKEN,
        {"oauth_token": "made-up"},
        {"oauth_token": "made-up", "email": "bridge@example.com"},
        {**TOKEN, "account_id": "712020:5d1f0c1a", "closed_statuses": ["Closed"], "reopen_transition": "Reopen"},
        {**TOKEN, **PROJECT, "request_type": "25", "link_type": "Relates"},
        {**TOKEN, "site_url": "https://acme.atlassian.net", "attachment_bytes": 50_000_000},
    ],
)
def test_one_way_in(keys: dict[str, object]) -> None:
    assert KIND.schema().load(keys) == keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "email and api_token, or oauth_token"),
        ({"email": "bridge@example.com"}, "email and api_token, or oauth_token"),
        ({"api_token": "made-up"}, "needs the email"),
        ({**TOKEN, "oauth_token": "made-up"}, "not both"),
        ({"oauth_token": ""}, "empty"),
        ({**TOKEN, "project": "DESK"}, "project and issue_type together"),
        ({**TOKEN, "issue_type": "Task"}, "project and issue_type together"),
        ({**TOKEN, "request_type": "25"}, "for new tickets"),
        ({**TOKEN, **PROJECT, "request_type": "Get help"}, "number in quotes"),
        ({**TOKEN, **PROJECT, "project": 'X" OR 1'}, "project's key"),
        ({**TOKEN, "site_url": "acme"}, "address of the site"),
        ({**TOKEN, "attachment_bytes": 0}, "greater"),
        ({**TOKEN, "subdomain": "acme"}, "Unknown"),
    ],
)
def test_every_other_way_is_explained(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.schema().load(keys)


def test_the_registry_knows_it() -> None:
    assert registry.kind("jira") is KIND
    assert KIND.secret_keys == {"api_token", "oauth_token"}


def test_tickets_are_made_only_where_a_project_is_named() -> None:
    makes = {Capability.CREATE_TICKET, Capability.FIND_TICKET}
    assert KIND.capabilities_of is not None
    assert KIND.capabilities_of(TOKEN) == KIND.capabilities - makes
    assert KIND.capabilities_of({**TOKEN, **PROJECT}) == KIND.capabilities
