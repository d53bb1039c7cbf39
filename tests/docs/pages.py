"""The documents of the project, and how they are read."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```", re.M | re.S)


class Block(NamedTuple):
    """A fenced block of a document."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def tracked(*patterns: str) -> list[Path]:
    """Files that belong to the project: known to git, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in told.splitlines() if (path := ROOT / name).is_file()]


def pages() -> dict[str, str]:
    """Every Markdown document by its path."""
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in tracked("*.md")}


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(language: str) -> list[Block]:
    """All fenced blocks of that language."""
    return [block for name, text in pages().items() for block in _blocks(name, text) if block.language == language]


def _blocks(name: str, text: str) -> Iterator[Block]:
    for found in _FENCE.finditer(text):
        body = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.M)
        yield Block(name, text.count("\n", 0, found.start()) + 1, found["language"], body)


def prose(text: str) -> str:
    """The document without its fenced blocks."""
    return _FENCE.sub("", text)


def section(text: str, title: str) -> str:
    """What stands below the heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,6}} |\Z)", prose(text), re.M | re.S)
    assert found, f"there is no section {title!r}"
    return found[2]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, headings and rules left out."""
    lines = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    rules = [index for index, row in enumerate(cells) if all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    heads = {index - 1 for index in rules} | set(rules)
    return [row for index, row in enumerate(cells) if index not in heads]


def code(cell: str) -> list[str]:
    """What a cell has in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def first_codes(text: str) -> list[str]:
    """What the first cell of each row has in backticks."""
    return [name for row in rows(text) for name in code(row[0])]
