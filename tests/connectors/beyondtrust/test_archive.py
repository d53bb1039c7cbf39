"""Archives: unpacked within bounds, read line by line, replayed to a state."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import httpx
import pytest

from bridge.errors import MalformedPayload, NotFound, Rejected, Unavailable
from connectors.http import Reply, Stream
from connectors.platforms.beyondtrust.live.tables import MAX_ID, Tables
from connectors.platforms.beyondtrust.reports import archive
from connectors.platforms.beyondtrust.reports.archive import replay, said
from tests.connectors.beyondtrust.reporting import reports

DAY = date(2026, 1, 5)
STATE = {
    "support_session": {str(MAX_ID): {"lsid": "aa", "queue_id": 3}},
    "queue": {"3": {"name": "General"}},
    "presenter": None,
}


def packed(*events: object) -> bytes:
    return gzip.compress(b"".join(json.dumps(event).encode() + b"\n" for event in events))


def file(content: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"content-type": "application/x-gzip", **headers})


def events_of(content: bytes) -> list[Mapping[str, Any]]:
    with reports(Archive=file(content)) as (built, _):
        return list(built.event_archive(DAY, 1))


def test_a_state_archive_is_the_tables() -> None:
    with reports(Archive=file(gzip.compress(json.dumps(STATE).encode()))) as (built, _):
        tables = built.state_archive(DAY, 1)
    assert tables.get("support_session", MAX_ID) == {"lsid": "aa", "queue_id": 3}
    assert tables.names() == ("support_session", "queue")


def test_an_event_archive_is_read_line_by_line() -> None:
    events = [{"type": "session_event", "name": f"n{n}"} for n in range(1000)]
    assert events_of(packed(*events)) == events


def test_blank_lines_and_a_missing_last_line_feed_do_not_matter() -> None:
    assert events_of(gzip.compress(b'\n{"type": "a"}\r\n\n{"type": "b"}')) == [{"type": "a"}, {"type": "b"}]


def test_a_file_of_several_members_is_one_archive() -> None:
    assert len(events_of(packed({"type": "a"}) + packed({"type": "b"}))) == 2


def test_what_the_server_unpacked_itself_is_taken_as_it_is() -> None:
    content = file(packed({"type": "a"}), **{"content-encoding": "gzip"})
    with reports(Archive=content) as (built, _):
        assert list(built.event_archive(DAY, 1)) == [{"type": "a"}]


@pytest.mark.parametrize(
    "content",
    [
        packed({"type": "a"})[:-9],
        packed({"type": "a"})[:12] + b"\xff" * 40,
        packed(["no", "event"]),
        gzip.compress(b"{not json}\n"),
        gzip.compress(b"[" * 100_000 + b"\n"),
        b"<html>",
        b"",
    ],
    # Of their own: what is packed tells when it was packed.
    ids=["cut", "damaged", "no event", "no JSON", "very deep", "no archive", "empty"],
)
def test_a_broken_archive_may_be_asked_for_again(content: bytes) -> None:
    with pytest.raises(Unavailable):
        events_of(content)


def test_an_archive_that_is_not_there() -> None:
    answer = "<archives><error>The archive could not be found.</error></archives>"
    with reports(Archive=answer) as (built, _), pytest.raises(NotFound):
        list(built.event_archive(DAY, 1))


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(b"x" * 1_000_000) for _ in range(size // 1_000_000)), packer.flush()])


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    written: list[int] = []
    into = BytesIO()
    head = Reply(200, where="under-test: Archive")
    with Stream(iter([bomb(60_000_000)]), head) as stream, pytest.raises(Rejected) as caught:
        archive.unpack(stream, into, max_bytes=1_000_000, progress=lambda done, _: written.append(done))
    assert caught.value.code == "oversize"
    assert len(into.getvalue()) <= 1_000_000
    assert max(written) <= 1_000_000


def test_an_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_LINE_BYTES", 1_000_000)
    with pytest.raises(Rejected, match="larger than 1000000 bytes"):
        events_of(bomb(5_000_000))


def test_a_state_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_STATE_BYTES", 10)
    with reports(Archive=file(packed(STATE))) as (built, _), pytest.raises(Rejected):
        built.state_archive(DAY, 1)


def state() -> Tables:
    tables = Tables()
    tables.insert_all(STATE)
    return tables


INSERT = {"type": "model_insert", "timestamp": 100, "queue": {"4": {"name": "Second Line"}}}
UPDATE = {"type": "model_update", "timestamp": 200, "queue": {"3": {"type": "team"}}}
DELETE = {"type": "model_delete", "timestamp": 300, "queue": ["3"]}
TRUNCATE = {"type": "truncate_model", "timestamp": 400}
SESSION_EVENT = {"type": "session_event", "timestamp": 150, "lsid": "aa", "name": "chat_message", "data": {"body": "x"}}


def test_events_happen_to_the_state_in_their_order() -> None:
    tables = replay(state(), [INSERT, SESSION_EVENT, UPDATE, DELETE])
    assert tables.table("queue") == {"4": {"name": "Second Line"}}
    assert len(tables.table("support_session")) == 1


def test_a_replay_stops_after_the_moment() -> None:
    tables = replay(state(), [INSERT, UPDATE, DELETE], until=datetime.fromtimestamp(200, UTC))
    assert tables.table("queue") == {"3": {"name": "General", "type": "team"}, "4": {"name": "Second Line"}}


def test_truncate_begins_anew() -> None:
    tables = replay(state(), [UPDATE, TRUNCATE, INSERT])
    assert tables.names() == ("queue",)
    assert tables.table("queue") == {"4": {"name": "Second Line"}}


@pytest.mark.parametrize(
    "event",
    [
        {"queue": {"4": {"name": "N"}}},
        {"insert": {"queue": {"4": {"name": "N"}}}},
        {"tables": {"queue": {"4": {"name": "N"}}}},
        {"data": {"queue": {"4": {"name": "N"}}}},
        {"table": "queue", "id": 4, "data": {"name": "N"}},
        {"table": "queue", "id": "4", "fields": {"name": "N"}},
        {"table": "queue", "id": 4, "name": "N"},
    ],
)
def test_the_shapes_that_a_change_may_have(event: dict[str, Any]) -> None:
    tables = replay(Tables(), [{"type": "model_insert", "timestamp": 1, **event}])
    assert tables.table("queue") == {"4": {"name": "N"}}
    gone = {**event, "insert": None, "delete": event["insert"]} if "insert" in event else event
    assert len(replay(tables, [{"type": "model_delete", "timestamp": 2, **gone}])) == 0


def test_an_unknown_shape_is_told() -> None:
    with pytest.raises(MalformedPayload):
        replay(Tables(), [{"type": "model_insert", "rows": [1, 2]}])


def test_the_name_stands_where_the_macro_stood() -> None:
    event = {"type": "session_event", "data": {"body": "%name% has joined", "performed_by": {"name": "Ann"}}}
    assert said(event) == "Ann has joined"
    assert said({"data": {"body": "%name%?"}}) == "%name%?"
    assert said({}) == ""
