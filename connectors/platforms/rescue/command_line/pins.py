"""PINs for customers, and the text that invites them. A PIN is printed because whoever asked wants it."""

from __future__ import annotations

import click

from connectors.command_line.desk import in_one_line
from connectors.command_line.options import pairs, several
from connectors.command_line.output import paragraph, say
from connectors.platforms.rescue.command_line.desk import Desk, Opened, pass_desk
from connectors.platforms.rescue.invitations import PinRequest, join_link
from connectors.platforms.rescue.schema import CUSTOM_FIELDS, TRACKING_LIMIT, length

_wanted = several(
    click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="One of cfield0 to cfield5."),
    click.option("--tracking", default="", help="The tracking field, 64 characters at most."),
    click.option("--node", default="", help="The technician who gets the session; else the connection's."),
    click.option("--console", is_flag=True, help="Only while a technician's console is open."),
)
"""What a PIN is to carry."""


@click.command()
@_wanted
@pass_desk
def pin(desk: Desk, fields: tuple[str, ...], tracking: str, node: str, console: bool) -> None:
    """Make a PIN. Whoever has it can start a session."""
    told = _checked(fields, tracking)
    with desk.rescue() as rescue:
        code = rescue.invitations.request(_request(rescue, told, tracking, node, console))
        keys = rescue.config.keys
        link = join_link(rescue.config.base_url, code)
    made = {"pin": code, "link": link, "join_page": keys["join_url"]}
    desk.show(made, {"PIN": code, "Link": link, "Typed by hand at": keys["join_url"]})


@click.command(name="lens-pin")
@_wanted
@click.option("--phone", default="", help="Send it as an SMS to this number.")
@click.option("--language", default="", help="Of the SMS, such as en or de.")
@pass_desk
@click.pass_context
def lens_pin(
    ctx: click.Context,
    desk: Desk,
    fields: tuple[str, ...],
    tracking: str,
    node: str,
    console: bool,
    phone: str,
    language: str,
) -> None:
    """Make a PIN for Rescue Lens, and send it as an SMS if wanted."""
    if language and not phone:
        raise click.UsageError("--language is that of the SMS: say --phone")
    told = _checked(fields, tracking)
    with desk.rescue() as rescue:
        request = _request(rescue, told, tracking, node, console)
        made = rescue.invitations.lens_pin(request, phone=phone, language=language)
    problem = made.sms_problem and in_one_line(made.sms_problem)
    desk.show({"pin": made.code, "sms_problem": problem or ""}, {"PIN": made.code})
    if problem:
        say(f"Error: {problem}", err=True)
        ctx.exit(1)


@click.command(name="email-text")
@click.argument("pin")
@pass_desk
def email_text(desk: Desk, pin: str) -> None:
    """Print the account's own invitation text for a PIN."""
    with desk.rescue() as rescue:
        text = rescue.invitations.email_text(pin)
    if desk.json:
        desk.show(text, {})
        return
    say(text.subject)
    for part in (text.text, text.link, text.signature):
        say("")
        paragraph(part, indent="")


def _checked(given: tuple[str, ...], tracking: str) -> dict[str, str]:
    """The fields, none strange or too long: Rescue would refuse or cut them."""
    fields = pairs(given)
    strange = sorted(set(fields) - set(CUSTOM_FIELDS))
    if strange:
        raise click.UsageError(f"nothing is called {', '.join(strange)}: there is {', '.join(CUSTOM_FIELDS)}")
    for name, limit in {**CUSTOM_FIELDS, "tracking": TRACKING_LIMIT}.items():
        if length({**fields, "tracking": tracking}.get(name, "")) > limit:
            raise click.UsageError(f"{name} may have {limit} characters")
    return fields


def _request(rescue: Opened, fields: dict[str, str], tracking: str, node: str, console: bool) -> PinRequest:
    keys = rescue.config.keys
    return PinRequest(
        fields,
        tracking,
        without_console=bool(keys["no_technician_console"]) and not console,
        node=node or keys["node"],
    )
