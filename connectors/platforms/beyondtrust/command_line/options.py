"""Options and arguments that several commands have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_AGO = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """`2026-05-01`, `2026-05-01T08:30`, both UTC unless an offset says otherwise, or `90m`, `24h`, `7d` ago."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if ago := _AGO.fullmatch(value):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("is no moment: give 2026-05-01, 2026-05-01T08:30 or 24h (ago)", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


MOMENT = Moment()


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` each; a value may hold further signs of equality, and be empty."""
    told: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise click.UsageError("what comes after the others must be NAME=VALUE")
        if name in told:
            raise click.UsageError(f"{name} is given twice")
        told[name] = value
    return told


def yes(command: F) -> F:
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)


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
