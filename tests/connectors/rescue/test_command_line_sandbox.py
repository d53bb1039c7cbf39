"""`deskbridge rescue …` at the simulated Rescue, which was written apart from the same sources; and as a process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import launch
from config.ports import free_port
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.rescue.command_line import commands
from connectors.platforms.rescue.schema import KeysSchema
from demo import bridge_environment
from sandbox.serve import Sandbox
from tests.contract.workshop import MemoryVault

ROOT = Path(__file__).parents[3]
PASSWORD = "Made-up-pass-1"
GROUP, SECOND_GROUP, OWNER, SECOND, CHANNEL = "337364", "337369", "337366", "337367", "1902861082"


@dataclass(frozen=True)
class Administrator:
    """Somebody at the command line."""

    sandbox: Sandbox

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(commands, arguments, obj=self._opener, input=typed, catch_exceptions=False)

    def told(self, *arguments: str, typed: str | None = None) -> list[dict[str, Any]]:
        """What a command that must succeed tells machines."""
        result = self.run("--json", *arguments, typed=typed)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def one(self, *arguments: str, typed: str | None = None) -> dict[str, Any]:
        [found] = self.told(*arguments, typed=typed)
        return found

    def refused(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 1, result.output
        return result.stderr

    @contextmanager
    def _opener(self, name: str | None) -> Iterator[tuple[ConnectionConfig, Workshop]]:
        keys = KeysSchema().load({"authcode": self.sandbox.settings.rescue.authcode})
        config = ConnectionConfig("rescue", "rescue", self.sandbox.rescue_url, (), keys)
        with new_client() as client:
            yield config, Workshop(Transport("rescue", config.base_url, client=client), MemoryVault())


@pytest.fixture
def administrator() -> Iterator[Administrator]:
    with Sandbox() as sandbox:
        sandbox.settings.rescue.pin_interval_seconds = 0
        yield Administrator(sandbox)


def test_the_account_and_what_stands_in_it(administrator: Administrator) -> None:
    account = administrator.one("account")
    nodes = {node["id"]: node for node in administrator.told("hierarchy")}
    assert account["technician_id"] in nodes
    assert nodes[OWNER]["status"] == "Online"
    assert nodes[OWNER]["parent_id"] in nodes


def test_a_user_from_the_first_day_to_the_last(administrator: Administrator) -> None:
    told = ("--name", "Technician 9", "--nick", "Nine", "--email", "nine@example.com", "--enabled", "--new-password")
    node = administrator.one("user", "create", GROUP, *told, typed=f"{PASSWORD}\n{PASSWORD}\n")["node"]
    user = administrator.one("user", "show", "--email", "nine@example.com")
    assert (user["id"], user["name"], user["nick"]) == (node, "Technician 9", "Nine")
    administrator.one("user", "set", node, "--description", "Second floor: left")
    changed = administrator.one("user", "show", node)
    assert (changed["description"], changed["email"], changed["nick"]) == ("Second floor: left", user["email"], "Nine")
    administrator.one("user", "status", node, "disabled")
    assert administrator.one("user", "show", node)["status"] == "Disabled"
    administrator.one("move", node, SECOND_GROUP)
    assert administrator.one("hierarchy", "--node", node)["parent_id"] == SECOND_GROUP
    administrator.one("delete", node, "--yes")
    assert "INVALIDPARAM" in administrator.refused("user", "show", node)


def test_a_group_and_its_channel(administrator: Administrator) -> None:
    node = administrator.one("group", "create", GROUP, "--name", "Night shift", "--enabled")["node"]
    administrator.one("group", "set", node, "--description", "After ten", "--permission", "RemoteView")
    group = administrator.one("group", "show", node)
    assert (group["name"], group["description"], group["enabled"]) == ("Night shift", "After ten", True)
    assert group["permissions"] == ["RemoteView"]
    administrator.one("group", "set", node, "--name", "Late shift")
    assert administrator.one("group", "show", node)["permissions"] == ["RemoteView"], "what is not told stays"
    assert administrator.run("channel", "assign", CHANNEL, node).exit_code == 0
    assert administrator.run("channel", "unassign", CHANNEL, node).exit_code == 0


def test_whether_somebody_is_there(administrator: Administrator) -> None:
    assert administrator.one("channel", "available", CHANNEL) == {"available": "yes"}
    for technician in administrator.sandbox.rescue.technicians.values():
        technician.console_open = False
    assert administrator.one("channel", "available", CHANNEL) == {"available": "no"}


def test_a_session_from_its_pin_to_its_end(administrator: Administrator) -> None:
    rescue = administrator.sandbox.rescue
    made = administrator.one("pin", "--field", "cfield0=Customer 1", "--tracking", "by hand")
    session = rescue.join(made["pin"])
    number = str(session.id)
    administrator.one("session", "start", number, OWNER)
    [row] = administrator.told("sessions", OWNER)
    assert (row["session_id"], row["fields"]["cfield0"]) == (number, "Customer 1")
    rescue.customer_says(session.id, "It is broken")
    assert "It is broken" in administrator.one("session", "chat", number)["chat"]
    rescue.write_note(session.id, "Looked at it")
    assert administrator.one("session", "note", number) == {"note": "Looked at it"}
    administrator.one("session", "hold", number)
    administrator.one("session", "start", number, OWNER)
    administrator.one("session", "transfer", number, SECOND, "--comment", "knows it")
    administrator.one("session", "cancel", number)
    administrator.one("session", "close", number, "--yes")
    assert not rescue.session(session.id).open
    assert administrator.refused("session", "chat", "99").count("\n") == 1


def test_the_invitation_text(administrator: Administrator) -> None:
    pin = administrator.one("pin")["pin"]
    assert pin in administrator.one("email-text", pin)["link"]


class TestAsAProcess:
    """Found when called, opened by name, with a database of its own."""

    @pytest.fixture
    def environ(self, tmp_path: Path) -> Iterator[dict[str, str]]:
        with Sandbox() as sandbox:
            yield bridge_environment(tmp_path, sandbox, free_port(), None) | {"PYTHONPATH": str(ROOT)}

    def ran(self, environ: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = launch.ourselves(*arguments)
        return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False)

    def test_the_account_is_told(self, environ: dict[str, str], tmp_path: Path) -> None:
        assert self.ran(environ, tmp_path, "migrate").returncode == 0
        told = self.ran(environ, tmp_path, "rescue", "--json", "account")
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["organization"] == "Example Company"
        refused = self.ran(environ, tmp_path, "rescue", "authorize")
        assert (refused.returncode, "authorization_code" in refused.stderr) == (1, True)
