"""The command that imports Jump shortcuts, of eight kinds; which one it is tells the name of the host's parameter.

Source: Remote Support 23.2 API guide, chapter import_jump_shortcut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.beyondtrust.api.action import Action, Values, action, chosen, flag, whole
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError

SHORT, LONG = 128, 1_024
COMMON = frozenset({"tag", "comments", "jump_policy", "public_portal"})
RDP = frozenset({"rdp_username", "domain", "display_size", "quality", "console", "ignore_untrusted", "session_policy"})
SHELL = frozenset({"shelljump_username", "port", "terminal", "keep_alive", "session_policy"})
QUALITIES = frozenset({"black_white", "few_colors", "more_colors", "full_colors", "video_opt"})
SIZE = re.compile(r"primary|all|[1-9][0-9]{2,4}x[1-9][0-9]{2,4}")


@dataclass(frozen=True, slots=True)
class _Kind:
    jumpoint: bool
    takes: frozenset[str]


KINDS = {
    "local_jump_hostname": _Kind(False, COMMON | {"session_policy"}),
    "remote_jump_hostname": _Kind(True, COMMON | {"session_policy"}),
    "remote_vnc_hostname": _Kind(True, COMMON | {"port"}),
    "local_vnc_hostname": _Kind(False, COMMON),
    "remote_rdp_hostname": _Kind(True, COMMON | RDP),
    "rdp_hostname": _Kind(False, COMMON | RDP),
    "shelljump_hostname": _Kind(True, COMMON | SHELL),
    "vpro_hostname": _Kind(True, COMMON | {"session_policy"}),
}


def _import(state: ApplianceState, values: Values) -> str:
    hosts = [name for name in KINDS if name in values]
    if len(hosts) != 1:
        raise ApiError("Exactly one kind of hostname must be given.")
    kind = KINDS[hosts[0]]
    needed = {"name", "group", hosts[0]} | ({"jumpoint"} if kind.jumpoint else set())
    needed |= {"protocol"} if hosts[0] == "shelljump_hostname" else set()
    for name in sorted(needed):
        if not values.get(name):
            raise ApiError(f"Missing required parameter: {name}.")
    for name in sorted(values.keys() - needed - kind.takes - {"action"}):
        raise ApiError(f"Unexpected parameter: {name}.")
    _check(hosts[0], values)
    state.jump_shortcuts.append({name: value for name, value in values.items() if name != "action"})
    return "Successfully imported Jump Item shortcut"


def _check(host: str, values: Values) -> None:
    if max(len(values["name"]), len(values[host])) > SHORT:
        raise ApiError("The maximum length of a name is 128 characters.")
    if any(len(values.get(name, "")) > LONG for name in ("tag", "comments")):
        raise ApiError("The maximum length of tag and comments is 1024 characters.")
    whole(values, "port", 100 if host == "remote_vnc_hostname" else 1, 65_535)
    whole(values, "keep_alive", 0, 300)
    flag(values, "console")
    flag(values, "ignore_untrusted")
    chosen(values, "protocol", among=frozenset({"ssh", "telnet"}), default="ssh")
    chosen(
        {"terminal": values.get("terminal", "xterm").lower()},
        "terminal",
        among=frozenset({"xterm", "vt100"}),
        default="",
    )
    chosen(values, "quality", among=QUALITIES, default="few_colors")
    if not SIZE.fullmatch(values.get("display_size", "primary")):
        raise ApiError("Invalid value of display_size.")


EVERYTHING = frozenset(KINDS).union(*(kind.takes for kind in KINDS.values())) | {
    "name",
    "group",
    "jumpoint",
    "protocol",
}
ACTIONS: dict[str, Action] = {
    "import_jump_shortcut": action(_import, takes=" ".join(sorted(EVERYTHING)), full=True),
}
