"""A month of 10,000 sessions at the pretend Rescue, a third never posted, a fifth judged late: brought to completeness.

The bridge takes the posts; `deskbridge backfill` runs as its own process, is killed in the middle and called again.
Printed: what stood on the tickets before and after, what stood there twice, the shortest pause between two reports
against the one that the vendor wants, and how often it complained. Exit code 1 when anything is missing or twice.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import machine
from demo import addresses_of, credentials_of
from sandbox.serve import Sandbox
from tests.faultkit.quiet import open_work
from tests.harness import ADMIN_TOKEN, HOOK_SECRETS, SECRET_KEY, RunningBridge, running_bridge
from tests.whole import month
from tests.whole.month import Count

ROOT = Path(__file__).parents[1]
BACKFILL = (sys.executable, "cli.py", "backfill", "--since", f"{month.DAYS + 1}d")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--report-seconds", type=float, default=1.0, help="the vendor's pace; Rescue's own is 60")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    print(machine.describe())
    with tempfile.TemporaryDirectory(prefix="deskbridge-bench-") as folder:
        url = f"sqlite:///{folder}/month.db"
        with Sandbox(month.settings_of(options.report_seconds)) as sandbox:
            config = month.config_of(options.report_seconds)
            with running_bridge(sandbox, url, config) as bridge:
                return _bring(bridge, sandbox, config, url, options.sessions, options.report_seconds)


def _bring(
    bridge: RunningBridge, sandbox: Sandbox, config: str, database_url: str, count: int, report_seconds: float
) -> int:
    sessions = month.happened(sandbox, count)
    lost, judged = sum(one.lost for one in sessions), sum(one.surveyed for one in sessions)
    print(f"{count} sessions of {month.DAYS} days, {lost} never posted, {judged} judged late")
    _timed("posts taken and told", lambda: month.post(sandbox, bridge.url, sessions), bridge)
    before = month.counted(sandbox, sessions)
    print(f"before: {before}")

    sandbox.rescue.calls.clear()
    environ = _environment(sandbox, config, database_url)
    started = time.monotonic()
    _interrupted(environ, looks=month.DAYS // 3)
    subprocess.run(BACKFILL, cwd=ROOT, env=environ, check=True)
    print(f"the reports took {time.monotonic() - started:.0f} s")
    _settle(bridge)
    after = month.counted(sandbox, sessions)
    print(f"after:  {after}")
    calls = sandbox.rescue.calls.all()
    pause, complaints = month.shortest_pause(calls), _refused(sandbox)
    talks = month.conversations(calls)
    mixed = sum(len({call.caller for call in talk}) > 1 for talk in talks)
    print(f"shortest pause between two reports: {pause / report_seconds:.2f} of what the bridge keeps")
    print(f"reports that the vendor refused: {complaints}")
    print(f"conversations: {len(talks)}, with two callers: {mixed}")

    subprocess.run(BACKFILL, cwd=ROOT, env=environ, check=True)
    _settle(bridge)
    again = month.counted(sandbox, sessions)
    print(f"again:  {again}")
    whole = Count(cards=count, surveys=judged, twice=0, wrong=0)
    return 0 if after == again == whole and not complaints and not mixed else 1


def _refused(sandbox: Sandbox) -> int:
    """Reports that came too soon for the vendor: each was asked for, and none was made."""
    asked = [call for call in sandbox.rescue.calls.all() if call.method.startswith("getreport")]
    return len(asked) - sandbox.rescue.reports_made


def _environment(sandbox: Sandbox, config: str, database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DESKBRIDGE_CONFIG_TOML": config.format_map(addresses_of(sandbox)),
        "DESKBRIDGE_ADMIN_TOKEN": ADMIN_TOKEN,
        "DESKBRIDGE_SECRET_KEY": SECRET_KEY,
        "LOG_LEVEL": "ERROR",
        **credentials_of(sandbox, HOOK_SECRETS),
    }


def _interrupted(environ: dict[str, str], looks: int) -> None:
    """Begin, and be killed after so many looks."""
    with subprocess.Popen(BACKFILL, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            print(line.rstrip())
            if number >= looks:
                process.send_signal(signal.SIGKILL)
                break
    print("killed -9")


def _timed(what: str, work: Callable[[], int], bridge: RunningBridge) -> None:
    started = time.monotonic()
    done = work()
    _settle(bridge)
    print(f"{done} {what} in {time.monotonic() - started:.0f} s")


def _settle(bridge: RunningBridge, seconds: float = 3_600.0) -> None:
    deadline = time.monotonic() + seconds
    bridge.drain.wake()
    while open_work(bridge.database):
        if time.monotonic() > deadline:
            raise SystemExit(f"not settled within {seconds:.0f} s")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
