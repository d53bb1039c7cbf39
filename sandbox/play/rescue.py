"""The play at the pretend Rescue: a PIN, a chat, a note, the technician's survey."""

from __future__ import annotations

from contextlib import ExitStack

from sandbox.driver import Customer, ShownComment, Technician
from sandbox.play.stage import CHAT, NOTE, Stage, holds

JUDGEMENT = "Quick & kind, thank you"
"""What the customer answers after the session."""
SURVEY = ("Yes, it was solved", "Cleared the jam in tray 2", "2 of 5")


def tell(stage: Stage) -> None:
    """From the ticket to its card."""
    result = stage.result
    stage.open_ticket()
    stage.ask("rescue")
    invitation, result.seconds_to_pin = stage.timed(lambda: next(filter(_is_invitation, stage.comments()), None))
    if not result.check("the invitation with its PIN is on the ticket", invitation):
        return
    assert invitation is not None
    stage.out(f"The PIN came after {result.seconds_to_pin:.2f} s.")
    _session(stage, invitation)
    card, result.seconds_to_card = stage.timed(stage.card)
    if result.check("the session card is on the ticket, as an internal comment", card):
        assert card is not None
        stage.out(f"The card came after {result.seconds_to_card:.2f} s.")
        _check_card(stage, card)
    if stage.reported:
        _check_survey(stage)
    stage.check_ticket(_is_invitation, (SURVEY[1],))
    stage.show()


def _is_invitation(comment: ShownComment) -> bool:
    return not comment.internal and bool(comment.pin)


def _session(stage: Stage, invitation: ShownComment) -> None:
    with ExitStack() as people:
        customer = people.enter_context(Customer(stage.sandbox.rescue_url))
        technician = people.enter_context(Technician(stage.sandbox.rescue_url))
        links = [link for link in invitation.links if link.startswith(stage.sandbox.rescue_url)]
        stage.result.check("the invitation links to the page where the customer joins", links)
        session = customer.follow(links[0]) if links else customer.join(invitation.pin)
        stage.result.session_id = session
        stage.out(f"The customer joined session {session}; the technician picked up.")
        technician.pick_up(session)
        for who, text in CHAT:
            (customer if who == "customer" else technician).say(text)
        technician.note(NOTE)
        technician.end(survey=SURVEY)
        stage.out(f"They exchanged {len(CHAT)} lines; the technician wrote a note and ended the session.")
        customer.answer_survey("5", JUDGEMENT)


def _check_survey(stage: Stage) -> None:
    survey, seconds = stage.timed(lambda: next((c for c in stage.comments() if holds(c, JUDGEMENT)), None))
    if stage.result.check("what the customer answered after the session is on the ticket", survey):
        assert survey is not None
        stage.out(f"The customer's survey came after {seconds:.2f} s.")
        stage.result.check("the customer's survey is an internal comment", survey.internal)


def _check_card(stage: Stage, card: ShownComment) -> None:
    check = stage.result.check
    session = stage.sandbox.rescue.session(int(stage.result.session_id))
    check("the card names the technician", holds(card, session.technician.name))
    check("the card names the customer", holds(card, session.customer))
    check("the card holds the technician's note", holds(card, NOTE))
    for answer in SURVEY:
        check(f"the card holds the survey's answer: {answer}", holds(card, answer))
    stage.check_chat(card)
