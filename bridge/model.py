"""The words of the bridge as values: deliveries, events, tickets, invitations, sessions, notes.

All values are immutable. Times are aware datetimes in UTC, durations are seconds, sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.document import Document


@dataclass(frozen=True, slots=True)
class Delivery:
    """One inbound HTTP request as it came: header names in lower case, the body untouched."""

    connection: str
    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case; empty when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class TicketEventKind(StrEnum):
    CHANGED = "ticket.changed"
    """Something about the ticket changed: read it and see."""
    REQUESTED = "ticket.session_requested"
    """The sender says outright that this ticket wants a session."""
    CLOSED = "ticket.closed"
    MERGED = "ticket.merged"


@dataclass(frozen=True, slots=True)
class TicketEvent:
    kind: TicketEventKind
    ticket_id: str
    name: str
    """The vendor's own word for it, for `when.event` and the story."""
    actor: str = ""
    """Who caused it, an e-mail address or a vendor's id; empty when the vendor does not say."""
    occurred_at: datetime | None = None
    ticket: Ticket | None = None
    """The ticket, where the body carried enough of it and the system cannot be asked."""
    merged_into: str = ""
    route: str = ""
    """The route that is asked, where the sender names one."""


class CrmRecord(StrEnum):
    """What a customer relationship system keeps beside tickets."""

    CONTACT = "contact"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Record:
    """A contact or an account as it is now."""

    kind: CrmRecord
    id: str
    name: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Those that were asked for and the usual ones, by the vendor's API names, values as text."""
    url: str = ""


class CrmEventKind(StrEnum):
    CREATED = "crm.created"
    CHANGED = "crm.changed"
    DELETED = "crm.deleted"


@dataclass(frozen=True, slots=True)
class CrmEvent:
    """Something happened to a contact or an account."""

    kind: CrmEventKind
    record: CrmRecord
    record_id: str
    name: str
    """The vendor's own word for it."""
    actor: str = ""
    """Who caused it, an e-mail address or a vendor's id; empty when the vendor does not say."""
    occurred_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """What the body itself told, by the vendor's API names, values as text."""


class SessionEventKind(StrEnum):
    STARTED = "session.started"
    CHANGED = "session.changed"
    ENDED = "session.ended"
    SURVEYED = "session.surveyed"


@dataclass(frozen=True, slots=True)
class SessionEvent:
    kind: SessionEventKind
    session: Session
    """What this event tells of the session: only the parts that it knows are filled."""
    name: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    name: str = ""
    email: str = ""
    id: str = ""
    description: str = ""
    username: str = ""
    """What they sign in with, where that is told."""
    sso_id: str = ""
    """What a single sign-on or another directory calls them, where that is told."""
    known_as: str = ""
    """What another system calls them, where that differs and was told first."""

    @property
    def label(self) -> str:
        return self.name or self.email or self.username or self.id


@dataclass(frozen=True, slots=True)
class ChatLine:
    text: str
    author: str = ""
    """Empty for what the system says."""
    time: str = ""
    """As the vendor wrote it, where it says no more: Rescue gives no date and no zone."""
    at: datetime | None = None
    """The moment itself, where the vendor tells it."""


@dataclass(frozen=True, slots=True)
class ChatPart:
    """A run of chat lines as one event brought it. `order` sorts the runs; `whole` means nothing is missing."""

    order: int
    lines: tuple[ChatLine, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Survey:
    by: str
    """`technician` or `customer`."""
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    url: str
    """Where it can be looked at by who may sign in there."""
    id: str = ""
    """What the platform fetches it by (`fetch_recording`); empty where it can only be linked."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody of the help desk who took part in a session."""

    person: Person
    owner: bool = False
    """Whether the session was theirs for a while; else they were only called in."""
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A remote-support session, as far as it is known."""

    id: str
    reference: str = ""
    """What travelled through the platform to name the ticket; untrusted until `bridge.match` verified it."""
    technician: Person = Person()
    customer: Person = Person()
    fields: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    last_action_at: datetime | None = None
    waiting_seconds: int | None = None
    work_seconds: int | None = None
    transmitted_bytes: int | None = None
    chat: tuple[ChatPart, ...] = ()
    notes: str = ""
    surveys: tuple[Survey, ...] = ()
    surveyed_by: frozenset[str] = frozenset()
    """Who is known to have answered a survey, whether the answers are here or not: `technician`, `customer`."""
    recordings: tuple[Recording, ...] = ()
    files: tuple[str, ...] = ()
    participants: tuple[Participant, ...] = ()
    """Everybody of the help desk, in the order of joining; nobody twice."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """The platform's custom attributes by the name that people see."""
    system: Mapping[str, str] = field(default_factory=dict)
    """What is known of the customer's machine, label to value."""
    ended: bool = False
    patience_seconds: float = 0.0
    """After its end the platform may still add to it for so long; 0 when this is all there will be."""


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session as a platform's listing tells it, or its live state."""

    id: str
    reference: str = ""
    started_at: datetime | None = None
    ended: bool = False
    surveyed_by: frozenset[str] = frozenset()
    """Who answered a survey: `technician`, `customer`."""
    technician: Person = Person()
    """Whose session it is now, where that is told."""
    told: Session | None = None
    """What else the listing tells of it, where it is more than its place and its end."""


REFERENCE_ATTRIBUTE = "external_key"
"""The attribute by which a session names its ticket, where the platform takes the ticket's plain number."""


class TicketStatus(StrEnum):
    OPEN = "open"
    SOLVED = "solved"
    """Done, but still taking notes."""
    CLOSED = "closed"
    """Takes no more notes."""


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    subject: str = ""
    status: TicketStatus = TicketStatus.OPEN
    vendor_status: str = ""
    tags: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    """Fields by their API name, values as text."""
    requester: Person = Person()
    assignee: Person = Person()
    url: str = ""
    number: str = ""
    """What people call it by, where that is not its id."""

    @property
    def called(self) -> str:
        return self.number or self.id


class InvitationState(StrEnum):
    REQUESTED = "requested"
    ISSUED = "issued"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"

    @property
    def open(self) -> bool:
        return self in (InvitationState.REQUESTED, InvitationState.ISSUED)


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """What a platform needs to invite somebody to a session."""

    ticket_id: str
    """The ticket as people call it, for platforms whose sessions name it so."""
    reference: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """The platform's own fields by their API name (`cfield0`, …), templates already filled."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What else the route asks for (`queue`, `ttl_seconds`, …)."""
    technician: Person = Person()
    """Who shall help, as the platform names them, with their id there; nobody when anybody may."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A PIN or session key that a platform made. `code` and `url` let a stranger in: they are secrets."""

    code: str
    url: str
    join_page: str = ""
    """Where the code is typed by hand."""
    expires_at: datetime | None = None
    cut: tuple[str, ...] = ()
    """Names of the fields that were cut to the vendor's lengths."""
    called: str = "PIN code"
    """What the platform's own pages call the code."""
    words: tuple[str, ...] = ()
    """The platform's own paragraphs of an invitation, where the route wants them instead of ours."""
    trouble: str = ""
    """What went wrong beside it, such as an SMS that was not sent: the agent must know."""


class Visibility(StrEnum):
    INTERNAL = "internal"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """What shall stand on a ticket. The mark makes it recognisable, so that it is written once."""

    mark: str
    document: Document
    visibility: Visibility = Visibility.INTERNAL
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteRef:
    """Where a note stands: the vendor's id of it, as text."""

    id: str


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Work to be entered as time on a ticket. The mark makes the entry recognisable, so that it is written once."""

    mark: str
    minutes: int
    began_at: datetime
    """To the second: not every system takes more."""
    text: str
    """What it was, in one line."""
    agent: Person = Person()
    """Who worked, as the help desk names them."""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be made. The mark makes it recognisable, so that it is made once."""

    mark: str
    subject: str
    document: Document
    requester: Person = Person()
    follows: str = ""
    """Id of the ticket that it continues; empty for none."""
