"""The calls of Rescue's API that the bridge makes."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.errors import Rejected
from connectors.contract import ConnectionConfig, Workshop
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.replies import CODES_OF_A_SESSION, EmailText, Listing

PIN_CALLS = ("requestPINCode_v3", "requestPINCode_v2", "requestPINCode")
"""Newest first; an older site may not have the newer ones."""
ROOT = "root-node"
PINS = "pins"
"""The bucket of the rate limit that requests for a PIN have of their own."""


class Client:
    """Rescue's API, signed in as the connection says."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._node: str = config.keys["node"]
        self._console = "1" if config.keys["no_technician_console"] else "0"
        self._api = Api(config, workshop)
        self._vault = workshop.vault
        self._pin_call = PIN_CALLS[0]

    def request_pin(self, fields: Mapping[str, str], reference: str) -> str:
        """Six digits. There is no way to look whether a PIN was made: see the README about once-ness."""
        data = {**fields, "tracking0": reference, "notechconsole": self._console}
        if self._node:
            # Only the newest call can make the PIN for another technician than the user of the API.
            return replies.pin_of(self._api.order(PIN_CALLS[0], {**data, "NodeId": self._node}, bucket=PINS))
        for call in PIN_CALLS[PIN_CALLS.index(self._pin_call) :]:
            # Kept before it is tried: our own rate limit may put the older call off to the next attempt.
            self._pin_call = call
            try:
                return replies.pin_of(self._api.order(call, data, bucket=PINS))
            except Rejected as refused:
                if refused.code != replies.NOT_OFFERED:
                    raise
        self._pin_call = PIN_CALLS[0]
        raise Rejected("this site of Rescue offers no call that requests a PIN", code=replies.NOT_OFFERED)

    def email_text(self, pin: str) -> EmailText:
        """The account's own invitation text for a PIN (generateEmailText)."""
        return replies.email_of(self._api.ask("generateEmailText", {"pincode": pin}))

    def chat(self, session_id: str) -> str:
        """The whole chat log as text. Raises NotFound for an unknown session."""
        return replies.value_of(self._api.ask("getChat", {"session": session_id}, CODES_OF_A_SESSION), "CHATLOG")

    def note(self, session_id: str) -> str:
        """The technician's notes of a session that exists: here ERROR means a fault."""
        return replies.value_of(self._api.ask("getNote", {"session": session_id}), "NOTE")

    def sessions(self, node: str, noderef: str = "NODE") -> Listing:
        """The sessions of a technician, a group (`NODE`) or a channel (`CHANNEL`), closed ones too."""
        return replies.sessions_of(self._api.ask("getSession_v3", {"node": node, "noderef": noderef}))

    def account(self) -> tuple[str, str]:
        """The account's number and its organization."""
        told = replies.pairs_of(self._api.ask("getAccount", {}))
        return told.get("AccountID", ""), told.get("Organization", "")

    def root(self) -> str:
        """The node that the whole account hangs from, asked for once a day. Raises Rejected when none is shown."""
        kept = self._vault.get(ROOT)
        if not kept:
            nodes = replies.blocks_of(self._api.ask("getHierarchy_v2", {}))
            kept = next((node.get("NodeID", "") for node in nodes if node.get("Type") == "Root"), "")
            if not kept:
                raise Rejected("the hierarchy shows no root: set report_node of the connection", code="root")
            self._vault.put(ROOT, kept, seconds=86_400.0)
        return kept
