"""The pretend appliance itself: sessions from the key to the surveys, and what is done in them.

Source: Remote Support 23.2 API guide, chapters "Command API", "Session Generation API", SupportSession.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sandbox.beyondtrust.state.comings import Comings
from sandbox.beyondtrust.state.model import (
    CUSTOMER_QUESTIONS,
    EXTERNAL_KEY,
    REPRESENTATIVE_QUESTIONS,
    SYSTEM,
    Actor,
    Answers,
    ApplianceSession,
    Category,
    Event,
    NotAllowed,
    Question,
    Recording,
    Survey,
)

SYSTEM_INFORMATION = (
    Category("System", ("Name", "Value"), (("Computer Name", "DESKTOP-7"), ("Memory", "16 GB"))),
    Category("Drives", ("Drive", "Type", "Percent Used"), (("C:\\", "Local Disk", "60%"), ("D:\\", "CD-ROM", ""))),
)
FILE_EVENTS = {"upload": "File Upload", "download": "File Download", "shared": "Files Shared"}


class ApplianceState(Comings):
    """All that the appliance knows, in memory, behind one lock. Methods raise NotAllowed for what a page
    would refuse and ApiError for what the API would.
    """

    # words

    def customer_says(self, lsid: str, text: str, *, at: datetime | None = None, account: str = "") -> None:
        with self.changing(lsid) as session:
            if session.customer_left_at is not None:
                raise NotAllowed("The customer has left.")
            self._chat(session, session.customer, text, at, account)

    def representative_says(
        self, lsid: str, rep_id: int, text: str, *, at: datetime | None = None, account: str = ""
    ) -> None:
        with self.changing(lsid) as session:
            self._chat(session, self.member(session, rep_id).actor, text, at, account)

    def system_says(self, lsid: str, text: str, *, at: datetime | None = None, account: str = "") -> None:
        with self.changing(lsid) as session:
            self._chat(session, SYSTEM, text, at, account)

    def _chat(self, session: ApplianceSession, by: Actor, text: str, at: datetime | None, account: str) -> None:
        session.events.append(Event(at or self.clock.now(), "Chat Message", by, body=text, api_account=account))
        self._tell("", session)

    def note(self, lsid: str, rep_id: int, text: str) -> None:
        """A session note: only representatives see it."""
        with self.changing(lsid) as session:
            session.notes += 1
            self._log(session, "Session Note Added", self.member(session, rep_id).actor, body=text)

    # work

    def send_file(self, lsid: str, name: str, size: int, direction: str = "upload", rep_id: int | None = None) -> None:
        """`upload` to the customer's machine, `download` from it, `shared` by the customer in the chat."""
        kind = FILE_EVENTS.get(direction)
        if kind is None:
            raise NotAllowed("A file goes up, down, or is shared.")
        with self.changing(lsid) as session:
            by, to = session.customer, None
            if direction != "shared":
                by, to = self._worker(session, rep_id), session.customer
            if direction == "download":
                by, to = session.customer, by
            self._log(session, kind, by, to, filename=name, filesize=size)

    def system_information(self, lsid: str) -> None:
        """What the appliance fetches by itself when a session begins."""
        with self.changing(lsid) as session:
            self._log(session, "System Information Retrieved", session.customer, system_information=SYSTEM_INFORMATION)

    def share_screen(self, lsid: str, rep_id: int | None = None) -> None:
        """Look at the customer's screen; the session has a recording from now on."""
        with self.changing(lsid) as session:
            self._worker(session, rep_id)
            if not any(one.kind == "session" for one in session.recordings):
                self._record(session, "session")

    def show_screen(self, lsid: str, rep_id: int | None = None) -> None:
        """Show My Screen: each time is a recording of its own."""
        with self.changing(lsid) as session:
            by, number = self._worker(session, rep_id), self._record(session, "screen")
            if number is not None:
                self._log(session, "Show My Screen Recording", by, session.customer, data={"instance": str(number)})

    def open_shell(self, lsid: str, rep_id: int | None = None) -> None:
        with self.changing(lsid) as session:
            by, number = self._worker(session, rep_id), self._record(session, "shell")
            if number is not None:
                data = {"instance": str(number)}
                self._log(session, "Command Shell Session Started", by, session.customer, data=data)

    def _worker(self, session: ApplianceSession, rep_id: int | None) -> Actor:
        """Who does it: whoever is named, else the owner."""
        if rep_id is not None:
            return self.member(session, rep_id).actor
        if session.owner is None:
            raise NotAllowed("Accept the session first.")
        return session.owner.actor

    def _record(self, session: ApplianceSession, kind: Literal["session", "screen", "shell"]) -> int | None:
        """The number of a new recording; None where nothing is recorded."""
        if not self.settings.recordings:
            return None
        number = sum(1 for one in session.recordings if one.kind == kind)
        content = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00" + f"{kind} {number} of {session.lsid}".encode()
        session.recordings.append(Recording(kind, number, content))
        return number

    # attributes

    def edit_external_key(self, lsid: str, text: str, rep_id: int | None = None) -> None:
        """A representative types the external key by hand."""
        with self.changing(lsid) as session:
            by = self._worker(session, rep_id)
            self.checked_attributes({EXTERNAL_KEY: text}, session.attributes)
            self._give(session, {EXTERNAL_KEY: text}, by)

    def set_attributes(self, lsid: str, attributes: Mapping[str, str]) -> None:
        """Set these, clear those that are empty, keep the others."""
        with self.changing(lsid) as session:
            self._give(session, self.checked_attributes(attributes, session.attributes), SYSTEM)

    def _give(self, session: ApplianceSession, attributes: Mapping[str, str], by: Actor) -> None:
        before = session.external_key
        session.attributes = {name: value for name, value in {**session.attributes, **attributes}.items() if value}
        if session.external_key != before:
            session.events.append(Event(self.clock.now(), "External Key", by, body=session.external_key))
        self._tell("", session)

    # surveys

    def answer_customer_survey(self, lsid: str, answers: Sequence[str | Sequence[str]]) -> None:
        """For each of CUSTOMER_QUESTIONS an answer, or several; what is missing is not answered."""
        with self.lock:
            session = self.session(lsid)
            if session.customer_survey is not None or session.dropped_at or session.open:
                raise NotAllowed("There is no survey to be answered.")
            given = _answers(CUSTOMER_QUESTIONS, answers)
            session.customer_survey = Survey(session.customer_name, self.clock.now(), given)
            self._log(session, "Customer Exit Survey", session.customer, data=_asked(CUSTOMER_QUESTIONS, given))
            self._tell("support_conference_customer_exit_survey_completed", session, by=session.customer)

    def answer_representative_survey(
        self, lsid: str, answers: Sequence[str | Sequence[str]], rep_id: int | None = None
    ) -> None:
        with self.lock:
            session = self.session(lsid)
            member = session.primary
            if rep_id is not None:
                member = next((one for one in session.members if one.rep.id == rep_id), None)
            if session.representative_survey is not None or session.dropped_at or session.open or member is None:
                raise NotAllowed("There is no survey to be answered.")
            given = _answers(REPRESENTATIVE_QUESTIONS, answers)
            session.representative_survey = Survey(member.rep.private_name, self.clock.now(), given)
            data = _asked(REPRESENTATIVE_QUESTIONS, given)
            self._log(session, "Representative Exit Survey", member.actor, data=data)
            self._tell("support_conference_rep_exit_survey_completed", session, member=member, by=member.actor)


def _answers(questions: Sequence[Question], given: Sequence[str | Sequence[str]]) -> Answers:
    if len(given) > len(questions):
        raise NotAllowed("There are more answers than questions.")
    padded = [*given, *[""] * (len(questions) - len(given))]
    return tuple((one,) if one and isinstance(one, str) else tuple(one) for one in padded)


def _asked(questions: Sequence[Question], answers: Answers) -> dict[str, str]:
    return {question.label: ", ".join(answer) for question, answer in zip(questions, answers, strict=True)}
