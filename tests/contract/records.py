"""The contract of systems that keep contacts and accounts beside tickets (`Capability.RECORDS`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import pytest

from bridge.errors import ConnectorError, NotFound, Rejected, UnknownOutcome
from bridge.model import CrmRecord
from connectors.contract import Capability, TicketSystem
from sandbox.faults import Faults
from tests.contract.desk import Webhook

CUSTOMER = "customer@example.com"


class Names(NamedTuple):
    """Fields of a contact by their API names."""

    asks: str
    status: str
    reason: str
    computers: str
    allotted: str
    used: str
    first_name: str
    last_name: str


class RecordDesk(ABC):
    """What a desk has beside tickets: the contact Chris Customer, customer@example.com, and an account."""

    names: ClassVar[Names]
    missing_contact: ClassVar[str]
    record_write: ClassVar[tuple[str, str]]
    """Method and path pattern of the request that changes a contact."""
    contact_id: str
    account_id: str
    faults: Faults

    @abstractmethod
    def connector(self, *secrets: str) -> TicketSystem: ...

    @abstractmethod
    def contact_value(self, name: str) -> object: ...

    @abstractmethod
    def set_contact(self, **values: object) -> None:
        """Change the contact as an employee would."""

    @abstractmethod
    def tell_contact(self, hook: str, *, ours: bool = False) -> Webhook:
        """What the vendor sends about a change of the contact; `ours` for one by our own user."""


class RecordContract:
    """What every such system keeps."""

    def test_it_says_so(self, desk: RecordDesk) -> None:
        assert Capability.RECORDS in desk.connector().capabilities

    def test_a_contact_is_read_with_the_fields_that_are_asked_for(self, desk: RecordDesk) -> None:
        desk.set_contact(**{desk.names.asks: "requested", desk.names.computers: 3})
        wanted = (desk.names.asks, desk.names.computers, desk.names.status)
        record = desk.connector().fetch_record(CrmRecord.CONTACT, desk.contact_id, wanted)
        assert (record.kind, record.id, record.email) == (CrmRecord.CONTACT, desk.contact_id, CUSTOMER)
        assert (record.first_name, record.last_name) == ("Chris", "Customer")
        assert record.name == "Chris Customer"
        assert (record.fields[desk.names.asks], record.fields[desk.names.computers]) == ("requested", "3")
        assert record.fields.get(desk.names.status, "") == ""
        assert record.fields[desk.names.first_name] == "Chris"
        assert record.url.startswith("http")

    def test_an_account_is_read(self, desk: RecordDesk) -> None:
        record = desk.connector().fetch_record(CrmRecord.ACCOUNT, desk.account_id, ())
        assert (record.kind, record.id, record.name) == (CrmRecord.ACCOUNT, desk.account_id, "Example Company")

    @pytest.mark.parametrize("named", ["missing", "../../etc", "nonsense' OR 1=1"])
    def test_a_contact_that_is_not_there_is_not_found(self, desk: RecordDesk, named: str) -> None:
        record_id = desk.missing_contact if named == "missing" else named
        with pytest.raises(NotFound):
            desk.connector().fetch_record(CrmRecord.CONTACT, record_id, ())
        with pytest.raises(NotFound):
            desk.connector().update_record(CrmRecord.CONTACT, record_id, {desk.names.status: "x"})

    def test_a_contact_is_changed(self, desk: RecordDesk) -> None:
        changes = {desk.names.status: "invited", desk.names.allotted: 2}
        desk.connector().update_record(CrmRecord.CONTACT, desk.contact_id, changes)
        assert desk.contact_value(desk.names.status) == "invited"
        assert str(desk.contact_value(desk.names.allotted)) == "2"

    def test_nothing_to_change_asks_nobody(self, desk: RecordDesk) -> None:
        desk.connector().update_record(CrmRecord.CONTACT, desk.contact_id, {})
        assert not desk.faults.requests(method="PATCH")

    def test_an_unknown_field_is_refused(self, desk: RecordDesk) -> None:
        with pytest.raises(Rejected):
            desk.connector().update_record(CrmRecord.CONTACT, desk.contact_id, {"no_such_field": "x"})

    def test_a_change_that_was_cut_off_may_have_been_done(self, desk: RecordDesk) -> None:
        method, path = desk.record_write
        desk.faults.cut_after(path, method=method)
        with pytest.raises(UnknownOutcome):
            desk.connector().update_record(CrmRecord.CONTACT, desk.contact_id, {desk.names.status: "invited"})

    @pytest.mark.parametrize("email", [CUSTOMER, CUSTOMER.upper()])
    def test_a_contact_is_found_by_its_address(self, desk: RecordDesk, email: str) -> None:
        desk.set_contact(**{desk.names.allotted: 4})
        [record] = desk.connector().find_records(CrmRecord.CONTACT, email, (desk.names.allotted,))
        assert (record.id, record.fields[desk.names.allotted]) == (desk.contact_id, "4")

    @pytest.mark.parametrize("email", ["nobody@example.com", "", "x' OR Email != '", "a/../b@example.com"])
    def test_nobody_is_found_by_a_strange_address(self, desk: RecordDesk, email: str) -> None:
        assert not list(desk.connector().find_records(CrmRecord.CONTACT, email, ()))

    def test_what_people_typed_is_not_told_in_errors(self, desk: RecordDesk) -> None:
        with pytest.raises(ConnectorError) as caught:
            desk.connector().update_record(CrmRecord.CONTACT, desk.contact_id, {"no_such_field": "what somebody typed"})
        assert "typed" not in str(caught.value)
