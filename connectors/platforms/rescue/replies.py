"""What Rescue's text replies say: its codes as errors by who must act, its bodies as values. Pure.

Rescue answers HTTP 200 with `OK`, an empty line and the body, or with a bare code as the whole body. What a
method alone means by a code stands in the catalogue; a code that is nowhere is Rejected, never a success.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NobodyThere,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Reply

SIGNED_OUT = "NOTLOGGEDIN"
NOT_ADMINISTRATOR = "NOTLOGGEDINASADMIN"
REFUSED_AUTHCODE = "INVALID_SECRETAUTHCODE"
NOT_OFFERED = "NOTSUPPORTED"
TOO_OFTEN = "POLLRATEEXCEEDED"
TOO_MANY_LOGINS = "LIMITREACHED"
SUCCESS = "OK"
RENEWABLE = frozenset({SIGNED_OUT, REFUSED_AUTHCODE})
"""After these another credential is tried, once."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The error that a code becomes, and what it says: what is wrong, and who must do what."""

    error: type[ConnectorError]
    says: str
    retry_after: float | None = None


FAULT_OF_A_READ = Meaning(Unavailable, "Rescue had an unspecified error: Deskbridge may ask again")
FAULT_OF_A_WRITE = Meaning(
    UnknownOutcome, "Rescue had an unspecified error and may have done it: whoever asked must look before asking again"
)

CODES: Mapping[str, Meaning] = {
    "ERROR": FAULT_OF_A_READ,
    SIGNED_OUT: Meaning(AccessDenied, "the sign-in does not hold: an operator must renew it"),
    NOT_ADMINISTRATOR: Meaning(
        Rejected, "the sign-in is not that of an administrator: an operator must let Deskbridge sign in as one"
    ),
    "INVALID": Meaning(AccessDenied, "the credentials are wrong: an operator must correct them"),
    REFUSED_AUTHCODE: Meaning(
        AccessDenied, "the authcode is refused, a newer one may have replaced it: an operator must renew it"
    ),
    "USER_IS_DELETED": Meaning(AccessDenied, "the Rescue user is deleted: an operator must name another"),
    "USER_DELETED_OR_DISABLED": Meaning(
        AccessDenied, "the Rescue user is deleted or disabled: an administrator of Rescue must enable one"
    ),
    "NOTTECHNICIAN": Meaning(
        AccessDenied, "the Rescue user has no technician's licence: an administrator of Rescue must give it one"
    ),
    "INVALIDSSOID": Meaning(AccessDenied, "the single sign-on ID is unknown: an operator must correct it"),
    "INVALIDPARAM_COMPANY": Meaning(
        AccessDenied, "the company's identifier has more than digits: an operator must correct it"
    ),
    "GLOBALIPRESTRICTED": Meaning(
        AccessDenied, "Rescue takes no sign-in from this address: an administrator of Rescue must allow it"
    ),
    TOO_OFTEN: Meaning(RateLimited, "Rescue was asked too often: Deskbridge asks again", 1.5),
    "requestAuthCode_PollRateExceeded": Meaning(
        RateLimited, "authcodes were requested too often: Deskbridge asks again", 1.5
    ),
    TOO_MANY_LOGINS: Meaning(RateLimited, "more than ten sign-ins in three minutes: Deskbridge waits", 180.0),
    "OUTOFPINCODES": Meaning(Unavailable, "Rescue has no PIN left to give: Deskbridge asks again later", 300.0),
    "NOTECHCONSOLERUNNING": Meaning(NobodyThere, "no technician console is open: a technician must open one"),
    "INVALIDPARAM_SESSION": Meaning(
        NotFound, "Rescue does not know the session: whoever asked must name one that it has"
    ),
    "HAS_NO_RIGHT": Meaning(
        Rejected, "the Rescue user may not see the hierarchy: an administrator of Rescue must allow it"
    ),
    "INVALIDFORMAT": Meaning(Rejected, "a value has the wrong form: whoever asked must correct it"),
    "INVALIDPINFORMAT": Meaning(Rejected, "the PIN has the wrong form: whoever asked must give six digits"),
    "INVALIDDATERANGE": Meaning(Rejected, "the dates are the wrong way round: whoever asked must turn them"),
    NOT_OFFERED: Meaning(Rejected, "this site of Rescue does not offer the call: an operator must do without it"),
}
"""What a code means wherever it comes, of the API reference and of captures."""

NO_SUCH_NODE = Meaning(NotFound, "Rescue does not know the node: whoever asked must name one that it has")
"""Not in `CODES`: there it would say that a ticket's session is gone, when a connection's key is wrong."""

# What asks for one session answers ERROR for a session that is unknown, against the reference.
CODES_OF_A_SESSION: Mapping[str, Meaning] = {
    **CODES,
    "ERROR": Meaning(
        NotFound, "Rescue does not know the session or had an unspecified error: whoever asked must check its number"
    ),
}

# A bearer token that ran out is refused by HTTP itself; an address without a call is a call not offered there.
CODE_OF_STATUS: Mapping[int, str] = {401: SIGNED_OUT, 404: NOT_OFFERED, 410: NOT_OFFERED}

_UNKNOWN = Meaning(Rejected, "Rescue refused with a code that nobody knows: an operator must look it up")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,127}")
_OK = re.compile(r"OK(?:\s+|\Z)")


def error_of(
    reply: Reply, codes: Mapping[str, Meaning] = CODES, answers: Collection[str] = ()
) -> ConnectorError | None:
    """The error that a text reply says, None for a success: an `OK`, or one of the method's own whole answers."""
    if code := code_of_status(reply):
        return error(reply, code, codes)
    if not 200 <= reply.status < 300:
        return None
    said = said_in(reply)
    if _OK.match(said) or said in answers:
        return None
    if _CODE.fullmatch(said):
        return error(reply, said, codes)
    return reply.unclear("was answered with neither OK nor a code of Rescue", code="unreadable")


def code_of_status(reply: Reply) -> str:
    """The code that the status alone is; empty for every other status."""
    return CODE_OF_STATUS.get(reply.status, "")


def error(reply: Reply, code: str, codes: Mapping[str, Meaning]) -> ConnectorError:
    """The error for that code: a code means the same in text and in SOAP."""
    return made(codes.get(code), code, reply.where)


def made(meaning: Meaning | None, code: str, where: str) -> ConnectorError:
    """The error that a meaning is; None is a code that nobody knows."""
    meaning = meaning or _UNKNOWN
    message = f"{where}: {meaning.says} ({code})"
    if issubclass(meaning.error, Unavailable):
        return meaning.error(message, code=code, retry_after=meaning.retry_after)
    return meaning.error(message, code=code)


def said_in(reply: Reply) -> str:
    """The whole body, trimmed."""
    return reply.text.strip().lstrip("\ufeff")


def body_of(reply: Reply) -> str:
    """What follows the OK, trimmed."""
    return _OK.sub("", said_in(reply), count=1).strip()


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


@dataclass(frozen=True, slots=True)
class EmailText:
    """The invitation that the Administration Center's template makes of a PIN. The link lets a stranger in."""

    subject: str
    text: str
    link: str = field(repr=False)
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
