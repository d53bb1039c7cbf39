"""A whole bridge inside the test's process, between the sandbox's vendors: real HTTP, a real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from werkzeug.serving import make_server

from app import create_app
from config.bridge_toml import Bridge, load
from config.settings import Settings
from demo import CONFIG, addresses_of, credentials_of
from sandbox.serve import Sandbox
from store.database import Database
from store.migrate import migrate
from web.services import Services
from workers.bell import Bell
from workers.clock import Clock
from workers.drain import Drain
from workers.house import open_house

ADMIN_TOKEN = "test-administrator-token"
SECRET_KEY = "test-secret-key-of-at-least-32-characters"
HOOK_SECRET = "test-rescue-hook-secret"
SIGNING_SECRET = "test-zendesk-signing-secret"
APPLIANCE_SECRET = "test-appliance-hook-secret"
CRM_SECRET = "test-crm-client-secret"
HOOK_SECRETS = {"zendesk": SIGNING_SECRET, "rescue": HOOK_SECRET, "appliance": APPLIANCE_SECRET, "crm": CRM_SECRET}

CLOCK_THREADS = 12
"""Of the clock that use the database: its drain, what it polls and watches, itself."""

T = TypeVar("T")


@dataclass(frozen=True)
class RunningBridge:
    url: str
    services: Services
    drain: Drain
    sandbox: Sandbox

    @property
    def database(self) -> Database:
        return self.services.house.database


def bridge_of(sandbox: Sandbox, config: str = CONFIG) -> Bridge:
    return load(config.format_map(addresses_of(sandbox)), credentials_of(sandbox, HOOK_SECRETS))


def settings_of(database_url: str, **more: object) -> Settings:
    environ = {
        "DATABASE_URL": database_url,
        "DESKBRIDGE_ADMIN_TOKEN": ADMIN_TOKEN,
        "DESKBRIDGE_SECRET_KEY": SECRET_KEY,
        "LOG_LEVEL": "WARNING",
        **{name: str(value) for name, value in more.items()},
    }
    return Settings.from_environment(environ)


@contextmanager
def running_bridge(
    sandbox: Sandbox, database_url: str, config: str = CONFIG, threads: int = 8, *, clock: bool = False
) -> Iterator[RunningBridge]:
    """The bridge, connected to the sandbox, until the block ends; with its clock only where a test asks for it."""
    settings = settings_of(database_url)
    database = Database(database_url)
    migrate(database)
    database.close()
    bridge = bridge_of(sandbox, config)
    app = create_app(settings, bridge)
    services: Services = app.extensions["deskbridge"]
    services.house.register()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    drain = Drain(services.house, "worker", threads=threads, idle_seconds=0.1)
    running = [threading.Thread(target=server.serve_forever), threading.Thread(target=drain.run)]
    for thread in running:
        thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    sandbox.connect(
        zendesk_hook=f"{url}/hooks/zendesk",
        zendesk_secret=SIGNING_SECRET,
        rescue_hook=f"{url}/hooks/rescue",
        rescue_secret=HOOK_SECRET,
    )
    if "appliance" in bridge.connections:
        sandbox.connect(appliance_hook=f"{url}/hooks/appliance", appliance_secret=APPLIANCE_SECRET)
    if "crm" in bridge.connections:
        # HubSpot signs the address that it was told, whatever stands before the bridge.
        sandbox.settings.crm.signed_url = f"{settings.public_url.rstrip('/')}/hooks/crm"
        sandbox.connect(crm_hook=f"{url}/hooks/crm", crm_secret=CRM_SECRET)
    try:
        with ExitStack() as stack:
            if clock:
                stack.enter_context(ticking(database_url, bridge))
            yield RunningBridge(url, services, drain, sandbox)
    finally:
        drain.stop()
        server.shutdown()
        for thread in running:
            thread.join()
        server.server_close()
        services.close()


@contextmanager
def ticking(database_url: str, bridge: Bridge) -> Iterator[Clock]:
    """The clock of a bridge, with a house of its own as the process that it is otherwise."""
    house = open_house(settings_of(database_url, WORKER_CONCURRENCY=4), bridge, threads=CLOCK_THREADS)
    bell = Bell(None)
    clock = Clock(house, bell)
    thread = threading.Thread(target=clock.run, name="clock")
    thread.start()
    try:
        yield clock
    finally:
        clock.stop()
        thread.join()
        bell.close()
        house.close()


def until(look: Callable[[], T | None], seconds: float = 20.0) -> T:
    """What `look` finds, asked again and again until it is something. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not seen within {seconds:.0f} s")
