"""Rescue's Post-to-URL: a form or XML at the start and at the end of a session. Pure.

Source: API reference, "Handling Pre-Session and Post-Session Data (Post-to-URL)".
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from marshmallow import ValidationError

from bridge.errors import MalformedPayload
from bridge.model import (
    Answer,
    ChatPart,
    Delivery,
    Person,
    Session,
    SessionEvent,
    SessionEventKind,
    Survey,
)
from connectors import xml
from connectors.platforms.rescue import chat
from connectors.platforms.rescue.schema import CUSTOM_FIELDS, POST_FIELDS, PostSchema, never

MEDIA_TYPES = frozenset({"application/x-www-form-urlencoded", "text/xml", "application/xml"})

# Only what browsers know as a form's charset; Latin-1 is what everybody calls Windows-1252.
CHARSETS: Mapping[str, str] = {
    "ascii": "utf-8",
    "utf-8": "utf-8",
    "iso8859-1": "cp1252",
    **{name: name for name in ("iso8859-2", "iso8859-9", "iso8859-15", "koi8-r", "shift_jis", "euc_jp")},
    **{name: name for name in ("euc_kr", "gb2312", "gbk", "gb18030", "big5")},
    **{name: name for name in ("utf-16", "utf-16-le", "utf-16-be")},
    **{f"cp{page}": f"cp{page}" for page in range(1250, 1259)},
}

_SURVEY = tuple(f"tsurvey{number}" for number in range(10))
_TOLD_AT_THE_END = ("closingtime", "lastactiontime", "worktime")
_EXPECTED = "expected a Post-to-URL of Rescue: the fields of a session, SessionID (a number) among them"


def delivery_key(delivery: Delivery) -> str:
    """A digest of the post's own fields, the same for a double; of the raw request where there are none."""
    try:
        told: object = sorted((name, value) for name, value in _fields(delivery).items() if value)
    except MalformedPayload:
        told = [delivery.body.hex(), sorted(item for item in delivery.query.items() if item[0] != "key")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def parse(delivery: Delivery) -> tuple[SessionEvent, ...]:
    """The one event of a post. Raises MalformedPayload for anything but a post of Rescue."""
    fields = _fields(delivery)
    try:
        post: dict[str, Any] = PostSchema().load(fields)
    except ValidationError as refused:
        # The messages would be ours, but the values might stand in them: only names leave.
        raise MalformedPayload(f"{_EXPECTED}; not right: {', '.join(sorted(refused.messages_dict))}") from None
    ended = _is_end(fields, post)
    session = _session(post, ended=ended)
    if ended:
        moment = session.ended_at or session.last_action_at
        return (SessionEvent(SessionEventKind.ENDED, session, "Post-to-URL at the end of a session", moment),)
    name = "Post-to-URL at the start of a session"
    return (SessionEvent(SessionEventKind.STARTED, session, name, session.started_at),)


def _is_end(fields: Mapping[str, str], post: Mapping[str, Any]) -> bool:
    """Only the end post fills these. A time "never" or a work time of nothing is not filled."""
    if any(post[name] for name in _SURVEY):
        return True
    return any(fields.get(name) and post[name] != 0 and not never(fields[name]) for name in _TOLD_AT_THE_END)


def _session(post: Mapping[str, Any], *, ended: bool) -> Session:
    lines = chat.lines(post["chatlog"])
    return Session(
        id=post["sessionid"],
        reference=post["tracking0"],
        technician=Person(
            name=post["techname"],
            email=post["techemail"],
            id=post["techid"] or post["techssoid"],
            description=post["techdescr"],
            sso_id=post["techssoid"],
        ),
        customer=Person(name=post["cfield0"]),
        fields={name: post[name] for name in CUSTOM_FIELDS if post[name]},
        device=post["platform"],
        started_at=post["pickuptime"],
        ended_at=post["closingtime"],
        last_action_at=post["lastactiontime"],
        waiting_seconds=post["waitingtime"],
        work_seconds=post["worktime"],
        transmitted_bytes=post["transmitted"],
        chat=(ChatPart(order=1 if ended else 0, lines=lines),) if lines else (),
        notes=post["notes"],
        surveys=_surveys(post),
        ended=ended,
    )


def _surveys(post: Mapping[str, Any]) -> tuple[Survey, ...]:
    """The technician's answers. The post has no questions, only their numbers."""
    answers = tuple(
        Answer(f"Question {number}", post[name]) for number, name in enumerate(_SURVEY, start=1) if post[name]
    )
    return (Survey(by="technician", answers=answers),) if answers else ()


def _fields(delivery: Delivery) -> dict[str, str]:
    """Rescue's fields by their name in lower case, trimmed. Raises MalformedPayload when there is none."""
    body = delivery.body.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        found = _wanted(delivery.query.items())
    elif "xml" in delivery.media_type or body.lstrip().startswith(b"<"):
        found = _wanted(_xml(body))
    else:
        found = _wanted(_form(body, _charset(delivery)))
    if not found.get("sessionid"):
        raise MalformedPayload(f"{_EXPECTED}; there is no SessionID")
    return found


def _wanted(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The known fields; of one that comes twice the first that says something."""
    found: dict[str, str] = {}
    for name, value in pairs:
        known = POST_FIELDS.get(name.replace("\0", "").strip().lower())
        if known and not found.get(known):
            found[known] = value.replace("\0", "").replace("\r\n", "\n").strip()
    return found


def _form(body: bytes, charset: str | None) -> list[tuple[str, str]]:
    pairs = []
    for pair in body.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.partition(b"=")
        pairs.append((_name(unquote_to_bytes(name), charset), _decode(unquote_to_bytes(value), charset)))
    return pairs


def _name(raw: bytes, charset: str | None) -> str:
    """Names may stay ASCII where the values are in UTF-16: two of their letters would make one of another alphabet."""
    return raw.decode() if raw.isascii() and b"\0" not in raw else _decode(raw, charset)


def _decode(raw: bytes, charset: str | None) -> str:
    """By the declared charset, else as UTF-8, else as Windows-1252, which takes nearly anything."""
    for candidate in (charset, "utf-8"):
        try:
            return raw.decode(candidate) if candidate else raw.decode()
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")


def _charset(delivery: Delivery) -> str | None:
    """Python's name of the declared charset, None for none or a strange one."""
    declared = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", delivery.headers.get("content-type", ""), re.I)
    try:
        return CHARSETS.get(codecs.lookup(declared[1]).name) if declared else None
    except LookupError:
        return None


def _xml(body: bytes) -> list[tuple[str, str]]:
    """The root's children by name. Raises MalformedPayload for what is no XML."""
    if not body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = xml.without_forbidden(body)
    try:
        root = xml.parse(body)
    except MalformedPayload as broken:
        raise MalformedPayload(f"{_EXPECTED}; {broken}") from None
    return [(xml.local(child), xml.text(child)) for child in xml.children(root)]
