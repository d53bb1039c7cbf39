"""What the appliance's refusals mean for us. Pure.

Errors come with HTTP 200: an `<error>` as the root of the document or right below it. A token that is not
taken is told in JSON. The guide prints the text of hardly any error, so they are recognised by their words,
in one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bridge.errors import AccessDenied, ConnectorError, NobodyThere, NotFound, RateLimited, Rejected, Unavailable
from connectors.http import Reply
from connectors.xml import Element, child, local, text

ACCESS_DENIED = "access_denied"
"""The code of a refused sign-in: a new token may help."""
TOKEN_WORDS = frozenset({ACCESS_DENIED, "invalid_token", "expired_token"})
MAX_TEXT = 200
"""Characters of the appliance's own text that a message may hold."""
MAX_LOOKED_AT = 2_000
SHORT = 3
"""A value of so many characters (`1`, `rep`) may stand in the appliance's own words by chance."""

ERROR_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<[A-Za-z_][^<>]*[^/<>]>\s*|<[A-Za-z_]>\s*)?<(?:[\w.-]+:)?error[\s/>]"
)
"""The beginning of a document whose root, or the first element below it, is an `error`."""
_JSON_ERROR = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\{[^{}]*?\"error\"\s*:\s*\"([a-z_]{1,40})\"")


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a refusal is recognised, the error that it becomes, and what it says to whoever must act."""

    pattern: re.Pattern[str]
    error: type[ConnectorError]
    code: str
    says: str
    retry_after: float | None = None


def _meaning(
    pattern: str, error: type[ConnectorError], code: str, says: str, retry_after: float | None = None
) -> Meaning:
    return Meaning(re.compile(pattern, re.I | re.S), error, code, says, retry_after)


_MISSING = r"(?:not found|not exist|no such|unknown|invalid|not a valid|not valid|could not be found|no longer)"
_OVER = r"(?:not active|not in progress|not running|ended|closed|inactive)"
_REP = r"(?:rep|reps|representative|representatives|user|username|rep_id|rep_username)"

MEANINGS: tuple[Meaning, ...] = (
    _meaning(
        r"rate limit|too many requests|limit exceeded", RateLimited, "rate", "the appliance was asked too often", 1.0
    ),
    _meaning(
        r"\b(?:representative|rep|customer)\b.{0,60}\bpermission",
        Rejected,
        "representative",
        "the representative may not do this",
    ),
    _meaning(
        r"permission|not permitted|not authorized|unauthorized|access (?:is )?denied|not allowed",
        AccessDenied,
        "permission",
        "the account may not do this: see its permissions on /login > Management > API Configuration",
    ),
    _meaning(
        r"authenticat|credential|log ?in failed|(?:invalid|incorrect|wrong) (?:username|password|login)",
        AccessDenied,
        "sign-in",
        "the user name and password are refused",
    ),
    _meaning(
        r"(?:xml )?api\b.{0,40}(?:disabled|not enabled)",
        AccessDenied,
        "api-off",
        "the XML API is not enabled on /login > Management > API Configuration",
    ),
    _meaning(
        r"try again|temporarily|maintenance|not ready", Unavailable, "busy", "the appliance asks to try again later"
    ),
    _meaning(
        r"\baction\b|unknown command|invalid command|not supported|\breport type\b|generate_report",
        Rejected,
        "not-offered",
        "the appliance does not offer this",
    ),
    _meaning(
        rf"\bno\b.{{0,30}}\b{_REP}\b.{{0,30}}(?:available|logged in)"
        rf"|\b{_REP}\b.{{0,60}}not (?:available|logged)",
        NobodyThere,
        "nobody",
        "no representative is there",
    ),
    _meaning(rf"\bqueue\b.{{0,60}}{_MISSING}|{_MISSING}.{{0,60}}\bqueue", Rejected, "queue", "the queue is not known"),
    _meaning(
        rf"\bissue\b.{{0,60}}{_MISSING}|{_MISSING}.{{0,60}}\bissue\b", Rejected, "queue", "the issue is not known"
    ),
    _meaning(rf"\bteam\b.{{0,60}}{_MISSING}|{_MISSING}.{{0,60}}\bteam\b", Rejected, "queue", "the team is not known"),
    _meaning(
        rf"\b{_REP}\b.{{0,60}}{_MISSING}|{_MISSING}.{{0,60}}\b{_REP}\b",
        Rejected,
        "representative",
        "the representative is not known, or not just one has the name",
    ),
    _meaning(
        rf"\b(?:session|lsid|conference)\b.{{0,60}}(?:{_MISSING}|{_OVER})"
        rf"|(?:{_MISSING}|{_OVER}).{{0,60}}\b(?:session|lsid|conference)\b",
        NotFound,
        "session",
        "the session does not exist or does not run any more",
    ),
    _meaning(
        rf"\b(?:recording|presentation|archive|file)s?\b.{{0,60}}(?:{_MISSING}|not available)"
        rf"|(?:{_MISSING}|\bno\b).{{0,60}}\b(?:recording|presentation|archive)s?\b",
        NotFound,
        "recording",
        "there is no such recording or file",
    ),
    _meaning(
        r"\battribute|custom field|\bskill|\bpriority\b",
        Rejected,
        "attribute",
        "an attribute of the session is refused",
    ),
)
"""Asked in this order. What is not recognised is Rejected, never a success."""


def error_in(root: Element, where: str = "", sent: Mapping[str, str] | None = None) -> ConnectorError | None:
    """The error that a document says: an `error` at its root or right below; None when it says none.

    `where` begins the message, and its last word is the code of what is not recognised; `sent` are the
    parameters that were asked with: none of their words stands in the message.
    """
    told = root if local(root) == "error" else child(root, "error")
    return None if told is None else error_of(text(told), where, sent)


def error_of(said: str, where: str = "", sent: Mapping[str, str] | None = None) -> ConnectorError:
    """The error that one of the appliance's texts means."""
    where = where or "the appliance"
    values = list((sent or {}).values())
    meaning = _recognised(said[:MAX_LOOKED_AT], values)
    if meaning is None:
        quoted = without(said, values)
        return Rejected(f"{where}: the appliance refused{f': {quoted}' if quoted else ''}", code=where.split()[-1])
    message = f"{where}: {meaning.says} ({meaning.code})"
    if issubclass(meaning.error, Unavailable):
        return meaning.error(message, code=meaning.code, retry_after=meaning.retry_after)
    return meaning.error(message, code=meaning.code)


def _recognised(said: str, values: Iterable[str]) -> Meaning | None:
    # What somebody typed into an attribute, and the appliance quotes, decides nothing.
    for value in sorted(values, key=len, reverse=True):
        if len(value) > SHORT:
            said = said.replace(value, "…")
    return next((meaning for meaning in MEANINGS if meaning.pattern.search(said)), None)


def without(said: str, sent: Iterable[str]) -> str:
    """The appliance's text in one line of printable characters, short, without any word that was sent to it."""
    known = " ".join(sent).casefold()
    words = set(re.findall(r"\w+", known))
    line = "".join(mark if mark.isprintable() else " " for mark in said[:MAX_LOOKED_AT])

    def unless_sent(found: re.Match[str]) -> str:
        word = found[0].casefold()
        # A part of a word, too: the appliance may cut what it quotes.
        begins = any(one.startswith(word) for one in words)
        return "…" if begins or (len(word) >= SHORT and word in known) else found[0]

    return " ".join(re.sub(r"\w+", unless_sent, line).split())[:MAX_TEXT]


def json_error(content: bytes) -> str | None:
    """The word that a JSON error says, such as `access_denied`; None where the body is no such thing.

    By pattern and not by a parser: the guide itself prints it without its commas.
    """
    found = _JSON_ERROR.match(content[:4096])
    return found[1].decode("ascii") if found else None


def refused_sign_in(reply: Reply) -> ConnectorError | None:
    """The error of a reply that does not take our sign-in; None for every other one."""
    word = json_error(reply.content)
    if reply.status == 401 or word in TOKEN_WORDS:
        return AccessDenied(f"{reply.where}: the sign-in is not taken", code=ACCESS_DENIED)
    if word is not None and 200 <= reply.status < 300:
        return Rejected(f"{reply.where} was answered with an error ({word})", code=word)
    return None


def missing_page(reply: Reply) -> ConnectorError | None:
    """The appliance's "Document Not Found" means an account without the permission, not a missing session."""
    if reply.status not in (404, 410):
        return None
    return AccessDenied(
        f"{reply.where} does not exist for this account: is the XML API enabled, has the account the permission,"
        " is base_url the public site?",
        code=str(reply.status),
    )
