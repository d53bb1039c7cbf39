"""`deskbridge people` as a process of its own, and a session whose people are known by lists, on both databases."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import launch
from config.ports import free_port
from demo import bridge_environment
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from tests.whole.conftest import OpenAppliance
from workers import people

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(settings: SandboxSettings) -> SandboxSettings:
    """The second representative and the help desk's agent are one person."""
    settings.helpdesk.agent_email = "Technician2@EXAMPLE.com"
    return settings


@pytest.fixture
def environ(tmp_path: Path, settings: SandboxSettings) -> Iterator[dict[str, str]]:
    """A configuration whose second representative is the help desk's agent by address, the first by the table."""
    with Sandbox(settings) as sandbox:
        desk = sandbox.helpdesk
        table = f'[[people]]\nemail = "{desk.api_user.email}"\nname = "The bridge"\n'
        table += 'known_as = { appliance = "technician1" }\n'
        found = bridge_environment(tmp_path, sandbox, free_port(), None) | {"PYTHONPATH": str(ROOT)}
        yield found | {"DESKBRIDGE_CONFIG_TOML": found["DESKBRIDGE_CONFIG_TOML"] + table}


def ran(environ: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        launch.ourselves(*arguments), env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_who_is_matched_who_is_not_and_why(environ: dict[str, str], tmp_path: Path) -> None:
    assert ran(environ, tmp_path, "migrate").returncode == 0
    early = ran(environ, tmp_path, "people", "--connection", "appliance")
    assert early.returncode == 0, early.stderr
    assert "never listed: see --refresh" in early.stdout
    told = ran(environ, tmp_path, "people", "--refresh", "--connection", "appliance")
    assert (told.returncode, "ok       appliance: 3 people" in told.stderr) == (0, True), told.stderr
    ran(environ, tmp_path, "people", "--refresh", "--connection", "zendesk")
    shown = ran(environ, tmp_path, "people", "--connection", "appliance").stdout
    lines = {line.split("  ")[0]: line for line in shown.splitlines()}
    assert "[[people]]" in lines["Technician One (technician@example.com)"]
    assert "Agent (Technician2@EXAMPLE.com)  e-mail address" in lines["Technician Two (technician2@example.com)"]
    lead = lines["Team Lead (lead@example.com)"]
    assert "nobody: e-mail address: nobody has it; SSO id: none is known; [[people]] does not name them" in lead


def test_machines_read_a_line_for_each(environ: dict[str, str], tmp_path: Path) -> None:
    ran(environ, tmp_path, "migrate")
    ran(environ, tmp_path, "people", "--refresh")
    done = ran(environ, tmp_path, "people", "--json", "--agents")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    matched = {line["technician"]["username"]: line["by"] for line in lines if line.get("platform") == "appliance"}
    assert matched == {"technician1": "[[people]]", "technician2": "e-mail address", "lead": None}
    assert {line["list"] for line in lines if "list" in line} >= {"appliance", "zendesk"}


def test_a_connection_that_is_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    ran(environ, tmp_path, "migrate")
    done = ran(environ, tmp_path, "people", "--connection", "nowhere")
    assert (done.returncode, "zendesk" in done.stderr) == (1, True)


def test_the_card_names_the_agents_whom_the_lists_know(open_appliance: OpenAppliance, database_url: str) -> None:
    office = open_appliance(database_url)
    house = office.bridge.services.house
    listed = list(people.refresh(house.database, house.systems, house.clock))
    assert [done.name for done in listed if not done.trouble] == ["rescue", "appliance", "zendesk"]
    house.held_people.people(fresh=True)
    ticket, invitation = office.invited()
    office.whole_session(invitation.key)
    card = office.card(ticket)
    assert "Technician: Technician Two (agent: Agent)" in card.text
    assert "Technician One (owner, " in card.text
