"""What every play needs: the agent's desk, promises to check, and eyes for what stands on a ticket."""

from __future__ import annotations

import re
import textwrap
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox.driver import HelpdeskUser, ShownComment
from sandbox.serve import Sandbox

Say = Callable[[str], object]
Found = TypeVar("Found")

CARD_NUMBER = "4111 1111 1111 1111"
NOTE = "Paper jam in tray 2 & a loose cable; printed a test page <ok>."
CHAT: tuple[tuple[str, str], ...] = (
    ("customer", "Hello, nothing comes out of the printer."),
    ("helper", "Good morning, let me have a look."),
    ("customer", "Its page says <script>alert('tray')</script> & nothing else."),
    ("helper", "Please type {{ticket.requester.email}} and ${7*7} {% raw %}{x}{% endraw %}."),
    ("customer", "مرحبا שלום, the light blinks 🖨️🔴 now"),
    ("customer", f"My card is {CARD_NUMBER} if you need it."),
    ("helper", "No, never write that here. It prints again!"),
)
# What a renderer may put between characters to defuse them: zero-width and direction marks.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")
WIDTH = 78


@dataclass(frozen=True, slots=True)
class Check:
    """One promise and whether it was kept."""

    promise: str
    kept: bool


@dataclass(slots=True)
class PlayResult:
    """What became of the story. `success` only if every promise was kept."""

    ticket_id: int = 0
    session_id: int | str = 0
    seconds_to_pin: float = 0.0
    """From the agent's click to the PIN or the session key on the ticket."""
    seconds_to_card: float = 0.0
    checks: list[Check] = field(default_factory=list)

    @property
    def success(self) -> bool:
        return bool(self.checks) and all(check.kept for check in self.checks)

    def check(self, promise: str, kept: object) -> bool:
        self.checks.append(Check(promise, bool(kept)))
        return bool(kept)


@dataclass(slots=True)
class Stage:
    """Where a play happens, and what became of it so far."""

    sandbox: Sandbox
    desk: HelpdeskUser
    out: Say
    patience: float
    """How long to wait for one thing, in seconds."""
    settle: float
    """How long nothing may be added at the end, in seconds."""
    reported: bool = False
    """Whether the bridge asks for Rescue's reports often enough to wait for what they tell."""
    result: PlayResult = field(default_factory=PlayResult)

    def open_ticket(self) -> None:
        self.result.ticket_id = self.desk.open_ticket("My printer does not print", "It blinks and prints nothing.")
        address = f"{self.sandbox.helpdesk_url}/tickets/{self.result.ticket_id}"
        self.out(f"A customer opened ticket {self.result.ticket_id}: {address}")

    def ask(self, platform: str) -> None:
        """Press one of the ticket's buttons."""
        self.desk.ask_for_session(self.result.ticket_id, platform)
        self.out("The agent asked for a remote session.")

    def until(self, look: Callable[[], Found | None]) -> Found | None:
        return until(self.patience, look)

    def timed(self, look: Callable[[], Found | None]) -> tuple[Found | None, float]:
        """What came within the patience, and after how many seconds."""
        started = time.monotonic()
        found = until(self.patience, look)
        return found, time.monotonic() - started

    def again(self, look: Callable[[], Found | None]) -> Found | None:
        """What shows up while nothing should: looked for as long as nothing may be added at the end."""
        return until(self.settle, look)

    def comments(self, *, customer: bool = False) -> list[ShownComment]:
        return self.desk.comments(self.result.ticket_id, customer=customer)

    def cards(self) -> list[ShownComment]:
        """The internal comments that hold the helper's note."""
        return [comment for comment in self.comments() if comment.internal and holds(comment, NOTE)]

    def card(self) -> ShownComment | None:
        return next(iter(self.cards()), None)

    def check_chat(self, card: ShownComment) -> None:
        for who, text in CHAT:
            kept = all(holds(card, part) for part in text.split(CARD_NUMBER))
            self.result.check(f"the card holds what the {who} said: {text.replace(CARD_NUMBER, '…')}", kept)

    def check_ticket(self, is_invitation: Callable[[ShownComment], object], private: Sequence[str]) -> None:
        """Once, and seen by nobody else: what must hold of the whole ticket when nothing more comes."""
        check = self.result.check
        before = [comment.id for comment in self.comments()]
        added = until(self.settle, lambda: [one.id for one in self.comments()] != before or None)
        check(f"nothing was added in {self.settle:g} more seconds", not added)
        comments, seen = self.comments(), self.comments(customer=True)
        check("there is exactly one invitation", sum(map(bool, map(is_invitation, comments))) == 1)
        check("there is exactly one session card", len(self.cards()) == 1)
        check("the card number stands nowhere", not any(_has_card_number(one) for one in comments))
        check("the customer sees the invitation", sum(map(bool, map(is_invitation, seen))) == 1)
        leaks = [one for one in seen if any(holds(one, text) for text in (NOTE, CHAT[1][1], *private))]
        check("the customer does not see the card", not leaks)

    def show(self) -> None:
        for title, customer in (("AS THE CUSTOMER SEES IT", True), ("AS THE AGENT SEES IT", False)):
            self.out("")
            self.out(f"== TICKET {self.result.ticket_id} {title} ".ljust(WIDTH, "="))
            for comment in self.comments(customer=customer):
                for line in _pretty(comment):
                    self.out(line)
        self.out("")


def until(seconds: float, look: Callable[[], Found | None]) -> Found | None:
    """Look again and again until there is something, or the time is over."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def plain(text: str) -> str:
    """The text without what nobody sees, so that two spellings of one line are equal."""
    return " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).split())


def holds(comment: ShownComment, text: str) -> bool:
    return plain(text) in plain(comment.text)


def _has_card_number(comment: ShownComment) -> bool:
    digits = re.sub(r"[\s-]", "", plain(comment.text))
    return CARD_NUMBER.replace(" ", "") in digits


def _pretty(comment: ShownComment) -> list[str]:
    mark = "  [internal]" if comment.internal else ""
    lines = [f"-- {comment.author}{mark} ".ljust(WIDTH, "-")]
    for line in comment.text.split("\n"):
        lines += textwrap.wrap(line, WIDTH - 3, initial_indent="   ", subsequent_indent="   ") or [""]
    return lines
