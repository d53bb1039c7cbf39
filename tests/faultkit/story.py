"""People at work, straight in the vendors' books: many sessions at once, and what must stand on each ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.helpdesk.model import Comment
from sandbox.serve import Sandbox

PIN = re.compile(r"(?<!\d)\d{6}(?!\d)")
NOTES_TITLE = "Technician's notes"
ADDED = "added later"
CARD = "Remote support session"


@dataclass
class Case:
    """One ticket and its session. Every text in it is said nowhere else."""

    ticket_id: int
    name: str
    session_id: int = 0
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Helpers:
    """Customer, agent and technician of both vendors."""

    sandbox: Sandbox

    # what people do

    def open_ticket(self, name: str, *, ask: bool = True) -> Case:
        """A new ticket; with `ask` one that wants a remote session at once."""
        desk = self.sandbox.helpdesk
        wanted = {"subject": f"Help with {name}", "comment": {"body": f"It is {name}."}}
        ticket, _ = desk.create_ticket(desk.customer, wanted)
        case = Case(ticket.id, name)
        if ask:
            self.ask(case)
        return case

    def open_tickets(self, name: str, count: int) -> list[Case]:
        return [self.open_ticket(f"{name}-{number}") for number in range(count)]

    def ask(self, case: Case) -> None:
        desk = self.sandbox.helpdesk
        tags = [*desk.ticket(case.ticket_id).tags, desk.settings.tag]
        desk.update_ticket(desk.agent, case.ticket_id, {"tags": tags})

    def close_ticket(self, case: Case) -> None:
        desk = self.sandbox.helpdesk
        desk.update_ticket(desk.agent, case.ticket_id, {"status": "closed"})

    def hold_session(self, case: Case, lines: int = 2, pin: str = "") -> None:
        """Join with the PIN, else with the one on the ticket, talk, write a note, end, answer the survey."""
        rescue = self.sandbox.rescue
        session = rescue.join(pin or self.pin(case))
        case.session_id = session.id
        rescue.customer_says(session.id, self._said(case, "before the start"))
        rescue.pick_up(session.id, rescue.owner.id)
        for number in range(lines):
            rescue.technician_says(session.id, self._said(case, f"line {number}"))
        rescue.write_note(session.id, self._said(case, "note"))
        rescue.end(session.id, [self._said(case, "answer")])

    # what stands on the ticket

    def ours(self, case: Case) -> list[Comment]:
        """What the bridge wrote, oldest first."""
        desk = self.sandbox.helpdesk
        with desk.lock:
            return [one for one in desk.ticket(case.ticket_id).comments if one.author.id == desk.api_user.id]

    def invitations(self, case: Case) -> list[Comment]:
        return [one for one in self.ours(case) if one.public]

    def cards(self, case: Case) -> list[Comment]:
        return [one for one in self.ours(case) if is_card(one)]

    def pin(self, case: Case) -> str:
        """The PIN of the newest invitation; empty while there is none."""
        found = [PIN.search(one.body) for one in self.invitations(case)]
        return found[-1].group() if found and found[-1] else ""

    def invited(self, cases: Sequence[Case]) -> bool:
        return all(self.pin(case) for case in cases)

    def carded(self, cases: Sequence[Case]) -> bool:
        return all(self.cards(case) for case in cases)

    def wrong_with(self, case: Case) -> list[str]:
        """What is not as it must be after a session: one invitation, then one card, complete."""
        ours, wrong = self.ours(case), []
        invitations, cards = self.invitations(case), self.cards(case)
        if len(invitations) != 1:
            wrong.append(f"{len(invitations)} invitations")
        if len(cards) != 1:
            wrong.append(f"{len(cards)} cards")
        if len(ours) > 2:
            wrong.append(f"{len(ours)} comments of ours")
        if not wrong and ours != [*invitations, *cards]:
            wrong.append("the card stands before the invitation")
        card = cards[0].body if cards else ""
        wrong += [f"the card lacks {text!r}" for text in case.said if card.count(text) != 1]
        return [f"ticket {case.ticket_id} ({case.name}): {what}" for what in wrong]

    def _said(self, case: Case, what: str) -> str:
        text = f"<{case.name}: {what}>"
        case.said.append(text)
        return text


def is_card(comment: Comment) -> bool:
    first = comment.body.strip().split("\n", 1)[0]
    return not comment.public and CARD in first and ADDED not in first and "could not" not in first
