"""What a connector promises. The rest of the house knows outside systems only by these two protocols.

`verify`, `delivery_key` and `parse` are pure: they see one delivery and touch nothing. All other methods
speak with the system and raise the errors of `bridge.errors`, which say who must act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from marshmallow import Schema

from bridge.model import (
    Delivery,
    Invitation,
    InvitationRequest,
    Note,
    NoteRef,
    Session,
    SessionEvent,
    SessionSummary,
    Ticket,
    TicketEvent,
)
from bridge.render import TextLimits
from connectors.http import Transport


class Capability(StrEnum):
    """What not every system can do. A route that needs a missing one is refused when the configuration is read."""

    # support platforms
    INVITE = "invite"
    WITHDRAW = "withdraw"
    SET_ATTRIBUTES = "set_attributes"
    FETCH_SESSION = "fetch_session"
    SESSIONS_SINCE = "sessions_since"
    # ticket systems
    FETCH_TICKET = "fetch_ticket"
    PUBLIC_NOTES = "public_notes"
    FIND_NOTE = "find_note"
    UPDATE_FIELDS = "update_fields"
    ADD_TAGS = "add_tags"
    ATTACH = "attach"
    ADD_TIME = "add_time"
    CREATE_TICKET = "create_ticket"
    TICKETS_SINCE = "tickets_since"


class Inbound(Protocol):
    """What both kinds of systems do with a delivery. All pure."""

    media_types: frozenset[str]
    """Media types that the vendor sends; anything else is answered 415."""
    own_actors: frozenset[str]
    """What names our own API user in an event's `actor`, in lower case: its events are echoes."""

    def verify(self, delivery: Delivery) -> None:
        """Raise BadSignature unless the sender proved itself."""

    def delivery_key(self, delivery: Delivery) -> str:
        """The same text for the same delivery sent again: the vendor's id where it has one, else a digest."""


class SupportPlatform(Inbound, Protocol):
    """A remote-support product: it invites customers to sessions and tells what happened in them."""

    capabilities: frozenset[Capability]
    field_limits: Mapping[str, int]
    """Characters per invitation field, by the field's API name; a route may fill only these."""
    reference_limit: int
    """Characters that the reference may have."""

    def parse(self, delivery: Delivery) -> Sequence[SessionEvent]:
        """The events in it; none for what we ignore. Raises MalformedPayload for a stranger's shape."""

    def invite(self, request: InvitationRequest) -> Invitation: ...

    def withdraw(self, invitation: Invitation) -> None: ...

    def set_attributes(self, session_id: str, attributes: Mapping[str, str]) -> None: ...

    def fetch_session(self, session_id: str) -> Session: ...

    def sessions_since(self, moment: datetime) -> Iterator[SessionSummary]: ...

    def probe(self) -> str:
        """Ask something harmless and say in one line who we are there."""


class TicketSystem(Inbound, Protocol):
    """A help desk or CRM: tickets ask for sessions and are told how they went."""

    capabilities: frozenset[Capability]
    limits: TextLimits

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent]:
        """The events in it; none for what we ignore. Raises MalformedPayload for a stranger's shape."""

    def fetch_ticket(self, ticket_id: str) -> Ticket: ...

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None: ...

    def add_note(self, ticket_id: str, note: Note) -> NoteRef: ...

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None: ...

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None: ...

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets that were touched since then and carry one of the tags (any ticket, if none is named)."""

    def probe(self) -> str:
        """Ask something harmless and say in one line who we are there."""


class Role(StrEnum):
    PLATFORM = "platform"
    TICKETS = "tickets"


class Vault(Protocol):
    """Short-lived credentials that all workers share, such as an authcode or an access token."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, value: str, *, seconds: float | None = None) -> None:
        """Keep it for that long; for ever when no time is given."""

    def forget(self, name: str, value: str) -> None:
        """Drop it if it is still this value: somebody else may have renewed it already."""

    def lock(self, name: str) -> AbstractContextManager[object]:
        """A lock over all workers, so that a credential is renewed once."""


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One connection of bridge.toml, validated by its kind's schema, secrets filled in."""

    name: str
    kind: str
    base_url: str
    hook_secrets: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    """The kind's own keys, as its schema loaded them."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a connector is given to work with."""

    transport: Transport
    vault: Vault


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the registry: a connector's role, its keys in bridge.toml and how it is built."""

    name: str
    title: str
    role: Role
    schema: type[Schema]
    capabilities: frozenset[Capability]
    secret_keys: frozenset[str]
    """Which of its keys are secrets: never shown, never logged."""
    build: Callable[[ConnectionConfig, Workshop], Any]
    capabilities_of: Callable[[Mapping[str, Any]], frozenset[Capability]] | None = None
    """What a connection with these keys can do, where the keys decide it; `capabilities` is the most."""
    invitation_options: frozenset[str] = frozenset()
    """Which of a route's invitation options (`queue`, `ttl_seconds`, `priority`) the platform takes."""
    requests_per_second: float | None = None
    """The vendor's limit over all workers, where one is known. A connection's key `<bucket>_per_second` sets the
    rate of that bucket of its transport, `requests` among them."""
