"""`deskbridge remotepc …` against the pretend vendor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.remotepc.command_line import commands
from tests.connectors.remotepc.desk import RemotePcDesk
from tests.contract.workshop import MemoryVault

EMAIL = "customer@example.com"
PASSWORD = "Made-up-pass-1"
NAMES = ("--first-name", "Customer", "--last-name", "One")


def run(desk: RemotePcDesk, *arguments: str, typed: str | None = None) -> Result:
    """`deskbridge remotepc` with these arguments; what it could not handle is raised."""

    @contextmanager
    def opener(name: str | None) -> Iterator[tuple[ConnectionConfig, Workshop]]:
        if name not in (None, "remotepc"):
            raise click.ClickException("there is only the connection remotepc")
        with new_client() as client:
            config = ConnectionConfig("remotepc", "remotepc", desk.url, (), desk.keys())
            yield config, Workshop(Transport("remotepc", desk.url, client=client), MemoryVault())

    return CliRunner().invoke(commands, list(arguments), obj=opener, input=typed, catch_exceptions=False)


def ran(desk: RemotePcDesk, *arguments: str, typed: str | None = None) -> str:
    """What a command that must succeed prints."""
    result = run(desk, *arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_users_are_listed(desk: RemotePcDesk) -> None:
    assert "There is no user." in ran(desk, "users")
    ran(desk, "add", EMAIL, *NAMES, "--computers", "3", "--generate")
    head, row = ran(desk, "users").splitlines()
    assert head.split() == ["USER", "ALLOTTED", "USED", "ACTIVE", "SINCE"]
    assert row.split()[:4] == [EMAIL, "3", "0", "yes"]
    told = json.loads(ran(desk, "--json", "users"))
    assert (told["email"], told["computers_allotted"]) == (EMAIL, 3)


def test_people_are_invited_together(desk: RemotePcDesk) -> None:
    ran(desk, "add", EMAIL, *NAMES, "--generate")
    ran(desk, "invite", "second@example.com")
    told = ran(desk, "invite", EMAIL, "second@example.com", "third@example.com", "--computers", "2")
    assert "is a user already" in told
    assert "was invited before" in told
    assert told.splitlines()[3].split() == ["third@example.com", "invited"]
    assert desk.state.invited == {"second@example.com": 1, "third@example.com": 2}


def test_a_password_is_asked_for_twice_and_not_shown(desk: RemotePcDesk) -> None:
    result = run(desk, "add", EMAIL, *NAMES, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert desk.state.users[EMAIL].password == PASSWORD
    assert desk.letters(EMAIL) == 1


def test_a_password_comes_from_a_file(desk: RemotePcDesk, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nnot this\n")
    told = ran(desk, "--json", "add", EMAIL, *NAMES, "--password-file", str(file), "--no-letter")
    assert json.loads(told)["standing"] == "added"
    assert desk.state.users[EMAIL].password == PASSWORD
    assert desk.letters(EMAIL) == 0


def test_an_empty_password_file_is_told(desk: RemotePcDesk, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("\n")
    result = run(desk, "add", EMAIL, *NAMES, "--password-file", str(tmp_path / "password"))
    assert (result.exit_code, "holds no password" in result.stderr) == (1, True)
    assert not desk.state.users


def test_a_generated_password_is_told_by_the_letter_alone(desk: RemotePcDesk) -> None:
    told = ran(desk, "add", EMAIL, *NAMES, "--generate")
    password = desk.state.users[EMAIL].password
    assert len(password) == 16
    assert password not in told
    assert run(desk, "add", "second@example.com", *NAMES, "--generate", "--no-letter").exit_code == 2


def test_a_refusal_is_one_line_that_says_what_is_wrong(desk: RemotePcDesk) -> None:
    result = run(desk, "add", "nobody", *NAMES, "--generate")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "no valid one" in result.stderr
    desk.settings.allowed_addresses = frozenset()
    assert "allow-list" in run(desk, "users").stderr


def test_a_link_is_not_given_to_what_is_no_terminal(desk: RemotePcDesk) -> None:
    ran(desk, "add", EMAIL, *NAMES, typed=f"{PASSWORD}\n{PASSWORD}\n")
    result = run(desk, "signin-link", EMAIL, typed=f"{PASSWORD}\n")
    assert result.exit_code == 2
    assert "secret" in result.stderr
    assert not desk.state.links


def test_a_link_is_printed_when_it_is_asked_for(desk: RemotePcDesk) -> None:
    ran(desk, "add", EMAIL, *NAMES, typed=f"{PASSWORD}\n{PASSWORD}\n")
    told = ran(desk, "--json", "signin-link", EMAIL, "--yes", typed=f"{PASSWORD}\n")
    assert json.loads(told)["rpc_redirect_link"] == desk.state.links[0]


@pytest.mark.parametrize(("typed", "given"), [("y", 1), ("n", 0)])
def test_a_terminal_is_asked_first(desk: RemotePcDesk, typed: str, given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(desk, "add", EMAIL, *NAMES, typed=f"{PASSWORD}\n{PASSWORD}\n")
    monkeypatch.setattr("connectors.command_line.passwords._is_terminal", lambda: True)
    result = run(desk, "signin-link", EMAIL, typed=f"{typed}\n{PASSWORD}\n")
    assert len(desk.state.links) == given
    assert all(link in result.stdout for link in desk.state.links)
