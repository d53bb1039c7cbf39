"""What is written to files: recordings, the backup, the list of endpoint licenses."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from bridge.errors import NotFound
from bridge.model import Recording
from connectors.platforms.beyondtrust.command_line.desk import Appliance, Desk, pass_desk
from connectors.platforms.beyondtrust.command_line.files import (
    force_option,
    progress,
    to_file,
    unless_there,
    whole_file,
)
from connectors.platforms.beyondtrust.reports.downloads import MAGIC_LENGTH, Download
from connectors.platforms.beyondtrust.reports.fetching import kind_of
from connectors.platforms.beyondtrust.reports.selection import lsid as lsid_of


@click.command()
@click.argument("lsid")
@click.option("--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder; made if new.")
@click.option("--presentation", is_flag=True, help="LSID is a presentation's.")
@force_option
@pass_desk
def recordings(desk: Desk, lsid: str, to: Path, presentation: bool, force: bool) -> None:
    """Fetch all recordings of a session into a folder."""
    # It becomes a file's name.
    lsid_of(lsid)
    with desk.appliance() as appliance:
        found = [Recording("Presentation", "", "presentation")] if presentation else _recordings(appliance, lsid)
        to.mkdir(parents=True, exist_ok=True)
        for recording in found:
            path, done = _fetch(appliance, lsid, recording.id, to, force)
            desk.done(f"{recording.name}: {path}, {done.size} bytes", done.media_type, file=str(path), size=done.size)


def _recordings(appliance: Appliance, lsid: str) -> list[Recording]:
    session = appliance.reports.support_session(lsid)
    found = [recording for recording in session.recordings if recording.id] if session else []
    if not found:
        raise NotFound("the report names no recordings of this session")
    return found


def _fetch(appliance: Appliance, lsid: str, recording: str, folder: Path, force: bool) -> tuple[Path, Download]:
    """Into a file whose ending says what it is."""
    plain = folder / f"{lsid}-{recording.replace(':', '-')}"
    with whole_file(plain, force=force) as file:
        done = _save(appliance, lsid, recording, file)
    with plain.open("rb") as head:
        _, ending = kind_of(head.read(MAGIC_LENGTH), done.media_type)
    path = plain.with_name(f"{plain.name}.{ending}")
    try:
        unless_there(path, force)
    except click.ClickException:
        plain.unlink()
        raise
    return plain.replace(path), done


def _save(appliance: Appliance, lsid: str, recording: str, into: BinaryIO) -> Download:
    kind, _, number = recording.partition(":")
    match kind:
        case "session":
            return appliance.reports.session_recording(lsid, into)
        case "screen":
            return appliance.reports.screen_recording(lsid, int(number), into)
        case "shell":
            return appliance.reports.shell_recording(lsid, int(number), into)
    return appliance.reports.presentation_recording(lsid, into)


@click.command()
@to_file
@force_option
@pass_desk
def backup(desk: Desk, to: Path, force: bool) -> None:
    """Save the appliance's configuration and logged data, without recordings. Keep the file secret."""
    with desk.appliance() as appliance, whole_file(to, force=force) as file, progress("Backup") as meter:
        done = appliance.reports.backup(file, progress=meter)
    desk.done(f"Backed up to {to}, {done.size} bytes", file=str(to), size=done.size)


@click.command(name="endpoint-licenses")
@to_file
@force_option
@pass_desk
def endpoint_licenses(desk: Desk, to: Path, force: bool) -> None:
    """Save the usage of endpoint licenses, a ZIP file with lists."""
    with desk.appliance() as appliance, whole_file(to, force=force) as file:
        done = appliance.reports.endpoint_license_usage(file)
    desk.done(f"Saved to {to}, {done.size} bytes", file=str(to), size=done.size)
