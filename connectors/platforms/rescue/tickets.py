"""Replies of the pages that sign in by what they are given: login tickets, and a PIN in HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree, html

from bridge.errors import ConnectorError
from connectors.http import Reply
from connectors.platforms.rescue.replies import SUCCESS, Meaning, code_of_status, error, said_in

_LINK = re.compile(r"(?:OK:\s*)?(https?://[!-~]+)")
_WORD = re.compile(r"[A-Z][A-Z_]+")
_SIX_DIGITS = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(frozen=True, slots=True)
class LoginTicket:
    """Whoever opens the link is signed in."""

    url: str = field(repr=False)


def error_of(reply: Reply, codes: Mapping[str, Meaning]) -> ConnectorError | None:
    """The error of a ticket page, None for a link."""
    if code := code_of_status(reply):
        return error(reply, code, codes)
    said = said_in(reply)
    if not 200 <= reply.status < 300 or _LINK.fullmatch(said):
        return None
    if _WORD.fullmatch(said) and said != SUCCESS:
        return error(reply, said, codes)
    return reply.unclear("was answered with neither a ticket nor a code of Rescue", code="unreadable")


def ticket_of(reply: Reply) -> LoginTicket:
    """The link of an answer that `error_of` let pass."""
    found = _LINK.fullmatch(said_in(reply))
    if not found:
        raise reply.unclear("was answered without a ticket", code="unreadable")
    return LoginTicket(found[1])


def error_of_page(reply: Reply, codes: Mapping[str, Meaning]) -> ConnectorError | None:
    """The error of a page that gives a PIN: a code that stands in it, or no PIN, or several."""
    if code := code_of_status(reply):
        return error(reply, code, codes)
    if not 200 <= reply.status < 300:
        return None
    shown = _shown(reply)
    said = next((word for word in _WORD.findall(shown) if word in codes), "")
    if said:
        return error(reply, said, codes)
    if len(set(_SIX_DIGITS.findall(shown))) != 1:
        return reply.unclear("was answered without one PIN", code="unreadable")
    return None


def pin_of_page(reply: Reply) -> str:
    """The six digits of an answer that `error_of_page` let pass."""
    return str(_SIX_DIGITS.findall(_shown(reply))[0])


def _shown(reply: Reply) -> str:
    """What a reader of the page sees."""
    try:
        root = html.fromstring(said_in(reply))
    except (etree.ParserError, ValueError):
        return ""
    etree.strip_elements(root, "script", "style", "head", with_tail=False)
    return " ".join(root.itertext())
