"""`authorize`: a person lets Deskbridge work as them, once, in a browser; and `logout`, which ends a sign-in."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from urllib.parse import urlsplit

import click

from connectors.command_line.output import say
from connectors.contract import ConnectionConfig
from connectors.platforms.rescue import signin
from connectors.platforms.rescue.command_line.callback import HOST, Answer, Asking, answer_of, listening
from connectors.platforms.rescue.command_line.desk import Desk, pass_desk
from connectors.platforms.rescue.identity import AUTHORIZATION_CODE, Identity

LOCAL = (HOST, "localhost")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Listen here, where redirect_uri leads elsewhere.")
@click.option("--no-browser", is_flag=True, help="Only print the address, for a browser of your own.")
@click.option("--paste", is_flag=True, help="Do not listen: ask for the address at which the browser ends.")
@click.option(
    "--timeout", type=click.IntRange(1, 3600), default=300, show_default=True, help="Seconds to wait for the answer."
)
@click.option("--hex-challenge", is_flag=True, help="Write the PKCE challenge as the example of Rescue's reference.")
@pass_desk
def authorize(desk: Desk, port: int | None, no_browser: bool, paste: bool, timeout: int, hex_challenge: bool) -> None:
    """Sign in at Rescue in a browser and let Deskbridge work as you. The refresh token is kept, sealed."""
    with desk.rescue() as rescue:
        _must_be_by_code(rescue.config)
        asking = Asking()
        challenge = asking.challenge(hexadecimal=hex_challenge)
        address = Identity(rescue.config, rescue.workshop).code_address(asking.state, challenge)
        back = rescue.config.keys["redirect_uri"]
        if paste:
            _show(address, browser=not no_browser)
            typed = click.prompt("The address at which your browser ended", hide_input=True, err=True)
            answer = answer_of(typed.strip())
        else:
            answer = _waited_for(address, _port(back, port), urlsplit(back).path or "/", timeout, not no_browser)
        claims = signin.authorize(rescue.config, rescue.workshop, asking.code_of(answer), asking.verifier)
    told = {name: str(claims.get(name, "")) for name in ("name", "email")}
    desk.done("Authorized", ", ".join(filter(None, told.values())), **told)
    if not desk.json:
        say("If the connection was stopped, it goes on now.", err=True)


@click.command()
@pass_desk
def logout(desk: Desk) -> None:
    """End the connection's sign-in as far as it is kept: a login, an authcode of ours, tokens, an authorization."""
    with desk.rescue() as rescue:
        signin.sign_out(rescue.config, rescue.workshop)
    desk.done("Signed out; what needs the connection signs in again.")


def _must_be_by_code(config: ConnectionConfig) -> None:
    if config.keys["grant"] != AUTHORIZATION_CODE:
        raise click.ClickException(
            f'[connections.{config.name}] needs auth = "oauth" and grant = "authorization_code" with redirect_uri.'
        )


def _port(back: str, given: int | None) -> int:
    """Where to listen."""
    parts = urlsplit(back)
    if given:
        return given
    if parts.hostname not in LOCAL or not parts.port:
        raise click.UsageError(f"Rescue leads back to {parts.hostname}: give --paste, or --port if that is led here")
    return parts.port


def _show(address: str, *, browser: bool) -> None:
    """On the error output, which is no part of what a program reads."""
    say("Open this in a browser, sign in at Rescue and allow access (open it again if you do not come back):", err=True)
    click.echo(address, err=True)
    if browser:
        # A machine without one: the address is printed.
        with suppress(webbrowser.Error):
            webbrowser.open(address)


def _waited_for(address: str, port: int, path: str, seconds: float, browser: bool) -> Answer:
    try:
        with listening(port, path) as callback:
            _show(address, browser=browser)
            answer = callback.wait(seconds)
    except OSError as failure:
        raise click.ClickException(f"Nobody can listen at {HOST}:{port}: {failure.strerror}.") from None
    if answer is None:
        raise click.ClickException(f"No answer came within {seconds:.0f} seconds: begin again.")
    return answer
