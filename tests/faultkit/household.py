"""A bridge of real processes, each of which can be killed, frozen and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

import launch
from config.ports import free_port
from demo import CONFIG
from store.database import Database
from store.migrate import migrate

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 15.0
READY_SECONDS = 30.0
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")


@dataclass(frozen=True)
class Credentials:
    """Made up for one run: what must never be seen again anywhere."""

    admin_token: str = "fault-administrator-token-7c1e"
    secret_key: str = "fault-secret-key-of-at-least-32-characters-5b"
    signing_secret: str = "fault-zendesk-signing-secret-91d4"
    hook_secret: str = "fault-rescue-hook-secret-2f66"
    email: str = "bridge@example.com"
    api_token: str = "sandbox-zendesk-token"
    authcode: str = "sandboxauthcode0000000000000000000000000000000000000000"


@dataclass
class Household:
    """Processes by name (`web`, `worker`, `worker2`, `clock`): the name without its digits is the command."""

    folder: Path
    environ: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0

    @property
    def url(self) -> str:
        return self.environ["DESKBRIDGE_PUBLIC_URL"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(*self.processes)

    def start(self, *names: str) -> None:
        """Start those that do not run."""
        for name in names:
            if not self.running(name):
                self._spawn(name)

    def running(self, name: str) -> bool:
        process = self.processes.get(name)
        return process is not None and process.poll() is None

    def pid(self, name: str) -> int:
        return self.processes[name].pid

    def kill(self, *names: str) -> None:
        """kill -9, the process and what it had started, as a platform that loses a machine."""
        for name in names:
            self._signal(name, signal.SIGKILL)
            self.kills += 1
        for name in names:
            self.processes[name].wait(STOP_SECONDS)

    def freeze(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def stop(self, *names: str) -> None:
        """Politely; after STOP_SECONDS for good."""
        running = [name for name in names if self.running(name)]
        for name in running:
            self.thaw(name)
            self.processes[name].terminate()
        for name in running:
            try:
                self.processes[name].wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill(name)

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Until `/readyz` says so."""
        deadline = time.monotonic() + seconds
        answer = "nothing"
        while time.monotonic() < deadline:
            try:
                reply = httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False)
                if reply.status_code == 200:
                    return
                answer = reply.text
            except httpx.TransportError as error:
                answer = type(error).__name__
            if not all(map(self.running, self.processes)):
                break
            time.sleep(0.05)
        raise AssertionError(f"not ready after {seconds:.0f} s: {answer}\n{self.log()[-3000:]}")

    def wait_until_up(self, seconds: float = READY_SECONDS) -> None:
        """Until the web process answers at all."""
        _until(lambda: self._alive(), seconds, lambda: self.log()[-3000:])

    def log(self, name: str = "*") -> str:
        """What the processes printed."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob(f"{name}.log")))

    def _alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def _spawn(self, name: str) -> None:
        command = launch.ourselves(name.rstrip("0123456789"))
        with (self.folder / f"{name}.log").open("ab") as output:
            # A session of its own: the group is what a machine is to a platform.
            self.processes[name] = subprocess.Popen(
                command, env=dict(self.environ), cwd=ROOT, stdout=output, stderr=output, start_new_session=True
            )

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self.processes[name]
        if process.poll() is None:
            os.killpg(process.pid, number)


def environment(
    folder: Path,
    *,
    helpdesk: str,
    rescue: str,
    database_url: str | None = None,
    redis_url: str | None = None,
    secrets: Credentials | None = None,
    config: str = CONFIG,
    **more: str,
) -> dict[str, str]:
    """What the processes of one bridge need to know; its web process listens on a free port of loopback."""
    known = secrets or Credentials()
    port = free_port()
    found = {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "DATABASE_URL": database_url or f"sqlite:///{folder}/deskbridge.sqlite3",
        "DESKBRIDGE_CONFIG_TOML": config.format(helpdesk=helpdesk, rescue=rescue),
        "DESKBRIDGE_ADMIN_TOKEN": known.admin_token,
        "DESKBRIDGE_SECRET_KEY": known.secret_key,
        "DESKBRIDGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "ZENDESK_EMAIL": known.email,
        "ZENDESK_API_TOKEN": known.api_token,
        "ZENDESK_HOOK_SECRET": known.signing_secret,
        "RESCUE_AUTHCODE": known.authcode,
        "RESCUE_HOOK_SECRET": known.hook_secret,
        "NO_PROXY": "127.0.0.1",
    }
    if redis_url:
        found["REDIS_URL"] = redis_url
    return {**found, **more}


def prepared(database_url: str) -> None:
    """Make the tables."""
    database = Database(database_url)
    try:
        migrate(database)
    finally:
        database.close()


def _until(look: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {seconds:.0f} s\n{why()}")
        time.sleep(0.05)
