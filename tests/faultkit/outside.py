"""A bridge of real processes between the sandbox's vendors, with a proxy before each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo import CONFIG
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from store.database import Database
from tests.faultkit.household import Credentials, Household, environment, prepared
from tests.faultkit.inside import fast_config, generous
from tests.faultkit.proxy import Proxy
from tests.faultkit.quiet import open_work
from tests.faultkit.servers import RedisServer, is_locked
from tests.faultkit.story import Helpers
from tests.harness import until

ROLES = ("web", "worker", "clock")


@dataclass(frozen=True)
class Outside:
    household: Household
    sandbox: Sandbox
    people: Helpers
    zendesk: Proxy
    rescue: Proxy
    redis: RedisServer | None
    database: Database
    secrets: Credentials

    def heal(self) -> None:
        """Everything as it was at the start."""
        self.zendesk.clear()
        self.rescue.clear()
        if self.redis:
            self.redis.start()
        for name in self.household.processes:
            if name not in ROLES:
                self.household.stop(name)
            elif self.household.running(name):
                self.household.thaw(name)
        self.household.start(*ROLES)
        self.household.wait_until_ready()

    def all_quiet(self) -> bool:
        return self.sandbox.drain(10) and not open_work(self.database)

    def freeze(self, name: str) -> None:
        """SIGSTOP, at a moment when it does not hold SQLite's only write lock."""
        while True:
            self.household.freeze(name)
            if not self.database.is_sqlite or not is_locked(self.household.environ["DATABASE_URL"]):
                return
            self.household.thaw(name)
            time.sleep(0.01)

    def finished(self, *cases: object) -> None:
        until(self.all_quiet, 40)


@contextmanager
def bridge_outside(
    folder: Path,
    database_url: str,
    *,
    redis: bool = False,
    settings: SandboxSettings | None = None,
    roles: tuple[str, ...] = ROLES,
    config: str = CONFIG,
    **more: str,
) -> Iterator[Outside]:
    secrets = Credentials()
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(folder)) if redis else None
        sandbox = stack.enter_context(Sandbox(settings or generous()))
        zendesk = stack.enter_context(Proxy(sandbox.helpdesk_url))
        rescue = stack.enter_context(Proxy(sandbox.rescue_url))
        environ = environment(
            folder,
            helpdesk=zendesk.url,
            rescue=rescue.url,
            database_url=database_url,
            redis_url=server.url if server else None,
            secrets=secrets,
            config=fast_config(config),
            **more,
        )
        prepared(database_url)
        database = Database(database_url)
        stack.callback(database.close)
        household = stack.enter_context(Household(folder, environ))
        household.start(*roles)
        household.wait_until_ready()
        sandbox.connect(
            zendesk_hook=f"{household.url}/hooks/zendesk",
            zendesk_secret=secrets.signing_secret,
            rescue_hook=f"{household.url}/hooks/rescue",
            rescue_secret=secrets.hook_secret,
        )
        yield Outside(household, sandbox, Helpers(sandbox), zendesk, rescue, server, database, secrets)
        zendesk.clear()
        rescue.clear()
