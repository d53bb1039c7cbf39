"""Every command of `deskbridge rescue` and each of its options is on its page, and nothing else is."""

from __future__ import annotations

from click import Option

from connectors.platforms.rescue.command_line import commands
from tests.docs.command_pages import leaves, name_of, options_of, options_told
from tests.docs.pages import code, page, rows

PAGE = page("docs/rescue-commands.md")


COMMANDS = dict(leaves(commands))


def test_every_command_is_on_the_page() -> None:
    assert sorted(map(name_of, rows(PAGE))) == sorted(COMMANDS)


def test_every_option_is_on_the_page() -> None:
    for row in rows(PAGE):
        command = COMMANDS[name_of(row)]
        known, told = options_of(command), options_told(row)
        assert known == told, name_of(row)


def test_every_argument_is_on_the_page() -> None:
    for row in rows(PAGE):
        arguments = [one for one in COMMANDS[name_of(row)].params if not isinstance(one, Option)]
        told = [word for word in code(row[0])[0].split() if word != word.lower()]
        assert len(told) == len(arguments), name_of(row)


def test_the_options_of_the_group_are_on_the_page() -> None:
    for one in commands.params:
        assert f"`{one.opts[0]}" in PAGE
