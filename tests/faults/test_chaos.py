"""The bench of all faults at once, small enough for every run of the tests."""

from __future__ import annotations

import subprocess
import sys

from tests.faultkit.household import ROOT

OPTIONS = ("--sessions", "40", "--at-once", "5", "--longest", "90", "--database", "sqlite", "--redis", "--seed", "3")


def test_every_ticket_ends_with_one_invitation_and_one_card() -> None:
    command = [sys.executable, "-m", "bench.chaos", *OPTIONS]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr[-3000:]}"
