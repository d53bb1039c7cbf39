"""The `deskbridge` command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path

import click

import launch
from bridge.effects import TicketKey
from bridge.errors import AccessDenied, BridgeError, ConnectorError, NotAuthorized
from command_line import past, who
from config import logs, sentry
from config.bridge_toml import Bridge, load_from
from config.problems import ConfigurationError
from config.redis_server import embedded_redis
from config.server import serve
from config.settings import NEEDS_NOTHING, NEEDS_WEB, NEEDS_WORKER, Settings
from connectors import registry
from connectors.command_line.options import MOMENT
from connectors.contract import ConnectionConfig, Role, Workshop
from sandbox.settings import PLATFORMS
from store.database import Database, DatabaseAway
from store.migrate import is_current
from store.migrate import migrate as run_migrations
from workers import commands
from workers.bell import Bell
from workers.clock import run_clock
from workers.house import House, open_house, workshop_of
from workers.reconcile import reconcile as find_missed
from workers.sync_command import sync_command
from workers.turns import patiently
from workers.worker import run_worker

MISCONFIGURED = 2
DATABASE_THREADS = 8
"""Threads of a worker at the database at the same time; most of them wait for a vendor, and others wait their turn."""
BY = "an administrator at the command line"


class Commands(click.Group):
    """Turns what an operator can mend into one clear message and an exit code, never a traceback.

    A kind of connection may bring commands of its own: they are imported when they are called or listed.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        kinds = [name for name in registry.names() if registry.kind(name).command_line]
        return sorted([*super().list_commands(ctx), *kinds])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _commands_of(cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            click.echo(str(error), err=True)
            ctx.exit(MISCONFIGURED)
        except DatabaseAway as error:
            click.echo(
                f"The database cannot be reached or is locked ({type(error).__name__}): see DATABASE_URL.", err=True
            )
            ctx.exit(1)


@click.group(cls=Commands)
@click.version_option(package_name="deskbridge")
def main() -> None:
    """Brings remote-support sessions to help-desk tickets: once, in order, private by default."""


# -- everything at once ----------------------------------------------------------------------------------------


@main.command()
@click.option("--play", is_flag=True, help="Play customer, agent and technician, check the ticket, and end.")
@click.option(
    "--platform",
    type=click.Choice(PLATFORMS),
    default=PLATFORMS[0],
    show_default=True,
    help="Which platform the play is played on.",
)
def demo(play: bool, platform: str) -> None:
    """Run the whole bridge between pretend vendors: help desk, Rescue, BeyondTrust, CRM, RemotePC. Needs no account."""
    # Here, because no process of a real bridge has to load the pretend vendors.
    import demo as demonstration

    sys.exit(demonstration.run(play=play, say=click.echo, platform=platform))


@main.command()
def run() -> None:
    """Run web, worker and clock of bridge.toml in one terminal, with a Redis of its own unless REDIS_URL is set."""
    settings = _settings(NEEDS_WEB)
    load_from(settings, os.environ)
    with embedded_redis(Path("var"), settings.redis_url) as redis_url:
        environ = {**os.environ, **({"REDIS_URL": redis_url} if redis_url else {})}
        _migrate(settings)
        commands = {name: launch.ourselves(name) for name in ("web", "worker", "clock")}
        household = launch.Household(commands, environ, click.echo)
        click.echo(
            f"Deskbridge runs at {settings.public_url} (Redis: {'yes' if redis_url else 'none, slower to start'})."
        )
        household.start()
        sys.exit(household.run())


# -- the processes of the Procfile -----------------------------------------------------------------------------


@main.command()
@click.option("--host", help="The address to listen at; else this machine only, or every address when PORT is set.")
def web(host: str | None) -> None:
    """Answer the hooks, the API and the console."""
    settings = _settings(NEEDS_WEB)
    # Named here, all mistakes at once, before any server process starts.
    load_from(settings, os.environ)
    serve(settings, host=host)


@main.command()
def worker() -> None:
    """Understand deliveries and perform effects."""
    with _house() as house:
        run_worker(house)


@main.command()
def clock() -> None:
    """Ring again for what is due, and work when nobody hears it."""
    with _house() as house:
        run_clock(house)


@main.command()
def migrate() -> None:
    """Bring the database to the state that this version needs. Safe to run again."""
    settings = _settings(NEEDS_NOTHING)
    _migrate(settings)
    click.echo("The database is up to date.")


# -- looking at it ---------------------------------------------------------------------------------------------


@main.command()
def check() -> None:
    """Check the environment and bridge.toml, offline; name every mistake with its line."""
    settings = _settings(NEEDS_WEB)
    bridge = load_from(settings, os.environ)
    for warning in bridge.warnings:
        click.echo(str(warning))
    routes = len(bridge.routes) + len(bridge.provisioning)
    counts = f"{_count(len(bridge.connections), 'connection')}, {_count(routes, 'route')}"
    click.echo(f"The configuration is right: {counts}.")


@main.command()
def doctor() -> None:
    """Try every connection, harmlessly, and the database and Redis too."""
    with _house() as house:
        results = list(_examine(house))
    for name, trouble, said in results:
        click.echo(f"{'TROUBLE' if trouble else 'ok     '}  {name}: {said}")
    sys.exit(1 if any(trouble for _, trouble, _ in results) else 0)


def _examine(house: House) -> Iterator[tuple[str, bool, str]]:
    """Name, whether something is wrong, and what to say of it."""
    yield "database", False, house.database.engine.dialect.name
    bell = Bell(house.settings.redis_url)
    if house.settings.redis_url:
        answers = bell.answers()
        yield "redis", not answers, "answers" if answers else "does not answer: work goes on, slower to start"
    bell.close()
    for name, probe in house.probes().items():
        try:
            yield name, False, probe()
        except ConnectorError as error:
            told = f"{type(error).__name__}: {error}"
            yield name, True, "; ".join(filter(None, (told, _to_renew(house.bridge.connections[name], error))))


def _to_renew(config: ConnectionConfig, error: ConnectorError) -> str:
    """Which lines of bridge.toml hold what was refused; empty where another error says itself what to do."""
    if not isinstance(error, AccessDenied) or isinstance(error, NotAuthorized):
        return ""
    keys = (key for key in sorted(registry.kind(config.kind).secret_keys) if config.keys.get(key))
    return f"renew {', '.join(keys)} of [connections.{config.name}]"


@main.command()
@click.option("--refresh", is_flag=True, help="Ask the systems for their people first; the clock does so every night.")
@click.option("--connection", help="Only this platform or ticket system.")
@click.option("--agents", is_flag=True, help="With the agents whom no technician is.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each.")
def people(refresh: bool, connection: str | None, agents: bool, as_json: bool) -> None:
    """Show which technician is which agent, who is nobody and why."""
    with _house() as house:
        if connection is not None and connection not in house.systems:
            raise click.ClickException(f"{connection!r} is no connection; there is {', '.join(house.systems)}.")
        if refresh:
            who.refresh(house, connection)
        who.show(house, connection=connection, agents=agents, as_json=as_json)


@main.command()
@click.argument("delivery_id", type=int)
def replay(delivery_id: int) -> None:
    """Work a stored delivery off again. What is done already is not done twice."""
    with _asking() as house:
        commands.replay(house, delivery_id, BY)
    click.echo(f"Delivery {delivery_id} is worked off again.")


@main.command()
@click.option("--hours", default=24.0, show_default=True, help="How far back to look.")
def reconcile(hours: float) -> None:
    """Find tickets that ask and sessions that ended without a word, and bring them."""
    with _asking() as house:
        found = find_missed(house, house.clock() - hours * 3600, deep=True)
    click.echo(f"{found.tickets} tickets and {found.sessions} sessions were missed and are worked off now.")
    for trouble in found.unasked:
        click.echo(f"TROUBLE  {trouble}", err=True)
    sys.exit(1 if found.unasked else 0)


@main.command()
@click.option("--since", type=MOMENT, required=True, help="The first day: 2026-10-01, or 30d (ago).")
@click.option("--until", type=MOMENT, help="The last moment; else now.")
@click.option("--connection", "name", metavar="NAME", help="Which platform; else every one that can list its sessions.")
@click.option("--restart", is_flag=True, help="Begin anew instead of going on with what was interrupted.")
def backfill(since: datetime, until: datetime | None, name: str | None, restart: bool) -> None:
    """Bring the sessions of the past that no event told of, and their surveys, window after window.

    It may be interrupted at any time: the next call goes on where it was.
    """
    with _asking() as house:
        last = until.timestamp() if until else house.clock()
        if last <= since.timestamp():
            raise click.BadParameter("ends before it begins", param_hint="--until")
        troubles = past.bring(house, name, since.timestamp(), last, restart=restart)
    sys.exit(1 if troubles else 0)


@main.command()
@click.argument("session", metavar="PLATFORM:SESSION")
@click.argument("ticket", metavar="CONNECTION:TICKET")
def link(session: str, ticket: str) -> None:
    """Say which ticket a session belongs to, such as `link rescue:16633560 zendesk:35436`."""
    platform, session_id = _pair(session, "PLATFORM:SESSION")
    connection, ticket_id = _pair(ticket, "CONNECTION:TICKET")
    with _asking() as house:
        delivery = commands.link(house, platform, session_id, TicketKey(connection, ticket_id), BY)
    click.echo(f"Linked; its story is delivery {delivery}.")


@main.command()
@click.option("--bridge", default="http://127.0.0.1:8000", show_default=True, help="Where your bridge listens.")
@click.option("--zendesk-secret", required=True, help="The hook_secret of your Zendesk connection.")
@click.option("--rescue-secret", help="The hook_secret of your Rescue connection, if you have one.")
@click.option("--beyondtrust-secret", help="The hook_secret of your BeyondTrust connection, if you have one.")
@click.option("--crm-secret", help="The hook_secret of your HubSpot connection, if you have one.")
def sandbox(
    bridge: str,
    zendesk_secret: str,
    rescue_secret: str | None,
    beyondtrust_secret: str | None,
    crm_secret: str | None,
) -> None:
    """Run the pretend vendors alone, for a bridge of your own configuration.

    Your connections must be called zendesk, rescue, appliance and crm; what to write into them is printed.
    """
    import demo as demonstration

    if rescue_secret is None and beyondtrust_secret is None:
        raise click.UsageError("give --rescue-secret, --beyondtrust-secret or both")
    demonstration.run_sandbox(
        bridge.rstrip("/"),
        zendesk_secret,
        click.echo,
        rescue_secret=rescue_secret,
        appliance_secret=beyondtrust_secret,
        crm_secret=crm_secret,
    )


# -- commands of the kinds -------------------------------------------------------------------------------------


def _commands_of(kind: str) -> click.Command | None:
    """The kind's own commands, which open its connections by the context's object; None if it has none."""
    module = registry.kind(kind).command_line if kind in registry.names() else ""
    if not module:
        return None
    group = copy(import_module(module).commands)
    assert isinstance(group, click.Group)
    group.context_settings = {**group.context_settings, "obj": partial(_opened, kind)}
    if registry.kind(kind).role is Role.ACCOUNTS:
        group.commands = {**group.commands, "sync": sync_command(kind, _house)}
    return group


@contextmanager
def _opened(kind: str, name: str | None) -> Iterator[tuple[ConnectionConfig, Workshop]]:
    """The connection of that kind and name, or the only one; whoever asks waits for the turns of its rate limit."""
    with _house() as house, patiently():
        config = house.bridge.connections[_connection(house.bridge, kind, name)]
        yield config, workshop_of(house, config.name)


def _connection(bridge: Bridge, kind: str, name: str | None) -> str:
    names = [found for found, config in bridge.connections.items() if config.kind == kind]
    if not names:
        raise click.ClickException(f"bridge.toml has no connection of the kind {kind}.")
    if name is None and len(names) > 1:
        raise click.ClickException(f"Say which connection by --connection: {', '.join(names)}.")
    if name is not None and name not in names:
        raise click.ClickException(f"{name!r} is no connection of the kind {kind}; there is {', '.join(names)}.")
    return name or names[0]


# -- small parts -----------------------------------------------------------------------------------------------


def _pair(text: str, form: str) -> tuple[str, str]:
    name, colon, number = text.partition(":")
    if not (name and colon and number):
        raise click.BadParameter(f"{text!r} is not of the form {form}")
    return name, number


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _settings(needs: frozenset[str]) -> Settings:
    return Settings.from_environment(os.environ, needs=needs)


def _migrate(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        run_migrations(database)
    finally:
        database.close()


@contextmanager
def _asking() -> Iterator[House]:
    """A house to ask something of; the workers are rung afterwards, and a wish that cannot be is one clear line."""
    with _house() as house:
        try:
            yield house
        except BridgeError as error:
            raise click.ClickException(str(error)) from error
        bell = Bell(house.settings.redis_url)
        bell.ring()
        bell.close()


@contextmanager
def _house() -> Iterator[House]:
    """A configured house, with logs and Sentry, closed at the end."""
    settings = _settings(NEEDS_WORKER)
    bridge: Bridge = load_from(settings, os.environ)
    logs.configure(settings)
    logs.register_secrets(settings.secrets() | bridge.secrets)
    sentry.configure(settings)
    house = open_house(settings, bridge, threads=DATABASE_THREADS)
    try:
        with house.database.read() as connection:
            if not is_current(connection):
                raise click.ClickException(
                    "The database's tables are not those of this version: run `deskbridge migrate`."
                )
        house.register()
        yield house
    finally:
        house.close()


if __name__ == "__main__":
    main()
