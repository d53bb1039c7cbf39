from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model import Person, Ticket
from bridge.template import PLACEHOLDERS, fill, fill_all, mistakes

TICKET = Ticket(
    id="42",
    subject="Printer {ticket.id} {0.__class__}",
    fields={"Asset": "PC-7", "Remote session": "requested"},
    requester=Person("Ada", "ada@example.com"),
    assignee=Person("Grace", "grace@example.com"),
    url="https://desk.example.com/42",
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{requester.name} <{requester.email}>", "Ada <ada@example.com>"),
        ("#{ticket.id} {ticket.url}", "#42 https://desk.example.com/42"),
        ("{agent.name} {agent.email}", "Grace grace@example.com"),
        ("{ticket.field.Asset}/{ticket.field.Remote session}", "PC-7/requested"),
        ("[{ticket.field.Nothing}]", "[]"),
        ("{{ticket.id}} {{{ticket.id}}}", "{ticket.id} {42}"),
        ("plain", "plain"),
    ],
)
def test_placeholders_are_filled(template: str, text: str) -> None:
    assert fill(template, TICKET) == text
    assert not list(mistakes(template))


def test_what_people_typed_is_never_a_template() -> None:
    assert fill("{ticket.subject}", TICKET) == "Printer {ticket.id} {0.__class__}"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{requester.nme}", ["requester.nme"]),
        ("{} {0}", ["", "0"]),
        ("{ticket.__class__} {ticket.id!r}", ["ticket.__class__", "ticket.id!r"]),
        ("{ticket.field.}", ["ticket.field."]),
        ("{ticket.id", ["{"]),
        ("ticket.id}", ["}"]),
    ],
)
def test_what_cannot_be_filled_is_named(template: str, expected: list[str]) -> None:
    assert list(mistakes(template)) == expected


@given(st.text(alphabet="{}ab.!", max_size=30))
def test_any_text_is_a_template_that_fills(template: str) -> None:
    assert isinstance(fill(template, TICKET), str)


@given(st.text(max_size=30))
def test_doubled_braces_are_the_way_to_write_any_text(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), TICKET) == text


def test_texts_at_any_depth_are_filled() -> None:
    value = {"a": ["{ticket.id}", 1], "{ticket.id}": {"b": True}, "c": None}
    assert fill_all(value, TICKET) == {"a": ["42", 1], "{ticket.id}": {"b": True}, "c": None}


def test_every_listed_placeholder_is_known() -> None:
    assert not [name for name in PLACEHOLDERS if list(mistakes(f"{{{name}}}"))]
