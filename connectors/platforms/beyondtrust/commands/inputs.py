"""What an operator gives for a link or a script, checked before anything is made of it.

Here nothing is cut: who makes a link looks at it, so what does not fit is refused and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from bridge.errors import BridgeError
from connectors.platforms.beyondtrust.commands.attributes import MAX_BYTES, MAX_CHARACTERS

CUSTOM = "session.custom."
_CODE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}", re.ASCII)


class WrongInput(BridgeError):
    """Something was given that BeyondTrust would not take. Names the field, never quotes its value."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field} {what}")
        self.field = field


def text(field: str, value: str, *, characters: int = 0, bytes_: int = 0) -> str:
    """The value, if it can be sent and is not too long; a limit of 0 is none."""
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise WrongInput(field, "holds a character that cannot be sent") from None
    if "\0" in value:
        raise WrongInput(field, "holds a NUL character")
    if characters and len(value) > characters:
        raise WrongInput(field, f"has {len(value)} characters; at most {characters} are taken")
    if bytes_ and size > bytes_:
        raise WrongInput(field, f"has {size} bytes in UTF-8; at most {bytes_} are taken")
    return value


def needed(field: str, value: str, *, characters: int = 0) -> str:
    if not value:
        raise WrongInput(field, "is needed")
    return text(field, value, characters=characters)


def number(field: str, value: int | str, low: int, high: int | None = None) -> int:
    """A whole number within the bounds, also given as its decimal digits."""
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
            raise WrongInput(field, "must be a whole number")
        value = int(value)
    if value < low or (high is not None and value > high):
        raise WrongInput(field, f"must be from {low} to {high}" if high is not None else f"must be at least {low}")
    return value


def choice(field: str, value: str, choices: Iterable[str]) -> str:
    known = tuple(choices)
    if value not in known:
        raise WrongInput(field, f"must be one of {', '.join(known)}")
    return value


def code_name(field: str, value: str) -> str:
    """A code name as an administrator sets it in /login: it stands in parameter names and lists."""
    if not _CODE_NAME.fullmatch(value):
        raise WrongInput(field, "must be a code name: letters, digits, '_', '.' and '-'")
    return value


def custom_fields(attributes: Mapping[str, str], external_key: str = "") -> dict[str, str]:
    """`session.custom.<code name>` for each; the external key is one of them. At most `MAX_CHARACTERS`
    each and `MAX_BYTES` together, names too."""
    given = {"external_key": external_key} if external_key else {}
    if external_key and "external_key" in attributes:
        raise WrongInput("external_key", "is given twice")
    fields = {}
    for name, value in (given | dict(attributes)).items():
        field = CUSTOM + code_name("the name of a custom field", name)
        fields[field] = text(field, value, characters=MAX_CHARACTERS)
    size = sum(len(name) + len(value.encode()) for name, value in fields.items())
    if size > MAX_BYTES:
        raise WrongInput("custom fields", f"have {size} bytes together; at most {MAX_BYTES} are taken")
    return fields


def site(base_url: str) -> str:
    """The site's address without a path: `https://support.example.com`, a port kept."""
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        raise WrongInput("the site", "must be an address such as https://support.example.com") from None
    if parts.scheme not in ("https", "http") or not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc):
        raise WrongInput("the site", "must be an address such as https://support.example.com")
    return f"{parts.scheme}://{parts.netloc}"
