"""What waits for one busy ticket becomes fewer writes: later notes and fields go out with the first that waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bridge.effects import Action, AddNote, Purpose, UpdateFields
from store import ledger
from store.ledger import StoredEffect

TOGETHER = (Purpose.CARD, Purpose.ADDITION)
"""Notes about sessions may be told in one. An invitation stands alone, so that it is found."""
MOST = 20
"""So many go out as one: what one person can still read."""


def fold(connection: Connection, effect: StoredEffect, now: float, *, unsure: bool) -> list[str]:
    """Join what waits behind this effect to it, in the transaction that postpones it. What to tell about it.

    Only what was surely not done may change: an effect that may have been written keeps its text.
    """
    if unsure or not isinstance(effect.action, AddNote | UpdateFields):
        return []
    folded, action = _joined(effect.action, ledger.untried_behind(connection, effect)[:MOST])
    if not folded:
        return []
    ledger.rewrite(connection, effect, action)
    for other in folded:
        ledger.skip(connection, other.id, now, f"goes out together with effect {effect.id}: the ticket is busy")
    return [f"the ticket is busy: effects {', '.join(str(other.id) for other in folded)} go out together with this one"]


def _joined(first: Action, behind: Sequence[StoredEffect]) -> tuple[list[StoredEffect], Action]:
    folded = []
    for other in behind:
        match first, other.action:
            case AddNote(purpose, note), AddNote(other_purpose, other_note) if (
                purpose in TOGETHER and other_purpose in TOGETHER and note.visibility is other_note.visibility
            ):
                document = (*note.document, *other_note.document)
                attachments = (*note.attachments, *other_note.attachments)
                first = AddNote(purpose, replace(note, document=document, attachments=attachments))
            case UpdateFields(fields), UpdateFields(later):
                first = UpdateFields({**fields, **later})
            case _:
                break  # whatever comes after it must not come before it
        folded.append(other)
    return folded, first
