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


def several(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Options that go together, shown in that order."""

    def apply(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


def unless_told(told: Any, was: Any) -> Any:
    """What an option says, or what was there where it was left out."""
    return was if told is None else told
