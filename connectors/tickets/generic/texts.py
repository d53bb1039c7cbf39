"""Texts as a system wants them: within its limits, in its markup, with our mark, and nothing that it expands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bridge.document import Block, Document, Facts, Heading, Lines, Link, Paragraph
from bridge.markup import Markup, to_html, to_text
from bridge.model import Note
from bridge.render import Rendered, TextLimits, render

JOINER = "\N{WORD JOINER}"
"""Has no width: readers see the same text, while the system does not see its own sequence."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes bodies out of documents for one connection."""

    limits: TextLimits
    break_up: Sequence[str] = ()
    """Sequences that the system would expand in what an API writes, such as `{{`."""
    escape: str = ""
    """Characters of the system's own markup that want a backslash to mean nothing but themselves."""

    def body(self, note: Note, *, own_place: bool) -> Rendered:
        """The note's body; its mark is the last line unless the call has a place of its own for it."""
        line = f"Deskbridge reference {shown(note.mark)}"
        last = to_html((Paragraph(line),)) if self.limits.markup is Markup.HTML else f"\n\n{line}"
        if own_place:
            last = ""
        harmless = replace(note, document=tuple(_each_text(block, self.harmless) for block in note.document))
        rendered = render(harmless, self.limits.less(last))
        # The whole text, where it is too long for the body: in a file nothing is expanded.
        whole = to_text(note.document).encode()
        more = (replace(file, content=whole) for file in rendered.attachments[len(note.attachments) :])
        return Rendered(rendered.body + last, (*note.attachments, *more))

    def line(self, mark: str, text: str, limits: TextLimits, *, own_place: bool) -> str:
        """One line about something, such as a time entry, with its mark behind it."""
        last = "" if own_place else f" (Deskbridge reference {shown(mark)})"
        document: Document = (Paragraph(self.harmless(" ".join(text.split()))),)
        return render(Note(mark, document), limits.less(last)).body + last

    def harmless(self, text: str) -> str:
        """What people typed as nothing but text for this system."""
        for sequence in self.break_up:
            # Looking ahead, because they may overlap: three braces are two pairs.
            text = re.sub(f"{re.escape(sequence[0])}(?={re.escape(sequence[1:])})", rf"\g<0>{JOINER}", text)
        if self.escape:
            text = re.sub(f"[{re.escape(self.escape)}]", r"\\\g<0>", text)
        return text


def _each_text(block: Block, change: Callable[[str], str]) -> Block:
    match block:
        case Lines(lines=lines):
            return replace(block, lines=tuple(map(change, lines)))
        case Paragraph(text=text) | Heading(text=text):
            return replace(block, text=change(text))
        case Facts(rows=rows):
            return Facts(tuple((change(label), change(value)) for label, value in rows))
        case Link(text=text):
            return replace(block, text=change(text))


def digest(mark: str) -> str:
    """A short name of the mark, for places that take few characters."""
    return "db-" + hashlib.sha256(mark.encode()).hexdigest()[:32]


def shown(mark: str) -> str:
    """The mark as it stands in a text: itself where no markup could change it."""
    return mark if re.fullmatch(r"[A-Za-z0-9:.-]{1,200}", mark) else digest(mark)


def mark_in(text: str, mark: str) -> bool:
    """Whether the text holds this mark, and not merely a longer one."""
    either = "|".join(map(re.escape, (mark, digest(mark))))
    return re.search(rf"(?<![\w-])(?:{either})(?![\w-])", text) is not None
