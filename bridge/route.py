"""A route: which tickets ask which platform for sessions, when, and what is written back how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.model import Visibility


class WhenKind(StrEnum):
    TAG = "tag"
    """The ticket carries the tag or label."""
    FIELD = "field"
    """The ticket's field has the value."""
    STATUS = "status"
    """The ticket has this status, in the vendor's own word."""
    EVENT = "event"
    """The delivery was about this event, in the vendor's own word."""
    ANY = "any"


@dataclass(frozen=True, slots=True)
class When:
    """What makes a ticket ask for a session."""

    kind: WhenKind
    name: str = ""
    """The tag, field, status or event; empty for `any`."""
    value: str = ""
    """The field's value; empty for all but `field`."""


class CloseOn(StrEnum):
    NEVER = "never"
    TICKET_CLOSED = "ticket_closed"
    """An open invitation is withdrawn, or a running session ended, when its ticket is solved or closed."""


class Helper(StrEnum):
    """For whom at the platform an invitation is made."""

    ANYBODY = "anybody"
    ASSIGNEE = "assignee"
    """The technician who is the ticket's assignee (`bridge.people`); anybody where that is nobody."""


class Artefact(StrEnum):
    """A part of a session that can be told on the ticket."""

    TRANSCRIPT = "transcript"
    NOTES = "notes"
    SURVEYS = "surveys"
    TIMES = "times"
    RECORDINGS = "recordings"
    FILES = "files"
    ATTRIBUTES = "attributes"
    SYSTEM = "system"


class RecordingMode(StrEnum):
    LINK = "link"
    """Where it can be looked at stands on the card."""
    ATTACH = "attach"
    """It is fetched and attached too, where the ticket system takes a file of its size."""


@dataclass(frozen=True, slots=True)
class InvitationRule:
    """How a customer is invited. Texts in `fields` and `options["attributes"]` are templates (`bridge.template`)."""

    visibility: Visibility = Visibility.INTERNAL
    fields: Mapping[str, str] = field(default_factory=dict)
    """The platform's fields by their API name, templates."""
    close_on: CloseOn = CloseOn.NEVER
    lifetime_minutes: int = 20
    """How long a code is taken to be good where the platform does not say it."""
    technician: Helper = Helper.ANYBODY
    """For whom it is made."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What else is asked of the platform: `queue` (text), `ttl_seconds` and `priority` (whole numbers), `skills`
    (texts), `attributes` (the session's attributes by their API name, templates). Only what the route names is
    there."""

    @property
    def attributes(self) -> Mapping[str, str]:
        """The templates of `options["attributes"]`."""
        found = self.options.get("attributes")
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """How work time is billed."""

    minimum_minutes: int = 0
    """Shorter work counts as this."""
    round_to_minutes: int = 1
    """Work time is rounded up to a multiple of this."""

    def minutes(self, seconds: int) -> int:
        """What is billed for so many seconds of work."""
        started = -(-seconds // 60)
        rounded = -(-started // self.round_to_minutes) * self.round_to_minutes
        return max(rounded, self.minimum_minutes)


@dataclass(frozen=True, slots=True)
class TransferRule:
    """Whom a running session goes to when a field of its ticket, such as the group, changes."""

    name: str
    """The ticket's field by its API name."""
    to: Mapping[str, str] = field(default_factory=dict)
    """The field's value to the platform's own word for a queue; other values change nothing."""


@dataclass(frozen=True, slots=True)
class SessionRule:
    """What a session leaves on its ticket."""

    visibility: Visibility = Visibility.INTERNAL
    include: frozenset[Artefact] = frozenset(Artefact)
    time_entry: TimeEntry | None = None
    set_fields: Mapping[str, object] = field(default_factory=dict)
    """Fields of the ticket by their API name; every text in it is a template (`bridge.template.fill_all`)."""
    timezone: str = "UTC"
    """An IANA name."""
    language: str = "en"
    recordings: RecordingMode = RecordingMode.LINK
    close_on: CloseOn = CloseOn.NEVER
    transfer: TransferRule | None = None

    @property
    def commands(self) -> bool:
        """Whether what happens on the ticket ends or moves a running session."""
        return self.close_on is not CloseOn.NEVER or self.transfer is not None


class Closed(StrEnum):
    """What becomes of a note whose ticket takes no more, because it is closed or deleted."""

    PARK = "park"
    """It waits for a person."""
    REOPEN = "reopen"
    """The ticket is opened again for it."""
    FOLLOW_UP = "follow_up"
    """A new ticket that continues the old one gets it, and all that comes later."""


class Merged(StrEnum):
    """What becomes of a note whose ticket was merged into another one."""

    FOLLOW = "follow"
    """It goes to the ticket that lives on."""
    PARK = "park"


@dataclass(frozen=True, slots=True)
class TicketPolicy:
    """What to do when the ticket does not take what is written on it."""

    closed: Closed = Closed.PARK
    deleted: Closed = Closed.PARK
    """`reopen` is not possible."""
    merged: Merged = Merged.FOLLOW


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    ticket: str
    """Name of the connection to the ticket system."""
    platform: str
    """Name of the connection to the support platform."""
    when: When
    invitation: InvitationRule = InvitationRule()
    session: SessionRule = SessionRule()
    if_ticket: TicketPolicy = TicketPolicy()
    trust_typed_keys: bool = False
    """Whether a ticket's number that somebody typed at the platform is believed without an invitation of ours."""
