"""What a pretend appliance knows: people, teams, keys, and sessions with all that happened in them.

Source: Remote Support 23.2 API guide, chapters generate_session_key, SupportSession, SupportCustExitSurvey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

EXTERNAL_KEY = "external_key"
FIELD_CHARACTERS = 1_024
ALL_FIELDS_BYTES = 10_240
SYSTEM_GSNUMBER = 0


class ApiError(Exception):
    """What the API answers as `<error>`, with HTTP 200."""


class NotAllowed(Exception):
    """Something that a page of the appliance would not let a person do, with the words it would say."""


@dataclass(slots=True)
class Representative:
    id: int
    username: str
    public_name: str
    private_name: str
    email: str = ""
    logged_in: bool = True
    status: str = "available"
    logged_in_since: datetime | None = None
    hostname: str = "REP-PC"
    public_ip: str = "192.0.2.41"
    private_ip: str = "10.0.0.41"
    os: str = "Windows 11 Enterprise (64-bit)"
    gsnumber: int = 0
    """Of the connection of now; 0 while logged out."""


@dataclass(frozen=True, slots=True)
class Issue:
    id: int
    code_name: str
    title: str


@dataclass(slots=True)
class Team:
    id: int
    name: str
    code_name: str
    issues: tuple[Issue, ...] = ()
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a session waits: everybody's, a team's, or a representative's own. `id` is 0 for everybody's."""

    kind: Literal["general", "team", "rep"] = "general"
    id: int = 0
    issue: str = ""
    """The code name of the issue that led here; empty if none did."""

    def __str__(self) -> str:
        return self.kind if self.kind == "general" else f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Customer:
    """What a customer, or the link that they followed, says of them."""

    name: str = ""
    company: str = ""
    company_code: str = ""
    details: str = ""


@dataclass(slots=True)
class SessionKey:
    short_key: str
    access: str
    """The same key as it stands in the link, 32 hexadecimal digits."""
    queue: Queue
    attributes: dict[str, str]
    ttl: int
    expires_at: datetime
    priority: int = 2
    skills: tuple[str, ...] = ()
    url_hostname: str = ""
    used: bool = False
    customer: Customer = Customer()
    """What the link that led here says of the customer."""
    start_method: Literal["session_key", "rep_list", "issue_submission"] = "session_key"
    issue_id: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, or for whom it was: `system`, `customer` or `representative`."""

    kind: Literal["system", "customer", "representative"]
    gsnumber: int
    name: str


SYSTEM = Actor("system", SYSTEM_GSNUMBER, "")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a session's details. What has no value is left out of the report."""

    at: datetime
    type: str
    performed_by: Actor = SYSTEM
    destination: Actor | None = None
    body: str = ""
    filename: str = ""
    filesize: int = 0
    data: Mapping[str, str] = field(default_factory=dict)
    system_information: tuple[Category, ...] = ()
    api_account: str = ""
    """Which API account sent this chat message, if one did."""


@dataclass(frozen=True, slots=True)
class Category:
    """One table of the system information."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Member:
    """A representative in a session, for as long as one connection lasted."""

    rep: Representative
    gsnumber: int
    joined_at: datetime
    left_at: datetime | None = None
    owner: bool = False
    seconds_before: float = 0.0
    invited: bool = False

    @property
    def actor(self) -> Actor:
        return Actor("representative", self.gsnumber, self.rep.private_name)

    def seconds_involved(self, now: datetime) -> int:
        return int(self.seconds_before + ((self.left_at or now) - self.joined_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Recording:
    """A video: of the session (screen sharing), of the representative's own screen, or of a command shell."""

    kind: Literal["session", "screen", "shell"]
    number: int
    """From 0, as the reporting API counts; the session itself has one recording, number 0."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Question:
    id: int
    name: str
    kind: Literal["radio", "checkbox", "select", "text", "textarea"]
    label: str
    report_header: str
    options: tuple[str, ...] = ()


CUSTOMER_QUESTIONS = (
    Question(1, "satisfaction", "radio", "How satisfied are you?", "Satisfaction", ("Very", "Somewhat", "Not at all")),
    Question(2, "solved", "checkbox", "What was solved?", "Solved", ("Printer", "Network", "Something else")),
    Question(3, "comments", "textarea", "Anything you want to tell us?", "Comments"),
)
REPRESENTATIVE_QUESTIONS = (
    Question(4, "resolved", "select", "Was the issue resolved?", "Resolved", ("Yes", "No", "Partly")),
    Question(5, "work_done", "textarea", "What was done?", "Work done"),
)
Answers = tuple[tuple[str, ...], ...]
"""For each question, in their order, the answers that were given; an empty tuple for none."""


@dataclass(frozen=True, slots=True)
class Survey:
    by: str
    """Who submitted it: the customer's name, or the representative's private one."""
    at: datetime
    answers: Answers


@dataclass(slots=True)
class ApplianceSession:
    lsid: str
    lseq: int
    started_at: datetime
    queue: Queue
    customer_gsnumber: int
    customer_name: str = ""
    company: str = ""
    company_code: str = ""
    details: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    """Custom fields by their code name, `external_key` among them."""
    short_key: str = ""
    start_method: Literal["session_key", "rep_list", "issue_submission"] = "session_key"
    issue_id: int = 0
    priority: int = 2
    skills: tuple[str, ...] = ()
    virtual: bool = False
    ended_at: datetime | None = None
    dropped_at: datetime | None = None
    """Closed abnormally: it will never have an end time."""
    customer_left_at: datetime | None = None
    public_ip: str = "198.51.100.23:61606"
    private_ip: str = "10.1.2.3"
    hostname: str = "DESKTOP-7"
    os: str = "Windows 11 Enterprise (64-bit)"
    owner: Member | None = None
    """Who has it now; None while it waits in a queue."""
    primary: Member | None = None
    """Who had it last; stays when the session is over."""
    members: list[Member] = field(default_factory=list)
    team_ids: list[int] = field(default_factory=list)
    """Each team it belonged to once, the last one last."""
    events: list[Event] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    customer_survey: Survey | None = None
    representative_survey: Survey | None = None
    notes: int = 0
    asked: set[int] = field(default_factory=set)
    """Representatives who were asked to come along and have not yet."""

    @property
    def open(self) -> bool:
        return self.ended_at is None and self.dropped_at is None

    @property
    def external_key(self) -> str:
        return self.attributes.get(EXTERNAL_KEY, "")

    @property
    def customer(self) -> Actor:
        return Actor("customer", self.customer_gsnumber, self.customer_name)

    @property
    def present(self) -> list[Member]:
        """The representatives who are in it now."""
        return [one for one in self.members if one.left_at is None]

    def member(self, rep_id: int) -> Member | None:
        return next((one for one in self.present if one.rep.id == rep_id), None)


@dataclass(frozen=True, slots=True)
class Happening:
    """What the outbound queue and the live model are told. `name` is an outbound event's, or empty for
    something that shows only in the live model.
    """

    name: str
    at: datetime
    session: ApplianceSession | None = None
    member: Member | None = None
    by: Actor | None = None
    queue: str = ""
    """The name of the queue that owns the session now, where no representative does."""
