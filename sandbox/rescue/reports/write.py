"""A table of a report as text, with nothing escaped, or as XML.

Source: replies that clients really read. Whether a line ends with a delimiter, as in getSession, is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml import etree

NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_text(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str, *, trailing: bool = False) -> str:
    """A delimiter or a line feed inside a field stays what it is, as it does at the vendor."""
    end = f"{delimiter}\n" if trailing else "\n"
    return "".join(delimiter.join(row) + end for row in (columns, *rows))


def as_xml(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """`report/header/field[@id]` and `report/data/row/field[@id]`."""
    root = etree.Element("report")
    header = etree.SubElement(root, "header")
    _fields(header, columns)
    data = etree.SubElement(root, "data")
    for row in rows:
        _fields(etree.SubElement(data, "row"), row)
    document = etree.tostring(root, xml_declaration=True, encoding="utf-8").decode()
    return document.replace("<?xml version='1.0' encoding='utf-8'?>", '<?xml version="1.0" encoding="utf-8"?>')


def _fields(parent: etree._Element, values: Sequence[str]) -> None:
    for number, value in enumerate(values):
        etree.SubElement(parent, "field", id=str(number)).text = NOT_XML.sub("", value)
