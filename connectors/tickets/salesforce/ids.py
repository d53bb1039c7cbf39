"""Salesforce's record ids: 15 characters that mind upper and lower case, or 18 that do not.

The last three characters of the long form say which of the others are upper case, five of them each.
"""

from __future__ import annotations

import re

CASE = "500"
CONTACT = "003"
ACCOUNT = "001"
USER = "005"
ORGANIZATION = "00D"

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def full_id(text: str, prefix: str = "") -> str:
    """The id in its 18 characters; empty for what is no id, or none of the kind that begins with the prefix.

    A long id that lost its case on the way is put right again.
    """
    if not _ID.fullmatch(text):
        return ""
    short = text[:15]
    if len(text) == 18:
        restored = _restored(short, text[15:].upper())
        if short not in (restored, restored.lower(), restored.upper()):
            return ""
        short = restored
    return short + _suffix(short) if short.startswith(prefix) else ""


def _suffix(short: str) -> str:
    """The three characters that tell the case of the other fifteen."""
    blocks = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(_DIGITS[sum(1 << i for i, c in enumerate(block) if "A" <= c <= "Z")] for block in blocks)


def _restored(short: str, suffix: str) -> str:
    """The fifteen characters in the case that the suffix tells; empty for a suffix that cannot be."""
    if any(c not in _DIGITS for c in suffix):
        return ""
    flags = [_DIGITS.index(suffix[i // 5]) >> i % 5 & 1 for i in range(15)]
    if any(upper and c.isdigit() for c, upper in zip(short, flags, strict=True)):
        return ""
    return "".join(c.upper() if upper else c.lower() for c, upper in zip(short, flags, strict=True))
