"""What the tests of the reports share: made-up reports as files, and elements out of a few lines."""

from __future__ import annotations

from pathlib import Path

from connectors.xml import Element, children, parse

FIXTURES = Path(__file__).parents[2] / "fixtures" / "beyondtrust"
LSID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
STARTED_AT = 1767603600


def report(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def session_element(name: str = "session.xml") -> Element:
    return children(parse(report(name)), "session")[0]


def element(xml: str) -> Element:
    return parse(xml.encode())


def session_with(*inside: str) -> Element:
    """A session of a few elements."""
    return element(f'<session xmlns="https://x.example/" lsid="{LSID}">{"".join(inside)}</session>')


def event(kind: str, *inside: str, at: int = STARTED_AT) -> str:
    return f'<event timestamp="{at}" event_type="{kind}">{"".join(inside)}</event>'


def details(*events: str) -> str:
    return f"<session_details>{''.join(events)}</session_details>"
