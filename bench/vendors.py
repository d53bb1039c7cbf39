"""Both vendors and the people who use them, in a process of its own, steered by JSON lines on its standard input.

Commands: `connect` (where the hooks go), `play` (start the sessions), `fault` (let something go wrong),
`progress`, `report`, `stop`. Each is answered by one JSON line.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from sandbox.helpdesk import hooks as desk_hooks
from sandbox.helpdesk.model import Change
from sandbox.rescue import posts as rescue_posts
from sandbox.rescue.model import RescueSession
from sandbox.sender import Hook, HookSender
from sandbox.serve import Sandbox
from tests.faultkit.inside import generous
from tests.faultkit.story import Case, Helpers

Json = dict[str, Any]
LATE_SECONDS = 3.0
PATIENCE = 600.0
LOOK_SECONDS = 0.05
MOST_FAULTS = 3


class Mess:
    """Makes deliveries double, late and out of order, and counts what it did."""

    def __init__(self, seed: int, share: float) -> None:
        self.share = share
        self.counts: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def send(self, sender: HookSender, hook: Hook) -> None:
        """Now or later, once or twice."""
        with self._lock:
            late, doubled = (self._random.random() < self.share for _ in range(2))
            wait = self._random.uniform(0.0, LATE_SECONDS) if late else 0.0
            again = self._random.uniform(0.0, LATE_SECONDS)
            self.counts["deliveries"] += 1
            self.counts["late"] += late
            self.counts["doubled"] += doubled
        sender.submit(hook, wait)
        if doubled:
            sender.submit(hook, again)

    def swapped(self) -> bool:
        """Whether a session's end shall be posted before its start."""
        with self._lock:
            swap = self._random.random() < self.share
            self.counts["out of order"] += swap
            return swap


def connect_messily(sandbox: Sandbox, mess: Mess) -> None:
    """Every change and every session goes to the hooks as ever, but in a mess."""

    def changed(change: Change) -> None:
        for body in desk_hooks.bodies(sandbox.helpdesk, change):
            mess.send(sandbox.helpdesk_hooks, desk_hooks.signed(sandbox.helpdesk, body))

    held: dict[int, Hook] = {}

    def post(session: RescueSession, *, ended: bool) -> None:
        hook = rescue_posts.prepared(sandbox.rescue, session, ended=ended)
        assert hook is not None
        if not ended and mess.swapped():
            held[session.id] = hook
            return
        mess.send(sandbox.rescue_hooks, hook)
        if late := held.pop(session.id, None):
            mess.send(sandbox.rescue_hooks, late)

    sandbox.helpdesk.on_change = changed
    sandbox.rescue.on_start = lambda session: post(session, ended=False)
    sandbox.rescue.on_end = lambda session: post(session, ended=True)


class Vendors:
    """The commands."""

    def __init__(self, sandbox: Sandbox, seed: int, share: float) -> None:
        self._sandbox = sandbox
        self._people = Helpers(sandbox)
        self._mess = Mess(seed, share)
        self._cases: list[Case] = []
        self._lock = threading.Lock()
        self._played = 0
        self._given_up: list[str] = []
        self._notes_at: list[float] = []
        self._player: threading.Thread | None = None
        self._stopping = threading.Event()
        self.faults: Counter[str] = Counter()
        connect_messily(sandbox, self._mess)

    def connect(self, **where: str) -> Json:
        self._sandbox.connect(**where)
        return {}

    def close(self) -> None:
        """Let the people go home, so that the process can end."""
        self._stopping.set()

    def play(self, sessions: int, at_once: int, calm: bool = False) -> Json:
        if calm:
            self._mess.share = 0.0
        self._player = threading.Thread(target=self._play, args=(sessions, at_once), daemon=True)
        self._player.start()
        return {}

    def fault(self, kind: str, vendor: str, times: int = 1, seconds: float = 1.0) -> Json:
        """One of the sandbox's faults, for the next calls of the bridge."""
        faults = getattr(self._sandbox.faults, vendor)
        if faults.pending() >= MOST_FAULTS:
            # Nobody calls now: piled up, they would all meet one poor effect and keep it waiting for minutes.
            return {}
        path = {"helpdesk": "/api/v2/*", "rescue": "/API/*"}[vendor]
        arrange: Mapping[str, Callable[[], object]] = {
            "fail": lambda: faults.fail(path, status=503, times=times),
            "fail after the work": lambda: faults.fail_after(path, times=times),
            "cut": lambda: faults.cut(path, times=times),
            "cut after the work": lambda: faults.cut_after(path, times=times),
            "garbage": lambda: faults.garbage(path, times=times),
            "delay": lambda: faults.delay(seconds, path, times=times),
            "too many": lambda: faults.fail(path, status=429, times=times, retry_after=1),
        }
        arrange[kind]()
        self.faults[kind] += times
        return {}

    def calm(self) -> Json:
        """No more faults."""
        self._sandbox.faults.clear()
        return {}

    def progress(self) -> Json:
        """Sessions told of completely, and how many notes stand on all tickets."""
        with self._lock:
            cases = list(self._cases)
        carded = sum(bool(self._people.cards(case)) for case in cases)
        notes = sum(len(self._people.ours(case)) for case in cases)
        waiting = not (self._sandbox.helpdesk_hooks.drain(0.01) and self._sandbox.rescue_hooks.drain(0.01))
        return {
            "opened": len(cases),
            "played": self._played,
            "carded": carded,
            "notes": notes,
            "sending": waiting,
            "given up": len(self._given_up),
        }

    def report(self) -> Json:
        """What is wrong with any ticket, and what was done to the deliveries."""
        wrong = [line for case in self._cases for line in self._people.wrong_with(case)]
        senders = (self._sandbox.helpdesk_hooks, self._sandbox.rescue_hooks)
        return {
            "wrong": wrong + self._given_up,
            "tickets": len(self._cases),
            "pins": len(self._sandbox.rescue.pins),
            "deliveries": dict(self._mess.counts),
            "dropped": sum(sender.dropped for sender in senders),
            "faults": dict(self.faults),
        }

    def _play(self, sessions: int, at_once: int) -> None:
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self._one, range(sessions)))

    def _one(self, number: int) -> None:
        case = self._people.open_ticket(f"case-{number}", ask=False)
        with self._lock:
            self._cases.append(case)
        self._people.ask(case)
        deadline = time.monotonic() + PATIENCE
        while not self._people.pin(case):
            if time.monotonic() > deadline or self._stopping.is_set():
                self._given_up.append(f"ticket {case.ticket_id}: no PIN after {PATIENCE:.0f} s")
                return
            time.sleep(LOOK_SECONDS)
        self._people.hold_session(case, lines=5)
        with self._lock:
            self._played += 1


def main() -> None:
    seed, share, latency = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    with Sandbox(generous()) as sandbox:
        sandbox.faults.helpdesk.latency = sandbox.faults.rescue.latency = latency
        vendors = Vendors(sandbox, seed, share)
        _say({"helpdesk": sandbox.helpdesk_url, "rescue": sandbox.rescue_url})
        for line in sys.stdin:
            command, words = json.loads(line)
            if command == "stop":
                break
            _say(getattr(vendors, command)(**words))
        vendors.close()
    with suppress(BrokenPipeError):
        _say({})


def _say(answer: Json) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
