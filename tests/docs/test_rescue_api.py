"""The page of Rescue's methods is whole and true: it says what the catalogue says, in its order, and each row names
a test that is collected and that bears the name of what it tests."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from typing import NamedTuple

import pytest

from connectors.platforms.rescue import signin
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.catalogue.model import Method
from connectors.platforms.rescue.invitations import Invitations
from connectors.platforms.rescue.sessions import Sessions
from tests.docs.pages import ROOT, code, page, rows
from tests.docs.rescue_api import CHAPTERS, POSTED, Row, posted, rows_of
from tests.docs.symbols import text_of

PAGE = page("docs/rescue-api.md")
FOLDER = "tests/connectors/rescue"
CLASSES = {one.__name__: one for one in (Administration, Sessions, Invitations)}
ALL = [(chapter, method) for chapter, methods in CHAPTERS.items() for method in methods]
BY_NAME = {method.name: method for _, method in ALL}


class Told(NamedTuple):
    row: Row
    tests: list[str]


def sections() -> dict[str, str]:
    """What stands below each heading of a method."""
    parts = re.split(r"^(#{2,3}) (.*)$", PAGE, flags=re.M)
    return dict(zip(parts[2::3], parts[3::3], strict=True))


SECTIONS = sections()


def told(name: str) -> list[Told]:
    return [
        Told(Row(row[0], code(row[1])[0], row[2]), code(row[3])) for row in rows(SECTIONS.get(name, "")) if code(row[1])
    ]


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """Every test of the connector by its whole name, parameters included."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", FOLDER]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-1000:]
    found = {line.removeprefix(f"{FOLDER}/") for line in done.stdout.splitlines() if "::" in line}
    return found | {name.partition("[")[0] for name in found}


def test_the_chapters_and_their_methods_are_those_of_the_catalogue() -> None:
    headings = re.findall(r"^(#{2,3}) (.*)$", PAGE, re.M)
    wanted = []
    for chapter, methods in CHAPTERS.items():
        wanted += [("##", chapter), *(("###", method.name) for method in methods)]
    assert headings == [*wanted, ("##", POSTED)]


def test_every_method_of_the_catalogue_is_in_a_chapter() -> None:
    assert set(METHODS) <= set(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_row_says_what_the_catalogue_says(name: str) -> None:
    assert [one.row for one in told(name)] == rows_of(BY_NAME[name])


def test_every_field_of_a_post_has_its_row() -> None:
    assert [one.row for one in told(POSTED)] == posted()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_method_is_told_with_its_address_and_operation(name: str) -> None:
    method = BY_NAME[name]
    before = SECTIONS[name].partition("\n|")[0]
    wanted = {method.address, method.operation and f"{method.operation}"} - {""}
    assert wanted <= set(code(before))
    assert ("SOAP only" in before) == (not method.address)


@pytest.mark.parametrize("name", METHODS)
def test_the_client_that_a_method_names_is_there(name: str) -> None:
    before = SECTIONS[name].partition("\n|")[0]
    calls = [text for text in code(before) if "." in text and not text.startswith("/")]
    assert calls, "it names what calls it"
    for text in calls:
        place, _, rest = text.partition(".")
        called, _, given = rest.partition("(")
        value = getattr(signin if place == "signin" else CLASSES[place], called)
        assert set(re.findall(r"(\w+)=", given)) <= set(inspect.signature(value).parameters), text


def test_every_test_that_is_named_is_collected(collected: set[str]) -> None:
    named = {test for name in (*BY_NAME, POSTED) for one in told(name) for test in one.tests}
    assert named, "the page names tests"
    assert not named - collected


@pytest.mark.parametrize("name", METHODS)
def test_a_test_bears_the_name_of_what_it_tests(name: str) -> None:
    for one in told(name):
        assert one.tests, str(one.row)
        assert any(_bears(test, BY_NAME[name], one.row) for test in one.tests), f"{one.row}: {one.tests}"


def _bears(test: str, method: Method, row: Row) -> bool:
    """By its parameters, or, where it has none, by standing for one of the few that are tested by hand."""
    given = re.search(r"\[(.*)\]$", test)
    if not given:
        return (method.name, row.name) in BY_HAND
    return given[1] in (f"{method.name}-{row.name}", method.name) or (method.name, row.name) in BY_HAND


BY_HAND = {
    ("createUsers", "OK"),
    ("createUsers", "PARTIALLY_PROCESSED"),
    ("isAnyTechAvailableOnChannel", "OK"),
    ("isAnyTechAvailableOnChannel", "TRUE"),
    ("isAnyTechAvailableOnChannel", "FALSE"),
    ("logIn", "OK"),
    ("logOut", "OK"),
    ("requestAuthCode", "OK"),
    ("requestAuthCodeSSO", "OK"),
}


def test_every_row_of_the_quick_starts_and_of_posts_has_a_test_that_speaks_of_it() -> None:
    for name in (*(set(BY_NAME) - set(METHODS)), POSTED):
        assert told(name)
        for one in told(name):
            texts = [text_of(*f"{FOLDER}/{test.partition('[')[0]}".split("::")) for test in one.tests]
            by_parameter = any(test.endswith(f"[{one.row.name}]") for test in one.tests)
            assert by_parameter or any(one.row.name in text for text in texts), f"{name} {one.row}"


def test_the_page_is_linked() -> None:
    for name in ("connectors/platforms/rescue/README.md", "CHANGELOG.md", "docs/features.md"):
        assert "rescue-api.md)" in page(name), name
