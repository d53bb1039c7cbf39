"""One call of the API: its values, and by what its caller is known.

Source: Rescue API Reference Guide, chapter "Options for Authenticating with Rescue API".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Request

COOKIE = "ASP.NET_SessionId"


@dataclass(frozen=True, slots=True)
class Asked:
    """Names in lower case: ASP.NET does not care about the case of a parameter."""

    method: str
    values: Mapping[str, str]
    cookie: str = ""
    bearer: str = ""
    new_cookie: str = ""
    """What the reply will set, for a caller who came without one."""

    @classmethod
    def of(cls, request: Request, method: str, values: Mapping[str, str] | None = None) -> Asked:
        """What this request asks; a SOAP call brings values of its own."""
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = request.values.items() if values is None else values.items()
        cookie = request.cookies.get(COOKIE, "")
        return cls(
            method.lower(),
            {name.lower(): value for name, value in given},
            cookie,
            bearer.strip() if scheme.lower() == "bearer" else "",
            "" if cookie else secrets.token_hex(12),
        )

    def get(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    @property
    def authcode(self) -> str:
        return self.get("authcode")

    @property
    def conversation(self) -> str:
        """Whose setters these are, as a digest: of the cookie, else of the authcode, else of the token."""
        for kind, value in (("cookie", self.cookie), ("authcode", self.authcode), ("bearer", self.bearer)):
            if value:
                return f"{kind}:{_digest(value)}"
        return ""

    @property
    def new_conversation(self) -> str:
        """The one that begins with this call, where the caller keeps the cookie of its reply."""
        return f"cookie:{_digest(self.new_cookie)}" if self.new_cookie else ""


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]
