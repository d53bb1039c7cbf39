"""Lanes, in which effects keep their order, of what is no ticket: contacts and accounts of a CRM."""

from __future__ import annotations

from bridge.effects import TicketKey
from bridge.model import CrmRecord


def record_key(connection: str, kind: CrmRecord, record_id: str) -> TicketKey:
    """The lane of a record, beside those of its system's tickets."""
    return TicketKey(connection, f"{kind.value}/{record_id}")


def record_of(key: TicketKey) -> tuple[CrmRecord, str] | None:
    """Kind and id of the record whose lane it is; None for a ticket's."""
    kind, slash, record_id = key.ticket_id.partition("/")
    return (CrmRecord(kind), record_id) if slash and kind in set(CrmRecord) else None


def lanes_called(word: str) -> list[str]:
    """The lanes that somebody may mean by it: a ticket's or session's id, and those of records with that id."""
    return [word, *(record_key("", kind, word).ticket_id for kind in CrmRecord)]
