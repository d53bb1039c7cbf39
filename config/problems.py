"""What is wrong with a configuration, told so that an operator can mend all of it in one go."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bridge.errors import BridgeError


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    """It works, but perhaps not as meant."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what is wrong and what would be right. Never holds a secret's value."""

    where: str
    """An environment variable or a dotted key such as `connections.zendesk.api_token`."""
    message: str
    fix: str = ""
    source: str = ""
    """The file, for a mistake in a file."""
    line: int | None = None
    column: int | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.source, self.line, self.column) if part)
        kind = "warning: " if self.severity is Severity.WARNING else ""
        parts = [part for part in (place, self.where) if part]
        return ": ".join([*parts, f"{kind}{self.message}"]) + (f" ({self.fix})" if self.fix else "")


class ConfigurationError(BridgeError):
    """The configuration cannot be used. The text names every mistake, one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        title = "The configuration has a mistake:" if count == 1 else f"The configuration has {count} mistakes:"
        super().__init__("\n".join([title, *(f"  {problem}" for problem in self.problems)]))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ConfigurationError when one of the problems is an error; warnings pass."""
    found = tuple(problems)
    if any(problem.severity is Severity.ERROR for problem in found):
        raise ConfigurationError(found)


def guess(word: str, known: Iterable[str]) -> str:
    """`did you mean "…"?` when a known word is near, else the list of the known ones."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known: {', '.join(words)}" if words else "none is known here"
