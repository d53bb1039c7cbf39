"""The markup of chat messages: what people typed is never markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Rejected
from connectors.platforms.beyondtrust.commands.bbcode import (
    Markup,
    bold,
    bullets,
    coloured,
    escape,
    italic,
    link,
    source_of,
    underlined,
)


@given(st.text())
def test_nothing_typed_can_open_a_tag(typed: str) -> None:
    assert "[" not in escape(typed)
    assert "]" not in escape(typed)
    assert len(escape(typed)) == len(typed)


@pytest.mark.parametrize(
    ("made", "source"),
    [
        (bold("a[b]"), "[b]a［b］[/b]"),
        (italic(bold("x")), "[i][b]x[/b][/i]"),
        (underlined("x"), "[u]x[/u]"),
        (coloured("x", "blue"), "[color=blue]x[/color]"),
        (coloured("x", "#0000FF"), "[color=#0000FF]x[/color]"),
        (bullets(["a", bold("[")]), "[ul][li]a[/li][li][b]［[/b][/li][/ul]"),
        (link("https://x.example/?a[]=1"), "[url]https://x.example/?a%5B%5D=1[/url]"),
        (bold("x") + "[i]", "[b]x[/b]［i］"),
    ],
)
def test_markup_is_made(made: Markup, source: str) -> None:
    assert source_of(made) == source


@pytest.mark.parametrize("colour", ["", "blue]", "#12345", "red;x"])
def test_no_colour(colour: str) -> None:
    with pytest.raises(Rejected, match="colour"):
        coloured("x", colour)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://", "//x", "https://x y", "https://x\n", "http://["]
)
def test_no_link(url: str) -> None:
    with pytest.raises(Rejected, match="link"):
        link(url)
