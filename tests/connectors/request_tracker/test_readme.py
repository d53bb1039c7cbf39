"""What Request Tracker's README and the page with its Scrip tell people to paste."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from config import bridge_toml
from connectors.tickets import request_tracker
from connectors.tickets.request_tracker.webhook import parse
from tests.contract.captured import captured
from tests.realrt.server import DOCUMENT, SEED

README = (Path(request_tracker.__file__).parent / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def test_the_connection_and_the_route_are_valid() -> None:
    [text] = blocks(README, "toml")
    bridge = bridge_toml.load(text, dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "made-up-secret-of-a-reader"))
    assert bridge.connections["rt"].kind == "request_tracker"
    assert [route.ticket for route in bridge.routes] == ["rt"]
    assert not bridge.warnings


def test_the_body_on_the_page_is_what_is_understood() -> None:
    [body] = blocks(DOCUMENT.read_text(encoding="utf-8"), "json")
    [event] = parse(replace(captured("request_tracker/updated"), body=body.encode()))
    assert (event.ticket_id, event.actor) == ("35", "27")
    assert json.loads(body).keys() == {"actor", "event", "ticket_id"}


def test_the_rights_on_the_page_are_those_that_the_tests_have() -> None:
    [sentence] = re.findall(r"^.*Give it these rights.*$", DOCUMENT.read_text(encoding="utf-8"), re.M)
    rights = set(re.findall(r"`([A-Z][A-Za-z]+)`", sentence))
    granted = " ".join(re.findall(r"^my @(?:read|write) += .*?qw\((.*?)\)", SEED.read_text(encoding="utf-8"), re.M))
    assert rights == set(granted.split())
