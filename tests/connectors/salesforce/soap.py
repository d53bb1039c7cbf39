"""Outbound messages as Salesforce writes them, up to a hundred notifications in one."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from tests.connectors.salesforce.fake import ORGANIZATION, long_id

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    ' <soapenv:Body>\n  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
)
TAIL = "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"


def notification(number: int, kind: str, fields: Mapping[str, str]) -> str:
    """One notification; a field without a value is nil, as in Salesforce's messages."""
    told = "".join(
        f"     <sf:{name}>{escape(value)}</sf:{name}>\n" if value else f'     <sf:{name} xsi:nil="true"/>\n'
        for name, value in fields.items()
    )
    return (
        f"   <Notification>\n    <Id>{notification_id(number)}</Id>\n"
        f'    <sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n'
        f"{told}    </sObject>\n   </Notification>\n"
    )


def notification_id(number: int) -> str:
    return long_id(f"04l5g000000{number:04d}")


def message(*notifications: str, organization: str = ORGANIZATION, session: str = "") -> bytes:
    session_id = f"<SessionId>{session}</SessionId>" if session else '<SessionId xsi:nil="true"/>'
    around = (
        f"   <OrganizationId>{organization}</OrganizationId>\n   <ActionId>04k5g0000004XyZAAU</ActionId>\n"
        f"   {session_id}\n"
        f"   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/62.0/{organization[:15]}</EnterpriseUrl>\n"
        f"   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/62.0/{organization[:15]}</PartnerUrl>\n"
    )
    return f"{HEAD}{around}{''.join(notifications)}{TAIL}".encode()
