"""SOAP 1.1 envelopes: reading a call strictly, writing a reply and a fault.

Source: the SOAP 1.1 note, and how ASP.NET answers; only what stands in the service's namespace is a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from lxml import etree

NAMESPACE = "https://secure.logmeinrescue.com/API/API.asmx"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Element: TypeAlias = "tuple[str, str | Sequence[Element]]"
"""A name, and a text or the elements inside."""


class Fault(Exception):
    """A call that the service cannot even read; HTTP 500."""

    def __init__(self, words: str, code: str = "Client") -> None:
        super().__init__(words)
        self.code = code


def read(body: bytes) -> etree._Element:
    """The one element in the envelope's body."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Fault("Server was unable to read request. ---> There is an error in the XML document.") from None
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Fault("Possible SOAP version mismatch.", "VersionMismatch")
    calls = [one for one in root.iterfind(f"{{{SOAP}}}Body/*") if isinstance(one.tag, str)]
    if len(calls) != 1:
        raise Fault("Server was unable to read request. ---> The body holds no call.")
    return calls[0]


def operation_of(action: str | None, call: etree._Element) -> str:
    """The operation that header and body agree on."""
    given = (action or "").strip().strip('"')
    name = given.removeprefix(f"{NAMESPACE}/")
    if not given or name == given:
        raise Fault(f"Server did not recognize the value of HTTP Header SOAPAction: {given}.")
    if call.tag != f"{{{NAMESPACE}}}{name}":
        raise Fault(f"The request element was not recognized. SOAPAction: {given}.")
    return name


def children(element: etree._Element) -> Iterable[tuple[str, etree._Element]]:
    """Name and element of what is in the service's namespace; ASP.NET overlooks the rest."""
    for child in element:
        if isinstance(child.tag, str):
            name = etree.QName(child)
            if name.namespace == NAMESPACE:
                yield name.localname, child


def reply(operation: str, result: Element, outs: Iterable[Element]) -> bytes:
    envelope, body = _envelope()
    answer = etree.SubElement(body, f"{{{NAMESPACE}}}{operation}Response", nsmap={None: NAMESPACE})
    for one in (result, *outs):
        _add(answer, one)
    return _written(envelope)


def fault(error: Fault) -> bytes:
    envelope, body = _envelope()
    found = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(found, "faultcode").text = f"soap:{error.code}"
    etree.SubElement(found, "faultstring").text = NOT_XML.sub("", str(error))
    etree.SubElement(found, "detail")
    return _written(envelope)


def _envelope() -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    return envelope, etree.SubElement(envelope, f"{{{SOAP}}}Body")


def _add(parent: etree._Element, element: Element) -> None:
    name, value = element
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if isinstance(value, str):
        made.text = NOT_XML.sub("", value) or None
    else:
        for one in value:
            _add(made, one)


def _written(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
