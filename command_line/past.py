"""`deskbridge backfill`: the sessions of the past, window after window, and how far it is."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from connectors.contract import Capability
from store.backfills import Progress
from workers.backfill import backfill, begin, counted
from workers.house import House
from workers.poll import windows


def bring(house: House, name: str | None, since: float, until: float, *, restart: bool) -> int:
    """Bring those of one platform, or of all. Returns how many windows had something that nobody can read."""
    return sum(_one(house, begin(house, one, since, until, restart=restart), since) for one in _listing(house, name))


def _listing(house: House, name: str | None) -> list[str]:
    """The platforms to ask."""
    able = sorted(house.platforms_that_can(Capability.SESSIONS_SINCE))
    if name is not None and name not in able:
        raise click.ClickException(f"{name!r} cannot list its sessions; there is {', '.join(able) or 'none that can'}.")
    if not able:
        raise click.ClickException("No connection of bridge.toml can list its past sessions.")
    return [name] if name else able


def _one(house: House, progress: Progress, since: float) -> int:
    """Do it and tell how far it is. Returns how many windows had something that nobody can read."""
    name, left = progress.connection, len(windows(house, progress.connection, progress.done_until, progress.until))
    if progress.since != since or progress.done_until > progress.since:
        click.echo(f"{name}: going on with what was interrupted, from {_minute(progress.done_until)}")
    click.echo(f"{name}: {left} looks to {_minute(progress.until)}, the oldest first")
    at = progress
    for number, at in enumerate(backfill(house, progress), start=1):
        told = f"{at.listed} sessions listed, {at.brought} brought, {at.surveys} surveys"
        click.echo(f"{name}: up to {_minute(at.done_until)} ({number} of {left}): {told} so far")
    now = counted(house, name)
    click.echo(
        f"{name}: the bridge knew {progress.known_before} sessions before and knows {now.known} now: "
        f"{now.on_tickets} on their tickets, {now.orphans} orphans"
    )
    if at.troubles:
        click.echo(f"TROUBLE  {name}: {at.troubles} looks told of sessions that nobody can read: see the log", err=True)
    return at.troubles


def _minute(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
