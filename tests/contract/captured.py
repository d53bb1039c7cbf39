"""Raw requests under tests/fixtures, read as the web would hand them over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from bridge.model import Delivery

FIXTURES = Path(__file__).parent.parent / "fixtures"
RECEIVED = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
"""The moment at which the captured requests were signed."""


def captured(name: str) -> Delivery:
    """The request in `tests/fixtures/<kind>/<name>.http`; its body keeps every byte."""
    head, _, body = (FIXTURES / f"{name}.http").read_bytes().partition(b"\r\n\r\n")
    request_line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return Delivery(
        connection=urlsplit(target).path.rsplit("/", 1)[-1],
        method=method,
        url=f"https://{headers['host']}{target}",
        headers=headers,
        query=dict(parse_qsl(urlsplit(target).query, keep_blank_values=True)),
        body=body,
        received_at=RECEIVED,
    )
