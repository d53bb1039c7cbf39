from __future__ import annotations

import pytest

from bridge.errors import AccessDenied, Rejected
from bridge.model import CrmRecord
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.connectors.hubspot.fake import COMPANY_SCOPE
from tests.contract.records import RecordContract


class TestRecords(RecordContract):
    pass


def test_companies_need_scopes_of_their_own_and_stop_nothing(desk: HubSpotDesk) -> None:
    desk.hubspot.scopes.discard(COMPANY_SCOPE)
    with pytest.raises(Rejected) as caught:
        desk.connector().fetch_record(CrmRecord.ACCOUNT, desk.account_id, ())
    assert "crm.objects.companies.read" in str(caught.value)


def test_contacts_without_their_scope_stop_the_connection(desk: HubSpotDesk) -> None:
    desk.hubspot.scopes.discard("crm.objects.contacts.read")
    with pytest.raises(AccessDenied):
        desk.connector().fetch_record(CrmRecord.CONTACT, desk.contact_id, ())


def test_a_company_is_not_found_by_an_address(desk: HubSpotDesk) -> None:
    with pytest.raises(Rejected):
        desk.connector().find_records(CrmRecord.ACCOUNT, "company@example.com", ())
