"""The bench of all faults at once, small enough for every run of the tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.faultkit.household import ROOT


@pytest.mark.parametrize(
    "how", [("--database", "sqlite", "--redis", "--seed", "3"), ("--database", "postgres", "--no-redis", "--seed", "5")]
)
def test_every_ticket_ends_with_one_invitation_and_one_card(how: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "bench.chaos", "--sessions", "40", "--at-once", "5", "--longest", "90", *how]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr[-3000:]}"
