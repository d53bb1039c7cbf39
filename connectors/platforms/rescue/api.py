"""The one way a call goes out to Rescue's API: `/API/<method>.aspx`, a form in, text out.

Everything goes as POST, so that no authcode, password or custom field stands in a URL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.errors import AccessDenied
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Reply
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.replies import CODES, Meaning
from connectors.platforms.rescue.signin import Pass, sign_in


class Api:
    """One connection's calls, signed in as it says; a refused sign-in is renewed once."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._transport = workshop.transport
        self._sign_in = sign_in(config, workshop)

    def ask(self, method: str, data: Mapping[str, str], codes: Mapping[str, Meaning] = CODES) -> Reply:
        """A call that changes nothing there. Raises a ConnectorError by the codes."""
        transport = self._transport.with_reader(lambda reply: replies.error_of(reply, codes))
        return self._signed(
            lambda signed: transport.read(
                "POST", f"/API/{method}.aspx", data={**data, **signed.form}, headers=signed.headers
            )
        )

    def order(
        self, method: str, data: Mapping[str, str], codes: Mapping[str, Meaning] = CODES, *, bucket: str = "requests"
    ) -> Reply:
        """A call that changes something there. Raises UnknownOutcome where it may have, else by the codes."""
        transport = self._transport.with_reader(lambda reply: replies.error_of(reply, codes))
        return self._signed(
            lambda signed: transport.write(
                "POST", f"/API/{method}.aspx", bucket=bucket, data={**data, **signed.form}, headers=signed.headers
            )
        )

    def _signed(self, send: Callable[[Pass], Reply]) -> Reply:
        """Send it; when the sign-in is refused, renew that and send it once more."""
        current = self._sign_in.current()
        try:
            return send(current)
        except AccessDenied as refused:
            if refused.code not in replies.RENEWABLE or self._sign_in.obtain is None:
                raise
        return send(self._sign_in.renew(current.value))
