"""Scripts for the representative console: BRCS files, and the addresses that make them (guide, "Representative
Console Scripting and Client Scripting API").

Pure. What BeyondTrust would not take is refused with WrongInput, which names the parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urlencode

from bridge.errors import MalformedPayload
from connectors.platforms.beyondtrust.commands import inputs
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.starting import windows
from connectors.platforms.beyondtrust.starting.actions import ACTIONS, CREDENTIALS, IN_THE_WEB_CONSOLE

MAX_COMMANDS = 10
MAX_BYTES = 1024 * 1024
"""Of a file that is read back: far more than ten commands of full length."""
PATH = "/api/client_script"
OPERATIONS = {"rep": "generate", "web_console": "execute"}
"""The only operation of each client type."""
_HEADER = re.compile(r"BRCS([0-9]\.[0-9])")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Command:
    """One action with its parameters, in their order."""

    action: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def line(self) -> str:
        """`action=…&name=value…`, percent-encoded by RFC 3986."""
        if "action" in self.parameters:
            raise WrongInput("action", "is the command's name and no parameter")
        return urlencode({"action": self.action, **self.parameters}, quote_via=quote, safe="")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever gets the script or the address should know."""
        if self.action == "login" and CREDENTIALS & set(self.parameters):
            return ("User name and password stand in it in clear text: whoever reads it can sign in.",)
        return ()


@dataclass(frozen=True, slots=True)
class Script:
    """A BRCS file: a header and at most ten commands."""

    commands: tuple[Command, ...]
    version: str = "1.0"

    @property
    def text(self) -> str:
        """The file. Its name ends in `.brcs-<site name>`, so that the console opens it."""
        if not self.commands:
            raise WrongInput("the script", "needs a command")
        if len(self.commands) > MAX_COMMANDS:
            raise WrongInput("the script", f"has {len(self.commands)} commands; at most {MAX_COMMANDS} are taken")
        return "\n".join([f"BRCS{self.version}", *(command.line for command in self.commands)])


def command(action: str, parameters: Mapping[str, str | int] | None = None) -> Command:
    """A checked command. `parameters` holds the action's own ones and custom fields as `session.custom.<code name>`.

    Empty values are left out, except custom fields: an empty one clears the field.
    """
    if action not in ACTIONS:
        raise WrongInput("action", f"must be one of {', '.join(ACTIONS)}")
    given = {name: str(value) for name, value in (parameters or {}).items()}
    custom = {name: value for name, value in given.items() if name.startswith(inputs.CUSTOM)}
    own = {name: value for name, value in given.items() if name not in custom and value}
    known = ACTIONS[action]
    checked = {name: known.check(name, value) for name, value in own.items()}
    known.check_together(checked)
    if custom and not known.custom_fields:
        raise WrongInput("custom fields", f"are not taken by {action}")
    return Command(action, checked | inputs.custom_fields({n.removeprefix(inputs.CUSTOM): custom[n] for n in custom}))


def url(site: str, wanted: Command, *, client: str = "rep", old: bool = False) -> str:
    """The address that gives the file (`rep`) or does it in the web console (`web_console`): one command each."""
    operation = OPERATIONS[inputs.choice("type", client, OPERATIONS)]
    if client == "web_console" and wanted.action not in IN_THE_WEB_CONSOLE:
        raise WrongInput("action", f"must be {' or '.join(IN_THE_WEB_CONSOLE)} in the web console")
    return f"{inputs.site(site)}{PATH}{'.ns' if old else ''}?type={client}&operation={operation}&{wanted.line}"


def run_script(program: str, wanted: Command) -> str:
    """The console's command line that runs one command."""
    return windows.command_line(program, "--run-script", wanted.line)


def run_script_file(program: str, path: str) -> str:
    """The console's command line that runs a file."""
    return windows.command_line(program, "--run-script-file", inputs.needed("the path", path))


def parse(text: str) -> Script:
    """The commands of a file, unknown actions and parameters too. Raises MalformedPayload and quotes nothing."""
    if len(text) > MAX_BYTES:
        raise MalformedPayload(f"the script has more than {MAX_BYTES} characters")
    lines = text.replace("\r\n", "\n").split("\n")
    header = _HEADER.fullmatch(lines[0])
    if not header:
        raise MalformedPayload("the script does not begin with BRCS and a version")
    if lines[-1] == "":
        # The grammar has none, editors add one.
        lines.pop()
    if not 2 <= len(lines) <= MAX_COMMANDS + 1:
        raise MalformedPayload(f"the script has {len(lines) - 1} commands instead of 1 to {MAX_COMMANDS}")
    return Script(tuple(_command(line, number) for number, line in enumerate(lines[1:], 2)), header[1])


def _command(line: str, number: int) -> Command:
    pairs = [pair.partition("=") for pair in line.split("&")]
    if not all(equals for _, equals, _ in pairs) or _BROKEN_ESCAPE.search(line):
        raise MalformedPayload(f"line {number} of the script is no command")
    told = [(_decoded(name, number), _decoded(value, number)) for name, _, value in pairs]
    names = [name for name, _ in told]
    if names[0] != "action" or len(set(names)) != len(names):
        raise MalformedPayload(f"line {number} of the script does not begin with its action, or repeats a name")
    return Command(told[0][1], dict(told[1:]))


def _decoded(text: str, number: int) -> str:
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        raise MalformedPayload(f"line {number} of the script is not UTF-8") from None
