"""What Jira's README tells people to paste."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from config import bridge_toml
from connectors.tickets import jira
from connectors.tickets.jira.schema import JiraSchema
from connectors.tickets.jira.webhook import delivery_key, parse
from tests.contract.captured import captured

README = (Path(jira.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_connection_is_valid() -> None:
    variables = {"JIRA_API_TOKEN": "made-up", "JIRA_HOOK_SECRET": "made-up-webhook-secret"}
    assert bridge_toml.load(block("toml"), variables).connections["jira"].kind == "jira"


def test_the_template_is_understood_once_jira_filled_it() -> None:
    smart_values = {"issue.key": "DESK-17", "initiator.accountId": "5b10a2844c20165700ede21g", "now.toMillis": "177"}
    filled = block("json")
    for name, value in smart_values.items():
        filled = filled.replace(f"{{{{{name}}}}}", value)
    delivery = replace(captured("jira/automation"), body=filled.encode())
    [event] = parse(delivery)
    assert (event.ticket_id, event.name, event.actor) == ("DESK-17", "ticket.updated", "5b10a2844c20165700ede21g")
    assert delivery_key(delivery) == "DESK-17-177"


def test_every_key_is_explained() -> None:
    assert all(f"`{name}`" in README for name in JiraSchema().fields)
