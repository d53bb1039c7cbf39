"""Ports for servers of our own on this machine."""

from __future__ import annotations

import random
import socket

# Below what Linux, macOS and Windows hand out themselves: what is free here is not given to somebody else before it
# is listened at.
PORTS = range(20_000, 32_000)
TRIES = 100


def free_port(wanted: int = 0) -> int:
    """The wanted port if it is free on loopback, else any free one. Raises OSError when none is found."""
    chance = random.SystemRandom()
    for port in (wanted, *chance.sample(PORTS, TRIES)):
        if port and _is_free(port):
            return port
    raise OSError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
