"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def representative(command: F) -> F:
    """`--rep-id` or `--rep-username`."""
    command = click.option("--rep-username", default="", help="The representative's user name.")(command)
    return click.option("--rep-id", type=int, help="The representative's id, as `reps` tells it.")(command)


def skills(command: F) -> F:
    return click.option("--skill", "skills", multiple=True, help="Code name of a skill; may be given several times.")(
        command
    )


def priority(command: F) -> F:
    return click.option("--priority", type=click.IntRange(1, 3), help="1 high, 2 medium, 3 low.")(command)


def attributes(command: F) -> F:
    return click.option(
        "--attribute",
        "attributes",
        multiple=True,
        metavar="NAME=VALUE",
        help="A custom field by its code name; may be given several times.",
    )(command)
