"""A session's external key and custom attributes, made to fit what the appliance takes. Pure.

Each has at most 1,024 characters, all together 10 KB (guide, generate_session_key and set_session_attributes).
What is longer is cut so that one sees it, and named; the external key alone is never cut, because half of a
ticket's number is another ticket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.errors import Rejected
from bridge.model import REFERENCE_ATTRIBUTE
from connectors.platforms.beyondtrust.wire.dialect import Dialect

MAX_CHARACTERS = 1_024
MAX_BYTES = 10_000
"""Of all parameters' names and values in UTF-8: the guide says 10KB and not how it counts, so the least."""
CUT = "…"
"""Ends what was cut."""

_CODE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Fitted:
    """Parameters that keep the limits, and the names of what was cut or left out."""

    params: Mapping[str, str] = field(default_factory=dict)
    cut: tuple[str, ...] = ()


def fit(attributes: Mapping[str, str], dialect: Dialect) -> Fitted:
    """The attributes as parameters, the external key (`external_key`) first, the rest in their order.

    Raises Rejected for a name that is no code name and for an external key that is too long.
    """
    wrong = [name for name in attributes if not _CODE_NAME.fullmatch(name)]
    if wrong:
        raise Rejected("an attribute's name must be its code name: letters, digits, '_', '.' and '-'", code="attribute")
    params: dict[str, str] = {}
    cut: list[str] = []
    left = MAX_BYTES
    # Stable: only the key moves to the front.
    for name in sorted(attributes, key=lambda name: name != REFERENCE_ATTRIBUTE):
        parameter, value = dialect.attribute(name), sendable(attributes[name])
        if name == REFERENCE_ATTRIBUTE and len(value) > MAX_CHARACTERS:
            raise Rejected(f"the external key is longer than {MAX_CHARACTERS} characters", code="attribute")
        room = left - len(parameter)
        short = shortened(value, MAX_CHARACTERS, room)
        if short != value:
            cut.append(name)
        if room >= 0 and (short or not value):
            params[parameter] = short
            left = room - len(short.encode())
    return Fitted(params, tuple(cut))


def sendable(value: str) -> str:
    """The text with spaces for what no XML can bring back: control characters, halves of characters."""
    return _UNSENDABLE.sub(" ", value)


def shortened(value: str, characters: int, size: int) -> str:
    """The beginning that keeps both limits (characters, bytes in UTF-8), ended by CUT; empty where none does."""
    if len(value) <= characters and len(value.encode()) <= size:
        return value
    room = size - len(CUT.encode())
    if room < 0:
        return ""
    kept = value[: characters - len(CUT)].encode()[:room]
    return kept.decode("utf-8", "ignore").rstrip() + CUT
