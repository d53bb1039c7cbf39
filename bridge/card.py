"""What is written on tickets: the invitation, the session card, what came later, and words to the agent."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph
from bridge.model import ChatLine, Invitation, Participant, Person, Recording, Session
from bridge.redact import redact
from bridge.route import Route, SessionRule
from bridge.sessions import transcript


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing of a session that can be shown: a note, an answer, a chat line, a recording, a file."""

    kind: str
    """As `session.include` of a route names it."""
    label: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256("\0".join((self.kind, self.label, self.text)).encode()).hexdigest()[:16]


def atoms(session: Session, rule: SessionRule) -> tuple[Atom, ...]:
    """Everything that the route includes, in the order in which it is shown. Times are not atoms: they only refine."""
    found = [
        *_notes(session),
        *_surveys(session),
        *_recordings(session),
        *_files(session),
        *_pairs("attributes", session.attributes),
        *_pairs("system", session.system),
        *_chat(session, rule.timezone),
    ]
    return tuple(atom for atom in found if atom.kind in rule.include)


def unshown(all_atoms: Sequence[Atom], shown: Iterable[str]) -> tuple[Atom, ...]:
    """The atoms that do not stand on the ticket yet. Equal lines count as often as they were said."""
    left = Counter(shown)
    new = []
    for atom in all_atoms:
        if left[atom.digest] > 0:
            left[atom.digest] -= 1
        else:
            new.append(atom)
    return tuple(new)


def invitation_document(invitation: Invitation, route: Route, expires_at: datetime | None) -> Document:
    """How to join, until when."""
    rows = [(f"Your {invitation.called}", invitation.code)]
    if invitation.join_page:
        rows.append(("Enter it at", invitation.join_page))
    if expires_at:
        rows.append(("Please join before", _moment(expires_at, route.session.timezone)))
    ours = f"We would like to help you on your computer. Open the link, or enter the {invitation.called} by hand."
    return (
        Heading("Remote support session"),
        *(Paragraph(words) for words in invitation.words[:1] or (ours,)),
        Link("Start the remote session", invitation.url),
        Facts(tuple(rows)),
        *(Paragraph(words) for words in invitation.words[1:]),
    )


def ended_document(words: str, expires_at: datetime | None, route: Route) -> Document:
    """The invitation is over, and until when its code would still open a session."""
    rows = (("Its code stops working at", _moment(expires_at, route.session.timezone)),) if expires_at else ()
    facts = (Facts(rows),) if rows else ()
    return (Heading("Remote support session: the invitation is over"), Paragraph(words), *facts)


def recording_document(session: Session, recording: Recording) -> Document:
    """What stands beside an attached recording."""
    rows = (("Session", session.id), ("Recording", recording.name))
    return (Heading("Remote support session: recording"), Facts(rows))


def agent_document(reason: str) -> Document:
    return (Heading("Remote support session could not be prepared"), Paragraph(reason))


def card_document(session: Session, found: Sequence[Atom], rule: SessionRule) -> Document:
    """The session card: who helped whom, when, how long, what was done, what was said."""
    facts = _facts(session, rule)
    return (Heading("Remote support session"), Facts(facts), *_blocks(session, found))


def addition_document(session: Session, found: Sequence[Atom]) -> Document:
    """What came after the card."""
    return (
        Heading("Remote support session: added later"),
        Facts((("Session", session.id),)),
        *_blocks(session, found),
    )


def _facts(session: Session, rule: SessionRule) -> tuple[tuple[str, str], ...]:
    rows = [
        ("Technician", _person(session.technician)),
        ("Customer", _person(session.customer)),
        ("Device", session.device),
        ("Took part", "; ".join(_part(one) for one in session.participants)),
    ]
    if "times" in rule.include:
        rows += _times(session, rule)
    # The platform's own id is nobody's secret, though its digits may look like a card number.
    return (("Session", session.id), *((label, redact(value).text) for label, value in rows if value))


def _times(session: Session, rule: SessionRule) -> list[tuple[str, str]]:
    zone = rule.timezone
    started, ended = session.started_at, session.ended_at
    lasted = int((ended - started).total_seconds()) if started and ended and ended >= started else None
    return [
        ("Started", _moment(started, zone) if started else ""),
        ("Ended", _moment(ended, zone) if ended else ""),
        ("Waited", _duration(session.waiting_seconds)),
        ("Duration", _duration(lasted)),
        ("Work time", _duration(session.work_seconds)),
        ("Billed time", _billed(session, rule)),
        ("Data transmitted", _size(session.transmitted_bytes)),
    ]


def _blocks(session: Session, found: Sequence[Atom]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    removed: Counter[str] = Counter()
    for kind, title in _TITLES.items():
        chosen = [atom for atom in found if atom.kind == kind]
        if not chosen:
            continue
        blocks.append(Heading(title))
        if kind == "recordings":
            # Addresses of the platform's own: redacting their digits would only break them.
            blocks += [Link(redact(atom.label).text, atom.text) for atom in chosen]
            continue
        texts = []
        for atom in chosen:
            redacted = redact(atom.text)
            removed += redacted.counts
            texts.append((redact(atom.label).text, redacted.text))
        blocks.append(_block(kind, session, texts))
    if removed:
        counts = ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in sorted(removed.items()))
        blocks.append(Paragraph(f"Removed before writing: {counts}."))
    return tuple(blocks)


def _block(kind: str, session: Session, texts: list[tuple[str, str]]) -> Block:
    match kind:
        case "notes":
            return Paragraph("\n".join(text for _, text in texts))
        case "transcript":
            lines = [f"{label}{text}" for label, text in texts]
            return Lines(f"transcript-{session.id}", tuple(line for text in lines for line in text.split("\n")))
        case _:
            return Facts(tuple(texts))


_TITLES = {
    "notes": "Technician's notes",
    "surveys": "Surveys",
    "recordings": "Recordings",
    "files": "Files",
    "attributes": "Attributes",
    "system": "System",
    "transcript": "Transcript",
}


def _notes(session: Session) -> Iterable[Atom]:
    if session.notes.strip():
        yield Atom("notes", "", session.notes.strip())


def _surveys(session: Session) -> Iterable[Atom]:
    for survey in session.surveys:
        for answer in survey.answers:
            yield Atom("surveys", f"{survey.by.capitalize()}, {answer.question}", answer.answer)


def _recordings(session: Session) -> Iterable[Atom]:
    for recording in session.recordings:
        yield Atom("recordings", recording.name, recording.url)


def _files(session: Session) -> Iterable[Atom]:
    for name in session.files:
        yield Atom("files", "File", name)


def _pairs(kind: str, values: Mapping[str, str]) -> Iterable[Atom]:
    for label, value in values.items():
        if value:
            yield Atom(kind, label, value)


def _chat(session: Session, zone: str) -> Iterable[Atom]:
    for line in transcript(session):
        yield Atom("transcript", _said(line, zone), line.text)


def _said(line: ChatLine, zone: str) -> str:
    time = f"{line.at.astimezone(ZoneInfo(zone)):%H:%M:%S}" if line.at else line.time
    stamp = f"{time} " if time else ""
    return f"{stamp}{line.author}: " if line.author else stamp


def _part(one: Participant) -> str:
    """`Technician 1 (owner, 12 min 5 s)`."""
    how = "owner" if one.owner else "called in"
    lasted = _duration(one.seconds)
    return f"{_person(one.person)} ({how}{', ' + lasted if lasted else ''})"


def _person(person: Person) -> str:
    if person.known_as:
        return f"{person.known_as} (agent: {person.label})"
    if person.name and person.email:
        return f"{person.name} ({person.email})"
    return person.label


def _moment(moment: datetime, zone: str) -> str:
    utc = f"{moment.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M} UTC"
    if zone == "UTC":
        return utc
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone} ({utc})"


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return ""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"


def _billed(session: Session, rule: SessionRule) -> str:
    if rule.time_entry is None or session.work_seconds is None:
        return ""
    agent = f", {session.technician.label}" if session.technician.label else ""
    return f"{rule.time_entry.minutes(session.work_seconds)} min{agent}"


def _size(count: int | None) -> str:
    if not count:
        return ""
    size, unit = float(count), "bytes"
    for bigger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, bigger
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
