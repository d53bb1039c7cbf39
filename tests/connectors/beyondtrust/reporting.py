"""What the tests of the reports share: made-up reports as files, and elements out of a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from connectors.platforms.beyondtrust.reports import Reports
from connectors.xml import Element, children, parse
from tests.connectors.beyondtrust.appliance import Appliance, api

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


@contextmanager
def reports(**answers: object) -> Iterator[tuple[Reports, Appliance]]:
    """The reports of an appliance that answers each one by its name: with a fixture's name, a body or a response."""
    appliance = Appliance({name: _answer(answer) for name, answer in answers.items()})
    with api(appliance) as built:
        yield Reports(built), appliance


def _answer(answer: object) -> object:
    if isinstance(answer, str) and answer.endswith(".xml"):
        return httpx.Response(200, content=report(answer), headers={"content-type": "text/xml"})
    return httpx.Response(200, content=answer) if isinstance(answer, bytes) else answer
