"""Against a real Granian in a process of its own."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import server
from config.ports import free_port
from config.settings import Settings

APP = """
    import os, time, threading

    def create_app():
        def app(environ, start):
            path = environ["PATH_INFO"]
            if path.startswith("/wait/"):
                open(path.removeprefix("/wait"), "w").close()
                time.sleep(1)
            if path == "/die":
                os._exit(3)
            start("200 OK", [("Content-Type", "text/plain")])
            return [str(os.getpid()).encode()]
        return app
"""
RUN = """
    import sys
    from config.server import serve
    from config.settings import Settings
    serve(Settings(port=int(sys.argv[1]), port_given=True), target="tiny:create_app", host=sys.argv[2])
"""


class Served:
    """The server in a process, and what it said."""

    def __init__(self, directory: Path, host: str) -> None:
        self.port = free_port()
        self.output = directory / "output"
        (directory / "tiny.py").write_text(textwrap.dedent(APP))
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(directory), str(Path.cwd())])}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(RUN), str(self.port), host],
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def get(self, path: str = "/", host: str = "127.0.0.1") -> tuple[int, str]:
        connection = http.client.HTTPConnection(host, self.port, timeout=20)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        finally:
            connection.close()

    def until_up(self) -> int:
        """Wait until it answers; the process id of a worker."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return int(self.get()[1])
            except OSError:
                assert time.monotonic() < deadline, self.output.read_text()
                assert self.process.poll() is None, self.output.read_text()
                time.sleep(0.05)

    def get_later(self, path: str) -> tuple[threading.Thread, list[int]]:
        statuses: list[int] = []
        thread = threading.Thread(target=lambda: statuses.append(self.get(path)[0]))
        thread.start()
        return thread, statuses


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    found = Served(tmp_path, "127.0.0.1")
    yield found
    end(found)


def end(served: Served) -> None:
    served.process.terminate()
    try:
        served.process.wait(10)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()


def test_a_request_in_flight_is_answered_after_sigterm(served: Served, tmp_path: Path) -> None:
    served.until_up()
    thread, statuses = served.get_later(f"/wait{tmp_path}/begun")
    wait_for(tmp_path / "begun")
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(15) == 0
    thread.join()
    assert statuses == [200]
    with pytest.raises(ConnectionRefusedError):
        served.get()


def test_sigterm_again_and_again_to_everybody_ends_it_as_well(served: Served, tmp_path: Path) -> None:
    worker = served.until_up()
    thread, statuses = served.get_later(f"/wait{tmp_path}/begun")
    wait_for(tmp_path / "begun")
    for _ in range(4):
        for pid in (served.process.pid, worker):
            os.kill(pid, signal.SIGTERM)
        time.sleep(0.1)  # Each one is to be handled on its own: two at once count as one.
    assert served.process.wait(15) == 0
    thread.join()
    assert statuses == [200]


@pytest.mark.parametrize("moment", ["Listening", "Spawning", "Started worker"])
def test_sigterm_while_starting_ends_it_too(moment: str, served: Served) -> None:
    deadline = time.monotonic() + 20
    while moment not in served.output.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    served.process.terminate()
    assert served.process.wait(15) == 0


def test_a_worker_that_dies_is_replaced(served: Served) -> None:
    first = served.until_up()
    with pytest.raises((http.client.HTTPException, OSError)):
        served.get("/die")
    assert served.until_up() != first


def test_its_own_lines_are_json_like_all_others(served: Served) -> None:
    served.until_up()
    end(served)
    lines = served.output.read_text().splitlines()
    assert lines
    assert all(line.startswith('{"timestamp": ') and '"logger": "_granian' in line for line in lines)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_every_address_means_ipv4_and_ipv6(tmp_path: Path) -> None:
    served = Served(tmp_path, server.bind_address(Settings(port_given=True)))
    served.until_up()
    assert served.get(host="::1")[0] == 200
    end(served)


def test_only_a_platforms_port_opens_it_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.bind_address(Settings()) == "127.0.0.1"
    monkeypatch.setattr(server, "_has_dual_stack", lambda: True)
    assert server.bind_address(Settings(port_given=True)) == "::"
    monkeypatch.setattr(server, "_has_dual_stack", lambda: False)
    assert server.bind_address(Settings(port_given=True)) == "0.0.0.0"


def test_the_settings_reach_granian() -> None:
    options = server.granian_options(Settings(port=5000, web_concurrency=3, log_level="ERROR"), host="127.0.0.9")
    assert (options["address"], options["port"], options["workers"]) == ("127.0.0.9", 5000, 3)
    assert options["log_level"].value == "error"
    assert options["workers_kill_timeout"] < 25
