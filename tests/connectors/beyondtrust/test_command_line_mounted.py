"""`deskbridge beyondtrust` as a process of its own: found when called, opened by name, against a pretend appliance."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import launch
from config.ports import free_port
from demo import bridge_environment
from sandbox.serve import Sandbox

ROOT = Path(__file__).parents[3]
COMMANDS = "connectors.platforms.beyondtrust.command_line"


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    with Sandbox() as sandbox:
        yield bridge_environment(tmp_path, sandbox, free_port(), None) | {"PYTHONPATH": str(ROOT)}


def ran(environ: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        launch.ourselves(*arguments), env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_key_is_made_at_the_appliance(environ: dict[str, str], tmp_path: Path) -> None:
    early = ran(environ, tmp_path, "beyondtrust", "key")
    assert (early.returncode, "deskbridge migrate" in early.stderr) == (1, True)
    assert ran(environ, tmp_path, "migrate").returncode == 0
    made = ran(environ, tmp_path, "beyondtrust", "--json", "key", "--external-key", "42")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["external_key"] == "42"


def test_which_connection_is_asked_for_when_there_are_several(environ: dict[str, str], tmp_path: Path) -> None:
    config = environ["DESKBRIDGE_CONFIG_TOML"]
    start = config.index("[connections.appliance]")
    again = config[start : config.index("[[routes]]", start)].replace("[connections.appliance]", "[connections.second]")
    two = {**environ, "DESKBRIDGE_CONFIG_TOML": again + config}
    ran(two, tmp_path, "migrate")
    unsaid = ran(two, tmp_path, "beyondtrust", "reps")
    assert unsaid.returncode == 1
    assert "second, appliance" in unsaid.stderr
    assert "Technician" in ran(two, tmp_path, "beyondtrust", "--connection", "second", "reps").stdout


@pytest.mark.parametrize(("arguments", "imported"), [(["check", "--help"], False), (["--help"], True)])
def test_the_commands_are_imported_only_when_they_are_called_or_listed(arguments: list[str], imported: bool) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from cli import main\n"
        f"assert CliRunner().invoke(main, {arguments!r}).exit_code == 0\n"
        f"print({COMMANDS!r} in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == str(imported)
