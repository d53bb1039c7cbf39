"""Every command of `deskbridge beyondtrust` and each of its options is on its page, and nothing else is."""

from __future__ import annotations

from connectors.platforms.beyondtrust.command_line import commands
from tests.docs.command_pages import leaves, name_of, options_of, options_told
from tests.docs.pages import page, rows

PAGE = page("docs/beyondtrust-commands.md")
FOR_FILES = {"--to", "--force"}
"""Said once below the tables, beside the folder or file of each."""


COMMANDS = dict(leaves(commands))


def test_every_command_is_on_the_page() -> None:
    assert sorted(map(name_of, rows(PAGE))) == sorted(COMMANDS)


def test_every_option_is_on_the_page() -> None:
    for row in rows(PAGE):
        command = COMMANDS[name_of(row)]
        known, told = options_of(command), options_told(row)
        assert known - FOR_FILES <= told, name_of(row)
        assert told <= known, name_of(row)


def test_the_options_of_the_group_are_on_the_page() -> None:
    for one in commands.params:
        assert f"`{one.opts[0]}" in PAGE
