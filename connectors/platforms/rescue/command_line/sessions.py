"""Sessions: which there are, what was said, and what is done with one."""

from __future__ import annotations

import click

from connectors.command_line.desk import sure
from connectors.command_line.options import yes as yes_option
from connectors.command_line.output import Column, paragraph, say
from connectors.platforms.rescue.command_line.desk import Desk, Opened, pass_desk
from connectors.platforms.rescue.listing import SessionListing
from connectors.platforms.rescue.words import NodeRef

SESSIONS: list[Column] = [
    ("ID", lambda row: row.session_id),
    ("STATUS", lambda row: row.state or row.status),
    ("TECHNICIAN", lambda row: f"{row.technician} {row.technician_id}".strip()),
    ("CHANNEL", lambda row: f"{row.channel} {row.channel_id}".strip()),
    ("STARTED", lambda row: row.start_time),
    ("SECONDS", lambda row: row.waiting_seconds),
    ("CUSTOMER", lambda row: row.fields.get("cfield0", "")),
]

_channel = click.option("--channel", is_flag=True, help="NODE is a channel, not a technician or a group.")


@click.command()
@click.argument("node")
@_channel
@click.option("--states", is_flag=True, help="Ask by SOAP, which tells states in no language.")
@pass_desk
def sessions(desk: Desk, node: str, channel: bool, states: bool) -> None:
    """List the sessions of a technician, a group or a channel, as far as Rescue still lists them."""
    with desk.rescue() as rescue:
        found = _listed(rescue, node, _ref(channel), states)
    desk.show_list(found.rows, SESSIONS, nothing="There is no session.")
    if found.unreadable:
        say(f"Nobody can read {found.unreadable} more rows.", err=True)


def _listed(rescue: Opened, node: str, ref: NodeRef, states: bool) -> SessionListing:
    """The table; by SOAP where that is wanted, or where a name breaks the table."""
    if not states:
        found = rescue.sessions.listed(node, ref)
        if not found.unreadable:
            return found
    return rescue.sessions.by_soap(node, ref)


@click.group()
def session() -> None:
    """Start, hold, transfer and end a session; read its chat and notes."""


@session.command(name="start")
@click.argument("session")
@click.argument("technician")
@pass_desk
def start(desk: Desk, session: str, technician: str) -> None:
    """Let a technician pick a waiting session up."""
    with desk.rescue() as rescue:
        rescue.sessions.start(session, technician)
    desk.done(f"Session {session} is picked up by {technician}.")


@session.command(name="hold")
@click.argument("session")
@pass_desk
def hold(desk: Desk, session: str) -> None:
    """Put a running session on hold."""
    with desk.rescue() as rescue:
        rescue.sessions.hold(session)
    desk.done(f"Session {session} is on hold.")


@session.command(name="transfer")
@click.argument("session")
@click.argument("node")
@_channel
@click.option("--comment", default="", help="What the next technician reads.")
@pass_desk
def transfer(desk: Desk, session: str, node: str, channel: bool, comment: str) -> None:
    """Hand a session to a technician or a channel."""
    with desk.rescue() as rescue:
        rescue.sessions.transfer(session, node, _ref(channel), comment=comment)
    desk.done(f"Session {session} is handed to {node}.")


@session.command(name="close")
@click.argument("session")
@yes_option
@pass_desk
def close(desk: Desk, session: str, yes: bool) -> None:
    """End a session for everybody."""
    sure(f"End session {session} for everybody?", yes)
    with desk.rescue() as rescue:
        rescue.sessions.close(session)
    desk.done(f"Session {session} is over.")


@session.command(name="cancel")
@click.argument("session")
@pass_desk
def cancel(desk: Desk, session: str) -> None:
    """Stop what is being done to a session, such as its transfer."""
    with desk.rescue() as rescue:
        rescue.sessions.cancel(session)
    desk.done(f"What was being done to session {session} is stopped.")


@session.command(name="chat")
@click.argument("session")
@pass_desk
def chat(desk: Desk, session: str) -> None:
    """Print the whole chat."""
    with desk.rescue() as rescue:
        _text(desk, "chat", rescue.sessions.chat(session))


@session.command(name="note")
@click.argument("session")
@pass_desk
def note(desk: Desk, session: str) -> None:
    """Print the technician's notes."""
    with desk.rescue() as rescue:
        _text(desk, "note", rescue.sessions.note(session))


def _text(desk: Desk, name: str, text: str) -> None:
    if desk.json:
        desk.line(name, text)
    else:
        paragraph(text, indent="")


def _ref(channel: bool) -> NodeRef:
    return NodeRef.CHANNEL if channel else NodeRef.NODE
