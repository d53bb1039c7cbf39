"""Whole stories told through the pages of the vendors, and what must stand on the ticket afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from sandbox.driver import HelpdeskUser
from sandbox.play import accounts, beyondtrust, rescue
from sandbox.play.stage import PlayResult, Say, Stage
from sandbox.serve import Sandbox

__all__ = ["PlayResult", "play"]

_STORIES: Mapping[str, Callable[[Stage], None]] = {"rescue": rescue.tell, "beyondtrust": beyondtrust.tell}


def play(
    sandbox: Sandbox,
    console_url: str,
    admin_token: str,
    out: Say,
    *,
    platform: str = "rescue",
    patience: float = 30.0,
    settle: float = 2.0,
    reported: bool = False,
) -> PlayResult:
    """Play customer, agent and helper on one of `settings.PLATFORMS`, then look at the ticket.

    `out` gets each line to be shown; `patience` bounds each wait in seconds; `settle` is how long nothing may be
    added at the end; `reported` says that the bridge asks for Rescue's reports, which bring what customers answer
    after a session.
    """
    with HelpdeskUser(sandbox.helpdesk_url) as desk:
        stage = Stage(sandbox, desk, out, patience, settle, reported)
        _STORIES[platform](stage)
        if sandbox.settings.crm.hook_url:
            accounts.tell(stage)
    result = stage.result
    for check in result.checks:
        out(f"  {'ok     ' if check.kept else 'MISSING'}  {check.promise}")
    if not result.success:
        _show_unfinished(console_url, admin_token, out)
    return result


def _show_unfinished(console_url: str, admin_token: str, out: Say) -> None:
    """What the bridge itself says about effects that are not done: the first thing to look at."""
    if not console_url:
        return
    headers = {"Authorization": f"Bearer {admin_token}"}
    try:
        with httpx.Client(base_url=console_url, headers=headers, trust_env=False, timeout=10) as client:
            items = client.get("/api/v1/effects").json()["items"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        out(f"  The bridge could not be asked about its effects: {type(error).__name__}")
        return
    for item in items:
        if item.get("state") not in ("done", "skipped"):
            words = (str(item.get(name)) for name in ("kind", "state", "reason", "error") if item.get(name))
            out(f"  effect {item.get('id')}: {', '.join(words)}")
