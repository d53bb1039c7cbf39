"""A command line as Windows programs read it (CommandLineToArgvW's rules)."""

from __future__ import annotations

import re

from connectors.platforms.beyondtrust.commands.inputs import WrongInput

_PLAIN = re.compile(r"[A-Za-z0-9_.,:\\/=+@-]+")


def command_line(program: str, *arguments: str) -> str:
    """The line for a shortcut, the registry or a program that starts another one.

    A command prompt reads `%` and `"` in its own way first: see `unsafe_at_a_prompt`.
    """
    if '"' in program:
        # The program's own name knows no escape.
        raise WrongInput("the program", "must not hold a quotation mark")
    for part in (program, *arguments):
        if re.search(r"[\0-\x1f]", part):
            raise WrongInput("the command line", "must not hold line breaks or other control characters")
    head = program if _PLAIN.fullmatch(program) else f'"{program}"'
    return " ".join([head, *map(_quoted, arguments)])


def unsafe_at_a_prompt(line: str) -> bool:
    """Whether cmd.exe would make something else of it: a variable of `%…%`, or the quotation turned off by `\\"`."""
    return "%" in line or '\\"' in line


def _quoted(argument: str) -> str:
    if _PLAIN.fullmatch(argument):
        return argument
    # Backslashes count only before a quotation mark, also before the closing one.
    inside = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    inside = re.sub(r"(\\+)$", r"\1\1", inside)
    return f'"{inside}"'
