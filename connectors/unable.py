"""What a ticket system cannot do, refused without asking anybody. A connector inherits it and overrides what it can."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NoReturn

from bridge.errors import Rejected
from bridge.model import CrmRecord, NewTicket, NoteRef, Person, Record, TimeSpent
from connectors.contract import Capability


class Unable:
    """The optional methods of `connectors.contract.TicketSystem`."""

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        _refuse(Capability.FIND_NOTE)

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        _refuse(Capability.UPDATE_FIELDS)

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        _refuse(Capability.ADD_TAGS)

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        _refuse(Capability.FIND_TIME)

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        _refuse(Capability.ADD_TIME)

    def find_ticket(self, mark: str) -> str | None:
        _refuse(Capability.FIND_TICKET)

    def create_ticket(self, new: NewTicket) -> str:
        _refuse(Capability.CREATE_TICKET)

    def reopen(self, ticket_id: str) -> None:
        _refuse(Capability.REOPEN)

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        _refuse(Capability.TICKETS_SINCE)

    def people(self) -> Iterator[Person]:
        _refuse(Capability.PEOPLE)

    def fetch_record(self, kind: CrmRecord, record_id: str, fields: Collection[str]) -> Record:
        _refuse(Capability.RECORDS)

    def update_record(self, kind: CrmRecord, record_id: str, fields: Mapping[str, object]) -> None:
        _refuse(Capability.RECORDS)

    def find_records(self, kind: CrmRecord, email: str, fields: Collection[str]) -> Sequence[Record]:
        _refuse(Capability.RECORDS)


def _refuse(capability: Capability) -> NoReturn:
    raise Rejected(f"this ticket system has no {capability.value}", code="capability")
