"""`live`: sessions as they start, change and end, by the real-time state."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bridge.model import SessionSummary
from connectors.command_line.output import as_json, say
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk
from connectors.platforms.beyondtrust.live import state


@click.command()
@click.option("--count", type=click.IntRange(min=1), help="End after so many changes.")
@pass_desk
def live(desk: Desk, count: int | None) -> None:
    """Watch sessions start, change hands and end, until Ctrl-C. Begins with those that run."""
    with desk.appliance() as appliance, _until_interrupted() as stop:
        for number, seen in enumerate(state.watch(appliance.api, stop.is_set), 1):
            say(as_json(seen) if desk.json else _line(seen))
            if number == count:
                return


def _line(seen: SessionSummary) -> str:
    what = "ended  " if seen.ended else "running"
    since = f"since {seen.started_at:%Y-%m-%d %H:%M:%S} UTC" if seen.started_at else ""
    return f"{what}  {seen.id}  {seen.reference or '-'}  {since}".rstrip()


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """Ctrl-C ends the watching instead of breaking it."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
