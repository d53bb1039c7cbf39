"""Outbound messages, as captured requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import CrmEvent, CrmEventKind, CrmRecord, Delivery, TicketEvent, TicketEventKind
from connectors.contract import ConnectionConfig
from connectors.tickets.salesforce import KIND, Salesforce
from connectors.tickets.salesforce.webhook import ACKNOWLEDGEMENT, delivery_key, parse, split
from tests.connectors.salesforce.fake import CLIENT_ID, CLIENT_SECRET, ORGANIZATION, REFRESH_TOKEN, long_id
from tests.connectors.salesforce.soap import message, notification, notification_id
from tests.contract.captured import FIXTURES, captured
from tests.contract.workshop import no_network, workshop

SECRET = "made-up-salesforce-hook-secret"
NAMES = sorted(path.stem for path in (FIXTURES / "salesforce").glob("*.http"))
CASE, OTHER_CASE = long_id("5005g00000AbCdE"), long_id("5005g00000aBcDf")
AGENT = long_id("0055g00000AgEnT")
MOMENT = datetime(2026, 3, 2, 10, 29, 58, tzinfo=UTC)
CHANGED = TicketEventKind.CHANGED


def only(name: str) -> TicketEvent | CrmEvent:
    [event] = parse(captured(f"salesforce/{name}"))
    return event


def with_body(body: bytes) -> Delivery:
    return replace(captured("salesforce/case"), body=body)


def case(number: int, case_id: str = CASE, **fields: str) -> str:
    return notification(number, "Case", {"Id": case_id, **fields})


def tickets(deliveries: Sequence[Delivery]) -> list[str]:
    return [event.ticket_id for one in deliveries for event in parse(one) if isinstance(event, TicketEvent)]


# -- proving oneself -------------------------------------------------------------------------------------------


def verify(delivery: Delivery, **keys: str) -> None:
    given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN, **keys}
    url = "https://acme.my.salesforce.com"
    config = ConnectionConfig("salesforce", "salesforce", url, (SECRET,), KIND.schema().load(given))
    with workshop(url, no_network) as shop:
        Salesforce(config, shop).verify(delivery)


@pytest.mark.parametrize("name", NAMES)
def test_every_captured_request_has_the_secret(name: str) -> None:
    verify(captured(f"salesforce/{name}"))


@pytest.mark.parametrize("organization", [ORGANIZATION, ORGANIZATION[:15]])
def test_the_organization_is_known_by_either_form_of_its_id(organization: str) -> None:
    verify(captured("salesforce/case"), organization_id=organization)
    verify(with_body(message(case(1), organization=ORGANIZATION[:15])), organization_id=organization)


@pytest.mark.parametrize("name", ["other-organization", "broken", "entities", "stranger"])
def test_another_organization_is_refused_and_whatever_is_strange_with_it(name: str) -> None:
    with pytest.raises(BadSignature):
        verify(captured(f"salesforce/{name}"), organization_id=ORGANIZATION)


def test_an_organization_whose_id_differs_by_case_is_another_one() -> None:
    other = long_id(ORGANIZATION[:15].swapcase().replace("00d", "00D"))
    with pytest.raises(BadSignature):
        verify(with_body(message(case(1), organization=other)), organization_id=ORGANIZATION)


def test_nobody_without_the_secret_has_his_xml_read() -> None:
    delivery = replace(captured("salesforce/case"), query={"key": "a guess"})
    with pytest.raises(BadSignature):
        verify(delivery, organization_id=ORGANIZATION)


# -- many in one -----------------------------------------------------------------------------------------------


def test_each_notification_becomes_a_delivery_of_its_own() -> None:
    parts = split(captured("salesforce/case-again-with-another"))
    assert tickets(parts) == [CASE, OTHER_CASE]
    assert [delivery_key(part) for part in parts] == [notification_id(1), notification_id(2)]
    assert all(part.query == {"key": SECRET} for part in parts)


def test_a_notification_is_the_same_delivery_in_whatever_group_it_comes_again() -> None:
    alone = split(captured("salesforce/case"))
    again = split(captured("salesforce/case-again-with-another"))
    assert delivery_key(alone[0]) == delivery_key(again[0]) == delivery_key(captured("salesforce/case"))
    assert parse(alone[0]) == parse(again[0])


def test_a_hundred_notifications_are_a_hundred_deliveries() -> None:
    wanted = [long_id(f"5005g00000{number:05d}") for number in range(100)]
    body = message(*(case(number, case_id) for number, case_id in enumerate(wanted)))
    parts = split(with_body(body))
    assert tickets(parts) == wanted
    assert len({delivery_key(part) for part in parts}) == 100


def test_a_part_keeps_its_organization_but_no_session() -> None:
    for part in split(captured("salesforce/case-again-with-another")):
        verify(part, organization_id=ORGANIZATION)
        assert b"made.up.session" not in part.body


def test_what_people_typed_survives_the_split_as_text() -> None:
    typed = 'Chris <Customer> & "Sons" ]]> </sf:Name> ä€😀'
    fields = {"Id": long_id("0035g00000CoNtA"), "Name": typed}
    [part] = split(with_body(message(notification(1, "Contact", fields))))
    [event] = parse(part)
    assert isinstance(event, CrmEvent)
    assert event.fields == {"Name": typed}


def test_prefixes_declared_anywhere_stay_understood() -> None:
    body = message(case(1), case(2, OTHER_CASE)).replace(b' xmlns:sf="urn:sobject.enterprise.soap.sforce.com"', b"")
    body = body.replace(b"<soapenv:Envelope", b'<soapenv:Envelope xmlns:sf="urn:sobject.enterprise.soap.sforce.com"')
    assert tickets(split(with_body(body))) == [CASE, OTHER_CASE]


@pytest.mark.parametrize("name", ["stranger", "broken", "entities"])
def test_a_strangers_shape_cannot_be_split(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected a SOAP outbound message") as refused:
        split(captured(f"salesforce/{name}"))
    assert "private" not in str(refused.value)


def test_a_message_without_notifications_is_none() -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        split(with_body(message()))


def test_the_acknowledgement_is_what_salesforce_takes_for_one() -> None:
    assert KIND.acknowledgement == ("text/xml; charset=utf-8", ACKNOWLEDGEMENT)
    root = etree.fromstring(ACKNOWLEDGEMENT)
    names = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "o": "http://soap.sforce.com/2005/09/outbound"}
    assert root.xpath("string(/s:Envelope/s:Body/o:notificationsResponse/o:Ack)", namespaces=names) == "true"


# -- understanding ---------------------------------------------------------------------------------------------


def test_a_case_says_who_changed_it_and_when() -> None:
    assert only("case") == TicketEvent(CHANGED, CASE, "Case", AGENT, MOMENT)


def test_the_address_of_a_message_can_say_what_it_means() -> None:
    event = only("case-named")
    assert (event.kind, event.name) == (TicketEventKind.REQUESTED, "ticket.session_requested")


def test_a_word_of_the_admins_own_is_the_events_name() -> None:
    delivery = replace(captured("salesforce/case"), query={"key": SECRET, "event": "needs-help"})
    [event] = parse(delivery)
    assert (event.kind, event.name) == (CHANGED, "needs-help")


def test_a_merged_case_says_where_it_lives_on() -> None:
    event = only("case-merged")
    assert isinstance(event, TicketEvent)
    assert (event.kind, event.ticket_id, event.merged_into) == (TicketEventKind.MERGED, CASE, OTHER_CASE)


@pytest.mark.parametrize("told", [CASE, CASE[:15], CASE.lower(), CASE.upper()])
def test_a_case_has_one_id_however_it_is_written(told: str) -> None:
    assert tickets([with_body(message(case(1, told)))]) == [CASE]


def test_a_new_contact_brings_its_fields() -> None:
    event = only("contact")
    assert isinstance(event, CrmEvent)
    assert (event.kind, event.record, event.name) == (CrmEventKind.CREATED, CrmRecord.CONTACT, "Contact")
    assert (event.record_id, event.actor, event.occurred_at) == (long_id("0035g00000CoNtA"), AGENT, MOMENT)
    assert event.fields["Name"] == "Chris <Customer> & Sons"
    assert event.fields["Email"] == "chris@example.com"
    assert event.fields["Phone"] == ""
    assert "Id" not in event.fields


def test_a_changed_account() -> None:
    event = only("account")
    assert isinstance(event, CrmEvent)
    assert (event.kind, event.record) == (CrmEventKind.CHANGED, CrmRecord.ACCOUNT)


def test_a_deleted_contact() -> None:
    fields = {"Id": long_id("0035g00000CoNtA"), "IsDeleted": "true"}
    [event] = parse(with_body(message(notification(1, "Contact", fields))))
    assert event.kind is CrmEventKind.DELETED


def test_other_objects_are_ignored() -> None:
    assert parse(captured("salesforce/unknown-object")) == []


@pytest.mark.parametrize("name", ["stranger", "broken", "entities", "case-without-id"])
def test_a_strangers_shape_is_refused(name: str) -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        parse(captured(f"salesforce/{name}"))


def test_a_notification_without_a_record_is_refused() -> None:
    with pytest.raises(MalformedPayload, match="expected"):
        parse(with_body(message("<Notification><Id>04l5g0000000001AAA</Id></Notification>")))


def test_without_a_notifications_id_the_key_is_a_digest() -> None:
    body = message(case(1)).replace(notification_id(1).encode(), b"")
    assert len(delivery_key(with_body(body))) == 64
    assert delivery_key(with_body(body)) != delivery_key(with_body(body + b"\n"))


@pytest.mark.parametrize("told", [AGENT, AGENT[:15]])
def test_the_echo_of_our_own_write_is_known(told: str) -> None:
    [event] = parse(with_body(message(case(1, LastModifiedById=told))))
    with workshop("https://acme.my.salesforce.com", no_network) as shop:
        keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
        loaded = KIND.schema().load({**keys, "user_id": AGENT[:15]})
        ours = Salesforce(ConnectionConfig("salesforce", "salesforce", "", (SECRET,), loaded), shop).own_actors
    assert event.actor.lower() in ours
