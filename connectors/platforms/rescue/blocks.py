"""Rescue's records of lines `Key:value`. Pure.

Nothing is escaped: a value may hold colons, and what somebody typed may hold line feeds, also lines that look like
the next key. A record is read where only one way of reading it is left; else it is refused, never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bridge.errors import ConnectorError, Unreadable
from connectors.http import Reply
from connectors.platforms.rescue.replies import body_of

TYPED = frozenset({"name", "nick", "description", "organization"})
"""Keys, in lower case, whose value somebody typed freely."""


def record_of(reply: Reply, keys: Sequence[str]) -> dict[str, str]:
    """The one record of a body, by its documented keys. Raises the error for an answer that cannot be read."""
    found = _record(_text(reply), keys)
    if found is None:
        raise unreadable(reply, "with a record that cannot be told apart")
    return found


def records_of(reply: Reply, keys: Sequence[str]) -> list[dict[str, str]]:
    """The records of a body, each with all keys, beginning after an empty line with the first two and a number.

    Raises the error for an answer that cannot be read: one record that cannot be told apart refuses them all.
    """
    text = _text(reply)
    if not text:
        return []
    first, second = (re.escape(key) for key in keys[:2])
    start = re.compile(rf"(?:\A|\n[ \t]*\n)(?={first}:[ \t]*[0-9]+[ \t]*\n[ \t]*{second}:)", re.I)
    before, *parts = start.split(text)
    found = [one for part in parts if (one := _record(part, keys)) is not None and len(one) == len(keys)]
    ids = {one[keys[0]] for one in found}
    if before.strip() or len(found) != len(parts) or len(ids) != len(found):
        raise unreadable(reply, "with a record that cannot be told apart")
    return found


def _text(reply: Reply) -> str:
    return body_of(reply).replace("\r\n", "\n")


def unreadable(reply: Reply, what: str) -> ConnectorError:
    """Asked again, a read is answered the same, until somebody changes what is told; a write may be done."""
    if reply.sent:
        return reply.unclear(f"was answered OK {what}", code="unreadable")
    said = f"{reply.where} was answered OK {what}: an administrator of Rescue must look at it"
    return Unreadable(said, code="unreadable")


def _record(text: str, keys: Sequence[str]) -> dict[str, str] | None:
    """By the key of each line where no key stands twice; else by the keys' order, if that leaves one way only."""
    known = {key.lower(): key for key in keys}
    line = re.compile(rf"^[ \t]*({'|'.join(map(re.escape, keys))}):", re.I | re.M)
    stands = list(line.finditer(text))
    counted = Counter(one[1].lower() for one in stands)
    if keys[0].lower() not in counted or text[: stands[0].start()].strip():
        return None
    if max(counted.values()) > 1:
        return _ordered(text, keys)
    ends = [*(one.start() for one in stands[1:]), len(text)]
    return {known[one[1].lower()]: text[one.end() : end].strip() for one, end in zip(stands, ends, strict=True)}


def _ordered(text: str, keys: Sequence[str]) -> dict[str, str] | None:
    """What both the shortest and the longest reading of the typed values agree on."""
    readings: list[Mapping[str, str]] = []
    for typed in ("(.*?)", "(.*)"):
        values = [typed if key.lower() in TYPED else r"([^\n]*)" for key in keys]
        parts = [rf"[ \t]*{re.escape(key)}:{value}" for key, value in zip(keys, values, strict=True)]
        found = re.fullmatch(r"\s*\n".join(parts) + r"\s*", text, re.I | re.S)
        if found is None:
            return None
        readings.append({key: value.strip() for key, value in zip(keys, found.groups(), strict=True)})
    shortest, longest = readings
    return dict(shortest) if shortest == longest else None
