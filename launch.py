"""Several processes in one terminal: started together, restarted when they die, ended together."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

STOP_SECONDS = 28.0
"""A little less than the 30 s that platforms give."""
RESTART_SECONDS = 1.0
EARLY_SECONDS = 5.0
MAX_EARLY_DEATHS = 3
"""A process that dies so often right after its start will not get better: everything ends, and says so."""

Say = Callable[[str], None]


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    early_deaths: int = 0


@dataclass
class Household:
    """The processes of one bridge on one machine."""

    commands: Mapping[str, Sequence[str]]
    environ: Mapping[str, str]
    say: Say
    log_file: Path | None = None
    """Where the processes' lines go; None for this terminal."""
    _children: list[_Child] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self._children = [_Child(name, command) for name, command in self.commands.items()]
        for child in self._children:
            self._spawn(child)

    def run(self) -> int:
        """Watch over the processes until a signal or until one cannot live. Returns an exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        code = 0
        while not self._stopping.wait(0.2):
            hopeless = [child for child in self._children if not self._alive(child)]
            if hopeless:
                self.say(f"{hopeless[0].name} cannot start, see its last lines above")
                code = 1
                break
        self.stop()
        return code

    def stop(self) -> None:
        """End all processes: politely, and after STOP_SECONDS for good."""
        self._stopping.set()
        running = [child.process for child in self._children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def last_lines(self, characters: int = 4000) -> str:
        """The end of the log file, if there is one."""
        return self.log_file.read_text(errors="replace")[-characters:] if self.log_file else ""

    def _alive(self, child: _Child) -> bool:
        """Restart the process if it died. False when it died too often right after its start."""
        assert child.process is not None
        status = child.process.poll()
        if status is None:
            return True
        early = time.monotonic() - child.started_at < EARLY_SECONDS
        child.early_deaths = child.early_deaths + 1 if early else 0
        if child.early_deaths >= MAX_EARLY_DEATHS:
            return False
        self.say(f"{child.name} ended with status {status}, starting it again")
        self._stopping.wait(RESTART_SECONDS)
        if not self._stopping.is_set():
            self._spawn(child)
        return True

    def _spawn(self, child: _Child) -> None:
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the others in order.
        with self.log_file.open("ab") if self.log_file else nullcontext() as output:
            child.process = subprocess.Popen(  # noqa: S603 - our own commands
                child.command, env=dict(self.environ), stdout=output, stderr=output, start_new_session=True
            )
        child.started_at = time.monotonic()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def ourselves(*arguments: str) -> tuple[str, ...]:
    """The command line that runs one of our own commands in this environment."""
    return (sys.executable, "-m", "cli", *arguments)
