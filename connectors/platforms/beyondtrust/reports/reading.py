"""Reports as rows: elements of a streamed document, and the errors that may come between them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from io import BufferedReader
from typing import TypeAlias, TypeVar

from bridge.errors import MalformedPayload
from connectors.http import Stream
from connectors.platforms.beyondtrust.wire.api import Api
from connectors.platforms.beyondtrust.wire.errors import error_of
from connectors.xml import Element, local, records, text

PIECE = 64 * 1024

T = TypeVar("T")
Rows: TypeAlias = Generator[T, None, None]
"""Read once from front to back. Whoever stops before the end closes it (`contextlib.closing`), and so the request."""


class Reader:
    """Reads what the appliance reports, row by row."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def rows(self, report: str, params: Mapping[str, str], make: Callable[[Element], T], *names: str) -> Rows[T]:
        """What `make` makes of each element of these names."""
        for element in self.elements(report, params, *names):
            yield make(element)

    def elements(self, report: str, params: Mapping[str, str], *names: str) -> Rows[Element]:
        """Each element of these names; it is emptied when the next is asked for."""
        with self._api.report(report, params) as stream:
            _skip_blanks(stream)
            try:
                for element in records(BufferedReader(stream, PIECE), *names, "error"):
                    if local(element) == "error":
                        raise error_of(text(element), f"{self._api.connection}: {report}", params)
                    yield element
            except MalformedPayload as broken:
                raise stream.head.unclear(f"was answered unreadably: {broken}", code="unreadable") from None


def _skip_blanks(stream: Stream) -> None:
    """Blank lines before the XML declaration are not XML, and appliances send blank lines."""
    while stream.begins_with(1) in (b" ", b"\t", b"\r", b"\n"):
        stream.read(1)
