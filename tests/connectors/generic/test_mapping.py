"""Paths into somebody's JSON, and values put into ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import NotFound
from connectors.tickets.generic.mapping import lookup, moment_at, text_at
from connectors.tickets.generic.templates import fill, fill_form, fill_path, reworded

BODY: dict[str, Any] = {
    "a": {"b": [10, {"c d": "deep"}], "": "empty", "x/y": 1, "m~n": 2, "0": "zero"},
    "t": True,
    "e": [],
}
BODY["l"] = ["no object", {"id": 5, "value": "five"}, {"id": 7, "name": "two words"}]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b.0", 10),
        ("a.b.1.c d", "deep"),
        ("/a/b/1/c d", "deep"),
        ("/a/x~1y", 1),
        ("/a/m~0n", 2),
        ("/a/", "empty"),
        ("a.0", "zero"),
        ("", BODY),
        ("a.b.2", None),
        ("a.b.-1", None),
        ("a.b.x", None),
        ("a.b.99999999999999999999", None),
        ("a.b.²", None),
        ("t.x", None),
        ("nothing", None),
        ("a.b.[-1].c d", "deep"),
        ("l.[id=5].value", "five"),
        ("l.[id=6].value", None),
        ("l.[name=two words].id", 7),
        ("l.[-1].id", 7),
        ("e.[-1]", None),
        ("a.[id=5]", None),
        ("/l/[-1]", {"id": 7, "name": "two words"}),
    ],
)
def test_lookup(path: str, found: object) -> None:
    assert lookup(BODY, path) == found


@pytest.mark.parametrize(("path", "text"), [("t", "true"), ("a.b.0", "10"), ("a.b", ""), ("nothing", ""), (None, "")])
def test_text_at(path: str | None, text: str) -> None:
    assert text_at(BODY, path) == text


@pytest.mark.parametrize(
    "told", ["2026-03-02T10:30:00Z", "2026-03-02T11:30:00+01:00", "2026-03-02T10:30:00", 1772447400, 1772447400000]
)
def test_moments(told: object) -> None:
    assert moment_at({"at": told}, "at") == datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("told", ["yesterday", "", None, 7, [], "9" * 40])
def test_no_moments(told: object) -> None:
    assert moment_at({"at": told}, "at") is None


def test_a_text_that_is_one_placeholder_becomes_the_value() -> None:
    assert fill({"hidden": "{internal}", "tags": ["{tags}"], "n": 3}, {"internal": True, "tags": ["a"]}) == {
        "hidden": True,
        "tags": [["a"]],
        "n": 3,
    }


def test_a_placeholder_among_words_becomes_text() -> None:
    assert fill("{internal}: {body}", {"internal": False, "body": "x"}) == "false: x"


@given(st.text())
def test_a_value_is_never_a_template_nor_json(value: str) -> None:
    filled = fill({"a": "{body}", "b": "<{body}>"}, {"body": value})
    assert json.loads(json.dumps(filled)) == {"a": value, "b": f"<{value}>"}


def test_what_a_value_says_is_not_filled_again() -> None:
    assert fill("{body} {mark}", {"body": "{mark}", "mark": "m"}) == "{mark} m"


@pytest.mark.parametrize(
    ("value", "path"),
    [("7?x=1#y", "/t/7%3Fx%3D1%23y"), ("INC/7", "/t/INC%2F7"), ("%2e", "/t/%252e"), ("ü\r\n", "/t/%C3%BC%0D%0A")],
)
def test_a_value_in_a_path_stays_one_part_of_it(value: str, path: str) -> None:
    assert fill_path("/t/{ticket_id}", {"ticket_id": value}) == path


@pytest.mark.parametrize("value", ["", ".", "..", "../users", "7/../8", "/"])
def test_a_value_that_would_leave_its_place(value: str) -> None:
    with pytest.raises(NotFound):
        fill_path("/t/{ticket_id}", {"ticket_id": value})


def test_a_form_has_texts_and_tables_become_json_text() -> None:
    template = {"a": "{body}", "tags": "{tags}", "manifest": {"input": {"name": "{body}"}}, "yes": "{yes}"}
    filled = fill_form(template, {"body": 'a "quote"', "tags": ["x", "y"], "yes": True})
    assert filled == {
        "a": 'a "quote"',
        "tags": ["x", "y"],
        "manifest": '{"input": {"name": "a \\"quote\\""}}',
        "yes": "true",
    }


def test_values_in_the_systems_words() -> None:
    words: dict[str, dict[str, Any]] = {"internal": {"true": 1, "false": 0}, "visibility": {"internal": "staff"}}
    assert reworded({"internal": True, "visibility": "public", "body": "true"}, words) == {
        "internal": 1,
        "visibility": "public",
        "body": "true",
    }
