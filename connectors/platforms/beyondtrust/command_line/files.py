"""Files that come from the appliance: whole or not at all, and nothing overwritten by accident."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
MEGABYTE = 1_000_000
EVERY_BYTES = 1_000_000
"""So often a progress is drawn that has no end."""

to_file = click.option(
    "--to", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write it, named when whole."
)
force_option = click.option("--force", is_flag=True, help="Overwrite what is there.")


@contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """A file to write into, which gets its name when everything went well. Only its owner may read it."""
    unless_there(path, force)
    part = path.with_name(f"{path.name}.part")
    try:
        with _private(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as failure:
        raise click.ClickException(f"{path} cannot be written: {failure.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def unless_there(path: Path, force: bool) -> None:
    if path.exists() and not force:
        raise click.ClickException(f"{path} is there already; --force overwrites it")


def _private(part: Path) -> BinaryIO:
    part.unlink(missing_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on a terminal, or a count where the appliance does not say how much will come; else silence."""
    if not on_a_terminal():
        yield lambda written, total: None
        return
    meter = Meter(label)
    try:
        yield meter
    finally:
        meter.end()


def on_a_terminal() -> bool:
    return sys.stderr.isatty()


class Meter:
    """Draws to the standard error output."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._drawn = 0

    def __call__(self, written: int, total: int | None) -> None:
        if total:
            if self._bar is None:
                self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
                self._bar.render_progress()
            self._bar.update(written - self._drawn)
            self._drawn = written
        elif written - self._drawn >= EVERY_BYTES:
            self._drawn = written
            click.echo(f"\r{self._label}  {written / MEGABYTE:.0f} MB", err=True, nl=False)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
        elif self._drawn:
            click.echo(err=True)
