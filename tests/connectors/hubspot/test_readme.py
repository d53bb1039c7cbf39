"""What HubSpot's README tells people to paste."""

from __future__ import annotations

import re
from pathlib import Path

from config import bridge_toml
from connectors.tickets import hubspot
from connectors.tickets.hubspot.client import SCOPES

README = (Path(hubspot.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_connection_is_valid() -> None:
    variables = {"HUBSPOT_ACCESS_TOKEN": "made-up", "HUBSPOT_CLIENT_SECRET": "made-up-client-secret"}
    assert bridge_toml.load(block("toml"), variables).connections["hubspot"].kind == "hubspot"


def test_every_scope_that_the_probe_asks_for_is_told() -> None:
    assert all(f"`{scope}`" in README for scope in SCOPES)
