"""What happened in a session: its `<session_details>`, read once from front to back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.model import ChatLine
from connectors.platforms.beyondtrust.reports import system
from connectors.platforms.beyondtrust.wire.elements import (
    CUSTOMER,
    REPRESENTATIVE,
    SYSTEM,
    Parts,
    instant,
    number,
    pairs,
    part,
    size_text,
    words,
)
from connectors.xml import Element, by_name, text


@dataclass(slots=True)
class Story:
    """What the events tell, in their order."""

    names: Mapping[str, str]
    """Who has which gsnumber in this session."""
    chat: list[ChatLine] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Author and text."""
    files: list[str] = field(default_factory=list)
    system: dict[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    joined_at: datetime | None = None
    """When the first representative came."""
    ended_at: datetime | None = None

    @property
    def waited(self) -> int | None:
        """Seconds from the start to the first representative."""
        if self.started_at is None or self.joined_at is None or self.joined_at < self.started_at:
            return None
        return int((self.joined_at - self.started_at).total_seconds())

    @property
    def notes_text(self) -> str:
        """All notes, with their authors where there are several."""
        if len({author for author, _ in self.notes}) < 2:
            return "\n\n".join(text for _, text in self.notes)
        return "\n\n".join(f"{author}: {text}" if author else text for author, text in self.notes)

    def name(self, who: Element | None) -> str:
        """The name of somebody who did something; empty for the system and for nobody."""
        if who is None or who.get("type") == SYSTEM:
            return ""
        gsnumber = who.get("gsnumber", "")
        return "" if gsnumber == "0" else (who.text or "").strip() or self.names.get(gsnumber, "")


def story_of(details: Element | None, names: Mapping[str, str]) -> Story:
    """The story of `<session_details>`; events of other kinds are passed over."""
    story = Story(names)
    for event in () if details is None else details:
        tell = TELLERS.get(event.get("event_type", ""))
        if tell is not None:
            tell(story, event)
    return story


def _start(story: Story, event: Element) -> None:
    story.started_at = story.started_at or instant(event.get("timestamp", ""))


def _end(story: Story, event: Element) -> None:
    story.ended_at = instant(event.get("timestamp", "")) or story.ended_at


def _member(story: Story, event: Element) -> None:
    if story.joined_at is None and _is_representative(by_name(event)):
        story.joined_at = instant(event.get("timestamp", ""))


def _is_representative(parts: Parts) -> bool:
    """Whether it is a representative who joined: by the types that the event names, else by the user id it gives."""
    kinds = {who.get("type") for name in ("performed_by", "destination") if (who := parts.get(name)) is not None}
    if REPRESENTATIVE in kinds or CUSTOMER in kinds:
        return REPRESENTATIVE in kinds
    return any(key == "user_id" and own for key, own in pairs(parts))


def _chat(story: Story, event: Element) -> None:
    parts = by_name(event)
    if said := words(parts):
        author = story.name(parts.get("performed_by"))
        story.chat.append(ChatLine(said, author, "", instant(event.get("timestamp", ""))))


def _note(story: Story, event: Element) -> None:
    parts = by_name(event)
    if said := words(parts):
        story.notes.append((story.name(parts.get("performed_by")), said))


def _system(story: Story, event: Element) -> None:
    found = by_name(event).get("system_information")
    if found is not None and not story.system:
        story.system = system.facts(found)


def _files(did: str, failed: str = "") -> Callable[[Story, Element], None]:
    """Tells of files that went to or from the customer.

    Which of the two ends `performed_by` and `destination` name depends on the direction; the customer is known
    by the type.
    """

    def tell(story: Story, event: Element) -> None:
        parts = by_name(event)
        customer = _customer(story, parts) or "the customer"
        because = f" ({reason})" if failed and (reason := _reason(parts)) else ""
        story.files.extend([f"{name} {failed}{did} {customer}{because}" for name in _named(parts)])

    return tell


def _customer(story: Story, parts: Parts) -> str:
    for end in ("destination", "performed_by"):
        who = parts.get(end)
        if who is not None and who.get("type") == CUSTOMER:
            return story.name(who)
    return ""


def _shared(story: Story, event: Element) -> None:
    parts = by_name(event)
    author = story.name(parts.get("performed_by"))
    story.files.extend(f"{name} shared{f' by {author}' if author else ''}" for name in _named(parts))


def _named(parts: Parts) -> list[str]:
    """Each file of an event with its size: from `<files>`, else from `<filename>` and `<filesize>`."""
    if "files" in parts and len(parts["files"]):
        found = [(file.get("name", "") or text(file).strip(), file.get("size", "")) for file in parts["files"]]
    else:
        found = [(part(parts, "filename"), part(parts, "filesize"))]
    return [_sized(name, number(size)) for name, size in found if name]


def _sized(name: str, size: int | None) -> str:
    return name if size is None else f"{name} ({size_text(size)})"


def _reason(parts: Parts) -> str:
    return next((own.strip() for key, own in pairs(parts) if key in ("failure_reason", "reason")), "")


TELLERS: Mapping[str, Callable[[Story, Element], None]] = {
    "Session Start": _start,
    "Session End": _end,
    "Conference Member Added": _member,
    "Chat Message": _chat,
    "Session Note Added": _note,
    "System Information Retrieved": _system,
    "File Upload": _files("uploaded to"),
    "File Upload Failed": _files("be uploaded to", "could not "),
    "File Download": _files("downloaded from"),
    "File Download Failed": _files("be downloaded from", "could not "),
    "Files Shared": _shared,
}
