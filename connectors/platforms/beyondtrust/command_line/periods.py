"""The options that say which sessions a report is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from connectors.command_line.options import MOMENT
from connectors.platforms.beyondtrust.reports.selection import Limit, Period

F = TypeVar("F", bound=Callable[..., Any])


def period_options(command: F) -> F:
    """`--since` and `--until`; without them the last 24 hours."""
    command = click.option("--until", type=MOMENT, help="The end of the period; else now.")(command)
    return click.option("--since", type=MOMENT, help="Its beginning: 2026-05-01, 2026-05-01T08:30 or 24h; else 24h.")(
        command
    )


def ended_option(command: F) -> F:
    return click.option("--ended", is_flag=True, help="By their end instead of their beginning.")(command)


def limit_option(command: F) -> F:
    return click.option("--limit", help="all, rep:ID, team:all, team:ID, members:ID or site:ID.")(command)


def period_of(since: datetime | None, until: datetime | None, *, ended: bool = False) -> Period:
    """A period by times; without an end it lasts until now."""
    start = since or MOMENT.convert("24h", None, None)
    seconds = 0 if until is None else int((until - start).total_seconds())
    if until is not None and seconds <= 0:
        raise click.UsageError("--until must be after --since")
    return Period(end_time=start, duration=seconds) if ended else Period(start_time=start, duration=seconds)


def chosen(
    lsids: tuple[str, ...], since: datetime | None, until: datetime | None, *, ended: bool = False
) -> Period | None:
    """The period, unless sessions are named."""
    if lsids and (since or until or ended):
        raise click.UsageError("give sessions or a period, not both")
    return None if lsids else period_of(since, until, ended=ended)


def limit_of(text: str | None) -> Limit | None:
    return None if text is None else Limit(text)
