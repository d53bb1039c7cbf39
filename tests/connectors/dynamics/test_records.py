from __future__ import annotations

import pytest

from bridge.errors import Rejected
from bridge.model import CrmRecord
from tests.connectors.dynamics.desk import DynamicsDesk
from tests.contract.records import RecordContract


class TestRecords(RecordContract):
    pass


def test_an_account_is_found_by_its_address(desk: DynamicsDesk) -> None:
    [record] = desk.connector().find_records(CrmRecord.ACCOUNT, "Company@example.com", ())
    assert record.id == desk.account_id


def test_what_is_ignored_in_silence_is_refused(desk: DynamicsDesk) -> None:
    with pytest.raises(Rejected) as caught:
        desk.connector().update_record(CrmRecord.CONTACT, desk.contact_id, {"createdon": "2026-01-01T00:00:00Z"})
    assert caught.value.code == "ignored-field"
