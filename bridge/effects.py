"""Effects: intended steps in outside systems, as data. Reading is a step too, so that it waits and retries alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.accounts import AccountAction, AccountRequest, Standing
from bridge.model import (
    CrmRecord,
    Invitation,
    InvitationRequest,
    InvitationState,
    Note,
    NoteRef,
    Record,
    Session,
    SessionEventKind,
    Ticket,
    TicketEvent,
    TimeSpent,
)


@dataclass(frozen=True, slots=True, order=True)
class TicketKey:
    """One ticket of one connection: also the lane in which effects keep their order.

    What belongs to no ticket yet has a lane of its own: the platform's connection and the session.
    """

    connection: str
    ticket_id: str

    def __str__(self) -> str:
        return f"{self.connection}:{self.ticket_id}"


class EffectState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    """Claimed: it may have been done, so whoever claims it next looks before writing."""
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    """Given up, and the bridge went on without it."""
    PARKED = "parked"
    """Waits for a person; holds up nothing else."""

    @property
    def open(self) -> bool:
        return self in (EffectState.PENDING, EffectState.SENDING)


@dataclass(frozen=True, slots=True)
class ReadTicket:
    """Fetch the ticket that an event names."""

    event: TicketEvent
    asked_as: str = ""
    """What it was asked for as, where the system answered with a ticket of another id."""


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask the platform for a PIN or session key."""

    number: int
    request: InvitationRequest


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Tell a running session what changed on its ticket. Setting the same again does no harm."""

    session_id: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a running session, because its ticket is done. One that has ended meanwhile is none to end."""

    session_id: str


@dataclass(frozen=True, slots=True)
class TransferSession:
    """Hand a running session to another queue, because its ticket went elsewhere."""

    session_id: str
    to: str
    """The platform's own word for the queue."""


@dataclass(frozen=True, slots=True)
class ReadSession:
    """Fetch what the platform knows of a session."""

    session_id: str
    because: SessionEventKind


class Purpose(StrEnum):
    INVITATION = "invitation"
    CARD = "card"
    ADDITION = "addition"
    ENDED_INVITATION = "ended_invitation"
    """Says that the invitation is over: expired unused, or withdrawn."""
    AGENT = "agent"
    """Tells the agent what to do, such as opening the technician console."""
    ACCOUNT = "account"
    """Tells the agent how it went with the customer's account."""


@dataclass(frozen=True, slots=True)
class AddNote:
    purpose: Purpose
    note: Note


@dataclass(frozen=True, slots=True)
class AttachRecording:
    """Fetch a recording from its platform and attach it to the note, which comes without it."""

    platform: str
    session_id: str
    recording_id: str
    note: Note


@dataclass(frozen=True, slots=True)
class UpdateFields:
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class AddTime:
    """Enter the work as time on the ticket."""

    spent: TimeSpent


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """Fetch the contact or account that an event names."""

    record: CrmRecord
    record_id: str
    events: tuple[str, ...]
    """The event's names: the vendor's and ours."""
    fields: tuple[str, ...]
    """What the routes want to know of it."""


@dataclass(frozen=True, slots=True)
class ProvisionUser:
    """Have somebody become a user of a remote-access product. No password is here: it is made when that is done."""

    action: AccountAction
    request: AccountRequest
    record: CrmRecord | None = None
    """Where it was asked for: a contact or an account; None for the ticket."""
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """Set fields of a contact or an account. Setting the same again does no harm."""

    record: CrmRecord
    record_id: str
    fields: dict[str, object]


Action = (
    ReadTicket
    | Invite
    | SetAttributes
    | EndSession
    | TransferSession
    | ReadSession
    | AddNote
    | AttachRecording
    | UpdateFields
    | AddTime
    | ReadRecord
    | ProvisionUser
    | UpdateRecord
)

KINDS: dict[str, type[Action]] = {
    "read_ticket": ReadTicket,
    "invite": Invite,
    "set_attributes": SetAttributes,
    "end_session": EndSession,
    "transfer_session": TransferSession,
    "read_session": ReadSession,
    "add_note": AddNote,
    "attach_recording": AttachRecording,
    "update_fields": UpdateFields,
    "add_time": AddTime,
    "read_record": ReadRecord,
    "provision_user": ProvisionUser,
    "update_record": UpdateRecord,
}
NAMES = {action: name for name, action in KINDS.items()}
READS = (ReadTicket, ReadSession, ReadRecord)
"""Actions that change nothing outside: they may be done again at will."""


@dataclass(frozen=True, slots=True)
class Effect:
    key: str
    """What, where, for which session and artefact: the same intention always has the same key."""
    connection: str
    """The connection that performs it."""
    ticket: TicketKey
    action: Action
    route: str = ""
    give_up_seconds: float = 7 * 86400.0
    """After so long of trying, the bridge goes on without it or parks it."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The outcome of an effect that could not be done."""

    reason: str
    error: str = ""
    """The name of the error in `bridge.errors`, when a system refused."""


Outcome = Ticket | Invitation | Session | NoteRef | Record | Standing | GaveUp | None


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    ticket: TicketKey
    number: int
    route: str
    platform: str
    state: InvitationState
    created_at: datetime
    expires_at: datetime | None = None
    code: str = ""
    url: str = ""
    session_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What its session will carry from the start, the reference among it."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A running session that is told what changes on its ticket, and what it was told last."""

    platform: str
    session_id: str
    route: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    """What stood in the ticket's field by which its sessions are transferred; None while it was never read."""


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """What the bridge remembers of a ticket."""

    key: TicketKey
    snapshot: Ticket | None = None
    asking: frozenset[str] = frozenset()
    """Names of the routes whose condition held when the ticket was last read."""
    invitations: tuple[InvitationRecord, ...] = ()
    followers: tuple[Follower, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What the bridge remembers of a session."""

    platform: str
    session: Session
    ticket: TicketKey | None = None
    linked_how: str = ""
    """`reference`, `invitation`, `typed key`, or who linked it by hand."""
    route: str = ""
    shown: tuple[str, ...] = ()
    """Digests of what already stands on the ticket, or will."""
    carded: bool = False


@dataclass(frozen=True, slots=True)
class Successor:
    """A ticket that was merged lives on in another one of its system."""

    ticket: TicketKey
    into: str
    """The other one's id."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall be, after an event or an outcome: written to the store in one transaction."""

    tell: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    invitations: tuple[InvitationRecord, ...] = ()
    ticket: TicketRecord | None = None
    session: SessionRecord | None = None
    successor: Successor | None = None
