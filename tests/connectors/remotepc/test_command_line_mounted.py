"""`deskbridge remotepc` as a process of its own: found, opened by name, with the bridge's own `sync` beside it."""

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

ROOT = Path(__file__).parents[3]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as found:
        yield found


def test_users_sync_and_doctor(sandbox: Sandbox, tmp_path: Path) -> None:
    environ = bridge_environment(tmp_path, sandbox, free_port(), None) | {"PYTHONPATH": str(ROOT)}

    def ran(*arguments: str) -> str:
        done = subprocess.run(
            launch.ourselves(*arguments),
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    ran("migrate")
    contact = sandbox.crm.create({"email": "customer@example.com"})
    ran("remotepc", "invite", "customer@example.com", "--computers", "4")
    sandbox.remotepc.accept("customer@example.com")
    [user] = ran("remotepc", "--json", "users").splitlines()
    assert json.loads(user)["computers_allotted"] == 4
    told = json.loads(ran("remotepc", "--json", "sync"))
    assert (told["users"], told["written"]) == (1, 1)
    assert contact.properties["remotepc_allotted"] == "4"
    assert "remotepc: the API key opens a reseller account: 1 users" in ran("doctor")
    assert "3 routes" in ran("check")
