"""What Zendesk's README tells people to paste."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from config import bridge_toml
from connectors.tickets import zendesk
from connectors.tickets.zendesk.webhook import parse
from tests.contract.captured import captured

README = (Path(zendesk.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_connection_is_valid() -> None:
    variables = {"ZENDESK_API_TOKEN": "made-up", "ZENDESK_SIGNING_SECRET": "made-up-signing-secret"}
    assert bridge_toml.load(block("toml"), variables).connections["zendesk"].kind == "zendesk"


def test_the_template_is_understood_once_zendesk_filled_it() -> None:
    filled = block("json").replace("{{ticket.id}}", "35436").replace("{{current_user.email}}", "a@example.com")
    [event] = parse(replace(captured("zendesk/template"), body=filled.encode()))
    assert (event.ticket_id, event.name, event.actor) == ("35436", "ticket.updated", "a@example.com")
