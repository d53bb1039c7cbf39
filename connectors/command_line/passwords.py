"""Secrets at the command line: typed where nobody sees them or read from a file, never an argument."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from connectors.command_line.desk import sure
from connectors.command_line.output import say

F = TypeVar("F", bound=Callable[..., Any])


def password_file(command: F) -> F:
    """`--password-file`."""
    return click.option(
        "--password-file",
        type=click.File("r", encoding="utf-8"),
        help="Read the password from the first line of this file, - for standard input; else it is asked for.",
    )(command)


def password_from(file: TextIO | None, *, confirm: bool, what: str = "Password") -> str:
    """The first line of the file, else what is typed where nobody sees it."""
    if file is None:
        typed: str = click.prompt(what, hide_input=True, confirmation_prompt=confirm, err=True)
        return typed
    password = file.readline().rstrip("\r\n")
    if not password:
        say(f"{Path(file.name).name} holds no password in its first line", err=True)
        raise click.exceptions.Exit(1)
    return password


def must_be_wanted(question: str, yes: bool) -> None:
    """Ask before a secret is shown; where nobody can be asked, `--yes` must say that it shall go there."""
    if not yes and not _is_terminal():
        raise click.UsageError("the link is a secret, and this output is no terminal: say --yes if it shall go there")
    sure(question, yes)


def _is_terminal() -> bool:
    return sys.stdout.isatty()
