"""Desks: pretend vendors (or a real one) as the contract of ticket systems and the whole bridge see them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

import httpx

from bridge.model import Person
from connectors import registry
from connectors.contract import ConnectionConfig, TicketSystem, Workshop
from connectors.http import Transport
from sandbox.faults import Faults
from tests.contract.workshop import MemoryVault


@dataclass(frozen=True)
class Shown:
    """A note as a reader of the ticket sees it, markup resolved, our mark's own line left out or not."""

    text: str
    public: bool


@dataclass(frozen=True)
class File:
    """An attachment as the vendor keeps it."""

    name: str
    content: bytes
    public: bool = False
    """Whether the customer can open it."""


@dataclass(frozen=True)
class Entry:
    """A time entry as the vendor keeps it."""

    minutes: int


@dataclass(frozen=True)
class Opened:
    """A ticket that was made through the API."""

    id: str
    subject: str
    text: str


@dataclass(frozen=True)
class Webhook:
    """One request that the vendor sends to the bridge."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


class Desk(ABC):
    """A pretend vendor with one open ticket, strict where the real one is strict."""

    ticket_id: str
    missing_id: str

    @abstractmethod
    def connector(self, *secrets: str) -> TicketSystem: ...

    @abstractmethod
    def stranger(self) -> TicketSystem:
        """A connector with wrong credentials."""

    @abstractmethod
    def notes(self) -> list[Shown]:
        """What was added to the ticket, oldest first."""

    @abstractmethod
    def fail(self, status: int, *, retry_after: int | None = None) -> None:
        """Answer the next request so, without doing anything."""

    @abstractmethod
    def fail_after_write(self, status: int) -> None:
        """Do what the next write asks, then answer so."""

    @abstractmethod
    def cut_after_write(self) -> None:
        """Do what the next write asks, then cut the connection."""

    @abstractmethod
    def close_ticket(self) -> None:
        """Let the ticket take no more notes, as the vendor would; nothing where it always takes them."""

    # what only some systems have; a connector with the capability needs it here too

    takes_notes_when_closed: ClassVar[bool] = False
    """A closed ticket of this vendor still takes notes."""
    a_field: ClassVar[tuple[str, object]] = ("", "")
    """A field's API name and a value that the vendor takes."""

    def staff(self) -> list[Person]:
        """Who works there and is active, by id; there must be at least two, and customers or others beside them."""
        raise NotImplementedError

    def files(self) -> list[File]:
        """The attachments of the ticket."""
        raise NotImplementedError

    def times(self) -> list[Entry]:
        """The time entries of the ticket."""
        raise NotImplementedError

    def tags(self) -> set[str]:
        """The ticket's tags or labels."""
        raise NotImplementedError

    def value_of(self, name: str) -> object:
        """The value of a field of the ticket."""
        raise NotImplementedError

    def opened(self) -> list[Opened]:
        """Tickets that were made through the API."""
        raise NotImplementedError

    def is_open(self) -> bool:
        """Whether the ticket is open."""
        raise NotImplementedError

    def catch_up(self) -> None:  # noqa: B027  # most searches do not lag
        """Let the vendor's search know everything, where it lags."""

    def merge_ticket(self) -> str:
        """Merge the ticket into another one, whose id is returned."""
        raise NotImplementedError


class ServedDesk(Desk):
    """A desk whose vendor is a Flask app behind `sandbox.faults`, spoken to over real HTTP."""

    kind: ClassVar[str]
    """The kind's name in bridge.toml."""
    note_write: ClassVar[tuple[str, str]]
    """Method and path pattern of the request that writes a note, for faults: `("POST", "*/comments")`."""
    time_write: ClassVar[tuple[str, str]] = ("", "")
    ticket_write: ClassVar[tuple[str, str]] = ("", "")

    def __init__(self, url: str, faults: Faults, client: httpx.Client) -> None:
        self.url = url
        self.faults = faults
        self._client = client
        self.vault = MemoryVault()

    @abstractmethod
    def keys(self) -> dict[str, object]:
        """The connection's own keys in bridge.toml, with good credentials."""

    @abstractmethod
    def wrong_keys(self) -> dict[str, object]:
        """The same with credentials that the vendor refuses."""

    @abstractmethod
    def ask(self, hook: str) -> Sequence[Webhook]:
        """Change the ticket so that a route with `when()` wants a session. What the vendor sends then to that URL.

        Proved with `hook_secret` as the vendor does it; the customer's e-mail address is customer@example.com.
        """

    def when(self) -> str:
        """The route's condition, in TOML."""
        return '{ tag = "remote-support" }'

    hook_secret: ClassVar[str] = "made-up-hook-secret-of-today"

    def connector(self, *secrets: str) -> TicketSystem:
        return self.with_keys(self.keys(), *secrets)

    def stranger(self) -> TicketSystem:
        return self.with_keys(self.wrong_keys(), vault=MemoryVault())

    def with_keys(self, keys: dict[str, object], *secrets: str, vault: MemoryVault | None = None) -> TicketSystem:
        kind = registry.kind(self.kind)
        config = ConnectionConfig("desk", self.kind, self.url, secrets, kind.schema().load(keys))
        transport = Transport("desk", self.url, client=self._client)
        built: TicketSystem = kind.build(config, Workshop(transport, vault or self.vault))
        return built

    def fail(self, status: int, *, retry_after: int | None = None) -> None:
        self.faults.fail(status=status, retry_after=retry_after)

    def fail_after_write(self, status: int) -> None:
        method, path = self.note_write
        self.faults.fail_after(path, method=method, status=status)

    def cut_after_write(self) -> None:
        self.cut_after(self.note_write)

    def cut_after(self, write: tuple[str, str]) -> None:
        method, path = write
        self.faults.cut_after(path, method=method)


def iso(moment: datetime) -> str:
    """As most vendors write moments."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
