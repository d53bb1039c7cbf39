"""A bridge between two pretend systems of no vendor, all in one process: hooks in, pages out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, ClassVar

from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from bridge import match
from bridge.effects import TicketKey
from bridge.errors import BadSignature, MalformedPayload, NotFound
from bridge.markup import Markup
from bridge.model import (
    Delivery,
    Invitation,
    InvitationRequest,
    Note,
    NoteRef,
    Session,
    SessionEvent,
    SessionEventKind,
    SessionSummary,
    Ticket,
    TicketEvent,
    TicketEventKind,
)
from bridge.render import TextLimits
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop
from store import codec, inbox, ledger
from web.services import Services
from workers.perform import perform
from workers.understand import understand

TOKEN = "an-administrator-token"
KEY = "a-signing-key-of-at-least-32-characters"
HOOK_SECRET = "a-hook-secret-of-the-tests"
BASE_URL = "http://127.0.0.1:8000"

CONFIG = f"""\
[connections.desk]
kind = "fakedesk"
base_url = "https://desk.example.com"
hook_secret = "{HOOK_SECRET}"
api_token = "a-very-secret-api-token"

[connections.remote]
kind = "fakeremote"
base_url = "https://remote.example.com"
hook_secret = "{HOOK_SECRET}"

[[routes]]
name = "remote help"
ticket = "desk"
platform = "remote"
when = {{ tag = "remote" }}
"""


class Fake:
    """What both pretend systems have in common: JSON of the domain's own values, a secret in the query."""

    media_types = frozenset({"application/json"})
    own_actors: frozenset[str] = frozenset()
    kind_of_event: ClassVar[Any]

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._secrets = config.hook_secrets
        self.refuse: Exception | None = None
        """What every call is answered with, while it is set."""

    def verify(self, delivery: Delivery) -> None:
        if delivery.query.get("key") not in self._secrets:
            raise BadSignature("wrong")

    def delivery_key(self, delivery: Delivery) -> str:
        return hashlib.sha256(delivery.body).hexdigest()

    def parse(self, delivery: Delivery) -> Any:
        if not delivery.body.startswith(b"["):
            raise MalformedPayload("expected a list of events")
        # The type is only known to the subclass.
        events: Any = list.__class_getitem__(self.kind_of_event)
        return codec.load(delivery.body.decode(), events)

    def probe(self) -> str:
        return "nobody"

    def answer(self) -> None:
        if self.refuse:
            raise self.refuse


class FakeDesk(Fake):
    capabilities = frozenset({Capability.FETCH_TICKET, Capability.FIND_NOTE, Capability.PUBLIC_NOTES, Capability.TAGS})
    limits = TextLimits(1_000_000, Markup.PLAIN)
    kind_of_event = TicketEvent

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        super().__init__(config, workshop)
        self.tickets: dict[str, Ticket] = {}
        self.notes: list[tuple[str, Note]] = []
        self.refuse_notes: Exception | None = None

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        self.answer()
        if ticket_id not in self.tickets:
            raise NotFound("no such ticket")
        return self.tickets[ticket_id]

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        self.answer()
        return next((NoteRef(mark) for on, note in self.notes if (on, note.mark) == (ticket_id, mark)), None)

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        self.answer()
        if self.refuse_notes:
            raise self.refuse_notes
        self.notes.append((ticket_id, note))
        return NoteRef(str(len(self.notes)))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        self.answer()

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        self.answer()

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        return iter(())


class FakeRemote(Fake):
    capabilities = frozenset({Capability.INVITE})
    field_limits: Mapping[str, int] = {}
    reference_limit = 64
    listing_window: timedelta | None = None
    kind_of_event = SessionEvent

    def invite(self, request: InvitationRequest) -> Invitation:
        self.answer()
        return Invitation(code="482915", url="https://remote.example.com/join?code=482915")

    def withdraw(self, invitation: Invitation) -> None: ...

    def set_attributes(self, session_id: str, attributes: Mapping[str, str]) -> None: ...

    def end_session(self, session_id: str) -> None: ...

    def transfer_session(self, session_id: str, to: str) -> None: ...

    def fetch_session(self, session_id: str) -> Session:
        return Session(session_id)

    def sessions_since(self, moment: datetime, until: datetime | None = None) -> Iterator[SessionSummary]:
        return iter(())


class DeskKeys(Schema):
    api_token = fields.String(required=True)


KINDS = (
    Kind(
        "fakedesk",
        "Fake desk",
        Role.TICKETS,
        DeskKeys,
        FakeDesk.capabilities,
        frozenset({"api_token"}),
        FakeDesk,
    ),
    Kind("fakeremote", "Fake remote", Role.PLATFORM, Schema, FakeRemote.capabilities, frozenset(), FakeRemote),
)


def modules() -> dict[str, ModuleType]:
    """The kinds as the registry imports them."""
    found = {}
    for kind in KINDS:
        module = ModuleType(f"fake_kind_of_web_{kind.name}")
        vars(module)["KIND"] = kind
        found[kind.name] = module
    return found


@dataclass
class Clock:
    now: float = 1_772_447_400.0
    """2026-03-02 10:30 UTC."""

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status_code: int
    headers: Headers
    text: str
    json: Any


@dataclass
class Desk:
    """The application with everything that a test does to it from outside."""

    app: Flask
    clock: Clock = field(default_factory=Clock)

    @property
    def services(self) -> Services:
        found = self.app.extensions["deskbridge"]
        assert isinstance(found, Services)
        return found

    @property
    def system(self) -> FakeDesk:
        found = self.services.house.ticket_systems["desk"]
        assert isinstance(found, FakeDesk)
        return found

    @property
    def remote(self) -> FakeRemote:
        found = self.services.house.platforms["remote"]
        assert isinstance(found, FakeRemote)
        return found

    # -- what the outside world sends ----------------------------------------------------------------------------

    def ask(self, ticket: Ticket) -> int:
        """The ticket system tells that the ticket wants a session. Returns the delivery."""
        self.system.tickets[ticket.id] = ticket
        event = TicketEvent(TicketEventKind.REQUESTED, ticket.id, "session wanted")
        return self.send("desk", [event])

    def tell(self, session: Session) -> int:
        """The platform tells of a session. Returns the delivery."""
        kind = SessionEventKind.ENDED if session.ended else SessionEventKind.STARTED
        return self.send("remote", [SessionEvent(kind, session, f"session {kind.value}")])

    def send(self, name: str, events: Sequence[object]) -> int:
        answer = self.post_hook(name, codec.dump(list(events)).encode())
        assert answer.status_code == 200, answer.text
        assert answer.json
        return int(answer.json["delivery"])

    def post_hook(self, name: str, body: bytes) -> TestResponse:
        client = self.app.test_client()
        return client.post(f"/hooks/{name}?key={HOOK_SECRET}", data=body, content_type="application/json")

    def reference(self, ticket_id: str, number: int = 1) -> str:
        return match.write(match.Reference("desk", ticket_id, number), KEY)

    # -- what the workers do -------------------------------------------------------------------------------------

    def work(self) -> None:
        """Understand and perform whatever is due, until nothing is."""
        house = self.services.house
        while True:
            with house.database.write() as connection:
                waiting = inbox.claim(connection, self.clock(), 100)
            for stored in waiting:
                understand(house, stored)
            with house.database.write() as connection:
                claims = ledger.claim(connection, self.clock(), 100)
            for claim in claims:
                perform(house, claim)
            if not waiting and not claims:
                return

    def work_until_note(self, refusal: Exception) -> None:
        """The same, but notes are refused, so that the first one is parked."""
        self.system.refuse_notes = refusal
        self.work()
        self.system.refuse_notes = None

    # -- administrators ------------------------------------------------------------------------------------------

    def api(self, path: str, json: object = None, *, token: str = TOKEN) -> Answer:
        """A GET, or a POST of the JSON."""
        headers = {"Authorization": f"Bearer {token}"}
        method = "GET" if json is None else "POST"
        found = self.app.test_client().open(f"/api/v1{path}", method=method, json=json, headers=headers)
        return Answer(found.status_code, found.headers, found.text, found.json)

    def browser(self) -> Browser:
        return Browser(self.app.test_client())

    def key(self, ticket_id: str) -> TicketKey:
        return TicketKey("desk", ticket_id)


@dataclass
class Browser:
    """A person's browser without JavaScript: it keeps cookies and fills the forms that pages have."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE_URL)

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(path, data={"csrf": self.csrf(), **form}, base_url=BASE_URL)

    def csrf(self) -> str:
        with self.client.session_transaction(base_url=BASE_URL) as session:
            return str(session.get("csrf", ""))

    def sign_in(self, token: str = TOKEN) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", token=token, next="/")
