"""The eight kinds of Jump shortcuts that can be imported, checked before anything is sent. Pure.

(Guide, API Command: import_jump_shortcut. A shortcut made this way always belongs to a Jump Group.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from connectors.platforms.beyondtrust.commands import inputs
from connectors.platforms.beyondtrust.commands.inputs import WrongInput

NAME_CHARACTERS = 128
"""Of a name and of a host name."""
NOTE_CHARACTERS = 1_024
"""Of a tag and of a comment."""

QUALITIES = ("black_white", "few_colors", "more_colors", "full_colors", "video_opt")
PROTOCOLS = ("ssh", "telnet")
TERMINALS = ("xterm", "VT100")

Check = Callable[[str, Any], str]


def _by(check: Check) -> Mapping[str, Check]:
    return {"check": check}


def _whole(low: int, high: int) -> Mapping[str, Check]:
    return _by(lambda name, value: str(inputs.number(name, value, low, high)))


def _one_of(choices: tuple[str, ...]) -> Mapping[str, Check]:
    return _by(lambda name, value: inputs.choice(name, value, choices))


def _display_size(name: str, value: str) -> str:
    if not re.fullmatch(r"primary|all|[1-9][0-9]{2,4}x[1-9][0-9]{2,4}", value):
        raise WrongInput(name, "must be primary, all or a size such as 640x480")
    return value


TEXT = _by(inputs.text)
NAME = _by(lambda name, value: inputs.text(name, value, characters=NAME_CHARACTERS))
NOTE = _by(lambda name, value: inputs.text(name, value, characters=NOTE_CHARACTERS))
YES_NO = _by(lambda _, value: "1" if value else "0")
SIZE = _by(_display_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpShortcut:
    """What all kinds have. Groups, Jumpoints and policies go by their code names; what is left empty is not sent."""

    host: ClassVar[str]
    """The parameter that carries the host name, and so tells the kind."""
    name: str = field(metadata=NAME)
    """Of the endpoint, as the session's tab shows it."""
    hostname: str = field(metadata=NAME)
    group: str = field(metadata=TEXT)
    tag: str = field(default="", metadata=NOTE)
    comments: str = field(default="", metadata=NOTE)
    jump_policy: str = field(default="", metadata=TEXT)
    public_portal: str = field(default="", metadata=TEXT)

    def params(self) -> dict[str, str]:
        """The parameters of the command. Raises WrongInput that names what is missing or does not fit."""
        params: dict[str, str] = {}
        for one in fields(self):
            name, value = self.host if one.name == "hostname" else one.name, getattr(self, one.name)
            if value is None or value == "":
                if one.default not in (None, ""):
                    raise WrongInput(name, "is needed")
                continue
            params[name] = one.metadata["check"](name, value)
        return params


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithSessionPolicy(JumpShortcut):
    session_policy: str = field(default="", metadata=TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalJump(_WithSessionPolicy):
    """A computer on the representative's own network."""

    host: ClassVar[str] = "local_jump_hostname"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJump(_WithSessionPolicy):
    """A computer on the network of a Jumpoint."""

    host: ClassVar[str] = "remote_jump_hostname"
    jumpoint: str = field(metadata=TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteVnc(JumpShortcut):
    """A VNC server on the network of a Jumpoint. port: 100 to 65535, the appliance's default is 5900."""

    host: ClassVar[str] = "remote_vnc_hostname"
    jumpoint: str = field(metadata=TEXT)
    port: int | None = field(default=None, metadata=_whole(100, 65_535))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalVnc(JumpShortcut):
    """A VNC server on the representative's own network."""

    host: ClassVar[str] = "local_vnc_hostname"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rdp(_WithSessionPolicy):
    rdp_username: str = field(default="", metadata=TEXT)
    domain: str = field(default="", metadata=TEXT)
    display_size: str = field(default="", metadata=SIZE)
    """`primary` (the appliance's default), `all`, or a size such as `1280x720`."""
    quality: str = field(default="", metadata=_one_of(QUALITIES))
    console: bool | None = field(default=None, metadata=YES_NO)
    ignore_untrusted: bool | None = field(default=None, metadata=YES_NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRdp(_Rdp):
    """A remote desktop on the network of a Jumpoint.

    The guide's table calls its host remote_rdp_hostname; its examples say rdp_hostname, which is the local kind's.
    """

    host: ClassVar[str] = "remote_rdp_hostname"
    jumpoint: str = field(metadata=TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRdp(_Rdp):
    """A remote desktop on the representative's own network."""

    host: ClassVar[str] = "rdp_hostname"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellJump(_WithSessionPolicy):
    """SSH or telnet on the network of a Jumpoint.

    port: 1 to 65535, the appliance's default is the protocol's. keep_alive: seconds from 0 (off) to 300.
    """

    host: ClassVar[str] = "shelljump_hostname"
    jumpoint: str = field(metadata=TEXT)
    protocol: str = field(metadata=_one_of(PROTOCOLS))
    shelljump_username: str = field(default="", metadata=TEXT)
    port: int | None = field(default=None, metadata=_whole(1, 65_535))
    terminal: str = field(default="", metadata=_one_of(TERMINALS))
    keep_alive: int | None = field(default=None, metadata=_whole(0, 300))


@dataclass(frozen=True, slots=True, kw_only=True)
class VPro(_WithSessionPolicy):
    """A computer with Intel vPro on the network of a Jumpoint."""

    host: ClassVar[str] = "vpro_hostname"
    jumpoint: str = field(metadata=TEXT)


KINDS: Mapping[str, type[JumpShortcut]] = {
    "local_jump": LocalJump,
    "remote_jump": RemoteJump,
    "remote_vnc": RemoteVnc,
    "local_vnc": LocalVnc,
    "remote_rdp": RemoteRdp,
    "local_rdp": LocalRdp,
    "shell_jump": ShellJump,
    "vpro": VPro,
}
"""By a name for the command line."""
