"""The eight kinds of Jump shortcuts: what is sent, and what is refused before."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.errors import NotFound, Rejected, UnknownOutcome
from connectors.platforms.beyondtrust.commands import jump
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.commands.jump import KINDS, JumpShortcut
from tests.connectors.beyondtrust.appliance import Appliance, commands

SUCCESS = "<success>Successfully imported Jump Item shortcut</success>"
BASE: dict[str, Any] = {"name": "Web server", "hostname": "web-7", "group": "remote_access"}
BEHIND: dict[str, Any] = {**BASE, "jumpoint": "London"}
COMMON: dict[str, Any] = {
    "tag": "Frequent",
    "comments": "In rack 7",
    "jump_policy": "Notify",
    "public_portal": "help.example.com",
}
POLICY: dict[str, Any] = {"session_policy": "Servers"}
RDP: dict[str, Any] = {
    "rdp_username": "admin",
    "domain": "example",
    "display_size": "1280x720",
    "quality": "more_colors",
    "console": True,
    "ignore_untrusted": False,
}
RDP_SENT: dict[str, Any] = {**RDP, "console": "1", "ignore_untrusted": "0"}
SHELL: dict[str, Any] = {"shelljump_username": "admin", "port": 25, "terminal": "VT100", "keep_alive": 120}

FULL: dict[str, tuple[JumpShortcut, dict[str, Any]]] = {
    "local_jump": (jump.LocalJump(**BASE, **COMMON, **POLICY), {"local_jump_hostname": "web-7", **COMMON, **POLICY}),
    "remote_jump": (
        jump.RemoteJump(**BEHIND, **COMMON, **POLICY),
        {"remote_jump_hostname": "web-7", "jumpoint": "London", **COMMON, **POLICY},
    ),
    "remote_vnc": (
        jump.RemoteVnc(**BEHIND, **COMMON, port=5901),
        {"remote_vnc_hostname": "web-7", "jumpoint": "London", "port": "5901", **COMMON},
    ),
    "local_vnc": (jump.LocalVnc(**BASE, **COMMON), {"local_vnc_hostname": "web-7", **COMMON}),
    "remote_rdp": (
        jump.RemoteRdp(**BEHIND, **COMMON, **POLICY, **RDP),
        {"remote_rdp_hostname": "web-7", "jumpoint": "London", **COMMON, **POLICY, **RDP_SENT},
    ),
    "local_rdp": (
        jump.LocalRdp(**BASE, **COMMON, **POLICY, **RDP),
        {"rdp_hostname": "web-7", **COMMON, **POLICY, **RDP_SENT},
    ),
    "shell_jump": (
        jump.ShellJump(**BEHIND, **COMMON, **POLICY, **SHELL, protocol="ssh"),
        {
            "shelljump_hostname": "web-7",
            "jumpoint": "London",
            "protocol": "ssh",
            **COMMON,
            **POLICY,
            **{name: str(value) for name, value in SHELL.items()},
        },
    ),
    "vpro": (
        jump.VPro(**BEHIND, **COMMON, **POLICY),
        {"vpro_hostname": "web-7", "jumpoint": "London", **COMMON, **POLICY},
    ),
}


def required(kind: str) -> dict[str, Any]:
    """The least that a kind takes."""
    needs = BASE if kind in ("local_jump", "local_vnc", "local_rdp") else BEHIND
    return {**needs, **({"protocol": "ssh"} if kind == "shell_jump" else {})}


def test_every_kind_is_tried() -> None:
    assert set(FULL) == set(KINDS)
    assert all(isinstance(FULL[kind][0], KINDS[kind]) for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_with_everything(kind: str) -> None:
    shortcut, own = FULL[kind]
    appliance = Appliance({"import_jump_shortcut": SUCCESS})
    with commands(appliance) as given:
        assert given.import_jump_shortcut(shortcut) == "Successfully imported Jump Item shortcut"
    action = {"action": "import_jump_shortcut"}
    assert appliance.form() == {**action, "name": "Web server", "group": "remote_access", **own}


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_least(kind: str) -> None:
    given = required(kind)
    host = KINDS[kind].host
    assert KINDS[kind](**given).params() == {host if name == "hostname" else name: v for name, v in given.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_named(kind: str) -> None:
    for missing in required(kind):
        with pytest.raises(WrongInput, match="is needed") as refused:
            KINDS[kind](**{**required(kind), missing: ""}).params()
        assert refused.value.field == (KINDS[kind].host if missing == "hostname" else missing)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("local_jump", {"name": "x" * 129}),
        ("local_jump", {"hostname": "x" * 129}),
        ("local_jump", {"tag": "x" * 1_025}),
        ("local_jump", {"comments": "x" * 1_025}),
        ("local_jump", {"comments": "\ud800"}),
        ("remote_vnc", {"port": 99}),
        ("remote_vnc", {"port": 65_536}),
        ("remote_rdp", {"display_size": "huge"}),
        ("remote_rdp", {"quality": "best"}),
        ("shell_jump", {"protocol": "rlogin"}),
        ("shell_jump", {"port": 0}),
        ("shell_jump", {"port": 65_536}),
        ("shell_jump", {"terminal": "ansi"}),
        ("shell_jump", {"keep_alive": 301}),
        ("shell_jump", {"keep_alive": -1}),
    ],
)
def test_what_does_not_fit_is_rejected_before_anything_is_sent(kind: str, wrong: dict[str, Any]) -> None:
    appliance = Appliance()
    with commands(appliance) as given, pytest.raises(Rejected) as refused:
        given.import_jump_shortcut(KINDS[kind](**{**required(kind), **wrong}))
    assert appliance.asked == []
    (name,) = wrong
    assert str(refused.value).startswith(KINDS[kind].host if name == "hostname" else name)


@pytest.mark.parametrize(
    ("kind", "edge"),
    [
        ("local_jump", {"name": "x" * 128, "hostname": "x" * 128, "tag": "x" * 1_024, "comments": "x" * 1_024}),
        ("remote_vnc", {"port": 100}),
        ("remote_vnc", {"port": 65_535}),
        ("local_rdp", {"display_size": "all", "quality": "video_opt"}),
        ("local_rdp", {"display_size": "primary"}),
        ("shell_jump", {"port": 1, "keep_alive": 0, "protocol": "telnet", "terminal": "xterm"}),
        ("shell_jump", {"port": 65_535, "keep_alive": 300}),
    ],
)
def test_what_just_fits(kind: str, edge: dict[str, Any]) -> None:
    params = KINDS[kind](**{**required(kind), **edge}).params()
    assert {name: params[KINDS[kind].host if name == "hostname" else name] for name in edge} == {
        name: str(value) for name, value in edge.items()
    }


def test_the_two_vnc_kinds_have_no_session_policy() -> None:
    for kind in (jump.RemoteVnc, jump.LocalVnc):
        with pytest.raises(TypeError):
            kind(**BEHIND, **POLICY)


def test_refused_and_unknown() -> None:
    shortcut = jump.LocalJump(**BASE)
    answers = ["<error>The Jump Group was not found</error>", "<error>Session not found</error>", "<nothing/>"]
    with commands(Appliance({"import_jump_shortcut": answers})) as given:
        with pytest.raises(Rejected):
            given.import_jump_shortcut(shortcut)
        with pytest.raises(NotFound):
            given.import_jump_shortcut(shortcut)
        with pytest.raises(UnknownOutcome):
            given.import_jump_shortcut(shortcut)
