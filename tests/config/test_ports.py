from __future__ import annotations

import socket

import pytest

from config import ports
from config.ports import PORTS, free_port


def test_the_wanted_port_or_another_where_it_is_taken() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        taken = server.getsockname()[1]
        other = free_port(taken)
        assert other != taken
        assert other in PORTS
    assert free_port(other) == other


def test_no_port_is_one_that_the_system_gives_to_others() -> None:
    assert all(free_port() in PORTS for _ in range(50))


def test_where_none_is_free_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "TRIES", 1)
    with socket.create_server(("127.0.0.1", free_port())) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(ports, "PORTS", range(taken, taken + 1))
        with pytest.raises(OSError, match="no port is free"):
            free_port()
