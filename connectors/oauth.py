"""One access token for all workers of a connection: obtained once, kept in the vault, renewed when it is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bridge.errors import AccessDenied, ConnectorError
from connectors.contract import Vault
from connectors.http import Reply, Transport

MARGIN_SECONDS = 60.0
"""A token is renewed so long before it runs out, or after half of its life when that is later."""
UNTOLD_SECONDS = 600.0
"""How long a token is kept whose life was not told."""
REFUSED = "401"
"""The code of the AccessDenied after which another token is tried."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SharedToken:
    """A bearer token that all workers share. `obtain` asks for one and says for how many seconds to keep it."""

    vault: Vault = field(repr=False)
    name: str
    """Of the token in the vault."""
    obtain: Callable[[], tuple[str, float]] = field(repr=False)

    def current(self) -> str:
        """The token to use now; obtained when there is none, or none that lives long enough."""
        return self.vault.get(self.name) or self.renew("")

    def renew(self, refused: str) -> str:
        """Another token than the refused one, obtained by one worker for all. Raises AccessDenied."""
        if refused:
            self.vault.forget(self.name, refused)
        with self.vault.lock(self.name):
            token = self.vault.get(self.name)
            if not token:
                token, seconds = self.obtain()
                self.vault.put(self.name, token, seconds=seconds)
        return token

    def signed(self, send: Callable[[str], T]) -> T:
        """Send it with the token; when that is refused, once more with another one."""
        token = self.current()
        try:
            return send(token)
        except AccessDenied as refused:
            if refused.code != REFUSED:
                raise
        return send(self.renew(token))


def token_name(*account: str) -> str:
    """A name in the vault that is another one for another account, address or scope."""
    who = "\0".join(account).encode()
    return f"token:{hashlib.sha256(who).hexdigest()[:16]}"


def ask_for_token(transport: Transport, path: str, form: dict[str, str]) -> tuple[str, float]:
    """The token that an OAuth token page gives for this form, and the seconds to keep it.

    Raises AccessDenied for whatever the page refuses: an operator must put client, secret or address right.
    """
    # Asking twice makes a second token and harms nothing: so a read, which may be repeated.
    return token_in(transport.with_reader(token_error).read("POST", path, data=form))


def refuses(reply: Reply) -> bool:
    """Whether the page understood and will not: asking again changes nothing until an operator does."""
    return 400 <= reply.status < 500 and reply.status not in (408, 425, 429)


def token_error(reply: Reply) -> ConnectorError | None:
    """What a token page refuses. Only its short error code is repeated."""
    if not refuses(reply):
        return None
    said = reply.json_or_none()
    word = said.get("error") if isinstance(said, dict) else None
    code = word if isinstance(word, str) and re.fullmatch(r"[A-Za-z_]{1,40}", word) else str(reply.status)
    return AccessDenied(f"{reply.where}: no access token is given ({code})", code=code)


def token_in(reply: Reply) -> tuple[str, float]:
    """The token and the seconds to keep it. Raises Unavailable for anything but a bearer token."""
    said = reply.json()
    told = said if isinstance(said, dict) else {}
    token, kind = told.get("access_token"), str(told.get("token_type", "bearer"))
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token) or kind.casefold() != "bearer":
        raise reply.unclear("was answered without an access token", code="unreadable")
    return token, _keep(told.get("expires_in"))


def _keep(life: object) -> float:
    """How long a token of that life is kept; the life may come as a number or as its digits."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", str(life)):
        return UNTOLD_SECONDS
    seconds = float(str(life))
    return max(seconds - MARGIN_SECONDS, seconds / 2)
