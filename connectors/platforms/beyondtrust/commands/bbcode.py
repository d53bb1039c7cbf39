"""The markup of chat messages that go in by API: a small BBCode (guide, send_chat_message, Text Formatting). Pure.

The guide knows no way to write a bracket that is none of the markup's, so in what people typed the brackets
become their wide twins: they look the same and are no markup to any parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.errors import Rejected

_WIDE = str.maketrans({"[": "［", "]": "］"})
_COLOUR = re.compile(r"[A-Za-z]{1,30}|#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Markup:
    """Text in which BBCode is meant. Made by the functions below, or by who writes its source himself."""

    source: str

    def __add__(self, other: Text) -> Markup:
        return Markup(self.source + source_of(other))


Text = str | Markup
"""A plain `str` is what somebody typed: shown as it is, never markup."""


def escape(typed: str) -> str:
    """What somebody typed, such that nothing in it is markup."""
    return typed.translate(_WIDE)


def source_of(text: Text) -> str:
    return text.source if isinstance(text, Markup) else escape(text)


def bold(text: Text) -> Markup:
    return _tagged("b", text)


def italic(text: Text) -> Markup:
    return _tagged("i", text)


def underlined(text: Text) -> Markup:
    return _tagged("u", text)


def coloured(text: Text, colour: str) -> Markup:
    """In a colour by its name (`blue`) or as `#0000FF`."""
    if not _COLOUR.fullmatch(colour):
        raise Rejected("a colour is a name such as blue, or # with six hexadecimal digits", code="colour")
    return Markup(f"[color={colour}]{source_of(text)}[/color]")


def link(url: str) -> Markup:
    """An address that can be clicked: http or https only."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host or not re.fullmatch(r"https?://[^\s\x00-\x1f]+", url, re.I):
        raise Rejected("a link must begin with http:// or https:// and hold no spaces", code="link")
    return Markup(f"[url]{url.replace('[', '%5B').replace(']', '%5D')}[/url]")


def bullets(items: Iterable[Text]) -> Markup:
    # The guide's text prints the list's tag as [u], its tag for underlined text, and "lsid" as "Isid": misread both.
    return Markup(f"[ul]{''.join(f'[li]{source_of(item)}[/li]' for item in items)}[/ul]")


def _tagged(tag: str, text: Text) -> Markup:
    return Markup(f"[{tag}]{source_of(text)}[/{tag}]")
