"""Rows of a text table in which nothing is escaped: a line feed inside a cell parts a row into lines. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def joined(
    lines: Iterable[str], delimiter: str, wanted: int, begins: Callable[[str], object] = lambda line: True
) -> Iterator[str]:
    """The lines put together to rows of so many delimiters; what is left over is given as it is.

    A line that has them all and `begins` like a row is one: what was gathered before it will never be one.
    """
    pending: list[str] = []
    count = 0
    for line in lines:
        found = line.count(delimiter)
        if pending and found == wanted and begins(line):
            yield "\n".join(pending)
            pending, count = [], 0
        if line or pending:
            pending.append(line)
            count += found
        if pending and count >= wanted:
            yield "\n".join(pending)
            pending, count = [], 0
    if pending:
        yield "\n".join(pending)
