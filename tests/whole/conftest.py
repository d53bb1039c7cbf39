"""A sandbox without the vendors' waiting times, a bridge, and the people who use both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy

import pytest

from demo import APPLIANCE_CONFIG, CONFIG
from sandbox.beyondtrust.driver import ApplianceCustomer, ApplianceRepresentative
from sandbox.driver import Customer, HelpdeskUser, Technician
from sandbox.serve import Sandbox
from sandbox.settings import SandboxSettings
from tests.harness import running_bridge
from tests.whole.office import ApplianceOffice, Office

OpenOffice = Callable[..., Office]
OpenAppliance = Callable[..., ApplianceOffice]


@pytest.fixture
def settings() -> SandboxSettings:
    found = SandboxSettings()
    found.rescue.pin_interval_seconds = 0.0
    return found


@pytest.fixture
def open_office(settings: SandboxSettings, sqlite_url: str) -> Iterator[OpenOffice]:
    """Opens an office with the settings as they are then, on SQLite unless told otherwise."""
    with ExitStack() as stack:

        def opened(database_url: str = sqlite_url, config: str = CONFIG) -> Office:
            sandbox = stack.enter_context(Sandbox(settings))
            bridge = stack.enter_context(running_bridge(sandbox, database_url, config))
            return Office(
                bridge,
                stack.enter_context(HelpdeskUser(sandbox.helpdesk_url)),
                stack.enter_context(Customer(sandbox.rescue_url)),
                stack.enter_context(Technician(sandbox.rescue_url)),
            )

        yield opened


@pytest.fixture
def office(open_office: OpenOffice) -> Office:
    return open_office()


@pytest.fixture
def open_appliance(settings: SandboxSettings, sqlite_url: str) -> Iterator[OpenAppliance]:
    """Opens an office with an appliance, which tells by its events alone unless `keys` or `clock` say otherwise.

    `keys` are the connection's further lines, `changes` words of the demo's configuration and what stands there
    instead, `more` is added to it.
    """
    with ExitStack() as stack:

        def opened(
            database_url: str = sqlite_url,
            *,
            keys: str = "poll_seconds = 0",
            changes: tuple[tuple[str, str], ...] = (),
            more: str = "",
            clock: bool = False,
        ) -> ApplianceOffice:
            config = re.sub(r"(?m)^(poll_seconds|real_time) = .*\n", "", APPLIANCE_CONFIG)
            config = config.replace('kind = "beyondtrust"', f'kind = "beyondtrust"\n{keys}')
            for words, instead in changes:
                assert words in config
                config = config.replace(words, instead)
            sandbox = stack.enter_context(Sandbox(deepcopy(settings)))
            bridge = stack.enter_context(running_bridge(sandbox, database_url, CONFIG + config + more, clock=clock))
            return ApplianceOffice(
                bridge,
                stack.enter_context(HelpdeskUser(sandbox.helpdesk_url)),
                stack.enter_context(ApplianceCustomer(sandbox.appliance_url)),
                stack.enter_context(ApplianceRepresentative(sandbox.appliance_url, 1)),
                stack.enter_context(ApplianceRepresentative(sandbox.appliance_url, 2)),
            )

        yield opened


@pytest.fixture
def appliance(open_appliance: OpenAppliance) -> ApplianceOffice:
    return open_appliance()


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again for what is not there yet asks soon."""
    monkeypatch.setattr("workers.perform.BACKOFF_SECONDS", (0.1, 0.2, 0.3))
