from __future__ import annotations

import tomllib

import pytest

from config.toml_lines import Lines, Path

TEXT = '''\
# a comment with [brackets] and key = "value"
top = 1
dotted.key."with.dot" = 2

[connections.a]      # comment
text = """
[not.a.table]
no = "key"
""" # and "more
array = [
  "x]", # ] "
  { y = 1 },
]
"quoted \\u0041" = 'lit # eral'
after = """quote at the end"""""

[[routes]]
name = "first"
[routes.session]
zone = \'\'\'
name = 1\'\'\'
[[ routes ]]
name = "second"
when = { tag = "a", field = { name = "=" } }
[[routes.parts]]
p = 1
[[routes.parts]]
p = 2
[last]'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("dotted",), 3),
        (("dotted", "key", "with.dot"), 3),
        (("connections",), 5),
        (("connections", "a"), 5),
        (("connections", "a", "text"), 6),
        (("connections", "a", "array"), 10),
        (("connections", "a", "array", 1, "y"), 10),
        (("connections", "a", "quoted A"), 14),
        (("connections", "a", "after"), 15),
        (("routes",), 17),
        (("routes", 0), 17),
        (("routes", 0, "name"), 18),
        (("routes", 0, "session"), 19),
        (("routes", 0, "session", "zone"), 20),
        (("routes", 1), 22),
        (("routes", 1, "name"), 23),
        (("routes", 1, "when", "field", "name"), 24),
        (("routes", 1, "parts", 0, "p"), 26),
        (("routes", 1, "parts", 1, "p"), 28),
        (("last",), 29),
        (("last", "missing"), 29),
        (("not",), None),
        ((), None),
    ],
)
def test_keys_are_found_on_their_lines(path: Path, line: int | None) -> None:
    assert Lines(TEXT).of(path) == line


def test_the_sample_is_toml() -> None:
    assert set(tomllib.loads(TEXT)) == {"top", "dotted", "connections", "routes", "last"}


def test_carriage_returns_change_no_line() -> None:
    assert Lines(TEXT.replace("\n", "\r\n")).of(("routes", 1, "name")) == 23


@pytest.mark.parametrize("text", ["", "\n", "# only", "a = 1"])
def test_short_texts_have_lines_too(text: str) -> None:
    assert Lines(text).of(("a",)) == (1 if text == "a = 1" else None)
