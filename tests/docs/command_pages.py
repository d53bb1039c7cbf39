"""What the tests of a kind's page of commands share: its commands by their words, and what the page tells of each."""

from __future__ import annotations

from collections.abc import Iterator

from click import Command, Group, Option

from tests.docs.pages import code


def leaves(group: Group, before: str = "") -> Iterator[tuple[str, Command]]:
    """Each command that is no group, by all its words."""
    for name, command in group.commands.items():
        if isinstance(command, Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def name_of(row: list[str]) -> str:
    """The command's words, without its arguments, which are in capitals."""
    return " ".join(word for word in code(row[0])[0].split() if word == word.lower())


def options_of(command: Command) -> set[str]:
    """All that may be typed for its options."""
    return {text for one in command.params if isinstance(one, Option) for text in (*one.opts, *one.secondary_opts)}


def options_told(row: list[str]) -> set[str]:
    return {word for text in code(row[1]) for word in text.split() if word.startswith("--")}
