"""A workshop for connectors under test: a vault in memory and a transport that ends in a handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import RLock

import httpx

from connectors.contract import Workshop
from connectors.http import Transport

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class MemoryVault:
    """Keeps what it is given; `kept` and `seconds` may be looked at."""

    kept: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float | None] = field(default_factory=dict)
    locked: list[str] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def put(self, name: str, value: str, *, seconds: float | None = None) -> None:
        self.kept[name] = value
        self.seconds[name] = seconds

    def forget(self, name: str, value: str) -> None:
        if self.kept.get(name) == value:
            del self.kept[name]

    def lock(self, name: str, *, seconds: float = 30.0, rest: float = 0.0) -> AbstractContextManager[object]:
        self.locked.append(name)
        return RLock()


@contextmanager
def workshop(base_url: str, handler: Handler, vault: MemoryVault | None = None) -> Iterator[Workshop]:
    """A workshop whose every request is answered by the handler; its client is closed at the end."""
    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        yield Workshop(Transport("under-test", base_url, client=client), vault or MemoryVault())


def no_network(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.method} {request.url.path} was sent by something that must be pure")
