"""The play at the pretend appliance: a session key, two representatives, a file, a recording, both surveys."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.beyondtrust.driver import ApplianceCustomer, ApplianceRepresentative
from sandbox.beyondtrust.state.model import CUSTOMER_QUESTIONS, REPRESENTATIVE_QUESTIONS, ApplianceSession
from sandbox.driver import ShownComment
from sandbox.play.stage import CHAT, NOTE, Stage, holds, plain

SUBJECT = "My printer on floor 2 does not print"
ASSETS = ("PRN-7", "PRN-8 & its <stand>")
"""The ticket's asset when the session is asked for, and what the agent makes of it while it runs."""
CUSTOMER = "Customer 1"
FILE = "printer & tray <2>.log"
HANDED_OVER = "I take it from here."
REPRESENTATIVE_SURVEY = ("Yes", "Cleared the jam in tray 2")
CUSTOMER_SURVEY: tuple[str | tuple[str, ...], ...] = (
    "Very",
    ("Printer", "Network"),
    "You were {{quick}} & <kind>",
)
EXPIRY = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
NEAR = 40
"""Within how many characters after its question an answer must begin."""
WORK_SECONDS = 1.1
"""How long each representative works at least, so that there is something to count."""


@dataclass(frozen=True, slots=True)
class _People:
    customer: ApplianceCustomer
    first: ApplianceRepresentative
    second: ApplianceRepresentative


def tell(stage: Stage) -> None:
    """From the ticket to its card, and the surveys after it."""
    result = stage.result
    stage.open_ticket()
    stage.desk.change(result.ticket_id, "My printer does not print", ASSETS[0])
    stage.ask("beyondtrust")
    invited = _is_invitation(stage)
    invitation, result.seconds_to_pin = stage.timed(lambda: next(filter(invited, stage.comments()), None))
    if not result.check("the invitation with its session key is on the ticket", invitation):
        return
    assert invitation is not None
    stage.out(f"The session key came after {result.seconds_to_pin:.2f} s.")
    with _people(stage) as people:
        _begin(stage, people, invitation)
        _talk(stage, people)
        _follow(stage)
        _hand_over(stage, people)
        _end(stage, people)
    card, result.seconds_to_card = stage.timed(stage.card)
    if result.check("the session card is on the ticket, as an internal comment", card):
        assert card is not None
        stage.out(f"The card came after {result.seconds_to_card:.2f} s.")
        _check_card(stage, card)
    _check_later(stage)
    stage.check_ticket(invited, (FILE, HANDED_OVER, REPRESENTATIVE_SURVEY[1], ASSETS[1]))
    stage.show()


@contextmanager
def _people(stage: Stage) -> Iterator[_People]:
    url = stage.sandbox.appliance_url
    with (
        ApplianceCustomer(url) as customer,
        ApplianceRepresentative(url, 1) as first,
        ApplianceRepresentative(url, 2) as second,
    ):
        yield _People(customer, first, second)


def _is_invitation(stage: Stage) -> Callable[[ShownComment], bool]:
    def test(comment: ShownComment) -> bool:
        return not comment.internal and bool(comment.key or _links(stage, comment))

    return test


def _links(stage: Stage, comment: ShownComment) -> list[str]:
    return [link for link in comment.links if link.startswith(stage.sandbox.appliance_url)]


def _session(stage: Stage) -> ApplianceSession:
    return stage.sandbox.appliance.session(str(stage.result.session_id))


# the story


def _begin(stage: Stage, people: _People, invitation: ShownComment) -> None:
    check, links = stage.result.check, _links(stage, invitation)
    check("the invitation holds the key's seven digits", invitation.key)
    check("the invitation links to the page where the customer joins", links)
    check("the invitation says until when it is good", EXPIRY.search(plain(invitation.text)))
    customer = people.customer
    lsid = customer.follow(links[0], CUSTOMER) if links else customer.join(invitation.key, CUSTOMER)
    stage.result.session_id = lsid
    session = _session(stage)
    check("the session carries the ticket's number as its external key", session.external_key == _ticket(stage))
    check("the session carries the ticket's asset", session.attributes.get("asset") == ASSETS[0])
    waits = lsid in people.first.waiting()
    check("the session waits where the representatives see it", waits)
    people.first.accept(lsid)
    stage.out(f"The customer joined session {lsid}; {session.members[0].rep.private_name} accepted it.")


def _talk(stage: Stage, people: _People) -> None:
    for who, text in CHAT:
        (people.customer if who == "customer" else people.first).say(text)
    people.first.use("system")
    people.first.use("share")
    time.sleep(WORK_SECONDS)
    stage.out(f"They exchanged {len(CHAT)} lines and shared a screen.")


def _follow(stage: Stage) -> None:
    """The ticket changes while the session runs, and the session's attributes with it."""
    stage.desk.change(stage.result.ticket_id, SUBJECT, ASSETS[1])
    follows, seconds = stage.timed(lambda: _session(stage).attributes.get("asset") == ASSETS[1] or None)
    if stage.result.check("the session's attributes follow the ticket", follows):
        stage.out(f"The agent changed the asset; the session knew it after {seconds:.2f} s.")
    external_key = _session(stage).external_key
    stage.result.check("the external key is still the ticket's number", external_key == _ticket(stage))


def _hand_over(stage: Stage, people: _People) -> None:
    people.first.transfer(f"rep:{people.second.rep_id}")
    people.second.accept(str(stage.result.session_id))
    people.second.say(HANDED_OVER)
    people.second.fetch_file(FILE)
    people.second.note(NOTE)
    time.sleep(WORK_SECONDS)
    stage.out("The session went to a second representative, who fetched a file and wrote a note.")


def _end(stage: Stage, people: _People) -> None:
    people.second.end()
    people.second.answer_survey(*REPRESENTATIVE_SURVEY)
    people.customer.answer_survey(*CUSTOMER_SURVEY)
    stage.out("The session ended; both answered their surveys.")


# the ticket


def _ticket(stage: Stage) -> str:
    return str(stage.result.ticket_id)


def _check_card(stage: Stage, card: ShownComment) -> None:
    check, session = stage.result.check, _session(stage)
    for member in session.members:
        name = member.rep.private_name
        check(f"the card names {name}", holds(card, name))
        lasted = re.search(rf"{re.escape(name)}[^;\n]{{0,20}}?\b[1-9]\d* (s|min|h)\b", plain(card.text))
        check(f"the card says how long {name} was in the session", lasted)
    check("the card names the customer", holds(card, CUSTOMER))
    check("the card holds the representative's note", holds(card, NOTE))
    check("the card names the file", holds(card, FILE))
    recording = f"{stage.sandbox.appliance_url}/records/{session.lsid}/session/0"
    check("the card says where the recording is", holds(card, recording) or recording in card.links)
    check(f"the card holds what the second representative said: {HANDED_OVER}", holds(card, HANDED_OVER))
    stage.check_chat(card)


def _check_later(stage: Stage) -> None:
    """Surveys may come with the card, or after it as an addition."""
    answers = [
        (who, question.label, answer)
        for who, questions, survey in (
            ("representative", REPRESENTATIVE_QUESTIONS, REPRESENTATIVE_SURVEY),
            ("customer", CUSTOMER_QUESTIONS, CUSTOMER_SURVEY),
        )
        for question, given in zip(questions, survey, strict=True)
        for answer in ((given,) if isinstance(given, str) else given)
    ]
    stage.until(lambda: all(_told(stage, question, answer) for _, question, answer in answers) or None)
    for who, question, answer in answers:
        told = _told(stage, question, answer)
        stage.result.check(f"the {who}'s answer is on the ticket: {question} {answer}", told)


def _told(stage: Stage, question: str, answer: str) -> bool:
    """Whether an internal comment has the answer behind its question."""
    for comment in stage.comments():
        _, found, rest = plain(comment.text).partition(plain(question))
        if comment.internal and found and plain(answer) in rest[: len(answer) + NEAR]:
            return True
    return False
