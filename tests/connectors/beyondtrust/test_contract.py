"""BeyondTrust keeps the contract of support platforms, in both of its dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import httpx

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Delivery
from connectors import registry
from connectors.contract import Capability, SupportPlatform
from tests.connectors.beyondtrust.support import CURRENT, KEY, OLD, form, said, with_token
from tests.contract.captured import captured
from tests.contract.platform import PlatformContract
from tests.contract.workshop import Handler, no_network


def event(name: str) -> Delivery:
    return captured(f"beyondtrust/{name}")


def error(text: str) -> httpx.Response:
    return said("error", text)


class TestBeyondTrust(PlatformContract):
    kind = "beyondtrust"
    base_url = "https://support.example.com"
    keys: ClassVar[Mapping[str, object]] = CURRENT
    failures: ClassVar[Sequence[tuple[str, httpx.Response, type[ConnectorError]]]] = [
        ("signed out", httpx.Response(200, json={"error": "access_denied", "message": "no"}), AccessDenied),
        ("signed out by status", httpx.Response(401, json={"error": "access_denied"}), AccessDenied),
        ("no permission", error("API account does not have permission to use the command API"), AccessDenied),
        ("a child says the error", said("session_key", "<error>You do not have permission.</error>"), AccessDenied),
        ("no such page", httpx.Response(404, html="<h1>Document Not Found</h1>"), AccessDenied),
        ("too fast", httpx.Response(429, headers={"retry-after": "2"}), RateLimited),
        ("too fast in words", error("Rate limit exceeded"), RateLimited),
        ("no such team", error("The queue_id is invalid: no such team"), Rejected),
        ("no such field", error("Unknown custom field"), Rejected),
        ("never heard of", error("Something new has happened"), Rejected),
        ("no key in it", said("session_key"), UnknownOutcome),
        ("another document", said("support_teams"), UnknownOutcome),
        ("a page", httpx.Response(200, html="<html><p>down for repair</html>"), UnknownOutcome),
        ("nothing", httpx.Response(200), UnknownOutcome),
        ("hostile XML", httpx.Response(200, text='<!DOCTYPE x [<!ENTITY y "z">]><session_key/>'), UnknownOutcome),
        ("broken server", httpx.Response(500), UnknownOutcome),
        ("restarting", error("Please try again later"), Unavailable),
        ("moved", httpx.Response(302, headers={"location": "https://example.com/"}), Rejected),
    ]

    def good(self) -> Delivery:
        return event("end")

    def another(self) -> Delivery:
        return event("begin")

    def unknown(self) -> Sequence[Delivery]:
        return [event("unknown-event"), event("unknown-fields"), event("odd-bytes")]

    def malformed(self) -> Sequence[Delivery]:
        return [event(name) for name in ("no-event", "no-lsid", "odd-lsid", "empty", "json", "xml")]

    def built(self, handler: Handler, use: Callable[[SupportPlatform], object], *secrets: str) -> object:
        return super().built(with_token(handler), use, *secrets)

    def answer_invite(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=KEY)

    def sent_fields(self, request: httpx.Request) -> Mapping[str, str]:
        sent = form(request)
        return {**sent, "reference": sent["session.custom.external_key"]}


class TestOldBomgar(TestBeyondTrust):
    """The same with user name and password, at the old paths."""

    keys: ClassVar[Mapping[str, object]] = OLD

    def sent_fields(self, request: httpx.Request) -> Mapping[str, str]:
        assert request.url.path == "/api/command.ns"
        sent = form(request)
        assert (sent["username"], sent["password"]) == (OLD["username"], OLD["password"])
        return {**sent, "reference": sent["external_key"]}

    def test_the_registry_advertises_what_the_connector_can(self) -> None:
        """What the keys take away is told by `capabilities_of`."""
        kind = registry.kind(self.kind)
        assert kind.capabilities_of is not None
        told = kind.capabilities_of(kind.schema().load(dict(self.keys)))
        assert told == self.built(no_network, lambda platform: platform.capabilities)
        newer = {Capability.SET_ATTRIBUTES, Capability.END_SESSION, Capability.WATCH, Capability.PEOPLE}
        assert kind.capabilities - told == newer

    def can(self, capability: Capability) -> bool:
        kind = registry.kind(self.kind)
        assert kind.capabilities_of is not None
        return capability in kind.capabilities_of(kind.schema().load(dict(self.keys)))
