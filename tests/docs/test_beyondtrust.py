"""The page of the guide's names is whole and true: each name once, each test there and to the point, each method,
argument, command and option there.

The tests that the page names are run once, in a pytest of their own, by `recorder`, which notes what they send.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from connectors.platforms.beyondtrust.command_line import commands
from tests.docs import beyondtrust_guide as guide
from tests.docs.pages import ROOT, code, page, rows, section
from tests.docs.recorder import CALLED
from tests.docs.symbols import NotThere, arguments, literals, resolve, text_of

PAGE = page("docs/beyondtrust.md")
FOLDER = "tests/connectors/beyondtrust"
NOTHING = "–"
NOT_USED, NOT_READ = "not used: ", "not read: "
METHODS = tuple(f"{one.__name__}." for one in CALLED)

Notes = Mapping[str, Mapping[str, list[str]]]
"""Of each test what the recorder noted."""


class Told(NamedTuple):
    """A row of the page, beside what the guide says there."""

    wanted: guide.Row
    client: str
    command: str
    tests: list[str]

    @property
    def used(self) -> bool:
        return not self.client.startswith(NOT_USED)

    @property
    def unread(self) -> set[str]:
        """Names of an answer that the client passes over."""
        return set(code(self.client.partition(NOT_READ)[2]))

    @property
    def methods(self) -> Iterator[tuple[str, list[str]]]:
        """What the client's cell names: dotted names with the arguments behind them."""
        for text in code(self.client.partition(NOT_READ)[0]):
            if found := re.fullmatch(r"([A-Za-z_]\w*(?:\.\w+)*)\(([\w, ]*)\)|([A-Z]\w*(?:\.\w+)?)", text):
                yield found[1] or found[3], re.findall(r"\w+", found[2] or "")

    def __str__(self) -> str:
        return " ".join([self.wanted.thing, *self.wanted.names])


def chapters() -> list[str]:
    return re.findall(r"^## (.*)$", PAGE, re.M)


def key(row: list[str]) -> tuple[str, tuple[str, ...]]:
    thing, names = row[0].strip("`"), row[1]
    return thing, (names,) if names == guide.REPLY else tuple(code(names))


def table(chapter: str) -> list[list[str]]:
    return rows(section(PAGE, chapter)) if chapter in chapters() else []


def told(chapter: str) -> list[Told]:
    found = {key(row): row for row in table(chapter)}
    return [
        Told(one, found[one.thing, one.names][2], found[one.thing, one.names][3], named_in(found[one.thing, one.names]))
        for one in guide.rows()[chapter]
        if (one.thing, one.names) in found
    ]


def named_in(row: list[str]) -> list[str]:
    return [f"{FOLDER}/{name}" for name in code(row[4])]


ALL = [one for chapter in guide.GUIDE for one in told(chapter)]
USED = [one for one in ALL if one.used]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Notes:
    """What the tests do that the page names."""
    path = tmp_path_factory.mktemp("notes") / "notes.json"
    wanted = sorted({test for one in ALL for test in one.tests if is_there(test)})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.docs.recorder", "-p", "no:cacheprovider", *wanted]
    environ = {**os.environ, "RECORDING": str(path)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    found: Notes = json.loads(path.read_text(encoding="utf-8"))
    return found


def is_there(test: str) -> bool:
    path, *names = test.split("::")
    return len(names) == 1 and (ROOT / path).is_file() and names[0] in functions(path)


@cache
def functions(path: str) -> set[str]:
    return {node.name for node in ast.parse(page(path)).body if isinstance(node, ast.FunctionDef)}


def test_the_chapters_are_those_of_the_guide() -> None:
    assert chapters() == list(guide.GUIDE)


@pytest.mark.parametrize("chapter", guide.GUIDE)
def test_every_name_has_its_row_once_in_the_guides_order(chapter: str) -> None:
    wanted = [(row.thing, row.names) for row in guide.rows()[chapter]]
    assert [key(row) for row in table(chapter)] == wanted


def test_what_is_not_used_says_why_and_all_else_has_a_test() -> None:
    for one in ALL:
        assert bool(one.tests) == one.used, str(one)
        assert one.client.removeprefix(NOT_USED).strip(NOTHING), str(one)


def test_every_test_that_is_named_exists() -> None:
    missing = {test for one in ALL for test in one.tests if not is_there(test)}
    assert not missing


def test_every_name_goes_over_the_wire_in_its_test(notes: Notes) -> None:
    missing = [f"{one}: {lacking}" for one in USED if (lacking := unsent(one, notes))]
    assert not missing, "\n".join(missing)


def unsent(one: Told, notes: Notes) -> list[str]:
    """What none of the row's tests sends, receives or, where nothing is sent, speaks of."""
    wanted = set(one.wanted.answered or one.wanted.names) - one.unread
    if one.wanted.seen == "source":
        # Several words are no name, but what a row is about.
        names = wanted or {one.wanted.thing} - {one.wanted.thing if " " in one.wanted.thing else ""}
        texts = [text_of(*test.split("::")).casefold() for test in one.tests]
        return sorted(name for name in names if not any(name.casefold() in text for text in texts))
    what = [notes.get(test, {}) for test in one.tests]
    if not any(one.wanted.seen in seen for seen in what):
        return [one.wanted.seen]
    where = "answer" if one.wanted.answered else one.wanted.seen
    sent = {name.casefold() for seen in what for name in seen.get(where, [])}
    return sorted(name for name in wanted if name.casefold() not in sent)


def test_the_method_of_a_row_is_called_with_its_argument_in_its_test(notes: Notes) -> None:
    for one in USED:
        for name, given in one.methods:
            if name.startswith(METHODS) and not one.wanted.answered:
                calls = [set(notes.get(test, {}).get(f"call {name}", ["-"])) for test in one.tests]
                assert set(given) <= set().union(*calls), f"{one}: {name}({', '.join(given)})"
                assert any("-" not in call for call in calls), f"{one}: {name} is not called"


def test_what_is_answered_is_read_or_the_row_says_that_it_is_not(notes: Notes) -> None:
    unread = [f"{one}: {lacking}" for one in USED if (lacking := unread_of(one, notes))]
    assert not unread, "\n".join(unread)


def unread_of(one: Told, notes: Notes) -> list[str]:
    """Elements that none of the row's tests sees looked for, attributes that stand nowhere in the code."""
    what = [notes.get(test, {}) for test in one.tests]
    elements, looked = ({name for seen in what for name in seen.get(kind, [])} for kind in ("element", "read"))
    known = looked | set(guide.WRAPPERS.split()) | (literals() - elements)
    return sorted({*one.wanted.answered} - one.unread - known)


def test_nothing_is_called_unread_that_is_no_name_of_the_row() -> None:
    for one in ALL:
        assert one.unread <= {*one.wanted.answered, *one.wanted.names}, str(one)


def test_every_method_and_argument_is_there() -> None:
    for one in USED:
        for name, given in one.methods:
            try:
                assert set(given) <= arguments(resolve(name)), f"{one}: {name}({', '.join(given)})"
            except NotThere as missing:
                raise AssertionError(f"{one}: {missing}") from None


def test_every_command_and_option_is_there() -> None:
    for one in ALL:
        for text in code(one.command):
            assert not strange(text.split()), f"{one}: {text}"


def strange(words: list[str]) -> list[str]:
    """The words that are neither a command nor something that it takes."""
    command: click.Command = commands
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    return [
        word for word in words if isinstance(command, click.Group) or not any(takes(p, word) for p in command.params)
    ]


def takes(parameter: click.Parameter, word: str) -> bool:
    """An option by its name; an argument by its own, by one of its choices, or by `name=` for NAME=VALUE."""
    if isinstance(parameter, click.Option):
        return word in (*parameter.opts, *parameter.secondary_opts)
    shown = parameter.make_metavar(click.Context(commands)).strip("[].")
    choices = getattr(parameter.type, "choices", ())
    return word in (parameter.human_readable_name.upper(), shown, *choices) or ("=" in shown and word.endswith("="))


def test_the_page_is_linked() -> None:
    for name in ("connectors/platforms/beyondtrust/README.md", "docs/beyondtrust-commands.md", "README.md"):
        assert "beyondtrust.md)" in page(name), name
    assert Path(ROOT / "docs/beyondtrust.md").is_file()
