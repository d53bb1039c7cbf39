"""SOAP 1.1 over `/API/API.asmx`: envelopes out, results in. Pure.

ASP.NET's convention: `<op>` holds the parameters, `<opResponse>` holds `<opResult>` (a code) and what comes out beside
it. Codes have a name before them and other capitals than in text (`getSession_OK`, `requestPINCode_NotTechnician`,
`startSessionRet_OK`, a bare `OK`): they are read as the documented code that has the same letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from lxml import etree

from bridge.errors import ConnectorError, MalformedPayload, Rejected
from connectors import xml
from connectors.http import Reply
from connectors.platforms.rescue.replies import CODES, NOT_OFFERED, SUCCESS, Meaning, code_of_status, error

PATH: Final = "/API/API.asmx"
NAMESPACE: Final = "https://secure.logmeinrescue.com/API/API.asmx"
"""A name that is the same on every site, whatever its host."""
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"

Value: TypeAlias = "str | Sequence[tuple[str, Value]]"
"""Text, or elements with their values in their order."""


def headers(operation: str) -> dict[str, str]:
    return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'}


def envelope(operation: str, parameters: Iterable[tuple[str, Value]]) -> bytes:
    """The body of a call. Raises Rejected for text that XML cannot hold."""
    root = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"soap": _ENVELOPE})
    body = etree.SubElement(root, f"{{{_ENVELOPE}}}Body")
    call = etree.SubElement(body, f"{{{NAMESPACE}}}{operation}", nsmap={None: NAMESPACE})
    try:
        _put(call, parameters)
    except ValueError:
        # Its own words would quote what somebody typed.
        raise Rejected(
            f"{operation}: a value has a control character: whoever asked must take it out", code="characters"
        ) from None
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _put(parent: etree._Element, parts: Iterable[tuple[str, Value]]) -> None:
    for name, value in parts:
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, str):
            element.text = value
        else:
            _put(element, value)


def error_of(
    reply: Reply,
    operation: str,
    codes: Mapping[str, Meaning] = CODES,
    answers: Collection[str] = (SUCCESS,),
    parts: str = "",
) -> ConnectorError | None:
    """The error that an answer says; None for a success, and where it lists those parts, which have their own.

    A success has one of the answers as its result.
    """
    # Every operation has the one address.
    reply = replace(reply, where=f"{reply.where} {operation}")
    if code := code_of_status(reply):
        return error(reply, code, codes)
    try:
        fault = xml.child(_body(reply), "Fault")
        if fault is not None:
            return _fault(reply, xml.text(fault, "faultcode"), xml.text(fault, "faultstring"))
        if not 200 <= reply.status < 300:
            return None
        if parts and items(_result(reply, operation), parts):
            return None
        said = code_of(_said(_result(reply, operation)), (*answers, *codes), operation)
    except MalformedPayload:
        return reply.unclear("was answered without readable SOAP", code="unreadable") if reply.status < 300 else None
    if not said:
        return reply.unclear("was answered without a result", code="unreadable")
    return None if said in answers else error(reply, said, codes)


def _fault(reply: Reply, code: str, text: str) -> ConnectorError:
    """A fault of the caller did nothing; one of the server may have. Its text is never quoted: values may be in it."""
    if not code.endswith("Client"):
        return reply.unclear("was answered with a fault of the server", code="fault")
    if "SOAPAction" in text:
        return error(reply, NOT_OFFERED, CODES)
    return Rejected(f"{reply.where}: Rescue does not understand the call: an operator must report it", code="fault")


def response(reply: Reply, operation: str) -> xml.Element:
    """`<opResponse>`. Raises MalformedPayload for anything else."""
    found = xml.child(_body(reply), f"{operation}Response")
    if found is None:
        raise MalformedPayload("there is no response to the operation")
    return found


def _result(reply: Reply, operation: str) -> xml.Element:
    found = xml.child(response(reply, operation), f"{operation}Result")
    if found is None:
        raise MalformedPayload("there is no result of the operation")
    return found


def _said(result: xml.Element) -> str:
    """The result's own text, or that of its `state` where the result has parts."""
    return (xml.text(result, "state") if len(result) else xml.text(result)).strip()


def code_of(said: str, known: Iterable[str], operation: str = "") -> str:
    """The known code with these letters, without the name before it; else what was said, in capitals."""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,160}", said):
        return ""
    # The name is the operation's, with or without its version, and may end in Ret.
    before, _, rest = said.partition("_")
    named = rest if rest and before[0].islower() else said
    whole = re.match(rf"{re.escape(operation)}(?:Ret)?_", said) if operation else None
    bare = said[whole.end() :] if whole else named
    letters = {_letters(code): code for code in reversed(list(known))}
    # Where the text says NODE, SOAP says NodeID.
    for form in (_letters(said), _letters(bare), _letters(bare).removesuffix("ID")):
        if form in letters:
            return letters[form]
    return bare.upper()


def items(parent: xml.Element, name: str) -> list[xml.Element]:
    """The elements of a list, which may stand in a wrapper of that name, repeat it themselves, or be missing."""
    found = xml.children(parent, name)
    if len(found) == 1 and all(len(inner) for inner in found[0]):
        found = xml.children(found[0])
    return [one for one in found if len(one)]


def _letters(code: str) -> str:
    return code.replace("_", "").upper()


def _body(reply: Reply) -> xml.Element:
    found = xml.child(xml.parse(reply.content), "Body")
    if found is None:
        raise MalformedPayload("there is no SOAP body")
    return found
