"""Rescue keeps the contract of support platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import parse_qsl

import httpx

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NobodyThere,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Delivery
from tests.connectors.rescue.support import post
from tests.contract.platform import PlatformContract


class TestRescue(PlatformContract):
    kind = "rescue"
    keys: ClassVar[Mapping[str, object]] = {"authcode": "made-up-authcode-0123456789"}
    failures: ClassVar[Sequence[tuple[str, httpx.Response, type[ConnectorError]]]] = [
        ("signed out", httpx.Response(200, text="NOTLOGGEDIN"), AccessDenied),
        ("too fast", httpx.Response(200, text="POLLRATEEXCEEDED"), RateLimited),
        ("nobody there", httpx.Response(200, text="NOTECHCONSOLERUNNING"), NobodyThere),
        ("passing fault", httpx.Response(200, text="ERROR"), Unavailable),
        ("no PIN in it", httpx.Response(200, text="OK"), UnknownOutcome),
        ("a page", httpx.Response(200, html="<html>down for repair</html>"), UnknownOutcome),
        ("broken server", httpx.Response(500), UnknownOutcome),
        ("too many requests", httpx.Response(429, headers={"retry-after": "7"}), RateLimited),
        ("forbidden", httpx.Response(403), AccessDenied),
        ("moved", httpx.Response(302, headers={"location": "https://example.com/"}), Rejected),
        ("never heard of", httpx.Response(200, text="SOMETHING_NEW"), Rejected),
    ]

    def good(self) -> Delivery:
        return post("form-end")

    def another(self) -> Delivery:
        return post("form-start")

    def unknown(self) -> Sequence[Delivery]:
        return [post("form-end-sparse")]

    def malformed(self) -> Sequence[Delivery]:
        names = ("empty", "form-stranger", "form-session-not-a-number", "json")
        return [post(name) for name in (*names, "xml-not-closed", "xml-entity", "xml-stranger")]

    def answer_invite(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="OK\n\nPINCODE:012345")

    def sent_fields(self, request: httpx.Request) -> Mapping[str, str]:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        return {**form, "reference": form["tracking0"]}
