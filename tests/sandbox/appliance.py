"""A pretend appliance without servers, the tests' API account at it, and sessions to ask about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import httpx
from lxml import etree

from sandbox.beyondtrust import ApplianceState, Gate, LiveModel, create_appliance
from sandbox.beyondtrust.state.model import ApplianceSession
from sandbox.clock import Clock
from sandbox.settings import ApplianceSettings


class StillClock(Clock):
    """Moves only when it is pushed."""

    def __init__(self) -> None:
        super().__init__()
        self._begin = datetime.now(UTC)

    def now(self) -> datetime:
        return self._begin

    def advance(self, seconds: float) -> None:
        self._begin += timedelta(seconds=seconds)


class House:
    """What a sandbox has of the appliance, called without any network."""

    def __init__(self) -> None:
        self.settings = ApplianceSettings(requests_per_second=0)
        self.clock = StillClock()
        self.appliance = ApplianceState(self.settings, self.clock)
        self.appliance.base_url = "http://appliance.example.com"
        self.gate = Gate(self.appliance)
        self.app = create_appliance(self.appliance, LiveModel(self.appliance), self.gate)

    def client(self) -> httpx.Client:
        """Anybody."""
        return httpx.Client(base_url=self.appliance.base_url, transport=httpx.WSGITransport(self.app))


class Account:
    """Signs in at once. What it answers has no namespaces any more."""

    def __init__(self, client: httpx.Client, settings: ApplianceSettings) -> None:
        self._settings = settings
        self.client = client
        self.client.headers["Connection"] = "close"
        self.token = ""
        self.sign_in()

    def sign_in(self) -> str:
        answer = self.ask_token()
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"
        return self.token

    def ask_token(self, secret: str | None = None, grant: str = "client_credentials") -> httpx.Response:
        auth = (self._settings.client_id, self._settings.client_secret if secret is None else secret)
        return self.client.post("/oauth2/token", auth=auth, data={"grant_type": grant})

    def command(self, action: str, **params: str) -> etree._Element:
        """`session_x` stands for `session.x`, as keywords have no dots."""
        return root(self.client.post("/api/command", data={"action": action, **_dotted(params)}))

    def report(self, name: str, **params: str) -> etree._Element:
        return root(self.report_answer(name, **params))

    def report_answer(self, name: str, **params: str) -> httpx.Response:
        return self.client.post("/api/reporting", data={"generate_report": name, **params})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()


def root(answer: httpx.Response) -> etree._Element:
    """The root of an XML answer, which always comes with 200."""
    assert answer.status_code == 200, answer.text
    found = etree.fromstring(answer.content)
    for element in found.iter():
        element.tag = etree.QName(element).localname
    return found


def error(answer: etree._Element) -> str:
    """The text of `<error>`, at the root or below it; empty if there is none."""
    found = answer if answer.tag == "error" else answer.find("error")
    return "" if found is None else found.text or ""


def _dotted(params: dict[str, str]) -> dict[str, str]:
    names = {"session_priority": "session.priority", "session_skills": "session.skills"}
    return {
        names.get(
            name, name.replace("session_custom_", "session.custom.") if name.startswith("session_custom_") else name
        ): value
        for name, value in params.items()
    }


def waiting(state: ApplianceState, queue: str = "team:1", **attributes: str) -> ApplianceSession:
    """A session whose customer waits in a queue."""
    return state.join(state.request_key(queue, attributes).short_key, customer="Ann")


def helped(state: ApplianceState, **attributes: str) -> ApplianceSession:
    """A session that the first representative has accepted."""
    session = waiting(state, "team:1", **attributes)
    state.accept(session.lsid, 1)
    return session


def over(state: ApplianceState, **attributes: str) -> ApplianceSession:
    """A session that has ended."""
    session = helped(state, **attributes)
    state.end(session.lsid)
    return session
