"""Captured requests: raw files with request line, headers, an empty line and the body, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from bridge.model import Delivery

FIXTURES = Path(__file__).parent / "fixtures"
RECEIVED = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def delivery(kind: str, name: str, *, received_at: datetime = RECEIVED) -> Delivery:
    """The request in tests/fixtures/<kind>/<name>.http as the web would hand it on."""
    head, _, body = (FIXTURES / kind / f"{name}.http").read_bytes().partition(b"\r\n\r\n")
    request_line, *header_lines = head.decode("ascii").split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in header_lines)}
    return Delivery(
        connection=kind,
        method=method,
        url=f"https://{headers['host']}{target}",
        headers=headers,
        query=dict(parse_qsl(urlsplit(target).query, keep_blank_values=True)),
        body=body,
        received_at=received_at,
    )


def with_body(delivery: Delivery, body: bytes) -> Delivery:
    return replace(delivery, body=body)


def without_secret(delivery: Delivery) -> Delivery:
    """The same with nothing that proves who sent it: no `key` in the query, no Basic, no header of ours."""
    proofs = ("authorization", "x-deskbridge-key")
    return replace(
        delivery,
        query={name: value for name, value in delivery.query.items() if name != "key"},
        headers={name: value for name, value in delivery.headers.items() if name not in proofs},
    )
