"""A table of a report as text, with nothing escaped, or as XML.

Source: replies that clients really read. Whether a line ends with a delimiter, as in getSession, is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_text(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str, *, trailing: bool = False) -> str:
    """A delimiter or a line feed inside a field stays what it is, as it does at the vendor."""
    end = f"{delimiter}\n" if trailing else "\n"
    return "".join(delimiter.join(row) + end for row in (columns, *rows))


def as_xml(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """`report/header/field[@id]` and `report/data/row/field[@id]`. A report may be large, so no tree is built."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>\n<report><header>', _fields(columns), "</header><data>"]
    lines += [f"<row>{_fields(row)}</row>" for row in rows]
    return "".join((*lines, "</data></report>"))


def _fields(values: Sequence[str]) -> str:
    return "".join(f'<field id="{number}">{_escaped(value)}</field>' for number, value in enumerate(values))


def _escaped(value: str) -> str:
    return escape(NOT_XML.sub("", value), quote=False).replace("\r", "&#13;")
