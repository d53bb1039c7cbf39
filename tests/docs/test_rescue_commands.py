"""Every command of `deskbridge rescue` and each of its options is on its page, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

from click import Command, Group, Option

from connectors.platforms.rescue.command_line import commands
from tests.docs.pages import code, page, rows

PAGE = page("docs/rescue-commands.md")


def leaves(group: Group, before: str = "") -> Iterator[tuple[str, Command]]:
    for name, command in group.commands.items():
        if isinstance(command, Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(leaves(commands))


def name_of(row: list[str]) -> str:
    """The command's words, without its arguments, which are in capitals."""
    return " ".join(word for word in code(row[0])[0].split() if word == word.lower())


def test_every_command_is_on_the_page() -> None:
    assert sorted(map(name_of, rows(PAGE))) == sorted(COMMANDS)


def test_every_option_is_on_the_page() -> None:
    for row in rows(PAGE):
        command = COMMANDS[name_of(row)]
        known = {text for one in command.params if isinstance(one, Option) for text in (*one.opts, *one.secondary_opts)}
        told = {word for text in code(row[1]) for word in text.split() if word.startswith("--")}
        assert known == told, name_of(row)


def test_every_argument_is_on_the_page() -> None:
    for row in rows(PAGE):
        arguments = [one for one in COMMANDS[name_of(row)].params if not isinstance(one, Option)]
        told = [word for word in code(row[0])[0].split() if word != word.lower()]
        assert len(told) == len(arguments), name_of(row)


def test_the_options_of_the_group_are_on_the_page() -> None:
    for one in commands.params:
        assert f"`{one.opts[0]}" in PAGE
