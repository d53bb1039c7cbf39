"""What the README of Dynamics 365 tells people to paste."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bridge.model import TicketEvent
from config import bridge_toml
from connectors.tickets import dynamics
from connectors.tickets.dynamics.webhook import delivery_key, parse
from tests.contract.captured import captured

README = (Path(dynamics.__file__).parent / "README.md").read_text(encoding="utf-8")
CASE = "7e0b3f52-1c2d-4a6e-9b1f-0a1b2c3d4e5f"


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_connection_is_valid() -> None:
    variables = {
        "DYNAMICS_TENANT_ID": "22222222-2222-4222-8222-222222222222",
        "DYNAMICS_CLIENT_ID": "33333333-3333-4333-8333-333333333333",
        "DYNAMICS_CLIENT_SECRET": "made-up",
        "DYNAMICS_HOOK_SECRET": "made-up-hook-secret",
    }
    assert bridge_toml.load(block("toml"), variables).connections["dynamics"].kind == "dynamics"


def test_the_template_is_understood_once_the_flow_filled_it() -> None:
    filled = re.sub(r"@\{triggerOutputs\(\)\?\['body/incidentid'\]\}", CASE, block("json"))
    filled = re.sub(r"@\{workflow\(\)[^}]*\}", "run-7", filled)
    filled = re.sub(r"@\{triggerOutputs\(\)[^}]*\}", "somebody", filled)
    assert "@{" not in filled
    delivery = replace(captured("dynamics/template"), body=filled.encode())
    [event] = parse(delivery)
    assert isinstance(event, TicketEvent)
    assert (event.ticket_id, event.name, event.actor) == (CASE, "ticket.updated", "somebody")
    assert delivery_key(delivery) == "run-7"
