"""The calls of Rescue's API that the bridge makes."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.errors import Rejected
from connectors.contract import ConnectionConfig, Workshop
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.invitations import Invitations, PinRequest
from connectors.platforms.rescue.listing import SessionListing
from connectors.platforms.rescue.replies import EmailText
from connectors.platforms.rescue.sessions import Sessions
from connectors.platforms.rescue.words import NodeRef, NodeType

ROOT = "root-node"


class Client:
    """Rescue's API as one connection uses it."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._node: str = config.keys["node"]
        self._without_console: bool = config.keys["no_technician_console"]
        self._api = Api(config, workshop)
        self._vault = workshop.vault
        self._invitations = Invitations(self._api)
        self._sessions = Sessions(self._api)
        self.administration = Administration(self._api)

    def request_pin(self, fields: Mapping[str, str], reference: str) -> str:
        """Six digits. There is no way to look whether a PIN was made: see the README about once-ness."""
        return self._invitations.request(PinRequest(fields, reference, self._without_console, self._node))

    def email_text(self, pin: str) -> EmailText:
        """The account's own invitation text for a PIN (generateEmailText)."""
        return self._invitations.email_text(pin)

    def chat(self, session_id: str) -> str:
        """The whole chat log as text. Raises NotFound for an unknown session."""
        return self._sessions.chat(session_id)

    def note(self, session_id: str) -> str:
        """The technician's notes of a session that exists: here ERROR means a fault."""
        return self._sessions.note(session_id)

    def close(self, session_id: str) -> None:
        self._sessions.close(session_id)

    def transfer(self, session_id: str, node: str, noderef: NodeRef) -> None:
        self._sessions.transfer(session_id, node, noderef)

    def sessions(self, node: str, noderef: str = NodeRef.NODE) -> SessionListing:
        """The sessions of a technician, a group (`NODE`) or a channel (`CHANNEL`), closed ones too."""
        return self._sessions.listed(node, noderef)

    def account(self) -> tuple[str, str]:
        """The account's number and its organization."""
        told = replies.pairs_of(self._api.ask("getAccount", {}))
        return told.get("AccountID", ""), told.get("Organization", "")

    def root(self) -> str:
        """The node that the whole account hangs from, asked for once a day. Raises Rejected when none is shown."""
        kept = self._vault.get(ROOT)
        if not kept:
            nodes = self.administration.hierarchy()
            kept = next((node.id for node in nodes if node.type is NodeType.ROOT), "")
            if not kept:
                raise Rejected("the hierarchy shows no root: set report_node of the connection", code="root")
            self._vault.put(ROOT, kept, seconds=86_400.0)
        return kept
