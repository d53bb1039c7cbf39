"""The ten actions of the representative console's scripts, with what each parameter may be (guide, "API Script
Command: …")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from connectors.platforms.beyondtrust.commands import inputs
from connectors.platforms.beyondtrust.commands.inputs import WrongInput

Check = Callable[[str, str], str]
"""Takes the parameter's name and its value, gives the value back. Raises WrongInput."""
Together = Callable[[Mapping[str, str]], None]

JUMP_METHODS = ("push", "local_push", "pinned", "rdp", "vnc", "shelljump")
CREDENTIALS = frozenset({"mechanism", "username", "password"})
IN_THE_WEB_CONSOLE = ("generate_session_key", "start_jump_item_session")
_SIZE = re.compile(r"[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")


def _nothing_more(parameters: Mapping[str, str]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Action:
    parameters: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    together: Together = _nothing_more
    custom_fields: bool = True

    def check(self, name: str, value: str) -> str:
        if name not in self.parameters:
            known = ", ".join(self.parameters) or "none"
            raise WrongInput("a parameter", f"is not known to this action; it takes: {known}")
        return self.parameters[name](name, value)

    def check_together(self, parameters: Mapping[str, str]) -> None:
        for name in self.required:
            if name not in parameters:
                raise WrongInput(name, "is needed")
        self.together(parameters)


def _one_of(*choices: str) -> Check:
    return partial(inputs.choice, choices=choices)


def _port(name: str, value: str) -> str:
    return str(inputs.number(name, value, 1, 65_535))


def _display_size(name: str, value: str) -> str:
    if value not in ("primary_display", "all_displays") and not _SIZE.fullmatch(value):
        raise WrongInput(name, "must be primary_display, all_displays or a size such as 1024x768")
    return value


def _all_or_none(parameters: Mapping[str, str]) -> None:
    if parameters and set(parameters) != CREDENTIALS:
        raise WrongInput("mechanism, username and password", "go together, or none of them")


def _some_search(parameters: Mapping[str, str]) -> None:
    # The guide asks for a client.* field in one place, and for search_string where there is none in another.
    if not any(name == "search_string" or name.startswith("client.") for name in parameters):
        raise WrongInput("search_string or a client.* parameter", "is needed")


_text: Check = inputs.text
_short: Check = partial(inputs.text, characters=255)
_TARGET: Mapping[str, Check] = {"target": _text, "jumpoint": _text}
_CLIENT: Mapping[str, Check] = {
    f"client.{name}": _short for name in ("comments", "hostname", "private_ip", "public_ip", "tag")
}

ACTIONS: Mapping[str, Action] = {
    "login": Action(
        {"mechanism": _one_of("username_password"), "username": _text, "password": _text},
        together=_all_or_none,
        custom_fields=False,
    ),
    "generate_session_key": Action({"public_portal_hostname": _short}),
    "push_and_start_local": Action({"hostname": _short}, ("hostname",)),
    "push_and_start_remote": Action(_TARGET, ("target",)),
    "start_jump_item_session": Action(
        {"jump.method": _one_of(*JUMP_METHODS), "credential_id": _short, "search_string": _text, **_CLIENT},
        together=_some_search,
    ),
    "start_rdp_session": Action(
        {
            **_TARGET,
            "username": _text,
            "display_size": _display_size,
            "quality": _one_of("low", "performance", "performance_quality", "quality"),
            "console": _one_of("no", "yes"),
        },
        ("target",),
    ),
    "start_vnc_session": Action({**_TARGET, "port": _port}, ("target",)),
    "start_shell_jump_session": Action(
        {
            **_TARGET,
            "username": _text,
            "protocol": _one_of("ssh", "telnet"),
            "port": _port,
            "terminal": _one_of("xterm", "vt100"),
        },
        ("target",),
    ),
    "start_vpro_session": Action(_TARGET, ("target", "jumpoint")),
    "delete_script_file": Action(custom_fields=False),
}
