"""What is done with one session: a key for it, joining, chat, attributes, its end."""

from __future__ import annotations

from datetime import datetime

import click

from connectors.command_line.desk import sure
from connectors.command_line.options import MOMENT, pairs
from connectors.command_line.options import yes as yes_option
from connectors.command_line.output import Column, paragraph, say
from connectors.platforms.beyondtrust.command_line import options
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk
from connectors.platforms.beyondtrust.commands.bbcode import Markup
from connectors.platforms.beyondtrust.commands.values import queue as queue_of

ATTRIBUTES: list[Column] = [
    ("CODE NAME", lambda one: one.code_name),
    ("NAME", lambda one: one.display_name),
    ("VALUE", lambda one: one.value),
]


@click.command()
@click.option("--queue", help="general, rep:ID, rep_username:NAME, team:ID or issue:CODE_NAME; else the connection's.")
@click.option("--external-key", default="", help="The ticket's number.")
@options.attributes
@options.priority
@options.skills
@click.option("--ttl", type=click.IntRange(min=1), help="Seconds that the key is good for.")
@click.option("--hostname", help="Of the public site that its address leads to; else the connection's.")
@click.option("--mail", is_flag=True, help="With the text for an e-mail.")
@pass_desk
def key(
    desk: Desk,
    queue: str | None,
    external_key: str,
    attributes: tuple[str, ...],
    priority: int | None,
    skills: tuple[str, ...],
    ttl: int | None,
    hostname: str | None,
    mail: bool,
) -> None:
    """Make a session key. Whoever has it can start a session."""
    with desk.appliance() as appliance:
        keys = appliance.config.keys
        made = appliance.commands.generate_session_key(
            queue_of(queue or keys["queue"]),
            external_key=external_key,
            attributes=pairs(attributes),
            priority=priority,
            skills=skills,
            ttl=ttl,
            url_hostname=keys["public_hostname"] if hostname is None else hostname,
        )
    desk.show(
        made,
        {
            "Key": made.short_key,
            "Link": made.key_url,
            "Expires (UTC)": made.expires,
            "Queue": f"{made.queue} {made.queue_id}".strip(),
            "Somebody there": made.queue_available,
            "External key": made.external_key,
            "Cut": made.cut,
        },
    )
    if mail and not desk.json:
        say("")
        say(made.mail_subject)
        paragraph(made.mail_body, indent="")


@click.group()
def attributes() -> None:
    """Read and set the custom attributes of a running session."""


@attributes.command(name="get")
@click.argument("lsid")
@pass_desk
def attributes_get(desk: Desk, lsid: str) -> None:
    """List them."""
    with desk.appliance() as appliance:
        desk.show_list(appliance.commands.get_session_attributes(lsid), ATTRIBUTES)


@attributes.command(name="set")
@click.argument("lsid")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE...")
@pass_desk
def attributes_set(desk: Desk, lsid: str, values: tuple[str, ...]) -> None:
    """Set some by code name, external_key among them; an empty value clears, others stay."""
    with desk.appliance() as appliance:
        cut = appliance.commands.set_session_attributes(lsid, pairs(values))
    desk.done("The attributes are set.", f"cut: {', '.join(cut)}" if cut else "", cut=cut)


@click.command()
@click.argument("lsid")
@options.representative
@pass_desk
def join(desk: Desk, lsid: str, rep_id: int | None, rep_username: str) -> None:
    """Add a logged-in representative to a session."""
    with desk.appliance() as appliance:
        said = appliance.commands.join_session(lsid, rep_id=rep_id, rep_username=rep_username)
    desk.done("The representative joins.", said)


@click.command()
@click.argument("lsid")
@click.argument("queue")
@pass_desk
def transfer(desk: Desk, lsid: str, queue: str) -> None:
    """Move a session to another queue: rep:ID, rep_username:NAME or team:ID."""
    with desk.appliance() as appliance:
        desk.done("The session is transferred.", appliance.commands.transfer_session(lsid, queue_of(queue)))


@click.command()
@click.argument("text")
@click.option("--session", "lsid", default="", help="The session's id.")
@click.option("--team", "team_id", type=int, help="The team's id, instead of a session.")
@click.option("--as", "impersonate", default="", help="customer, rep:ID or rep_username:NAME; else the system speaks.")
@click.option("--to-rep", type=int, help="To one member of the team only, by id; with --as.")
@click.option("--to-rep-username", default="", help="To one member of the team only, by user name; with --as.")
@click.option("--at", type=MOMENT, help="When it was said, in the past.")
@click.option("--bbcode", is_flag=True, help="The text holds BBCode; without this it is shown as it is.")
@pass_desk
def chat(
    desk: Desk,
    text: str,
    lsid: str,
    team_id: int | None,
    impersonate: str,
    to_rep: int | None,
    to_rep_username: str,
    at: datetime | None,
    bbcode: bool,
) -> None:
    """Say something in a session or in a team's chat."""
    with desk.appliance() as appliance:
        said = appliance.commands.send_chat_message(
            Markup(text) if bbcode else text,
            lsid=lsid,
            team_id=team_id,
            to_rep=to_rep,
            to_rep_username=to_rep_username,
            impersonate=impersonate,
            timestamp=at,
        )
    desk.done("The message is sent.", said)


@click.command(name="virtual-customer")
@click.argument("short_key")
@click.option("--name", required=True, help="As representatives see it.")
@click.option("--ip-address", required=True, help="The customer's public IP address.")
@click.option("--operating-system", required=True)
@click.option("--computer-name", required=True)
@click.option("--locale", default="", help="Of a language that the appliance has, such as de.")
@pass_desk
def virtual_customer(
    desk: Desk, short_key: str, name: str, ip_address: str, operating_system: str, computer_name: str, locale: str
) -> None:
    """Put a customer who only chats into a new session, by a session key."""
    with desk.appliance() as appliance:
        made = appliance.commands.create_virtual_customer(
            short_key,
            name=name,
            ip_address=ip_address,
            operating_system=operating_system,
            computer_name=computer_name,
            locale=locale,
        )
    desk.show(made, {"Session": made.lsid, "Full client": made.download_url, "Chat": made.chat_url})


@click.command()
@click.argument("lsid")
@options.representative
@click.option("--customer", is_flag=True, help="The customer instead of a representative.")
@pass_desk
def leave(desk: Desk, lsid: str, rep_id: int | None, rep_username: str, customer: bool) -> None:
    """Remove somebody from a session."""
    with desk.appliance() as appliance:
        said = appliance.commands.leave_session(lsid, rep_id=rep_id, rep_username=rep_username, customer=customer)
    desk.done("Removed.", said)


@click.command()
@click.argument("lsid")
@yes_option
@pass_desk
def terminate(desk: Desk, lsid: str, yes: bool) -> None:
    """End a running session."""
    sure("End this session for everybody in it?", yes)
    with desk.appliance() as appliance:
        desk.done("The session is ended.", appliance.commands.terminate_session(lsid))
