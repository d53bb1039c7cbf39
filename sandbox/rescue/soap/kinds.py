"""What a parameter may hold, as ASP.NET reads it: a value that does not fit its type is a fault, never a code.

Source: the parameters' prefixes in the reference's samples: i, s, b, e, a.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from sandbox.rescue.soap.envelope import Fault, children

INTEGER = re.compile(r"\s*[+-]?\d{1,10}\s*", re.ASCII)
BOOLEANS = {"true": "true", "1": "true", "false": "false", "0": "false"}
Reader = Callable[[etree._Element], str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """The name of the value in the text methods, how it is read, and what stands there when nobody gives it."""

    name: str
    read: Reader
    default: str | None = None


def _wrong() -> Fault:
    return Fault("Server was unable to read request. ---> Input string was not in a correct format.")


def text(element: etree._Element) -> str:
    return element.text or ""


def integer(element: etree._Element) -> str:
    if not INTEGER.fullmatch(element.text or ""):
        raise _wrong()
    return str(int(element.text or ""))


def boolean(element: etree._Element) -> str:
    found = BOOLEANS.get((element.text or "").strip())
    if found is None:
        raise _wrong()
    return found


def enumeration(**words: str) -> Reader:
    """One of these words, in exactly this case, and what the text methods call it."""

    def read(element: etree._Element) -> str:
        found = words.get(element.text or "")
        if found is None:
            raise _wrong()
        return found

    return read


def array(element: etree._Element) -> str:
    """The items of a list, joined by commas."""
    return ",".join(child.text or "" for _, child in children(element))


NODE_REF = enumeration(NODE="NODE", CHANNEL="CHANNEL")
STATUS = enumeration(Enabled="enabled", Disabled="disabled")
ADDON = enumeration(**{"True": "true", "False": "false"})


def values(call: etree._Element, parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """The parameters by the names of the text methods; unknown elements are overlooked."""
    found = {one.name: one.default for one in parameters.values() if one.default is not None}
    for name, element in children(call):
        parameter = parameters.get(name)
        if parameter is not None:
            found[parameter.name] = parameter.read(element)
    return found
