"""Where the keys of a TOML text stand: tomllib reads values but forgets their lines."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_BASIC = r'"(?:[^"\\\n]|\\.)*"'
_LITERAL = r"'[^'\n]*'"
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(rf"[A-Za-z0-9_-]+|{_BASIC}|{_LITERAL}")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_VALUE = re.compile(
    # A multi-line string may end in up to two quotes of its own before the closing three.
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    rf"|{_BASIC}|{_LITERAL}|#[^\n]*|[\[{{]|[\]}}]|\n|[^\"'#\[\]{{}}\n]+",
    re.DOTALL,
)


class Lines:
    """The lines, from 1, of tables and keys in a text that tomllib has accepted."""

    def __init__(self, text: str) -> None:
        self._lines = _locate(text)

    def of(self, path: Path) -> int | None:
        """The line of the key, or of the nearest table or key around it; None for the whole file."""
        for length in range(len(path), 0, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                return line
        return None


def _locate(text: str) -> Mapping[Path, int]:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    lines: dict[Path, int] = {}
    for path, offset in _keys(text):
        line = bisect_right(starts, offset)
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], line)
    return lines


def _keys(text: str) -> Iterator[tuple[Path, int]]:
    """Each table header and each key outside of values, with its offset."""
    counts: dict[Path, int] = {}
    table: Path = ()
    position = _skip_blank(text, 0)
    while position < len(text):
        start = position
        if text[position] == "[":
            brackets = 2 if text.startswith("[[", position) else 1
            names, position = _dotted(text, position + brackets)
            table = _resolve((), names, counts)
            if brackets == 2:
                counts[table] = counts.get(table, 0) + 1
            table = _with_index(table, counts)
            yield table, start
            position = text.index("]" * brackets, position) + brackets
        else:
            names, position = _dotted(text, position)
            yield _resolve(table, names, counts), start
            position = _skip_value(text, text.index("=", position) + 1)
        position = _skip_blank(text, position)


def _resolve(table: Path, names: list[str], counts: Mapping[Path, int]) -> Path:
    """The path below the table, going through the last element of every array of tables on its way."""
    path = table
    for name in names:
        path = (*_with_index(path, counts), name)
    return path


def _with_index(path: Path, counts: Mapping[Path, int]) -> Path:
    return (*path, counts[path] - 1) if path in counts else path


def _dotted(text: str, position: int) -> tuple[list[str], int]:
    """The names of a dotted key and the offset behind it."""
    names: list[str] = []
    dot: re.Match[str] | None = None
    position = _skip_blank(text, position)
    while not names or dot:
        match = _KEY.match(text, position)
        if match is None:
            raise ValueError("not a text that tomllib accepts")
        names.append(_name(match.group()))
        position = match.end()
        dot = _DOT.match(text, position)
        position = dot.end() if dot else position
    return names, position


def _name(part: str) -> str:
    return str(tomllib.loads(f"name = {part}")["name"]) if part[0] in "\"'" else part


def _skip_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _skip_value(text: str, position: int) -> int:
    """The offset of the line end behind the value, over strings, arrays and inline tables."""
    depth = 0
    while (match := _VALUE.match(text, position)) is not None:
        part = match.group()
        if part == "\n" and depth == 0:
            break
        depth += (part in "[{") - (part in "]}")
        position = match.end()
    return position
