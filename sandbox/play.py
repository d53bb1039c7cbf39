"""A whole story told through the pages of the vendors, and what must stand on the ticket afterwards."""

from __future__ import annotations

import re
import textwrap
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from sandbox.driver import Customer, HelpdeskUser, ShownComment, Technician
from sandbox.serve import Sandbox

Say = Callable[[str], object]
Found = TypeVar("Found")

CARD_NUMBER = "4111 1111 1111 1111"
NOTE = "Paper jam in tray 2 & a loose cable; printed a test page <ok>."
SURVEY = ("Yes, it was solved", "Cleared the jam in tray 2", "2 of 5")
CHAT: tuple[tuple[str, str], ...] = (
    ("customer", "Hello, nothing comes out of the printer."),
    ("technician", "Good morning, let me have a look."),
    ("customer", "Its page says <script>alert('tray')</script> & nothing else."),
    ("technician", "Please type {{ticket.requester.email}} and ${7*7} {% raw %}{x}{% endraw %}."),
    ("customer", "مرحبا שלום, the light blinks 🖨️🔴 now"),
    ("customer", f"My card is {CARD_NUMBER} if you need it."),
    ("technician", "No, never write that here. It prints again!"),
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
    session_id: int = 0
    seconds_to_pin: float = 0.0
    seconds_to_card: float = 0.0
    checks: list[Check] = field(default_factory=list)

    @property
    def success(self) -> bool:
        return bool(self.checks) and all(check.kept for check in self.checks)

    def check(self, promise: str, kept: object) -> bool:
        self.checks.append(Check(promise, bool(kept)))
        return bool(kept)


def play(
    sandbox: Sandbox,
    console_url: str,
    admin_token: str,
    out: Say,
    *,
    patience: float = 30.0,
    settle: float = 2.0,
) -> PlayResult:
    """Play customer, agent and technician, then look at the ticket. `out` gets each line to be shown.

    `patience` bounds each wait in seconds; `settle` is how long nothing may be added at the end.
    """
    with ExitStack() as people:
        desk = people.enter_context(HelpdeskUser(sandbox.helpdesk_url))
        customer = people.enter_context(Customer(sandbox.rescue_url))
        technician = people.enter_context(Technician(sandbox.rescue_url))
        story = _Story(sandbox, desk, customer, technician, out, patience, settle)
        result = story.tell()
    for check in result.checks:
        out(f"  {'ok     ' if check.kept else 'MISSING'}  {check.promise}")
    if not result.success:
        _show_unfinished(console_url, admin_token, out)
    return result


@dataclass(slots=True)
class _Story:
    sandbox: Sandbox
    desk: HelpdeskUser
    customer: Customer
    technician: Technician
    out: Say
    patience: float
    settle: float
    result: PlayResult = field(default_factory=PlayResult)

    def tell(self) -> PlayResult:
        result = self.result
        result.ticket_id = self.desk.open_ticket("My printer does not print", "It blinks and prints nothing.")
        self.out(f"A customer opened ticket {result.ticket_id}: {self._address()}")
        self.desk.ask_for_session(result.ticket_id)
        self.out("The agent asked for a remote session.")
        started = time.monotonic()
        invitation = _until(self.patience, self._invitation)
        result.seconds_to_pin = time.monotonic() - started
        if not result.check("the invitation with its PIN is on the ticket", invitation):
            return result
        assert invitation is not None
        self.out(f"The PIN came after {result.seconds_to_pin:.2f} s.")
        self._session(invitation)
        started = time.monotonic()
        card = _until(self.patience, self._card)
        result.seconds_to_card = time.monotonic() - started
        if result.check("the session card is on the ticket, as an internal comment", card):
            assert card is not None
            self.out(f"The card came after {result.seconds_to_card:.2f} s.")
            self._check_card(card)
        self._check_ticket()
        self._show()
        return result

    def _session(self, invitation: ShownComment) -> None:
        links = [link for link in invitation.links if link.startswith(self.sandbox.rescue_url)]
        self.result.check("the invitation links to the page where the customer joins", links)
        session = self.customer.follow(links[0]) if links else self.customer.join(invitation.pin)
        self.result.session_id = session
        self.out(f"The customer joined session {session}; the technician picked up.")
        self.technician.pick_up(session)
        for who, text in CHAT:
            (self.customer if who == "customer" else self.technician).say(text)
        self.technician.note(NOTE)
        self.technician.end(survey=SURVEY)
        self.out(f"They exchanged {len(CHAT)} lines; the technician wrote a note and ended the session.")

    def _comments(self, *, customer: bool = False) -> list[ShownComment]:
        return self.desk.comments(self.result.ticket_id, customer=customer)

    def _invitations(self, comments: Sequence[ShownComment]) -> list[ShownComment]:
        return [comment for comment in comments if not comment.internal and comment.pin]

    def _invitation(self) -> ShownComment | None:
        return next(iter(self._invitations(self._comments())), None)

    def _cards(self, comments: Sequence[ShownComment]) -> list[ShownComment]:
        return [comment for comment in comments if comment.internal and _holds(comment, NOTE)]

    def _card(self) -> ShownComment | None:
        return next(iter(self._cards(self._comments())), None)

    def _check_card(self, card: ShownComment) -> None:
        check = self.result.check
        session = self.sandbox.rescue.session(self.result.session_id)
        check("the card names the technician", _holds(card, session.technician.name))
        check("the card names the customer", _holds(card, session.customer))
        check("the card holds the technician's note", _holds(card, NOTE))
        for answer in SURVEY:
            check(f"the card holds the survey's answer: {answer}", _holds(card, answer))
        for who, text in CHAT:
            kept = all(_holds(card, part) for part in text.split(CARD_NUMBER))
            check(f"the card holds what the {who} said: {text.replace(CARD_NUMBER, '…')}", kept)

    def _check_ticket(self) -> None:
        check = self.result.check
        before = [comment.id for comment in self._comments()]
        added = _until(self.settle, lambda: [one.id for one in self._comments()] != before or None)
        check(f"nothing was added in {self.settle:g} more seconds", not added)
        comments, seen = self._comments(), self._comments(customer=True)
        check("there is exactly one invitation", len(self._invitations(comments)) == 1)
        check("there is exactly one session card", len(self._cards(comments)) == 1)
        check("the card number stands nowhere", not any(_has_card_number(one) for one in comments))
        check("the customer sees the invitation", len(self._invitations(seen)) == 1)
        private = (NOTE, CHAT[1][1], SURVEY[1])
        leaks = [one for one in seen if any(_holds(one, text) for text in private)]
        check("the customer does not see the card", not leaks)

    def _show(self) -> None:
        for title, customer in (("AS THE CUSTOMER SEES IT", True), ("AS THE AGENT SEES IT", False)):
            self.out("")
            self.out(f"== TICKET {self.result.ticket_id} {title} ".ljust(WIDTH, "="))
            for comment in self._comments(customer=customer):
                for line in _pretty(comment):
                    self.out(line)
        self.out("")

    def _address(self) -> str:
        return f"{self.sandbox.helpdesk_url}/tickets/{self.result.ticket_id}"


def _until(seconds: float, look: Callable[[], Found | None]) -> Found | None:
    """Look again and again until there is something, or the time is over."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).split())


def _holds(comment: ShownComment, text: str) -> bool:
    return _plain(text) in _plain(comment.text)


def _has_card_number(comment: ShownComment) -> bool:
    digits = re.sub(r"[\s-]", "", _plain(comment.text))
    return CARD_NUMBER.replace(" ", "") in digits


def _pretty(comment: ShownComment) -> list[str]:
    mark = "  [internal]" if comment.internal else ""
    lines = [f"-- {comment.author}{mark} ".ljust(WIDTH, "-")]
    for line in comment.text.split("\n"):
        lines += textwrap.wrap(line, WIDTH - 3, initial_indent="   ", subsequent_indent="   ") or [""]
    return lines


def _show_unfinished(console_url: str, admin_token: str, out: Say) -> None:
    """What the bridge itself says about effects that are not done: the first thing to look at."""
    if not console_url:
        return
    headers = {"Authorization": f"Bearer {admin_token}"}
    try:
        with httpx.Client(base_url=console_url, headers=headers, trust_env=False, timeout=10) as client:
            items = client.get("/api/v1/effects").json()["items"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        out(f"  The bridge could not be asked about its effects: {type(error).__name__}")
        return
    for item in items:
        if item.get("state") not in ("done", "skipped"):
            words = (str(item.get(name)) for name in ("kind", "state", "reason", "error") if item.get(name))
            out(f"  effect {item.get('id')}: {', '.join(words)}")
