"""What Zammad's README tells people to paste."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from config import bridge_toml
from connectors.tickets import zammad
from connectors.tickets.zammad.webhook import parse
from tests.contract.captured import captured

README = (Path(zammad.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_connection_is_valid() -> None:
    variables = {"ZAMMAD_API_TOKEN": "made-up", "ZAMMAD_SIGNATURE_TOKEN": "made-up-signature-token"}
    assert bridge_toml.load(block("toml"), variables).connections["zammad"].kind == "zammad"


def test_the_template_is_understood_once_zammad_filled_it() -> None:
    filled = block("json").replace("#{ticket.id}", "7").replace("#{ticket.updated_by.email}", "a@example.com")
    [event] = parse(replace(captured("zammad/template"), body=filled.encode()))
    assert (event.ticket_id, event.name, event.actor) == ("7", "ticket.updated", "a@example.com")
