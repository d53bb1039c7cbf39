"""The one way to read XML from outside: no DTD, no entities, no network, bounded; and names without namespaces.

Vendors change namespaces from version to version, so everything here goes by local names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import BinaryIO

from lxml import etree

from bridge.errors import MalformedPayload

Element = etree._Element  # lxml has no public name for what its parser returns

MAX_BYTES = 32 * 1024 * 1024
MAX_TAGS = 2_000_000
"""A tag of four bytes costs a hundred of memory, so bytes alone bound nothing."""
MAX_DEPTH = 100
"""libxml2 itself stops at 256."""

REASONS = {code: name for name, code in vars(etree.ErrorTypes).items() if name.startswith("ERR_")}
# Characters that XML 1.0 forbids, bare or as a reference: somebody typed them, and the rest must not be lost.
_FORBIDDEN_BYTES = bytes(c for c in range(32) if c not in b"\t\n\r")
_FORBIDDEN_REFERENCE = re.compile(rb"&#(?:x0{0,8}(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0{0,8}(?:[0-8]|1[124-9]|2\d|3[01]));")
UTF16_IN_NAME_ONLY = re.compile(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']utf-?16", re.I)


def parse(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Element:
    """The root of a document. Raises MalformedPayload that says what was wrong, and quotes nothing of it."""
    if len(data) > max_bytes:
        raise MalformedPayload(f"the XML is larger than {max_bytes} bytes")
    if data.count(b"<") > MAX_TAGS:
        raise MalformedPayload(f"the XML has more than {MAX_TAGS} tags")
    # .NET writes a string's declaration, utf-16, over bytes that went out as UTF-8.
    encoding = "utf-8" if UTF16_IN_NAME_ONLY.match(data) else None
    # Never add collect_ids=False: with it, lxml 6.1 reads an external DTD whatever the rest says.
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data.lstrip(b" \t\r\n"), parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    _refuse_dtd(root)
    if root.xpath(f"boolean({'/*' * (max_depth + 1)})"):
        raise MalformedPayload(f"the XML is nested more than {max_depth} deep")
    return root


def without_forbidden(data: bytes) -> bytes:
    """The document, in any encoding that keeps ASCII, without the characters that XML 1.0 forbids."""
    return _FORBIDDEN_REFERENCE.sub(b"", data.translate(None, _FORBIDDEN_BYTES))


def records(source: BinaryIO, *names: str) -> Iterator[Element]:
    """Each element of one of these local names in a document of any length; emptied when the next is asked for.

    One that stands inside another of them is a part of that one. Raises MalformedPayload where the document
    breaks, which may be after many records.
    """
    found = etree.iterparse(
        source,
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )
    try:
        for _, element in found:
            _refuse_dtd(element)
            if not any(local(above) in names for above in element.iterancestors()):
                yield element
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    if found.root is not None:
        _refuse_dtd(found.root)


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return _local_of(element.tag)


def _without_namespace(tag: object) -> str:
    return str(tag).rpartition("}")[2]


_local_of: Callable[[object], str] = lru_cache(maxsize=256)(_without_namespace)
"""Kept, because a document has few names and many elements."""


def children(element: Element, name: str | None = None) -> list[Element]:
    """The children of that local name, or all of them."""
    return list(element) if name is None else list(element.iterchildren(f"{{*}}{name}"))


def child(element: Element, name: str) -> Element | None:
    """The first child of that local name."""
    return next(element.iterchildren(f"{{*}}{name}"), None)


def by_name(element: Element) -> dict[str, Element]:
    """The first child of each local name, in one go: for elements of which most children are wanted."""
    # From the end, so that the first of a name is the one that stays.
    return {_local_of(one.tag): one for one in reversed(element)}


def text(element: Element, name: str | None = None) -> str:
    """All text inside the first child of that name, or inside the element itself; empty where there is none."""
    inside = element if name is None else child(element, name)
    if inside is None:
        return ""
    return "".join(inside.itertext()) if len(inside) else inside.text or ""


def _forget(element: Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_dtd(element: Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise MalformedPayload("the XML has a document type declaration")


def _malformed(error: etree.XMLSyntaxError) -> MalformedPayload:
    """By libxml2's code: its messages quote names, and in a broken document a name may be what somebody typed."""
    reason = REASONS.get(error.code, "ERR_SYNTAX").removeprefix("ERR_").replace("_", " ").lower()
    line, column = error.position
    return MalformedPayload(f"the XML is broken at line {line}, column {column}: {reason}")
