"""The state model: rows by 64-bit ids, inserted, updated, deleted, truncated."""

from __future__ import annotations

import json

import pytest

from bridge.errors import MalformedPayload
from connectors.platforms.beyondtrust.live import tables as state
from connectors.platforms.beyondtrust.live.tables import MAX_ID, Tables, apply_update, row_id


def update(**parts: object) -> dict[str, object]:
    return {"type": "model_update", **parts}


def filled() -> Tables:
    tables = Tables()
    rows = {"support_session": {"7": {"lsid": "aa", "queue_id": 3}}, "queue": {"3": {"name": "General"}}}
    apply_update(tables, update(insert=rows))
    return tables


def test_the_largest_id_is_the_same_row_as_number_and_as_text() -> None:
    tables = Tables()
    apply_update(tables, json.loads(f'{{"insert": {{"queue": {{"{MAX_ID}": {{"name": "General"}}}}}}}}'))
    apply_update(tables, json.loads(f'{{"update": {{"queue": {{"{MAX_ID}": {{"type": "team"}}}}}}}}'))
    assert tables.table("queue") == {"18446744073709551615": {"name": "General", "type": "team"}}
    assert tables.get("queue", json.loads("18446744073709551615")) is tables.get("queue", str(MAX_ID))
    assert tables.get("queue", MAX_ID - 1) is None


@pytest.mark.parametrize("bad", [-1, MAX_ID + 1, 1.8446744073709552e19, True, None, "", "x", "1e3", "٣", "9" * 5000])
def test_what_is_no_64_bit_number_is_no_id(bad: object) -> None:
    with pytest.raises(MalformedPayload, match="no 64-bit number"):
        row_id(bad)


def test_an_update_leaves_the_other_fields() -> None:
    tables = filled()
    apply_update(tables, update(update={"support_session": {"7": {"queue_id": 4}}}))
    assert tables.get("support_session", 7) == {"lsid": "aa", "queue_id": 4}


def test_an_insert_replaces_a_row_of_the_same_id() -> None:
    tables = filled()
    apply_update(tables, update(insert={"support_session": {"7": {"lsid": "bb"}}}))
    assert tables.get("support_session", 7) == {"lsid": "bb"}
    assert len(tables) == 2


def test_a_delete_forgets_rows_and_minds_no_unknown_one() -> None:
    tables = filled()
    apply_update(tables, update(delete={"support_session": ["7", "8"], "presenter": [1]}))
    assert tables.names() == ("queue",)
    assert len(tables) == 1


def test_one_message_inserts_then_updates_then_deletes() -> None:
    tables = Tables()
    message = update(
        delete={"queue": [1]},
        update={"queue": {"1": {"name": "b"}, "2": {"name": "b"}}},
        insert={"queue": {"1": {"name": "a"}, "2": {"name": "a"}}},
    )
    apply_update(tables, message)
    assert tables.table("queue") == {"2": {"name": "b"}}


def test_truncate_forgets_every_row_of_every_table() -> None:
    tables = filled()
    tables.truncate()
    assert (len(tables), tables.names(), tables.table("queue")) == (0, (), {})


def test_a_foreign_key_finds_its_rows_however_it_is_written() -> None:
    tables = Tables()
    rows: list[dict[str, object]] = [{"support_session_id": 7}, {"support_session_id": "7"}, {"support_session_id": ""}]
    for key, row in enumerate([*rows, {}]):
        tables.insert("support_session_attribute", key, row)
    assert [key for key, _ in tables.where("support_session_attribute", "support_session_id", "7")] == ["0", "1"]
    assert tables.get("support_session", "") is None


def test_a_table_without_data_is_null() -> None:
    tables = Tables()
    tables.insert_all({"presenter": None, "queue": {"1": {}}})
    assert tables.names() == ("queue",)


@pytest.mark.parametrize(
    "message",
    [
        update(insert=[]),
        update(insert={"queue": [1]}),
        update(insert={"queue": {"1": "x"}}),
        update(update={"queue": {"one": {}}}),
        update(delete={"queue": "12"}),
        update(delete={"queue": 12}),
    ],
)
def test_another_shape_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(MalformedPayload):
        apply_update(Tables(), message)


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_ROWS", 2)
    tables = filled()
    tables.insert("queue", 3, {"name": "again"})
    with pytest.raises(MalformedPayload, match="more than 2 rows"):
        tables.update("queue", 5, {})
