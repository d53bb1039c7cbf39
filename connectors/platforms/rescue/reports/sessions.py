"""What reports tell of sessions: area 0 their people and times, area 1 what their customers answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bridge.errors import Unavailable
from bridge.model import Answer, Participant, Person, Session, Survey
from connectors.platforms.rescue.reports.tables import Table, plain
from connectors.platforms.rescue.schema import CUSTOM_FIELDS, SESSION_LABELS, moment, seconds

OTHER_LABELS = (
    "Technician Group", "Session Type", "Status", "Customer IP", "Device ID", "Incident Tools Used",
    "Resolved Unresolved", "Channel ID", "Channel Name", "Calling Card", "Connecting Time", "Total Time",
    "Active Time", "Hold Time", "Time in Transfer", "Reconnecting Time", "Rebooting Time", "Wrap Time",
    "Browser Type", "Host Name", "Transmitted",
)  # fmt: skip
"""Other labels that are known: whatever else stands between the people and the tracking field is a custom field."""

SURVEY_LABELS = (
    "Source", "Session ID", "Date", "Technician Name", "Technician ID", "Technician Email", "Technician Group",
    "Tracking ID", "Channel ID", "Channel Name",
)  # fmt: skip
"""Labels of area 1 that are no questions."""


@dataclass(frozen=True, slots=True)
class Labels:
    """How the account labels the columns that we know by name."""

    own: Mapping[str, str]

    def of(self, name: str) -> str:
        return plain(self.own.get(name) or SESSION_LABELS[name])

    def needed(self, table: Table, names: Iterable[str]) -> None:
        """Raise Unavailable when a column is not there that nothing can be told without."""
        there = set(map(plain, table.labels))
        lacking = [name for name in names if self.of(name) not in there]
        if lacking:
            raise Unavailable(
                f"the report of Rescue has no column for {', '.join(lacking)}: see report_labels of the connection",
                code="labels",
            )


def sessions_of(table: Table, labels: Labels) -> Iterator[Session]:
    """The sessions of a report of area 0, each once; technicians who worked together stand in it together."""
    labels.needed(table, ("session_id", "reference", "started_at", "ended_at"))
    custom = custom_labels(table, labels)
    found: dict[str, Session] = {}
    for record in table.records():
        session = _session(record, labels, custom)
        known = found.get(session.id)
        found[session.id] = session if known is None else _together(known, session)
    yield from found.values()


def custom_labels(table: Table, labels: Labels) -> tuple[str, ...]:
    """The custom fields' own labels, in their order: the columns before the tracking field that nobody knows."""
    known = {labels.of(name) for name in SESSION_LABELS} | set(map(plain, OTHER_LABELS))
    names = [plain(label) for label in table.labels]
    before = names[: names.index(labels.of("reference"))] if labels.of("reference") in names else names
    return tuple(name for name in before if name not in known)[: len(CUSTOM_FIELDS)]


def _session(record: Mapping[str, str], labels: Labels, custom: tuple[str, ...]) -> Session:
    def told(name: str) -> str:
        return record.get(labels.of(name), "")

    fields = {name: record[label] for name, label in zip(CUSTOM_FIELDS, custom, strict=False) if record[label]}
    technician_id = told("technician_id")
    technician = Person(
        name=told("technician"),
        email=told("technician_email"),
        id="" if technician_id == "0" else technician_id,
    )
    ended_at = moment(told("ended_at"))
    return Session(
        id=told("session_id"),
        reference=told("reference"),
        technician=technician,
        customer=Person(name=fields.get("cfield0", "")),
        fields=fields,
        device=told("device"),
        started_at=moment(told("started_at")),
        ended_at=ended_at,
        last_action_at=moment(told("last_action_at")),
        waiting_seconds=seconds(told("waiting")),
        work_seconds=seconds(told("work")),
        # Not by its status: that word comes in the account's language.
        ended=ended_at is not None,
    )


def _together(one: Session, other: Session) -> Session:
    """Two rows of one session: the first technician's it is, the other one helped."""
    people = one.participants or (Participant(one.technician, owner=True, seconds=one.work_seconds),)
    if other.technician.id not in {person.person.id for person in people}:
        people = (*people, Participant(other.technician, seconds=other.work_seconds))
    return replace(one, participants=people, ended=one.ended and other.ended)


def surveys_of(table: Table, labels: Labels, custom: tuple[str, ...]) -> Iterator[tuple[str, Survey]]:
    """Session and the customer's answers, of a report of area 1; one without an answer leaves nothing to tell.

    `custom` are the custom fields' labels: this report repeats some of them, and they are no questions.
    """
    if not table.rows:
        return
    labels.needed(table, ("session_id",))
    known = {*map(plain, SURVEY_LABELS), *custom, *(labels.of(name) for name in SESSION_LABELS)}
    asked = [label for label in table.labels if plain(label) not in known]
    for record in table.records():
        answers = tuple(Answer(label, record[plain(label)]) for label in asked if record[plain(label)])
        if answers:
            yield record[labels.of("session_id")], Survey("customer", answers)
