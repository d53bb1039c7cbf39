"""One served fake for all of ServiceNow's tests, an empty instance for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest

from connectors.http import new_client
from connectors.tickets.servicenow import ServiceNow
from tests.connectors.servicenow.desk import ServiceNowDesk
from tests.connectors.servicenow.fake import fake
from tests.connectors.servicenow.fake_api import app_of
from tests.contract.served import Served, served


class Current:
    """The instance that the running test looks at."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.state = fake()
        self._app = app_of(self.state)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)


@pytest.fixture(scope="module")
def instance() -> Current:
    return Current()


@pytest.fixture(scope="module")
def running(instance: Current) -> Iterator[Served]:
    with served(instance) as found:
        yield found


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client() as opened:
        yield opened


@contextmanager
def a_desk(instance: Current, running: Served, client: httpx.Client) -> Iterator[ServiceNowDesk]:
    """A desk over an empty instance, without faults before and after."""
    instance.begin()
    running.faults.clear()
    running.faults.seen.clear()
    yield ServiceNowDesk(instance.state, running.url, running.faults, client)
    running.faults.clear()


@pytest.fixture
def desk(instance: Current, running: Served, client: httpx.Client) -> Iterator[ServiceNowDesk]:
    with a_desk(instance, running, client) as opened:
        yield opened


@pytest.fixture
def connector(desk: ServiceNowDesk) -> ServiceNow:
    return desk.connected(desk.keys())
