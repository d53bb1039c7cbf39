"""What is known of a session grows with every event, in any order and however often each one comes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from bridge.model import ChatLine, ChatPart, Person, Session

_JOINED = (
    "chat",
    "surveys",
    "surveyed_by",
    "recordings",
    "files",
    "fields",
    "attributes",
    "system",
    "participants",
    "technician",
    "customer",
    "ended",
)


def merge(known: Session, new: Session) -> Session:
    """Both together. What is filled wins over what is empty, the newer over the older; lists are joined."""
    taken: dict[str, Any] = {}
    for field in fields(Session):
        value = getattr(new, field.name)
        if field.name not in _JOINED and value not in ("", None):
            taken[field.name] = value
    return replace(
        known,
        **taken,
        technician=_merge_person(known.technician, new.technician),
        customer=_merge_person(known.customer, new.customer),
        fields={**known.fields, **{name: value for name, value in new.fields.items() if value}},
        chat=_merge_chat(known.chat, new.chat),
        surveys=_union(known.surveys, new.surveys),
        surveyed_by=known.surveyed_by | new.surveyed_by,
        recordings=_union(known.recordings, new.recordings),
        files=_union(known.files, new.files),
        attributes={**known.attributes, **new.attributes},
        system={**known.system, **new.system},
        participants=new.participants or known.participants,
        ended=known.ended or new.ended,
    )


def transcript(session: Session) -> tuple[ChatLine, ...]:
    """The whole chat: the parts joined in order, or the platform's whole log where it holds more."""
    wholes = [part.lines for part in session.chat if part.whole]
    joined = tuple(line for part in session.chat if not part.whole for line in part.lines)
    return max([joined, *wholes], key=len)


def _merge_person(known: Person, new: Person) -> Person:
    if _others(known.id, new.id) or _others(known.username, new.username):
        # Somebody else took over: nothing of the one before is theirs.
        return new
    return Person(*(getattr(new, f.name) or getattr(known, f.name) for f in fields(Person)))


def _others(known: str, new: str) -> bool:
    return bool(known and new and known != new)


def _merge_chat(known: tuple[ChatPart, ...], new: tuple[ChatPart, ...]) -> tuple[ChatPart, ...]:
    """All distinct parts in their order. A whole log replaces an older whole log that is shorter."""
    parts = list(known)
    for part in new:
        if not part.lines or part in parts:
            continue
        if part.whole:
            shorter = [p for p in parts if p.whole and len(p.lines) <= len(part.lines)]
            parts = [p for p in parts if p not in shorter]
        parts.append(part)
    return tuple(sorted(parts, key=lambda part: part.order))


def _union(known: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    return known + tuple(item for item in new if item not in known)
