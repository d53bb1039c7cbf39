"""What a pretend Rescue account knows: technicians, PINs and sessions with their chat.

Source: Rescue API Reference Guide, chapters requestPINCode, getSession_v3, Post-to-URL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.clock import chat_time

FIELD_LENGTHS = {"cfield0": 64, "cfield1": 512, "cfield2": 512, "cfield3": 256, "cfield4": 64, "cfield5": 64}
TRACKING_LENGTH = 64

PRESENCES = ("Online", "Busy", "Away")
WAITING = "Waiting"
ACTIVE = "Active"
ON_HOLD = "On Hold"
TRANSFERRING = "Transferring"
ABORTED = "Aborted: technician was deleted or disabled"
CLOSED_BY_TECHNICIAN = "Closed by technician"
CLOSED_BY_ACTIVE_CUSTOMER = "Closed by active customer"
CLOSED_BY_WAITING_CUSTOMER = "Closed by waiting customer"


class Code(Exception):
    """A bare code that is the whole answer, with HTTP 200."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotAllowed(Exception):
    """Something that a page of the vendor would not let a person do, with the words it would say."""


@dataclass(slots=True)
class Technician:
    """A user of the account; administrators are users of another `type`."""

    id: int
    name: str
    email: str
    sso_id: str = ""
    description: str = "Support"
    console_open: bool = True
    disabled: bool = False
    deleted: bool = False
    parent_id: int = 0
    type: str = "Technician"
    nick: str = ""
    password: str = ""
    presence: str = "Online"
    """Online, Busy or Away, while the console is open."""
    mobile_addon: bool = False
    rpat_addon: bool = False
    account_holder: bool = False
    lens: bool = True

    @property
    def status(self) -> str:
        """As getHierarchy says it."""
        if self.disabled:
            return "Disabled"
        return self.presence if self.console_open else "Offline"


@dataclass(slots=True)
class Pin:
    code: str
    fields: tuple[str, ...]
    tracking: str
    technician: Technician
    issued_at: datetime
    used: bool = False
    lens: bool = False
    """For the camera of a mobile device."""


@dataclass(slots=True)
class ConsoleLogin:
    """From when to when a technician had the console open; no end while it is."""

    technician: Technician
    begun_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sms:
    """An invitation that went to a phone."""

    number: str
    language: str
    pin: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of chat; without a speaker it is the system's."""

    at: datetime
    speaker: str
    text: str

    def __str__(self) -> str:
        said = f"{self.speaker}: {self.text}" if self.speaker else self.text
        return f"{chat_time(self.at)} {said}"


@dataclass(slots=True)
class RescueSession:
    id: int
    pin: str
    fields: tuple[str, ...]
    tracking: str
    technician: Technician
    created_at: datetime
    changed_at: datetime
    channel_id: int = 0
    status: str = WAITING
    picked_up_at: datetime | None = None
    closed_at: datetime | None = None
    last_action_at: datetime | None = None
    chat: list[Line] = field(default_factory=list)
    posted_lines: int = 0
    note: str = ""
    technician_survey: tuple[str, ...] = ()
    customer_survey: tuple[str, ...] = ()
    customer_survey_at: datetime | None = None
    transferred_to: str = ""
    transfer_comment: str = ""
    held_seconds: int = 0
    held_at: datetime | None = None
    before_transfer: object = None
    """Where it was, for cancelAction."""
    language: str = "en"
    lost: bool = False
    """It is never posted, as happens to some."""
    collaborators: list[Technician] = field(default_factory=list)
    transmitted: int = 0
    platform: str = "Windows 11"

    @property
    def customer(self) -> str:
        return self.fields[0] or "Customer"

    @property
    def open(self) -> bool:
        return self.closed_at is None

    def transcript(self, separator: str = "\n", *, since: int = 0) -> str:
        return separator.join(str(line) for line in self.chat[since:])
