"""What Help Scout's README tells people to paste."""

from __future__ import annotations

import re
from pathlib import Path

from config import bridge_toml
from connectors.tickets import help_scout
from connectors.tickets.help_scout.webhook import EVENTS

README = (Path(help_scout.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_the_connection_is_valid() -> None:
    [block] = re.findall(r"^```toml\n(.*?)^```", README, re.M | re.S)
    variables = {"HELP_SCOUT_APP_SECRET": "made-up", "HELP_SCOUT_SECRET_KEY": "made-up-secret-key"}
    assert bridge_toml.load(block, variables).connections["help-scout"].kind == "help_scout"


def test_every_event_that_it_names_is_understood() -> None:
    named = set(re.findall(r"`(convo\.[a-z.-]+)`", README))
    assert named == set(EVENTS)
