"""The XML that the appliance answers with, in each of the namespaces that were seen."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from flask import Response
from lxml import etree

from sandbox.settings import ApplianceSettings

Api = Literal["command", "reporting"]
NAMESPACES = {
    "beyondtrust": "https://www.beyondtrust.com/namespaces/API/{api}",
    "bomgar": "http://www.bomgar.com/namespaces/API/{api}",
    "sra": "http://www.beyondtrust.com/sra/namespaces/API/{api}",
}
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def element(tag: str, text: str = "", **attributes: str) -> etree._Element:
    """An element in no namespace yet; what XML cannot hold is left out."""
    made = etree.Element(tag, {name: NOT_XML.sub("", value) for name, value in attributes.items()})
    made.text = NOT_XML.sub("", text)
    return made


def add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    made = element(tag, text, **attributes)
    parent.append(made)
    return made


def add_all(parent: etree._Element, **texts: str) -> None:
    """A child for each name."""
    for tag, text in texts.items():
        add(parent, tag, text)


def add_time(parent: etree._Element, tag: str, moment: datetime | None, attribute: str = "timestamp") -> None:
    """ISO 8601 with the UNIX time as an attribute; an empty element for a time that is not known."""
    if moment is None:
        add(parent, tag)
    else:
        add(parent, tag, iso(moment), **{attribute: unix(moment)})


def document(settings: ApplianceSettings, api: Api, root: etree._Element) -> Response:
    """The answer: always HTTP 200, an error too."""
    body = etree.tostring(root, encoding="utf-8")
    if settings.namespace != "none":
        name = str(root.tag).encode()
        namespace = NAMESPACES[settings.namespace].format(api=api).encode()
        body = body.replace(b"<" + name, b"<" + name + b' xmlns="' + namespace + b'"', 1)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return Response(head + body + b"\n" * (1 + settings.blank_lines), mimetype="text/xml")


def refusal(settings: ApplianceSettings, api: Api, expected_root: str, text: str) -> Response:
    """`<error>`: alone, or in the element that was expected, as the settings say."""
    error = element("error", text)
    if settings.error_as == "child" and expected_root:
        root = element(expected_root)
        root.append(error)
        return document(settings, api, root)
    return document(settings, api, error)


def unix(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def iso(moment: datetime) -> str:
    """`2016-10-01T08:00:00+00:00`."""
    return moment.isoformat(timespec="seconds")


def clock_time(seconds: float) -> str:
    """`01:02:03`."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
