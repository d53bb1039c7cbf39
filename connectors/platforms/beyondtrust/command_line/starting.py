"""What starts a session elsewhere: links, pages, the Support Button, scripts of the representative console."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connectors.command_line.options import pairs, several
from connectors.command_line.output import say
from connectors.platforms.beyondtrust.command_line import options
from connectors.platforms.beyondtrust.command_line.desk import Desk, pass_desk
from connectors.platforms.beyondtrust.schema import CURRENT, OLD
from connectors.platforms.beyondtrust.starting import links, portal, scripts, windows
from connectors.platforms.beyondtrust.starting.actions import ACTIONS
from connectors.platforms.beyondtrust.starting.links import ByIssue, ByKey, ByRepresentative, Customer, Start, Wishes

site_option = click.option("--site", help="The public site's address; else the connection's.")
start_options = several(
    click.option("--key", "short_key", help="Start by this session key."),
    click.option("--rep-id", type=int, help="Start with this representative; with --rep-name."),
    click.option("--rep-name", default="", help="The representative's public display name."),
    click.option("--issue", "code_name", default="", help="Start by this issue, by its code name."),
    click.option("--issue-id", type=int, help="Start by this issue, by its id."),
)
wish_options = several(
    click.option("--customer-name", default="", help="At most 100 characters."),
    click.option("--company", default="", help="At most 100 characters."),
    click.option("--company-code", default="", help="At most 100 characters."),
    click.option("--details", default="", help="The problem; at most 1024 bytes."),
    click.option("--external-key", default="", help="The ticket's number."),
    options.attributes,
    options.skills,
    click.option("--locale", default="", help=f"One of {', '.join(links.LOCALES)}."),
)
link_options = several(
    options.priority,
    click.option("--chat-locale", default="", help="A language that only GeoFluent speaks, such as cs-cs."),
    click.option("--platform", default="", help=f"One of {', '.join(links.PLATFORMS)}."),
    click.option("--timezone-offset", type=int, help="Minutes east of UTC."),
    click.option("--click-to-chat", is_flag=True, help="A chat in the browser instead of the client."),
)


def start_of(short_key: str | None, rep_id: int | None, rep_name: str, code_name: str, issue_id: int | None) -> Start:
    """The one way to start that was given."""
    by_rep = rep_id is not None or rep_name
    by_issue = code_name or issue_id is not None
    if [short_key is not None, bool(by_rep), bool(by_issue)].count(True) != 1:
        raise click.UsageError("give one way to start: --key, or --rep-id with --rep-name, or --issue or --issue-id")
    if short_key is not None:
        return ByKey(short_key)
    if by_issue:
        return ByIssue(code_name, issue_id)
    if rep_id is None:
        raise click.UsageError("--rep-name goes with --rep-id")
    return ByRepresentative(rep_id, rep_name)


def wishes_of(given: dict[str, Any]) -> Wishes:
    """Takes its options out of what was given; what is left is the command's own."""
    return Wishes(
        customer=Customer(
            given.pop("customer_name"), given.pop("company"), given.pop("company_code"), given.pop("details")
        ),
        external_key=given.pop("external_key"),
        attributes=pairs(given.pop("attributes")),
        skills=given.pop("skills"),
        locale=given.pop("locale"),
        priority=given.pop("priority", None),
        chat_locale=given.pop("chat_locale", ""),
        platform=given.pop("platform", ""),
        timezone_offset=given.pop("timezone_offset", None),
        click_to_chat=given.pop("click_to_chat", False),
    )


def _start(given: dict[str, Any]) -> Start:
    return start_of(*(given.pop(name) for name in ("short_key", "rep_id", "rep_name", "code_name", "issue_id")))


def place(desk: Desk, site: str | None) -> tuple[str, str]:
    """The site's address and its dialect; a connection is needed only where no site was given."""
    if site:
        return site, CURRENT
    with desk.appliance() as appliance:
        return appliance.site, appliance.config.keys["api"]


@click.command()
@site_option
@start_options
@wish_options
@link_options
@pass_desk
def link(desk: Desk, /, site: str | None, **given: Any) -> None:
    """Make a link that starts a session."""
    start, wishes = _start(given), wishes_of(given)
    address, api = place(desk, site)
    made = links.link(address, start, wishes, api=api)
    desk.line("url", made)


@click.command()
@site_option
@start_options
@wish_options
@click.option("--chat", is_flag=True, help="Click-to-chat instead of the full client.")
@click.option("--fallback/--no-fallback", default=None, help="With --chat: a full window when no pop-up is allowed.")
@click.option("--button", default="Get help", show_default=True, help="What stands on the button.")
@click.option("--issue-form", metavar="ID", help="Read the issue from the page's form with this HTML id, instead.")
@click.option("--form", "as_form", is_flag=True, help="A form where the customer types the session key, instead.")
@pass_desk
def snippet(
    desk: Desk,
    /,
    site: str | None,
    chat: bool,
    fallback: bool | None,
    button: str,
    issue_form: str | None,
    as_form: bool,
    **given: Any,
) -> None:
    """Write the HTML and JavaScript with which a page of yours starts a session."""
    if as_form:
        click.echo(portal.key_form(place(desk, site)[0], external_key=True))
        return
    start = portal.ByForm(issue_form) if issue_form else _start(given)
    wishes = wishes_of(given)
    kind = portal.StartType.CHAT if chat else portal.StartType.FULL
    address, _ = place(desk, site)
    made = portal.snippet(address, start, wishes, kind=kind, fallback_to_full_window=fallback, button=button)
    if desk.json:
        desk.show({"head": made.head, "body": made.body}, {})
    else:
        click.echo(made.page, nl=False)


@click.command()
@click.argument("program")
@click.option("--cbdir", required=True, help="The folder that the Support Button is installed in.")
@click.option("--external-key", default="", help="The ticket's number.")
@click.option("--issue-code-name", default="", help="Start by this issue at once.")
@click.option("--survey", is_flag=True, help="With an issue: show its form first.")
@pass_desk
def button(desk: Desk, program: str, cbdir: str, external_key: str, issue_code_name: str, survey: bool) -> None:
    """Write the Windows command line that presses an installed Support Button, PROGRAM."""
    made = portal.button_line(program, cbdir, external_key=external_key, issue_code_name=issue_code_name, survey=survey)
    _say_line(desk, made)


@click.command()
@click.argument("action", type=click.Choice(list(ACTIONS)))
@click.argument("values", nargs=-1, metavar="NAME=VALUE...")
@site_option
@click.option("--web-console", is_flag=True, help="An address for the web console instead of the desktop's.")
@click.option("--file", "as_file", is_flag=True, help="The script itself instead of the address that makes it.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="Write the script to this new file.")
@click.option("--console", help="The command line for this representative console instead, such as bomgar-rep.exe.")
@pass_desk
def script(
    desk: Desk,
    action: str,
    values: tuple[str, ...],
    site: str | None,
    web_console: bool,
    as_file: bool,
    to: Path | None,
    console: str | None,
) -> None:
    """Make a script for the representative console: an address, a file or a command line."""
    made = scripts.command(action, pairs(values))
    for warning in made.warnings:
        say(f"Beware: {warning}", err=True)
    if console:
        _say_line(desk, scripts.run_script(console, made))
    elif as_file or to:
        _write(desk, scripts.Script((made,)).text, to)
    else:
        address, api = place(desk, site)
        client = "web_console" if web_console else "rep"
        desk.line("url", scripts.url(address, made, client=client, old=api == OLD))


def _write(desk: Desk, text: str, to: Path | None) -> None:
    if to is None:
        if desk.json:
            desk.line("script", text)
        else:
            click.echo(text)
        return
    try:
        with to.open("x", encoding="ascii", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise click.ClickException(f"{to} is there already") from None
    except OSError as failure:
        raise click.ClickException(f"{to} cannot be written: {failure.strerror}") from None
    desk.done(f"Written to {to}.")


def _say_line(desk: Desk, line: str) -> None:
    desk.line("command_line", line)
    if windows.unsafe_at_a_prompt(line):
        say("Beware: a command prompt would change it; put it into a shortcut or a program.", err=True)
