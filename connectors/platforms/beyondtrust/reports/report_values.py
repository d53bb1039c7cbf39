"""What the reports answer, as values; SupportSession becomes `bridge.model.Session`, surveys `surveys.ExitSurvey`.

Times are aware datetimes in UTC, lengths are seconds; texts are empty and numbers None where nothing is told.
(Guide, Reporting API: "Element Names and Attributes" of each report.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.platforms.beyondtrust.reports.people import Customer, Representative


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One row of SupportSessionListing."""

    lsid: str
    lseq: int | None
    """Neither unique nor strictly rising."""
    has_recording: bool
    external_key: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """One row of SupportSessionSummary: a representative, a team or a public site."""

    id: str
    type: str
    """`rep`, `team` or `site`."""
    name: str
    """As it is called now."""
    total_sessions: int | None
    sessions_per_weekday: float | None
    average_seconds: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, or to whom."""

    name: str = ""
    type: str = ""
    """`system`, `customer`, `attendee`, `representative` or, for the vault, an API account."""
    id: str = ""
    """The gsnumber, which names somebody within one session or report; for the vault the id."""


@dataclass(frozen=True, slots=True)
class FileMoved:
    name: str
    size: int | None
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a team's activity or of a presentation."""

    kind: str
    at: datetime | None
    performed_by: Actor = Actor()
    destinations: tuple[Actor, ...] = ()
    text: str = ""
    files: tuple[FileMoved, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TeamActivity:
    """One line of SupportTeam: somebody of a team who was logged in before its first event, or an event."""

    team_id: str
    team: str
    """As it is called now."""
    logged_in: Representative | None = None
    event: Happening | None = None


@dataclass(frozen=True, slots=True)
class Presentation:
    """One `<session>` of PresentationSession."""

    lsid: str
    lseq: int | None
    started_at: datetime | None
    ended_at: datetime | None
    """None while it runs, and for one that closed abnormally."""
    seconds: int | None
    chat_view_url: str
    chat_download_url: str
    recording_view_url: str
    recording_download_url: str
    attendees: tuple[Customer, ...]
    presenters: tuple[Representative, ...]
    events: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class ListedPresentation:
    lsid: str
    has_recording: bool


@dataclass(frozen=True, slots=True)
class StateArchive:
    """A snapshot of the state model."""

    at: datetime | None
    index: int
    """Of the day, from 1."""
    event_archive_index: int | None
    """The events that begin right after it."""


@dataclass(frozen=True, slots=True)
class EventArchive:
    """The events between two moments."""

    at: datetime | None
    ends_at: datetime | None
    index: int


@dataclass(frozen=True, slots=True)
class ArchiveListing:
    """ArchiveListing: what can be had of one day. The appliance keeps seven active days."""

    states: tuple[StateArchive, ...]
    events: tuple[EventArchive, ...]


@dataclass(frozen=True, slots=True)
class LicenseCount:
    license_type: str
    reason: str
    """`login`, `extended_contact`, or empty for the total."""
    count: int | None


@dataclass(frozen=True, slots=True)
class LicensePeak:
    """One interval of LicenseUsage."""

    at: datetime | None
    counts: tuple[LicenseCount, ...]


@dataclass(frozen=True, slots=True)
class VaultActivity:
    """One event of VaultAccountActivity."""

    at: datetime | None
    account: str
    event_type: str
    performed_by: Actor
    data: str
    """How a password changed, why its rotation failed, or the lsid in which credentials were used."""
