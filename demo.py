"""`deskbridge demo`: the real bridge in every part, between a pretend help desk, a pretend Rescue, a pretend
BeyondTrust appliance, a pretend CRM and a pretend RemotePC.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

import launch
from config.ports import free_port
from config.redis_server import embedded_redis
from config.settings import Settings
from sandbox.play import play
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from store.database import Database
from store.migrate import migrate

READY_SECONDS = 30.0
PORT = 8000
SANDBOX_PORTS = (8001, 8002, 8003, 8004, 8005, 8006)

CONFIG = """\
[connections.zendesk]
kind = "zendesk"
base_url = "{helpdesk}"
email = "${{ZENDESK_EMAIL}}"
api_token = "${{ZENDESK_API_TOKEN}}"
hook_secret = "${{ZENDESK_HOOK_SECRET}}"

[connections.rescue]
kind = "rescue"
base_url = "{rescue}"
join_url = "{rescue}"
authcode = "${{RESCUE_AUTHCODE}}"
hook_secret = "${{RESCUE_HOOK_SECRET}}"

[[routes]]
name = "remote help"
ticket = "zendesk"
platform = "rescue"
when = {{ tag = "remote-support" }}
invitation = {{ visibility = "public", fields = {{ cfield0 = "{{requester.name}}", cfield1 = "{{ticket.subject}}" }} }}
session = {{ visibility = "internal" }}
"""
"""A help desk and Rescue."""

APPLIANCE_CONFIG = """
[connections.appliance]
kind = "beyondtrust"
base_url = "{appliance}"
client_id = "${{BEYONDTRUST_CLIENT_ID}}"
client_secret = "${{BEYONDTRUST_CLIENT_SECRET}}"
hook_secret = "${{BEYONDTRUST_HOOK_SECRET}}"
poll_seconds = 10

[[routes]]
name = "remote help through the appliance"
ticket = "zendesk"
platform = "appliance"
when = {{ tag = "remote-support-appliance" }}
session = {{ visibility = "internal" }}
[routes.invitation]
visibility = "public"
queue = "general"
ttl_seconds = 3600
attributes = {{ asset = "{{ticket.field.custom_field_360000000001}}", custom_field1 = "{{ticket.subject}}" }}
"""
"""An appliance beside them: its own connection, its own route."""

ACCOUNTS_CONFIG = """
[connections.crm]
kind = "hubspot"
base_url = "{crm}"
access_token = "${{CRM_ACCESS_TOKEN}}"
app_id = 4711
hook_secret = "${{CRM_CLIENT_SECRET}}"

[connections.remotepc]
kind = "remotepc"
base_url = "{remotepc}"
api_key = "${{REMOTEPC_API_KEY}}"

[[provisioning]]
name = "remote access for contacts"
source = "crm"
accounts = "remotepc"
when = {{ record = "contact", field = {{ name = "remote_access", value = "requested" }} }}
email = "{{contact.email}}"
first_name = "{{contact.first_name}}"
last_name = "{{contact.last_name}}"
computers = "{{contact.field.computers}}"
outcome = {{ field = "remote_access_status", reason_field = "remote_access_reason", exists = "active" }}
sync = {{ allotted = "remotepc_allotted", used = "remotepc_used" }}
"""
"""A CRM whose contacts ask for accounts at RemotePC."""

Say = Callable[[str], None]


def run(*, play: bool, say: Say, platform: str = "rescue") -> int:
    """Start everything, let somebody look at it or play it on `platform`, end everything. Returns an exit code."""
    # A play that is told to end leaves by the same doors: nothing that it started runs on.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="deskbridge-") as folder:
        settings = SandboxSettings() if play else _known_ports()
        lag = settings.appliance
        # Nothing is in a real appliance's reports at once, and the surveys come last.
        lag.report_appears_seconds, lag.report_end_seconds, lag.report_survey_seconds = 1.0, 2.0, 3.0
        with Sandbox(settings) as sandbox, embedded_redis(Path(folder), None) as redis_url:
            environ = bridge_environment(Path(folder), sandbox, free_port() if play else free_port(PORT), redis_url)
            household = _household(Path(folder), environ, say)
            try:
                household.start()
                _wait_until_ready(environ["DESKBRIDGE_PUBLIC_URL"], household)
                if play:
                    return _play(sandbox, environ, say, household, platform)
                sandbox.console_url = environ["DESKBRIDGE_PUBLIC_URL"]
                _welcome(sandbox, environ, say)
                return household.run()
            finally:
                household.stop()


def run_sandbox(
    bridge: str,
    zendesk_secret: str,
    say: Say,
    *,
    rescue_secret: str | None = None,
    appliance_secret: str | None = None,
    crm_secret: str | None = None,
) -> None:
    """The pretend vendors alone, for a bridge at that address, until a signal. No secret, no events from there."""
    signals = {signal.SIGINT, signal.SIGTERM}
    # Held back before any thread begins, so that none of them takes the signal instead of us.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with Sandbox(_known_ports()) as sandbox:
        sandbox.connect(zendesk_hook=f"{bridge}/hooks/zendesk", zendesk_secret=zendesk_secret)
        if rescue_secret is not None:
            sandbox.connect(rescue_hook=f"{bridge}/hooks/rescue", rescue_secret=rescue_secret)
        if appliance_secret is not None:
            sandbox.connect(appliance_hook=f"{bridge}/hooks/appliance", appliance_secret=appliance_secret)
        if crm_secret is not None:
            sandbox.connect(crm_hook=f"{bridge}/hooks/crm", crm_secret=crm_secret)
        sandbox.console_url = bridge
        vendors = sandbox.settings
        say(
            f"""
Start here: {sandbox.front_url}. Ctrl-C ends it. Write into bridge.toml, beside your hook_secrets:

[connections.zendesk]
kind = "zendesk"
base_url = "{sandbox.helpdesk_url}"
email = "{vendors.helpdesk.email}"
api_token = "{vendors.helpdesk.api_token}"

[connections.rescue]
kind = "rescue"
base_url = "{sandbox.rescue_url}"
authcode = "{vendors.rescue.authcode}"

[connections.appliance]
kind = "beyondtrust"
base_url = "{sandbox.appliance_url}"
client_id = "{vendors.appliance.client_id}"
client_secret = "{vendors.appliance.client_secret}"

[connections.crm]
kind = "hubspot"
base_url = "{sandbox.crm_url}"
access_token = "{vendors.crm.access_token}"
app_id = {vendors.crm.app_id}

[connections.remotepc]
kind = "remotepc"
base_url = "{sandbox.remotepc_url}"
api_key = "{vendors.remotepc.api_key}"

The help desk's buttons put the tag {vendors.helpdesk.tag} (Rescue) or {vendors.helpdesk.appliance_tag} (BeyondTrust)
on a ticket: a route for each has it in `when`.
"""
        )
        signal.sigwait(signals)


def addresses_of(sandbox: Sandbox) -> dict[str, str]:
    """What the places of the configurations above are filled with."""
    return {
        "helpdesk": sandbox.helpdesk_url,
        "rescue": sandbox.rescue_url,
        "appliance": sandbox.appliance_url,
        "crm": sandbox.crm_url,
        "remotepc": sandbox.remotepc_url,
    }


def credentials_of(sandbox: Sandbox, hooks: Mapping[str, str]) -> dict[str, str]:
    """The variables that those configurations name; `hooks` are the secrets by connection."""
    vendors = sandbox.settings
    return {
        "ZENDESK_EMAIL": vendors.helpdesk.email,
        "ZENDESK_API_TOKEN": vendors.helpdesk.api_token,
        "ZENDESK_HOOK_SECRET": hooks["zendesk"],
        "RESCUE_AUTHCODE": vendors.rescue.authcode,
        "RESCUE_HOOK_SECRET": hooks["rescue"],
        "BEYONDTRUST_CLIENT_ID": vendors.appliance.client_id,
        "BEYONDTRUST_CLIENT_SECRET": vendors.appliance.client_secret,
        "BEYONDTRUST_HOOK_SECRET": hooks["appliance"],
        "CRM_ACCESS_TOKEN": vendors.crm.access_token,
        "CRM_CLIENT_SECRET": hooks["crm"],
        "REMOTEPC_API_KEY": vendors.remotepc.api_key,
    }


def bridge_environment(folder: Path, sandbox: Sandbox, port: int, redis_url: str | None) -> dict[str, str]:
    """The environment of a bridge between the sandbox's vendors, which learn where to send their webhooks."""
    base = f"http://127.0.0.1:{port}"
    hooks = {name: secrets.token_urlsafe(24) for name in ("zendesk", "rescue", "appliance", "crm")}
    sandbox.connect(
        zendesk_hook=f"{base}/hooks/zendesk",
        zendesk_secret=hooks["zendesk"],
        rescue_hook=f"{base}/hooks/rescue",
        rescue_secret=hooks["rescue"],
        appliance_hook=f"{base}/hooks/appliance",
        appliance_secret=hooks["appliance"],
        crm_hook=f"{base}/hooks/crm",
        crm_secret=hooks["crm"],
    )
    # One report a minute is the real account's pace: nobody would watch a demonstration for so long.
    sandbox.settings.rescue.report_interval_seconds = 0.9
    hasty = CONFIG.replace('kind = "rescue"', 'kind = "rescue"\npoll_seconds = 3\nreport_seconds = 1')
    config = (hasty + APPLIANCE_CONFIG + ACCOUNTS_CONFIG).format_map(addresses_of(sandbox))
    own = {
        "DATABASE_URL": f"sqlite:///{folder}/deskbridge.sqlite3",
        "DESKBRIDGE_CONFIG_TOML": config,
        "DESKBRIDGE_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "DESKBRIDGE_SECRET_KEY": secrets.token_urlsafe(48),
        "DESKBRIDGE_PUBLIC_URL": base,
        "PORT": str(port),
        **credentials_of(sandbox, hooks),
    }
    cleared = ("REDIS_URL", "DESKBRIDGE_CONFIG", "SENTRY_DSN", "WEB_CONCURRENCY")
    inherited = {name: value for name, value in os.environ.items() if name not in cleared}
    return {**inherited, **own, **({"REDIS_URL": redis_url} if redis_url else {})}


def _known_ports() -> SandboxSettings:
    """Ports that are easy to remember, as far as they are free."""
    front, helpdesk, rescue, appliance, crm, remotepc = map(free_port, SANDBOX_PORTS)
    return SandboxSettings(
        front_port=front,
        helpdesk_port=helpdesk,
        rescue_port=rescue,
        appliance_port=appliance,
        crm_port=crm,
        remotepc_port=remotepc,
    )


def _household(folder: Path, environ: Mapping[str, str], say: Say) -> launch.Household:
    settings = Settings.from_environment(environ)
    database = Database(settings.database_url)
    migrate(database)
    database.close()
    commands = {
        "web": launch.ourselves("web", "--host", "127.0.0.1"),
        "worker": launch.ourselves("worker"),
        "clock": launch.ourselves("clock"),
    }
    return launch.Household(commands, environ, say, log_file=folder / "deskbridge.log")


def _wait_until_ready(base: str, household: launch.Household) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the bridge was not ready after {READY_SECONDS:.0f} s:\n{household.last_lines()}")


def _play(sandbox: Sandbox, environ: Mapping[str, str], say: Say, household: launch.Household, platform: str) -> int:
    url, token = environ["DESKBRIDGE_PUBLIC_URL"], environ["DESKBRIDGE_ADMIN_TOKEN"]
    result = play(sandbox, url, token, say, platform=platform, reported=True)
    if not result.success:
        say(f"\nThe last lines of the log:\n{household.last_lines()}")
    return 0 if result.success else 1


def _welcome(sandbox: Sandbox, environ: Mapping[str, str], say: Say) -> None:
    say(
        f"""
Deskbridge runs, with a pretend help desk and two platforms to choose from. Start here: {sandbox.front_url}

  1. Open a ticket and ask for a remote session    {sandbox.helpdesk_url}
     by Rescue or by BeyondTrust, as you like
  2. Join as the customer, help as the technician
       Rescue                                      {sandbox.rescue_url}
       BeyondTrust                                 {sandbox.appliance_url}
  3. Ask for remote access on a contact of the CRM {sandbox.crm_url}
     and see who is invited at RemotePC            {sandbox.remotepc_url}
  4. See the whole way in the console              {environ["DESKBRIDGE_PUBLIC_URL"]}
     Sign in with the administrator token          {environ["DESKBRIDGE_ADMIN_TOKEN"]}

Ctrl-C ends it; nothing is kept.
"""
    )
