"""The console's page of people."""

from __future__ import annotations

import re

import pytest

from bridge.model import Person
from connectors.contract import Capability
from store import people
from tests.web.desk import Browser, Desk, FakeDesk
from tests.web.test_console import text_of
from web.console import people as page

AT = 1_767_571_200.0
"""2026-01-05 00:00 UTC."""


@pytest.fixture(autouse=True)
def desk_lists_its_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The help desk tells who works there, the platform does not."""
    monkeypatch.setattr(FakeDesk, "capabilities", FakeDesk.capabilities | {Capability.PEOPLE})


def listed(desk: Desk, name: str, *found: Person) -> None:
    with desk.services.house.database.write() as connection:
        people.save(connection, name, found, AT)


def rows_of(text: str) -> list[str]:
    [body] = re.findall(r"<tbody>(.*?)</tbody>", text, re.S)
    return [text_of(row).strip() for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)]


def test_before_anybody_is_listed(browser: Browser) -> None:
    said = text_of(browser.get("/people").text)
    assert "remote and desk" in said
    assert "remote does not tell who works there" in said
    assert "desk listed never yet" in said
    assert "0 of 0 technicians" in said
    assert "No technician is known." in said


def test_who_is_nobody_stands_first_with_the_reason(desk: Desk, browser: Browser) -> None:
    listed(desk, "remote", Person("Ada T.", "ADA@example.com", "1"), Person("Bob T.", "bob@example.com", "2"))
    listed(desk, "desk", Person("Ada", "ada@example.com", "10"), Person("<b>Cy</b>", "cy@example.com", "11"))
    text = browser.get("/people").text
    assert "desk listed 2026-01-05 00:00:00 UTC" in text_of(text)
    assert "1 of 2 technicians" in text_of(text)
    nobody, matched = rows_of(text)
    assert nobody.startswith("Bob T. (bob@example.com) nobody e-mail address: nobody has it")
    assert matched == "Ada T. (ADA@example.com) Ada (ada@example.com) e-mail address"
    assert "1 agent of desk whom no technician is" in text_of(text)
    assert "&lt;b&gt;Cy&lt;/b&gt; (cy@example.com)" in text


def test_two_ways_that_say_different_things_are_told(desk: Desk, browser: Browser) -> None:
    listed(desk, "remote", Person("Ada T.", "ada@example.com", "1", sso_id="S-1"))
    listed(desk, "desk", Person("Ada", "ada@example.com", "10"), Person("Other", "o@example.com", "11", sso_id="S-1"))
    [row] = rows_of(browser.get("/people").text)
    assert row.endswith("e-mail address but SSO id says Other, e-mail address says Ada")


def test_a_list_that_could_not_be_had_again(desk: Desk, browser: Browser) -> None:
    listed(desk, "desk", Person("Ada", "ada@example.com", "10"))
    with desk.services.house.database.write() as connection:
        people.failed(connection, "desk", "AccessDenied: no right to list", AT + 60)
    said = text_of(browser.get("/people").text)
    assert "since then in vain: AccessDenied: no right to list" in said


def test_more_than_a_page_holds(desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST", 2)
    listed(desk, "remote", *(Person(f"T {number}", id=str(number)) for number in range(3)))
    text = browser.get("/people").text
    assert len(rows_of(text)) == 2
    assert "0 of 3 technicians" in text_of(text)
    assert "The first 2; deskbridge people tells all." in text_of(text)
