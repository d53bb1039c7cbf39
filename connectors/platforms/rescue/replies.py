"""What Rescue's text replies say: its codes as errors by who must act, its bodies as values. Pure.

Rescue answers HTTP 200 with `OK`, an empty line and the body, or with a bare code as the whole body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NobodyThere,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.http import Reply
from connectors.platforms.rescue.schema import seconds

SIGNED_OUT = "NOTLOGGEDIN"
REFUSED_AUTHCODE = "INVALID_SECRETAUTHCODE"
NOT_OFFERED = "NOTSUPPORTED"
TOO_MANY_LOGINS = "LIMITREACHED"
TOO_OFTEN = "POLLRATEEXCEEDED"
RENEWABLE = frozenset({SIGNED_OUT, REFUSED_AUTHCODE})
"""After these another credential is tried, once."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The error that a code becomes, and what it says to whoever must act."""

    error: type[ConnectorError]
    says: str
    retry_after: float | None = None


CODES: Mapping[str, Meaning] = {
    "ERROR": Meaning(Unavailable, "Rescue had an unspecified error"),
    SIGNED_OUT: Meaning(AccessDenied, "the sign-in does not hold"),
    "INVALID": Meaning(AccessDenied, "the credentials are wrong"),
    REFUSED_AUTHCODE: Meaning(AccessDenied, "the authcode is refused: a newer one may have replaced it"),
    "USER_IS_DELETED": Meaning(AccessDenied, "the Rescue user is deleted"),
    "USER_DELETED_OR_DISABLED": Meaning(AccessDenied, "the Rescue user is deleted or disabled"),
    "NOTTECHNICIAN": Meaning(AccessDenied, "the Rescue user has no technician's licence"),
    "INVALIDSSOID": Meaning(AccessDenied, "the single sign-on ID is unknown"),
    TOO_OFTEN: Meaning(RateLimited, "Rescue was asked too often", 1.5),
    "requestAuthCode_PollRateExceeded": Meaning(RateLimited, "authcodes were requested too often", 1.5),
    TOO_MANY_LOGINS: Meaning(RateLimited, "more than ten sign-ins in three minutes", 180.0),
    "OUTOFPINCODES": Meaning(Unavailable, "Rescue has no PIN left to give", 300.0),
    "NOTECHCONSOLERUNNING": Meaning(NobodyThere, "no technician console is open"),
    "INVALIDPARAM_SESSION": Meaning(NotFound, "Rescue does not know the session"),
    "INVALIDFORMAT": Meaning(Rejected, "a value has the wrong form"),
    "INVALIDPINFORMAT": Meaning(Rejected, "the PIN has the wrong form"),
    "INVALIDDATERANGE": Meaning(Rejected, "the dates are the wrong way round"),
    NOT_OFFERED: Meaning(Rejected, "this site of Rescue does not offer the call"),
}
"""Of the API reference and of captures. A code that is not listed is Rejected, never a success."""

# What asks for one session answers ERROR for a session that is unknown, against the reference.
CODES_OF_A_SESSION: Mapping[str, Meaning] = {
    **CODES,
    "ERROR": Meaning(NotFound, "Rescue does not know the session, or had an unspecified error"),
}

# A bearer token that ran out is refused by HTTP itself; an address without a call is a call not offered there.
CODE_OF_STATUS: Mapping[int, str] = {401: SIGNED_OUT, 404: NOT_OFFERED, 410: NOT_OFFERED}

_UNKNOWN = Meaning(Rejected, "Rescue refused")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,63}")
_OK = re.compile(r"OK(?:\s+|\Z)")


def error_of(reply: Reply, codes: Mapping[str, Meaning] = CODES) -> ConnectorError | None:
    """The error that a reply of the API says, None for a success."""
    if not 200 <= reply.status < 300:
        code = CODE_OF_STATUS.get(reply.status)
        return _error(reply, code, codes) if code else None
    said = reply.text.strip().lstrip("\ufeff")
    if _OK.match(said):
        return None
    if _CODE.fullmatch(said):
        return _error(reply, said, codes)
    return reply.unclear("was answered with neither OK nor a code of Rescue", code="unreadable")


def _error(reply: Reply, code: str, codes: Mapping[str, Meaning]) -> ConnectorError:
    meaning = codes.get(code, _UNKNOWN)
    message = f"{reply.where}: {meaning.says} ({code})"
    if issubclass(meaning.error, Unavailable):
        return meaning.error(message, code=code, retry_after=meaning.retry_after)
    return meaning.error(message, code=code)


def body_of(reply: Reply) -> str:
    """What follows the OK, trimmed."""
    return _OK.sub("", reply.text.strip().lstrip("\ufeff"), count=1).strip()


def value_of(reply: Reply, key: str) -> str:
    """The rest of a body `KEY:rest`, trimmed. Only that first key is taken off: the rest is somebody's text."""
    return body_of(reply).removeprefix(f"{key}:").strip()


def pin_of(reply: Reply) -> str:
    """Six digits. Raises UnknownOutcome when the answer to a request for a PIN has none."""
    digits = value_of(reply, "PINCODE")
    if not re.fullmatch(r"[0-9]{1,6}", digits):
        raise reply.unclear("was answered OK without a PIN", code="unreadable")
    # The oldest call gives a number: leading zeros are lost on the way.
    return digits.zfill(6)


def authcode_of(reply: Reply) -> str:
    """Raises Unavailable when there is none."""
    code = value_of(reply, "AUTHCODE")
    if not re.fullmatch(r"[!-~]{8,512}", code):
        raise reply.unclear("was answered OK without an authcode", code="unreadable")
    return code


def pairs_of(reply: Reply) -> dict[str, str]:
    """Lines `Key:value`; a value may hold colons."""
    rows = (line.partition(":") for line in body_of(reply).splitlines())
    return {key.strip(): value.strip() for key, colon, value in rows if colon}


def blocks_of(reply: Reply) -> list[dict[str, str]]:
    """Blocks of lines `Key:value` between empty lines; a value may hold colons."""
    blocks = re.split(r"\n[ \t]*\n", body_of(reply).replace("\r\n", "\n"))
    split = ((line.partition(":") for line in block.split("\n")) for block in blocks)
    return [{key.strip(): value.strip() for key, colon, value in rows if colon} for rows in split]


@dataclass(frozen=True, slots=True)
class EmailText:
    """The invitation that the Administration Center's template makes of a PIN. The link lets a stranger in."""

    subject: str
    text: str
    link: str
    signature: str


def email_of(reply: Reply) -> EmailText:
    """The parts `SUBJECT:`, `TEXT:`, `LINK:`, `SIGNATURE:`. The text may hold colons and line feeds."""
    body = body_of(reply).replace("\r\n", "\n").removeprefix("SUBJECT:")
    subject, found_text, rest = body.partition("\nTEXT:")
    text, found_link, rest = rest.rpartition("\nLINK:")
    link, _, signature = rest.partition("\nSIGNATURE:")
    if not found_text or not found_link:
        raise reply.unclear("was answered OK without SUBJECT, TEXT and LINK", code="unreadable")
    return EmailText(subject.strip(), text.strip(), link.strip(), signature.strip())


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A row of getSession_v3. One session has several when technicians work together on it."""

    session_id: str
    status: str
    """In the account's language: for eyes, never for decisions."""
    channel_id: str
    channel: str
    technician_id: str
    """`0` while it waits in a channel."""
    technician: str
    start_time: str
    """As written: no seconds, no zone."""
    waiting_seconds: int | None
    fields: Mapping[str, str]
    language: str
    transferred_to: str
    transferred_comment: str
    is_lead: bool
    handing_off: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.session_id, self.technician_id


@dataclass(frozen=True, slots=True)
class Listing:
    rows: tuple[SessionRow, ...]
    skipped: int = 0
    """Rows that nobody can take apart: a delimiter stood inside one of their fields."""


COLUMNS = 19
_ROW_START = re.compile(r"[0-9]+\|")


def sessions_of(reply: Reply) -> Listing:
    """The rows of getSession_v3, one for each session and technician, the last one told.

    Neither the delimiter nor a line feed is escaped inside a field: a row that is too short goes on in the
    next line, one that is too long cannot be told apart and is skipped.
    """
    rows: dict[tuple[str, str], SessionRow] = {}
    skipped = 0
    for text in _row_texts(body_of(reply).replace("\r\n", "\n").split("\n")[1:]):
        if row := _row(text):
            rows[row.key] = row
        else:
            skipped += 1
    return Listing(tuple(rows.values()), skipped)


def _row_texts(lines: Iterable[str]) -> Iterator[str]:
    """The lines put together to rows. What is left over when a whole row follows is given as it is."""
    pending: list[str] = []
    delimiters = 0
    for line in lines:
        found = line.count("|")
        if pending and found == COLUMNS and _ROW_START.match(line):
            yield "\n".join(pending)
            pending, delimiters = [], 0
        if line or pending:
            pending.append(line)
            delimiters += found
        if delimiters >= COLUMNS:
            yield "\n".join(pending)
            pending, delimiters = [], 0
    if pending:
        yield "\n".join(pending)


def _row(text: str) -> SessionRow | None:
    cells = [cell.strip() for cell in text.rstrip().removesuffix("|").split("|")]
    if len(cells) != COLUMNS or not cells[0].isdecimal():
        return None
    return SessionRow(
        session_id=cells[0],
        status=cells[1],
        channel_id=cells[2],
        channel=cells[3],
        technician_id=cells[4],
        technician=cells[5],
        start_time=cells[6],
        waiting_seconds=seconds(cells[7]),
        fields={f"cfield{number}": cell for number, cell in enumerate(cells[8:14]) if cell},
        language=cells[14],
        transferred_to=cells[15],
        transferred_comment=cells[16],
        is_lead=bool(cells[17]),
        handing_off=bool(cells[18]),
    )
