"""What a connector promises. The rest of the house knows outside systems only by these three protocols.

`verify`, `delivery_key` and `parse` are pure: they see one delivery and touch nothing. All other methods
speak with the system and raise the errors of `bridge.errors`, which say who must act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from marshmallow import Schema

from bridge.accounts import Account, AccountRequest, Standing
from bridge.model import (
    Attachment,
    CrmEvent,
    CrmRecord,
    Delivery,
    Invitation,
    InvitationRequest,
    NewTicket,
    Note,
    NoteRef,
    Person,
    Record,
    Session,
    SessionEvent,
    SessionSummary,
    Ticket,
    TicketEvent,
    TimeSpent,
)
from bridge.render import TextLimits
from connectors.http import Transport


class Capability(StrEnum):
    """What not every system can do. A route that needs a missing one is refused when the configuration is read."""

    # both
    PEOPLE = "people"
    """It lists the people who work there."""
    # support platforms
    INVITE = "invite"
    WITHDRAW = "withdraw"
    SET_ATTRIBUTES = "set_attributes"
    END_SESSION = "end_session"
    TRANSFER_SESSION = "transfer_session"
    FETCH_SESSION = "fetch_session"
    SESSIONS_SINCE = "sessions_since"
    WATCH = "watch"
    RECORDINGS = "recordings"
    TYPED_KEYS = "typed_keys"
    """Its reference is the ticket's plain number, which people read, search and type by hand."""
    # ticket systems
    FETCH_TICKET = "fetch_ticket"
    TAGS = "tags"
    """Its tickets carry tags or labels."""
    PUBLIC_NOTES = "public_notes"
    FIND_NOTE = "find_note"
    UPDATE_FIELDS = "update_fields"
    ADD_TAGS = "add_tags"
    ATTACH = "attach"
    ADD_TIME = "add_time"
    FIND_TIME = "find_time"
    CREATE_TICKET = "create_ticket"
    FIND_TICKET = "find_ticket"
    REOPEN = "reopen"
    TICKETS_SINCE = "tickets_since"
    RECORDS = "records"
    """Keeps contacts and accounts beside tickets, which can be read and changed."""
    # account providers
    LIST_USERS = "list_users"
    INVITE_USER = "invite_user"
    ADD_USER = "add_user"


def chosen(
    most: frozenset[Capability], needs: Mapping[Capability, str], keys: Mapping[str, Any]
) -> frozenset[Capability]:
    """What a connection can do whose keys choose some of it: `needs` names the key that a capability wants set."""
    return frozenset(one for one in most if one not in needs or keys.get(needs[one]))


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
    listing_window: timedelta | None
    """For how long a time its sessions are asked for at once, so that each answer stays small; None for any time."""

    def parse(self, delivery: Delivery) -> Sequence[SessionEvent]:
        """The events in it; none for what we ignore. Raises MalformedPayload for a stranger's shape."""

    def invite(self, request: InvitationRequest) -> Invitation: ...

    def withdraw(self, invitation: Invitation) -> None: ...

    def set_attributes(self, session_id: str, attributes: Mapping[str, str]) -> None:
        """Set these attributes of a running session by their API name; an empty text clears one, others stay.

        `bridge.model.REFERENCE_ATTRIBUTE` names the reference itself. Raises NotFound when
        the session does not run any more.
        """

    def end_session(self, session_id: str) -> None:
        """End a running session. Raises NotFound when it does not run any more."""

    def transfer_session(self, session_id: str, to: str) -> None:
        """Hand a running session to a queue, in the platform's own words. Raises NotFound when it does not run any
        more, Rejected for no such queue."""

    def fetch_session(self, session_id: str) -> Session:
        """What the platform knows of it now. `patience_seconds` says that it may know more soon."""

    def fetch_recording(self, session_id: str, recording_id: str, max_bytes: int) -> Attachment:
        """The file itself. Raises Rejected with the code `oversize` when it is larger than that."""

    def sessions_since(self, moment: datetime, until: datetime | None = None) -> Iterator[SessionSummary]:
        """Sessions that began, ended or were surveyed since then; one may come several times.

        Up to `until` (now, when it is None) none may be missing; later ones may come too. Raises Unreadable at the
        end, when the platform told of sessions that nobody can make out.
        """

    def watch(self, stopping: Callable[[], bool]) -> Iterator[SessionSummary]:
        """What changes, as it happens, until `stopping` says so or the connection breaks (Unavailable).

        Begins with the sessions that run now. Every few seconds `stopping` is asked, whether anything came or not.
        """

    def people(self) -> Iterator[Person]:
        """Who works there and is active, technicians and the like. What is hidden from us is empty."""

    def probe(self) -> str:
        """Ask something harmless and say in one line who we are there."""


class TicketSystem(Inbound, Protocol):
    """A help desk or CRM: tickets ask for sessions and are told how they went.

    Whatever writes on a ticket raises NotFound when there is none, TicketMerged when it lives on in another one,
    TicketClosed when it takes nothing more, Rejected when this user may not touch it, and AccessDenied only when
    the credentials themselves are refused. `find_…` looks in what the system surely shows at once, not in an
    index that lags.
    """

    capabilities: frozenset[Capability]
    limits: TextLimits

    def parse(self, delivery: Delivery) -> Sequence[TicketEvent | CrmEvent]:
        """The events in it; none for what we ignore. Raises MalformedPayload for a stranger's shape."""

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The ticket as it is now. One that was merged has the id of the ticket that it lives on in."""

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None: ...

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a note with its attachments, readable by whom its visibility says."""

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set fields by their API name. Raises Rejected for what was refused, or ignored without a word."""

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        """Add tags or labels, keeping those that are there."""

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None: ...

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef: ...

    def find_ticket(self, mark: str) -> str | None:
        """The id of the ticket that `create_ticket` made with this mark."""

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket, its text internal where the system can. Returns its id."""

    def reopen(self, ticket_id: str) -> None:
        """Make a closed ticket take notes again. Raises TicketClosed where that ticket cannot be."""

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets that were touched since then and carry one of the tags (any ticket, if none is named)."""

    def people(self) -> Iterator[Person]:
        """Who works there and is active: agents, not customers. What is hidden from us is empty."""

    def fetch_record(self, kind: CrmRecord, record_id: str, fields: Collection[str]) -> Record:
        """The contact or account as it is now, with these fields. Raises NotFound, and Rejected for no such field."""

    def update_record(self, kind: CrmRecord, record_id: str, fields: Mapping[str, object]) -> None:
        """Set fields by their API name; setting the same again does no harm. Raises Rejected for what was refused."""

    def find_records(self, kind: CrmRecord, email: str, fields: Collection[str]) -> Sequence[Record]:
        """All records with that e-mail address, oldest first. Raises Rejected where that kind has no address."""

    def probe(self) -> str:
        """Ask something harmless and say in one line who we are there."""


class AccountProvider(Protocol):
    """A remote-access product whose users we invite or add. It has no sessions for us and sends nothing by itself."""

    capabilities: frozenset[Capability]

    def users(self) -> Sequence[Account]:
        """All users there are, active or not."""

    def invite_user(self, request: AccountRequest) -> Standing:
        """Have somebody invited; whoever is a user or invited already is no failure. May be asked again at will."""

    def add_user(self, request: AccountRequest, password: str) -> Standing:
        """Make a user with this password, whom the provider tells of it; one who is there is no failure."""

    def probe(self) -> str:
        """Ask something harmless and say in one line who we are there."""


class Role(StrEnum):
    PLATFORM = "platform"
    TICKETS = "tickets"
    ACCOUNTS = "accounts"
    """Keeps users; there is no hook for it, since it sends nothing."""


class Vault(Protocol):
    """Short-lived credentials that all workers share, such as an authcode or an access token."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, value: str, *, seconds: float | None = None) -> None:
        """Keep it for that long; for ever when no time is given."""

    def forget(self, name: str, value: str) -> None:
        """Drop it if it is still this value: somebody else may have renewed it already."""

    def lock(self, name: str, *, seconds: float = 30.0, rest: float = 0.0) -> AbstractContextManager[object]:
        """A lock over all workers, for at most so many seconds. Raises Throttled when it is not free within that.

        After it was given back it rests, so that whoever takes it again and again leaves others their turn.
        """


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One connection of bridge.toml, validated by its kind's schema, secrets filled in."""

    name: str
    kind: str
    base_url: str
    hook_secrets: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    """The kind's own keys, as its schema loaded them."""


def _nobody_waits() -> None:
    """Where nothing is stopped."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a connector is given to work with."""

    transport: Transport
    vault: Vault
    renewed: Callable[[], None] = _nobody_waits
    """To be called when a person gave the connector new credentials: a connection that was stopped goes on."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit over all workers: so many a second in the long run, and so many at once after a rest.

    In any window of S seconds at most `burst + per_second * S` go out.
    """

    per_second: float
    burst: int = 1


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
    rates: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)
    """The vendor's limits by the transport's bucket (`requests`, …), all of them kept. A connection's key
    `<bucket>_per_second` sets one more."""
    user_of: Callable[[ConnectionConfig], str] | None = None
    """Who signs in, where one user's connections get in each other's way; an empty text where that cannot be told."""
    stops_at_refusal: bool = False
    """The vendor sends nothing more until its oldest delivery is answered 200: what a sender with the right secret
    got wrong is kept as refused and answered 200 all the same."""
    numbered: bool = False
    """People call its tickets by numbers that its API takes for other tickets' ids: only a number that was read as
    a ticket's own means that ticket."""
    split: Callable[[Delivery], Sequence[Delivery]] | None = None
    """For vendors that put several messages into one request, in groups that change when they are sent again: each
    message as a delivery of its own. Pure; raises MalformedPayload for a stranger's shape."""
    acknowledgement: tuple[str, bytes] | None = None
    """Media type and body of the answer that the vendor takes for "stored"; None for our JSON."""
    greeting: Callable[[ConnectionConfig, Delivery], Mapping[str, str] | str | None] | None = None
    """Answers a vendor's unsigned test of our address, by JSON or by plain text; None when it is no such test. Must
    not sign what a stranger could use as a signature."""
    command_line: str = ""
    """The module with the click group `commands` that becomes `deskbridge <kind> …`; empty for none."""
