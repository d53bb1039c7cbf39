"""Who is there: representatives, teams, connected clients."""

from __future__ import annotations

import click

from connectors.command_line.output import Column, say
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk
from connectors.platforms.beyondtrust.commands.values import SupportTeam

TYPES = ("representative", "support_customer", "presentation_attendee", "push_agent")

REPS: list[Column] = [
    ("ID", lambda rep: rep.id),
    ("NAME", lambda rep: rep.private_display_name or rep.public_display_name),
    ("PUBLIC NAME", lambda rep: rep.public_display_name),
    ("TYPE", lambda rep: rep.type),
    ("SINCE (UTC)", lambda rep: rep.logged_in_since),
    ("SESSIONS", lambda rep: rep.support_session_count),
    ("LISTED", lambda rep: rep.showing_on_rep_list),
]
TEAMS: list[Column] = [
    ("ID", lambda team: team.id),
    ("NAME", lambda team: team.name),
    ("WAITING", lambda team: team.support_session_count),
    ("ISSUES", lambda team: [f"{issue.title} ({issue.id})" for issue in team.issues]),
]
CLIENTS: list[Column] = [
    ("ID", lambda client: client.id),
    ("KIND", lambda client: type(client).__name__.removeprefix("Connected")),
    ("NAME", lambda client: getattr(client, "name", "") or getattr(client, "username", "")),
    ("HOST", lambda client: client.hostname),
    ("PLATFORM", lambda client: client.platform),
    ("SINCE (UTC)", lambda client: client.connected_since),
    ("SESSIONS", lambda client: getattr(client, "lsids", None) or getattr(client, "lsid", "")),
]


@click.command()
@pass_desk
def reps(desk: Desk) -> None:
    """List the representatives who are logged in now."""
    with desk.appliance() as appliance:
        desk.show_list(appliance.commands.get_logged_in_reps(fresh=True), REPS, nothing="Nobody is logged in.")


@click.command()
@click.option("--members", is_flag=True, help="With everybody in each team; can be long.")
@pass_desk
def teams(desk: Desk, members: bool) -> None:
    """List the support teams, their issues and how many sessions wait."""
    with desk.appliance() as appliance:
        found = appliance.commands.get_support_teams(show_members=members, fresh=True)
    desk.show_list(found, TEAMS, nothing="There are no teams.")
    if members and not desk.json:
        _say_members(found)


def _say_members(found: tuple[SupportTeam, ...]) -> None:
    for team in found:
        say("")
        say(f"{team.name}:")
        for member in team.members or ():
            say(f"  {member.id}  {member.username}  {member.private_display_name or member.public_display_name}")


@click.command(name="rep-status")
@click.argument("rep_id", type=int)
@click.argument("code_name")
@pass_desk
def rep_status(desk: Desk, rep_id: int, code_name: str) -> None:
    """Set a representative's status by its code name, such as `rep-status 5 busy`."""
    with desk.appliance() as appliance:
        desk.done("The status is set.", appliance.commands.set_rep_status(rep_id, code_name))


@click.command()
@click.option(
    "--type", "types", multiple=True, type=click.Choice(TYPES), help="Only these; may be given several times."
)
@click.option("--summary", is_flag=True, help="Only how many there are.")
@click.option("--detailed", is_flag=True, help="With all that is known of each.")
@click.option("--id", "ids", multiple=True, help="Only this one, with --detailed; may be given up to 100 times.")
@click.option("--connections", is_flag=True, help="With --detailed: their connections and last events, in --json.")
@pass_desk
def clients(
    desk: Desk, types: tuple[str, ...], summary: bool, detailed: bool, ids: tuple[str, ...], connections: bool
) -> None:
    """List who is connected to the appliance."""
    if summary and detailed:
        raise click.UsageError("--summary and --detailed exclude each other")
    if (ids or connections) and not detailed:
        raise click.UsageError("--id and --connections go with --detailed")
    with desk.appliance() as appliance:
        if detailed:
            told = appliance.commands.get_connected_clients(types, ids=ids, include_connections=connections)
            desk.show_list(told, CLIENTS, nothing="Nobody is connected.")
            return
        found = appliance.commands.get_connected_client_list(types, summary_only=summary)
    if summary:
        desk.show_list(found.appliances, [("APPLIANCE", lambda one: one.id), ("CONNECTED", lambda one: one.counts)])
    else:
        desk.show_list(found.clients, [("ID", lambda one: one.id), ("TYPE", lambda one: one.type)])
