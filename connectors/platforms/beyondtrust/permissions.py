"""What the API account must be allowed for what the bridge does with it (guide, API Command: get_api_info). Pure."""

from __future__ import annotations

from connectors.platforms.beyondtrust.commands.values import ApiInfo

NOT_ENOUGH = frozenset({"", "0", "deny", "read_only"})
"""For commands that change something; the guide names no word for full access."""


def missing(info: ApiInfo, *, real_time: bool) -> str:
    """What the account lacks, in words for the operator; empty when nothing, or when the appliance does not tell."""
    if not info.permissions:
        return ""
    lacks = {
        "full access to the command API": info.permissions.get("perm_command", "").casefold() in NOT_ENOUGH,
        "the reports of support sessions": not info.may("perm_reporting_support"),
        "the real-time state": real_time and not info.may("perm_real_time_state"),
    }
    return ", ".join(what for what, lacking in lacks.items() if lacking)
