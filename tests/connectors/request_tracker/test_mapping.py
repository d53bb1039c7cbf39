"""Texts within Request Tracker's limits, in lines that its pages wrap."""

from __future__ import annotations

import pytest

from bridge.document import Lines, Paragraph
from bridge.markup import to_text
from connectors.tickets.request_tracker import mapping
from connectors.tickets.request_tracker.client import LIMITS, rendered
from sandbox.helpdesk.markup import text_of
from tests.contract.tickets import MARK, note

BLANKS = "  def f(a):   # two  blanks"


@pytest.mark.parametrize("line", ["x", BLANKS, "x" * 400, "<&>\u00e4\U0001f600 " * 4])
@pytest.mark.parametrize("count", [1, 7, 600, 4_000, 20_000])
def test_lines_that_wrap_keep_the_limit(line: str, count: int) -> None:
    whole = note(Paragraph("Before."), Lines("transcript", (line,) * count), Paragraph("After."))
    made = rendered(whole)
    assert LIMITS.fits(mapping.mark_line(MARK) + made.body)
    assert "<pre>" not in made.body
    shown = text_of(made.body)
    assert shown.startswith("Before.")
    assert shown.endswith("After.")
    if made.attachments:
        [file] = made.attachments
        assert file.content.decode() == to_text(whole.document)
        assert "the whole text is attached" in shown
    else:
        assert shown.count(line.strip() or "\n") >= count


def test_a_text_keeps_its_blanks_and_lines() -> None:
    made = rendered(note(Lines("log", (BLANKS, "<pre>  </pre>", " one"))))
    assert made.body == (
        "<div>&nbsp; def f(a):&nbsp;&nbsp; # two&nbsp; blanks<br>&lt;pre&gt;&nbsp; &lt;/pre&gt;<br> one</div>"
    )


@pytest.mark.parametrize(
    ("token", "user"), [("1-14-0123456789abcdef0123456789abcdef", "14"), ("2-14-00", ""), ("made-up", ""), ("", "")]
)
def test_a_token_begins_with_its_users_number(token: str, user: str) -> None:
    assert mapping.user_of(token) == user
