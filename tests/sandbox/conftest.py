"""A running sandbox, somebody who receives its webhooks, and clients that are closed again."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sandbox.driver import Customer, HelpdeskUser, Technician
from sandbox.serve import Sandbox
from sandbox.settings import RescueSettings, SandboxSettings
from tests.sandbox.appliance import Account, House
from tests.sandbox.receiver import Receiver


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    # No wait between PINs, so that only the tests of the wait need to know it.
    settings = SandboxSettings(rescue=RescueSettings(pin_interval_seconds=0.0))
    with Sandbox(settings) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def zendesk(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """The bridge's API user at the help desk."""
    settings = sandbox.settings.helpdesk
    auth = (f"{settings.email}/token", settings.api_token)
    with httpx.Client(base_url=sandbox.helpdesk_url, auth=auth, trust_env=False) as client:
        yield client


@pytest.fixture
def rescue(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Anybody at the pretend Rescue."""
    with httpx.Client(base_url=sandbox.rescue_url, trust_env=False) as client:
        yield client


@pytest.fixture
def house() -> House:
    """A pretend appliance of its own, without servers; no limit to how often it is asked."""
    return House()


@pytest.fixture
def account(house: House) -> Iterator[Account]:
    """The bridge's API account at the house, signed in."""
    with Account(house.client(), house.settings) as signed_in:
        yield signed_in


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[HelpdeskUser]:
    with HelpdeskUser(sandbox.helpdesk_url) as user:
        yield user


@pytest.fixture
def customer(sandbox: Sandbox) -> Iterator[Customer]:
    with Customer(sandbox.rescue_url) as person:
        yield person


@pytest.fixture
def technician(sandbox: Sandbox) -> Iterator[Technician]:
    with Technician(sandbox.rescue_url) as person:
        yield person


@pytest.fixture
def ticket(desk: HelpdeskUser) -> int:
    return desk.open_ticket("Printer", "It blinks.")
