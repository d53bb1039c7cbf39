"""The calls of Rescue's API that the bridge makes: `/API/<method>.aspx`, a form in, text out.

Everything goes as POST, so that no authcode, password or custom field stands in a URL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.errors import AccessDenied, Rejected
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Reply
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.replies import CODES, CODES_OF_A_SESSION, EmailText, Listing, Meaning
from connectors.platforms.rescue.signin import Pass, sign_in

PIN_CALLS = ("requestPINCode_v3", "requestPINCode_v2", "requestPINCode")
"""Newest first; an older site may not have the newer ones."""
RENEWABLE = frozenset({replies.SIGNED_OUT, replies.REFUSED_AUTHCODE})


class Client:
    """Rescue's API, signed in as the connection says."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._node: str = config.keys["node"]
        self._console = "1" if config.keys["no_technician_console"] else "0"
        self._transport = workshop.transport
        self._sign_in = sign_in(config, workshop)
        self._pin_call = PIN_CALLS[0]

    def request_pin(self, fields: Mapping[str, str], reference: str) -> str:
        """Six digits. There is no way to look whether a PIN was made: see the README about once-ness."""
        data = {**fields, "tracking0": reference, "notechconsole": self._console}
        if self._node:
            # Only the newest call can make the PIN for another technician than the user of the API.
            return replies.pin_of(self._order(PIN_CALLS[0], {**data, "NodeId": self._node}))
        for call in PIN_CALLS[PIN_CALLS.index(self._pin_call) :]:
            # Kept before it is tried: our own rate limit may put the older call off to the next attempt.
            self._pin_call = call
            try:
                return replies.pin_of(self._order(call, data))
            except Rejected as refused:
                if refused.code != replies.NOT_OFFERED:
                    raise
        self._pin_call = PIN_CALLS[0]
        raise Rejected("this site of Rescue offers no call that requests a PIN", code=replies.NOT_OFFERED)

    def email_text(self, pin: str) -> EmailText:
        """The account's own invitation text for a PIN (generateEmailText)."""
        return replies.email_of(self._ask("generateEmailText", {"pincode": pin}))

    def chat(self, session_id: str) -> str:
        """The whole chat log as text. Raises NotFound for an unknown session."""
        return replies.value_of(self._ask("getChat", {"session": session_id}, CODES_OF_A_SESSION), "CHATLOG")

    def note(self, session_id: str) -> str:
        """The technician's notes of a session that exists: here ERROR means a fault."""
        return replies.value_of(self._ask("getNote", {"session": session_id}), "NOTE")

    def sessions(self, node: str, noderef: str = "NODE") -> Listing:
        """The sessions of a technician, a group (`NODE`) or a channel (`CHANNEL`), closed ones too."""
        return replies.sessions_of(self._ask("getSession_v3", {"node": node, "noderef": noderef}))

    def account(self) -> tuple[str, str]:
        """The account's number and its organization."""
        told = replies.pairs_of(self._ask("getAccount", {}))
        return told.get("AccountID", ""), told.get("Organization", "")

    def _ask(self, call: str, data: Mapping[str, str], codes: Mapping[str, Meaning] = CODES) -> Reply:
        transport = self._transport.with_reader(lambda reply: replies.error_of(reply, codes))
        return self._signed(
            lambda with_: transport.read(
                "POST", f"/API/{call}.aspx", data={**data, **with_.form}, headers=with_.headers
            )
        )

    def _order(self, call: str, data: Mapping[str, str]) -> Reply:
        transport = self._transport.with_reader(replies.error_of)
        return self._signed(
            lambda with_: transport.write(
                "POST", f"/API/{call}.aspx", bucket="pins", data={**data, **with_.form}, headers=with_.headers
            )
        )

    def _signed(self, send: Callable[[Pass], Reply]) -> Reply:
        """Send it; when the sign-in is refused, renew that and send it once more."""
        current = self._sign_in.current()
        try:
            return send(current)
        except AccessDenied as refused:
            if refused.code not in RENEWABLE or self._sign_in.obtain is None:
                raise
        return send(self._sign_in.renew(current.value))
