from __future__ import annotations

from tests.contract.records import RecordContract


class TestRecords(RecordContract):
    pass
