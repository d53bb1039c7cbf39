"""Many sessions through real processes that are killed at random, between vendors that fail at random.

Afterwards every ticket must hold exactly one invitation and one card, complete and in order. Exits 0 only then.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import databases, machine
from store.database import Database, DatabaseAway
from tests.faultkit.household import ROOT, Credentials, Household, environment, prepared
from tests.faultkit.inside import fast_config
from tests.faultkit.quiet import open_work
from tests.faultkit.servers import RedisServer

ROLES = ("web", "worker", "clock")
VENDORS = ("helpdesk", "rescue")
FAULTS = ("fail", "fail after the work", "cut", "cut after the work", "garbage", "delay", "too many")
PAUSE_SECONDS = (0.3, 2.0)
"""Between two mishaps."""
DOWN_SECONDS = (0.0, 1.5)
"""How long a killed process stays dead."""
FEW = 6
AFTER_SECONDS = 120.0
"""For what is still open when the last session was played."""


class VendorProcess:
    """`bench.vendors` in a process of its own."""

    def __init__(self, seed: int, share: float, latency: float = 0.0) -> None:
        command = [sys.executable, "-m", "bench.vendors", str(seed), str(share), str(latency)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        addresses = self._heard()
        self.helpdesk: str = addresses["helpdesk"]
        self.rescue: str = addresses["rescue"]

    def ask(self, command: str, **words: object) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([command, words]) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def stop(self) -> None:
        try:
            self.ask("stop")
            self._process.wait(20)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(20)

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@dataclass
class Scene:
    """A bridge of real processes and the vendors' process."""

    vendors: VendorProcess
    household: Household
    redis: RedisServer | None
    database: Database


@contextmanager
def scene(
    kind: str, *, redis: bool, seed: int = 0, share: float = 0.0, latency: float = 0.0, **environ: str
) -> Iterator[Scene]:
    """All of it in a temporary folder, ready, the vendors' hooks connected."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskbridge-bench-")))
        url = stack.enter_context(databases.database_url(kind, folder))
        server = stack.enter_context(RedisServer(folder)) if redis else None
        vendors = VendorProcess(seed, share, latency)
        stack.callback(vendors.stop)
        secrets = Credentials()
        household = Household(
            folder,
            environment(
                folder,
                helpdesk=vendors.helpdesk,
                rescue=vendors.rescue,
                database_url=url,
                redis_url=server.url if server else None,
                secrets=secrets,
                config=fast_config(),
                **{"LOG_LEVEL": "WARNING", **environ},
            ),
        )
        prepared(url)
        database = Database(url)
        stack.callback(database.close)
        stack.enter_context(household)
        household.start(*ROLES)
        household.wait_until_ready()
        vendors.ask(
            "connect",
            zendesk_hook=f"{household.url}/hooks/zendesk",
            zendesk_secret=secrets.signing_secret,
            rescue_hook=f"{household.url}/hooks/rescue",
            rescue_secret=secrets.hook_secret,
        )
        yield Scene(vendors, household, server, database)


@dataclass
class Mishaps:
    """Lets things go wrong, one after the other, and remembers when."""

    scene: Scene
    random: random.Random
    kills: list[tuple[float, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    interrupted: dict[int, tuple[float, int]] = field(default_factory=dict)
    """Effects that were being done when a process died: when it died, and how many attempts there had been."""
    oldest: float = 0.0
    """Age in seconds of the oldest open effect that was ever seen."""
    _due: float = 0.0
    _down: dict[str, float] = field(default_factory=dict)

    def turn(self, left: int) -> None:
        """Let something happen if it is time; `left` sessions are not on their tickets yet."""
        now = time.monotonic()
        for name in [name for name, until in self._down.items() if until <= now]:
            del self._down[name]
            self.scene.household.start(name)
        if now >= self._due:
            self._due = now + self.random.uniform(*PAUSE_SECONDS)
            self._happen(left)
        self._look()

    def mend(self) -> None:
        """Everything runs again, and nothing more goes wrong."""
        self._down.clear()
        self.scene.vendors.ask("calm")
        self.scene.household.start(*ROLES)

    def _happen(self, left: int) -> None:
        chance = self.random.random()
        if chance < 0.35:
            self._kill(self.random.choice(ROLES))
        elif chance < 0.45 and self.scene.redis:
            self.counts["flushes of Redis"] += 1
            self.scene.redis.flush()
        elif left > FEW:
            # A few last calls that met every fault would prove nothing but the length of the back-off.
            kind, vendor = self.random.choice(FAULTS), self.random.choice(VENDORS)
            times = self.random.randint(1, 3)
            self.scene.vendors.ask("fault", kind=kind, vendor=vendor, times=times)

    def _kill(self, name: str) -> None:
        if not self.scene.household.running(name):
            return
        self.scene.household.kill(name)
        self.kills.append((time.time(), name))
        self.counts[f"kills of {name}"] += 1
        self._down[name] = time.monotonic() + self.random.uniform(*DOWN_SECONDS)
        if name != "web":
            for effect in self._rows("SELECT id, attempts FROM effects WHERE state = 'sending'"):
                self.interrupted.setdefault(effect.id, (time.time(), effect.attempts))

    def _look(self) -> None:
        for (created,) in self._rows("SELECT min(created_at) FROM effects WHERE state IN ('pending', 'sending')"):
            if created:
                self.oldest = max(self.oldest, time.time() - created)

    def _rows(self, query: str) -> list[Any]:
        try:
            with self.scene.database.read() as connection:
                return list(connection.execute(text(query)))
        except DatabaseAway:
            return []


def main() -> int:
    options = _options()
    print(
        f"chaos: {options.sessions} sessions, {options.database}, Redis {'yes' if options.redis else 'no'}, "
        f"seed {options.seed}; {machine.describe()}",
        flush=True,
    )
    with scene(options.database, redis=options.redis, seed=options.seed, share=options.share) as stage:
        mishaps = Mishaps(stage, random.Random(options.seed))
        started = time.monotonic()
        stage.vendors.ask("play", sessions=options.sessions, at_once=options.at_once)
        finished = _go(stage, mishaps, options.sessions, options.longest)
        duration = time.monotonic() - started
        report = stage.vendors.ask("report")
        wrong = [*report["wrong"], *_left_over(stage.database)]
        _print(report, mishaps, duration, stage)
        if not finished:
            wrong.append("not everything was done in time")
        if wrong and options.keep_log:
            Path(options.keep_log).write_text(stage.household.log())
    for line in wrong[:40]:
        print(f"WRONG  {line}")
    promise = "each with one invitation and one card, complete, in order"
    print(f"{'FAILED' if wrong else 'HELD'}: {options.sessions} tickets, {promise}; {len(wrong)} wrong")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=databases.KINDS, default="sqlite")
    parser.add_argument("--redis", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--at-once", type=int, default=40, help="people at work at the same time")
    parser.add_argument("--share", type=float, default=0.15, help="of deliveries that are late, doubled, out of order")
    parser.add_argument("--longest", type=float, default=1800.0, help="seconds after which it has failed")
    parser.add_argument("--keep-log", help="where to keep the bridge's log when something is wrong")
    return parser.parse_args()


def _go(stage: Scene, mishaps: Mishaps, sessions: int, longest: float) -> bool:
    """Let it all happen until every session stands on its ticket and nothing is left to do. False when time is up."""
    deadline, calm_at = time.monotonic() + longest, 0.0
    shown = time.monotonic()
    while time.monotonic() < deadline:
        progress = stage.vendors.ask("progress")
        if progress["carded"] + progress["given up"] < sessions and not calm_at:
            mishaps.turn(sessions - progress["carded"])
        elif not calm_at:
            # The last sessions stand on their tickets: what is left to do is left in peace.
            mishaps.mend()
            calm_at = time.monotonic()
        elif not progress["sending"] and not open_work(stage.database):
            return True
        elif time.monotonic() - calm_at > AFTER_SECONDS:
            return False
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(
                f"  {progress['carded']} of {sessions} carded, {progress['opened']} opened, {len(mishaps.kills)} kills",
                flush=True,
            )
        time.sleep(0.1)
    mishaps.mend()
    return False


def _left_over(database: Database) -> list[str]:
    """What the store itself says is not well."""
    with database.read() as connection:
        effects = connection.execute(
            text("SELECT kind, state, ticket_id, reason FROM effects WHERE state NOT IN ('done', 'skipped')")
        ).all()
        deliveries = connection.execute(
            text("SELECT id, state, reason FROM deliveries WHERE state NOT IN ('done', 'ignored')")
        ).all()
        orphans = connection.execute(text("SELECT count(*) FROM sessions WHERE link_ticket IS NULL")).scalar_one()
    lines = [f"effect {row.kind} of ticket {row.ticket_id} is {row.state}: {row.reason}" for row in effects]
    lines += [f"delivery {row.id} is {row.state}: {row.reason}" for row in deliveries]
    return [*lines, *([f"{orphans} orphans"] if orphans else [])]


def _print(report: dict[str, Any], mishaps: Mishaps, duration: float, stage: Scene) -> None:
    done = _done_times(stage.database)
    after_kill = [(_next(done, at) - at, name) for at, name in mishaps.kills if _next(done, at)]
    slowest = max(after_kill, default=(0.0, "nothing"))
    taken_up = _interrupted(stage.database, mishaps.interrupted)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(mishaps.counts.items()))
    faults = ", ".join(f"{count} x {what}" for what, count in sorted(report["faults"].items()))
    mess = ", ".join(f"{count} {what}" for what, count in report["deliveries"].items())
    print(f"duration           {duration:.0f} s, {len(done) / duration:.1f} effects/s, {report['tickets']} tickets")
    print(f"mishaps            {counts}")
    print(f"vendors' faults    {faults}")
    print(f"deliveries         {mess}; {report['dropped']} given up by the sender")
    print(f"PINs made          {report['pins']} (more than tickets: answers with a PIN that were lost)")
    print(f"longest recovery   {slowest[0]:.1f} s from a kill (of {slowest[1]}) to the next completed effect")
    print(
        f"interrupted work   {len(taken_up)} effects, done again after {machine.median(taken_up):.1f} s in the middle, "
        f"{max(taken_up, default=0.0):.1f} s at most, vendors' faults and back-offs included"
    )
    print(f"oldest open effect {mishaps.oldest:.1f} s")
    print(f"machine            {machine.describe()}")


def _done_times(database: Database) -> list[float]:
    with database.read() as connection:
        query = text("SELECT done_at FROM effects WHERE state = 'done' ORDER BY done_at")
        return [row.done_at for row in connection.execute(query)]


def _next(done: list[float], moment: float) -> float:
    """When the first effect after this moment was done; 0 when none was."""
    place = bisect_right(done, moment)
    return done[place] if place < len(done) else 0.0


def _interrupted(database: Database, interrupted: dict[int, tuple[float, int]]) -> list[float]:
    """Seconds from the kill to the end, of those effects that had to be attempted once more."""
    with database.read() as connection:
        ends = {row.id: row for row in connection.execute(text("SELECT id, done_at, attempts FROM effects"))}
    again = [(ends[each].done_at, at) for each, (at, tries) in interrupted.items() if ends[each].attempts > tries]
    return [done_at - at for done_at, at in again if done_at]


if __name__ == "__main__":
    sys.exit(main())
