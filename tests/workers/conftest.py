"""A house between fakes: a platform and a help desk that do what a test tells them, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bridge.errors import ConnectorError, NotFound, TicketClosed, TicketMerged
from bridge.model import (
    Attachment,
    Delivery,
    Invitation,
    InvitationRequest,
    NewTicket,
    Note,
    NoteRef,
    Person,
    Session,
    SessionEvent,
    SessionSummary,
    Ticket,
    TicketEvent,
    TimeSpent,
)
from bridge.render import TextLimits
from bridge.route import InvitationRule, RecordingMode, Route, SessionRule, When, WhenKind
from config.bridge_toml import Bridge
from connectors.contract import Capability, ConnectionConfig
from connectors.unable import Unable
from store import ledger
from store.database import Database
from store.ledger import StoredEffect
from store.schema import effects
from tests.harness import settings_of
from workers.house import House, written
from workers.perform import perform

START = 1_800_000_000.0
LIMITS = TextLimits(length=65_000, attachment_bytes=1000)
PLATFORM_CAN = frozenset(
    {
        Capability.INVITE,
        Capability.SET_ATTRIBUTES,
        Capability.FETCH_SESSION,
        Capability.SESSIONS_SINCE,
        Capability.WATCH,
        Capability.RECORDINGS,
        Capability.TYPED_KEYS,
        Capability.PEOPLE,
    }
)
DESK_CAN = frozenset({Capability.FETCH_TICKET, Capability.ATTACH, Capability.PEOPLE})


class _Inbound:
    media_types: frozenset[str] = frozenset({"application/json"})
    own_actors: frozenset[str] = frozenset()

    def verify(self, delivery: Delivery) -> None:
        raise NotImplementedError

    def delivery_key(self, delivery: Delivery) -> str:
        raise NotImplementedError


@dataclass
class FakePlatform(_Inbound):
    """Answers what a test put in, and remembers what it was told. A failure is raised once."""

    capabilities: frozenset[Capability] = PLATFORM_CAN
    field_limits: Mapping[str, int] = field(default_factory=dict)
    reference_limit: int = 1024
    listing_window: timedelta | None = None
    sessions: dict[str, list[Session]] = field(default_factory=dict)
    """What each look at a session finds; the last one stays."""
    listed: list[SessionSummary] = field(default_factory=list)
    live: list[SessionSummary] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    asked_until: list[datetime | None] = field(default_factory=list)
    attributes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    commanded: list[tuple[str, str]] = field(default_factory=list)
    """Sessions and what became of them: `end`, or the queue that they were handed to."""
    recordings: dict[str, bytes] = field(default_factory=dict)
    technicians: list[Person] = field(default_factory=list)
    fail: ConnectorError | None = None

    def _maybe_fail(self) -> None:
        failure, self.fail = self.fail, None
        if failure:
            raise failure

    def parse(self, delivery: Delivery) -> Sequence[SessionEvent]:
        raise NotImplementedError

    def invite(self, request: InvitationRequest) -> Invitation:
        self._maybe_fail()
        return Invitation("1234567", "https://appliance.example/1234567")

    def withdraw(self, invitation: Invitation) -> None:
        raise NotImplementedError

    def set_attributes(self, session_id: str, attributes: Mapping[str, str]) -> None:
        self._maybe_fail()
        self.attributes.append((session_id, dict(attributes)))

    def end_session(self, session_id: str) -> None:
        self._maybe_fail()
        self.commanded.append((session_id, "end"))

    def transfer_session(self, session_id: str, to: str) -> None:
        self._maybe_fail()
        self.commanded.append((session_id, to))

    def fetch_session(self, session_id: str) -> Session:
        self._maybe_fail()
        found = self.sessions[session_id]
        return found.pop(0) if len(found) > 1 else found[0]

    def fetch_recording(self, session_id: str, recording_id: str, max_bytes: int) -> Attachment:
        self._maybe_fail()
        content = self.recordings[f"{session_id}/{recording_id}"]
        assert len(content) <= max_bytes
        return Attachment(f"{recording_id}.mp4", "video/mp4", content)

    def sessions_since(self, moment: datetime, until: datetime | None = None) -> Iterator[SessionSummary]:
        self._maybe_fail()
        self.asked_since.append(moment)
        self.asked_until.append(until)
        yield from self.listed

    def people(self) -> Iterator[Person]:
        self._maybe_fail()
        yield from self.technicians

    def watch(self, stopping: Callable[[], bool]) -> Iterator[SessionSummary]:
        yield from self.live
        self._maybe_fail()

    def probe(self) -> str:
        return "fake"


@dataclass
class FakeDesk(_Inbound, Unable):
    """Takes notes and times and has tickets. A failure of a write is raised once, unless it stands in `closed`,
    `gone` or `merged`."""

    capabilities: frozenset[Capability] = DESK_CAN
    limits: TextLimits = LIMITS
    tickets: dict[str, Ticket] = field(default_factory=dict)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    times: list[tuple[str, TimeSpent]] = field(default_factory=list)
    fields: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    made: list[NewTicket] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    agents: list[Person] = field(default_factory=list)
    fail: list[ConnectorError] = field(default_factory=list)
    """What the next writes are answered with."""
    fail_after: list[ConnectorError] = field(default_factory=list)
    """What the next writes are answered with after they were done."""

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        raise NotImplementedError

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        return self.tickets[ticket_id]

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        if ticket_id in self.gone:
            raise NotFound("gone")
        return next((NoteRef(mark) for on, note in self.notes if (on, note.mark) == (ticket_id, mark)), None)

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        with self._writing(ticket_id):
            self.notes.append((ticket_id, note))
        return NoteRef(str(len(self.notes)))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        with self._writing(ticket_id):
            self.fields.append((ticket_id, dict(fields)))

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        return next((NoteRef(mark) for on, spent in self.times if (on, spent.mark) == (ticket_id, mark)), None)

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        with self._writing(ticket_id):
            self.times.append((ticket_id, spent))
        return NoteRef(str(len(self.times)))

    def find_ticket(self, mark: str) -> str | None:
        return next((f"new-{number}" for number, new in enumerate(self.made, 1) if new.mark == mark), None)

    def create_ticket(self, new: NewTicket) -> str:
        with self._writing(""):
            self.made.append(new)
        return f"new-{len(self.made)}"

    def people(self) -> Iterator[Person]:
        yield from self.agents

    def reopen(self, ticket_id: str) -> None:
        self.closed.remove(ticket_id)

    @contextmanager
    def _writing(self, ticket_id: str) -> Iterator[None]:
        if self.fail:
            raise self.fail.pop(0)
        if ticket_id in self.merged:
            raise TicketMerged("merged", into=self.merged[ticket_id])
        if ticket_id in self.closed:
            raise TicketClosed("closed")
        if ticket_id in self.gone:
            raise NotFound("gone")
        yield
        written.get()()  # as the transport does
        if self.fail_after:
            raise self.fail_after.pop(0)

    def probe(self) -> str:
        return "fake"


@dataclass
class Hands:
    """The house and its fakes, and hands that work off what is due."""

    house: House
    platform: FakePlatform
    desk: FakeDesk
    now: list[float]

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now[0], UTC)

    def let_pass(self, seconds: float) -> None:
        self.now[0] += seconds

    def work(self) -> list[StoredEffect]:
        """Perform what is due now, and what follows from it."""
        done: list[StoredEffect] = []
        while True:
            with self.house.database.write() as connection:
                claims = ledger.claim(connection, self.now[0], 1)
            if not claims:
                return done
            for claim in claims:
                done.append(claim.effect)
                perform(self.house, claim)

    def effects(self) -> list[tuple[str, str]]:
        """Kind and state of each, in the order in which they were decided."""
        with self.house.database.read() as connection:
            rows = connection.execute(select(effects.c.kind, effects.c.state).order_by(effects.c.id))
            return [(row.kind, row.state) for row in rows]

    def marks(self) -> list[str]:
        return [note.mark.partition(":")[0] for _, note in self.desk.notes]


@pytest.fixture
def hands(database: Database) -> Iterator[Hands]:
    now = [START]
    platform, desk = FakePlatform(), FakeDesk()
    configs = {
        "appliance": ConnectionConfig(
            "appliance", "beyondtrust", "https://appliance.example", keys={"poll_seconds": 60, "real_time": True}
        ),
        "desk": ConnectionConfig("desk", "generic", "https://desk.example"),
    }
    rule = InvitationRule(options={"attributes": {"subject": "{ticket.subject}"}})
    route = Route(
        "help",
        "desk",
        "appliance",
        When(WhenKind.TAG, "help"),
        rule,
        SessionRule(recordings=RecordingMode.ATTACH),
        trust_typed_keys=True,
    )
    with httpx.Client() as client:
        house = House(
            settings_of("sqlite://"),
            Bridge(configs, (route,)),
            database,
            client,
            {"appliance": platform},
            {"desk": desk},
            lambda: now[0],
        )
        house.register()
        yield Hands(house, platform, desk, now)


def untrusting(hands: Hands) -> None:
    """From now on a typed key alone proves nothing."""
    change_route(hands, trust_typed_keys=False)


def change_route(hands: Hands, **changes: Any) -> None:
    """From now on the routes are so."""
    routes = tuple(replace(route, **changes) for route in hands.house.bridge.routes)
    object.__setattr__(hands.house, "bridge", replace(hands.house.bridge, routes=routes))
