"""A whole bridge inside the test's process with a proxy before each vendor and one before itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import text

from demo import CONFIG
from sandbox.serve import Sandbox
from sandbox.settings import HelpdeskSettings, RescueSettings, SandboxSettings
from tests.faultkit.proxy import Proxy
from tests.faultkit.quiet import open_work
from tests.faultkit.story import Helpers
from tests.harness import HOOK_SECRET, SIGNING_SECRET, RunningBridge, running_bridge


@dataclass(frozen=True)
class Inside:
    bridge: RunningBridge
    sandbox: Sandbox
    people: Helpers
    zendesk: Proxy
    """Between the bridge and the help desk."""
    rescue: Proxy
    """Between the bridge and Rescue."""
    hooks: Proxy
    """Between the vendors and the bridge."""

    def impatient(self, seconds: float) -> None:
        """Let every call of the bridge time out so soon."""
        self.bridge.services.house.client.timeout = httpx.Timeout(seconds)

    def let_time_pass(self) -> None:
        """What waits for its next attempt is due now, and nobody rests any more."""
        with self.bridge.database.write() as connection:
            connection.execute(text("UPDATE effects SET due_at = 0 WHERE state IN ('pending', 'sending')"))
            connection.execute(text("UPDATE connections SET until = 0"))

    def states(self, case_ticket: int) -> dict[str, str]:
        """The last state and reason of each kind of effect of a ticket."""
        with self.bridge.database.read() as connection:
            rows = connection.execute(
                text("SELECT kind, state, reason FROM effects WHERE ticket_id = :ticket ORDER BY id"),
                {"ticket": str(case_ticket)},
            )
            return {row.kind: f"{row.state}: {row.reason}".rstrip(": ") for row in rows}

    def connection_state(self, name: str) -> tuple[str, str, float]:
        """State, reason and until when it rests."""
        with self.bridge.database.read() as connection:
            row = connection.execute(
                text("SELECT state, reason, until FROM connections WHERE name = :name"), {"name": name}
            ).one()
            return row.state, row.reason, row.until

    def sending(self) -> int:
        """How many effects are under way."""
        with self.bridge.database.read() as connection:
            return int(connection.execute(text("SELECT count(*) FROM effects WHERE state = 'sending'")).scalar_one())

    def all_quiet(self) -> bool:
        """Nothing to send at the vendors, nothing to do in the bridge."""
        return self.sandbox.drain(10) and not open_work(self.bridge.database)


def generous() -> SandboxSettings:
    """Vendors without limits, who send again what did not arrive: so that what is lost is ours."""
    return SandboxSettings(
        helpdesk=HelpdeskSettings(requests_per_minute=0, updates_per_ticket=10_000, redeliver=True),
        rescue=RescueSettings(pin_interval_seconds=0.0, redeliver=True),
    )


def fast_config(config: str = CONFIG) -> str:
    """The demo's configuration without Rescue's limit of one PIN a second, which the generous one has not."""
    return config.replace(
        'hook_secret = "${{RESCUE_HOOK_SECRET}}"', 'hook_secret = "${{RESCUE_HOOK_SECRET}}"\npins_per_second = 1000'
    )


@contextmanager
def bridge_inside(database_url: str, settings: SandboxSettings | None = None, config: str = CONFIG) -> Iterator[Inside]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(settings or generous()))
        zendesk = stack.enter_context(Proxy(sandbox.helpdesk_url))
        rescue = stack.enter_context(Proxy(sandbox.rescue_url))
        filled = fast_config(config).replace("{helpdesk}", zendesk.url).replace("{rescue}", rescue.url)
        bridge = stack.enter_context(running_bridge(sandbox, database_url, filled))
        hooks = stack.enter_context(Proxy(bridge.url))
        sandbox.connect(
            zendesk_hook=f"{hooks.url}/hooks/zendesk",
            zendesk_secret=SIGNING_SECRET,
            rescue_hook=f"{hooks.url}/hooks/rescue",
            rescue_secret=HOOK_SECRET,
        )
        yield Inside(bridge, sandbox, Helpers(sandbox), zendesk, rescue, hooks)
        # Whoever still waits at a gate must be let go before the bridge can end.
        for standing in (zendesk, rescue, hooks):
            standing.clear()
