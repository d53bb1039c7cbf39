"""Archives of the state model: unpacked while they come, bounded, and replayed to a state (guide, "Archive").

A state archive is one JSON object `{table: {id: {field: value}}}`, a table without rows is null. An event archive has
one JSON object a line. The guide names the kinds of events and the fields of their tables, but draws none of them:
see `apply_event` for the shapes that are understood.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from bridge.errors import MalformedPayload, Unavailable
from connectors.http import Stream
from connectors.platforms.beyondtrust.live.tables import Tables, row_id
from connectors.platforms.beyondtrust.reports.downloads import GZIP, PIECE, Progress, check_beginning, oversize
from connectors.platforms.beyondtrust.wire.elements import instant

MAX_BYTES = 4 * 1024**3
"""Unpacked; by the guide an archive is never larger."""
MAX_STATE_BYTES = 64 * 1024**2
"""Unpacked; one JSON object can only be read whole. A snapshot of ten thousand sessions is a tenth of it."""
MAX_LINE_BYTES = 16 * 1024**2
"""One event. The largest carry the system information of a machine."""

Event = Mapping[str, Any]

_ABOUT_THE_EVENT = frozenset({"type", "timestamp", "lsid"})
_PLAIN = (b"{",)


def unpack(stream: Stream, into: BinaryIO, *, max_bytes: int = MAX_BYTES, progress: Progress | None = None) -> int:
    """Write the unpacked archive into a file; tells its bytes."""
    written = 0
    for piece in unpacked(stream, max_bytes):
        into.write(piece)
        written += len(piece)
        if progress is not None:
            progress(written, None)
    return written


def unpacked(stream: Stream, max_bytes: int = MAX_BYTES) -> Iterator[bytes]:
    """The archive's bytes without gzip. Raises Rejected (`oversize`) beyond the bound, Unavailable for a broken one.

    Where the appliance declares gzip as the transfer's encoding it is unpacked already.
    """
    if stream.begins_with(1) in _PLAIN:
        pieces = iter(lambda: stream.read(PIECE), b"")
    else:
        check_beginning(stream, GZIP)
        pieces = _gunzip(stream)
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > max_bytes:
            raise oversize(stream, max_bytes)
        yield piece


def _gunzip(stream: Stream) -> Iterator[bytes]:
    """A gzip file of one or more members, never more than a piece at a time, however well it is packed."""
    unpacker = zlib.decompressobj(wbits=31)
    packed = b""
    try:
        while packed or (packed := stream.read(PIECE)):
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
            yield unpacker.decompress(packed, PIECE)
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        while not unpacker.eof and (rest := unpacker.decompress(b"", PIECE)):
            yield rest
    except zlib.error:
        raise _broken(stream, "is no readable gzip") from None
    if not unpacker.eof:
        raise _broken(stream, "ends in the middle")


def state_in(stream: Stream) -> Tables:
    """The state archive as tables."""
    try:
        told = json.loads(b"".join(unpacked(stream, MAX_STATE_BYTES)))
        tables = Tables()
        tables.insert_all(told)
    except (ValueError, RecursionError):
        raise _broken(stream, "is no readable JSON") from None
    except MalformedPayload as failure:
        raise _broken(stream, f"is no state: {failure}") from None
    return tables


def events_in(stream: Stream) -> Iterator[Event]:
    """The events of an event archive, oldest first."""
    for line in _lines(stream):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            raise _broken(stream, "has a line that is no readable JSON") from None
        if not isinstance(event, dict):
            raise _broken(stream, "has a line that is no event")
        yield event


def _lines(stream: Stream) -> Iterator[bytes]:
    left = b""
    for piece in unpacked(stream):
        *whole, left = (left + piece).split(b"\n")
        yield from filter(bytes.strip, whole)
        if len(left) > MAX_LINE_BYTES:
            raise oversize(stream, MAX_LINE_BYTES)
    if left.strip():
        yield left


def _broken(stream: Stream, what: str) -> Unavailable:
    return stream.head.unclear(f"answered an archive that {what}", code="unreadable")


def replay(state: Tables, events: Iterable[Event], until: datetime | None = None) -> Tables:
    """Let the events happen to the state, up to and with that moment; the same tables come back.

    Raises MalformedPayload for an event of another shape.
    """
    for event in events:
        at = when(event)
        if until is not None and at is not None and at > until:
            break
        apply_event(state, event)
    return state


def when(event: Event) -> datetime | None:
    return instant(str(event.get("timestamp", "")))


def apply_event(tables: Tables, event: Event) -> None:
    """What one event does to the tables; a `session_event` and a kind that is unknown do nothing.

    Understood are `{"table": …, "id": …, "data": {fields}}` (or the fields beside them), and
    `{table: {id: {field: value}}}` at the top, or below `insert`, `update`, `delete`, `tables` or `data`.
    """
    match event.get("type"):
        case "truncate_model":
            tables.truncate()
        case "model_insert":
            tables.insert_all(_told(event, "insert"))
        case "model_update":
            tables.update_all(_told(event, "update"))
        case "model_delete":
            tables.delete_all(_told(event, "delete"))


def _told(event: Event, kind: str) -> Mapping[str, Any]:
    if isinstance(event.get("table"), str):
        fields = event.get("data", event.get("fields"))
        if fields is None:
            fields = {name: value for name, value in event.items() if name not in {*_ABOUT_THE_EVENT, "table", "id"}}
        return {event["table"]: {row_id(event.get("id")): fields}}
    for name in (kind, "tables", "data"):
        if isinstance(event.get(name), Mapping):
            inside: Mapping[str, Any] = event[name]
            return inside
    return {name: rows for name, rows in event.items() if name not in _ABOUT_THE_EVENT}


def said(event: Event) -> str:
    """The text of a `chat_message` event, with `%name%` put in as the guide asks (once it writes `%name`)."""
    data = event.get("data")
    body = data.get("body") if isinstance(data, Mapping) else None
    if not isinstance(body, str):
        return ""
    by = data.get("performed_by") if isinstance(data, Mapping) else None
    name = by.get("name") if isinstance(by, Mapping) else by
    return body.replace("%name%", name) if isinstance(name, str) else body
