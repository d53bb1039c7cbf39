"""LogMeIn Rescue: a PIN for a ticket, and what Post-to-URL and the API tell of its session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bridge.errors import NotFound, Rejected
from bridge.model import (
    Attachment,
    ChatPart,
    Delivery,
    Invitation,
    InvitationRequest,
    Person,
    Session,
    SessionEvent,
    SessionSummary,
)
from connectors import signatures
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop
from connectors.platforms.rescue import chat, replies, webhook
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.inviting import OPTIONS, Inviting
from connectors.platforms.rescue.people import people
from connectors.platforms.rescue.reports.conversation import Reports
from connectors.platforms.rescue.reports.listing import node_of, summaries
from connectors.platforms.rescue.reports.sessions import Labels
from connectors.platforms.rescue.schema import CUSTOM_FIELDS, SECRET_KEYS, TRACKING_LIMIT, KeysSchema
from connectors.platforms.rescue.sessions import Sessions
from connectors.platforms.rescue.signin import RATES, user_of
from connectors.platforms.rescue.words import NodeRef

QUEUES = {"channel": NodeRef.CHANNEL, "technician": NodeRef.NODE}
WHOLE_CHAT = 9
"""The order of the API's chat log: after the parts of the posts."""


class Rescue:
    """One Rescue account as the bridge sees it (`SupportPlatform`)."""

    capabilities = frozenset(
        {
            Capability.INVITE,
            Capability.END_SESSION,
            Capability.TRANSFER_SESSION,
            Capability.FETCH_SESSION,
            Capability.SESSIONS_SINCE,
            Capability.PEOPLE,
        }
    )
    field_limits: Mapping[str, int] = CUSTOM_FIELDS
    reference_limit = TRACKING_LIMIT
    listing_window: timedelta | None = timedelta(days=1)
    media_types = webhook.MEDIA_TYPES
    own_actors: frozenset[str] = frozenset()

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._config = config
        api = self._api = Api(config, workshop)
        self._vault = workshop.vault
        self._inviting = Inviting(config, api, workshop.vault)
        self._sessions = Sessions(api)
        self._administration = Administration(api)
        self._reports = Reports(config, workshop)
        self._labels = Labels(config.keys["report_labels"])

    def verify(self, delivery: Delivery) -> None:
        signatures.verify_shared_secret(delivery, self._config.hook_secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[SessionEvent]:
        return webhook.parse(delivery)

    def invite(self, request: InvitationRequest) -> Invitation:
        """A PIN that carries the ticket's reference. Raises NobodyThere when a console must be open and none is."""
        return self._inviting.invite(request)

    def end_session(self, session_id: str) -> None:
        self._sessions.close(_number(session_id))

    def transfer_session(self, session_id: str, to: str) -> None:
        """To `channel:ID` or `technician:ID`."""
        kind, _, node = to.partition(":")
        if kind not in QUEUES or not node.isdecimal():
            raise Rejected("a session is transferred to channel:ID or technician:ID", code="queue")
        self._sessions.transfer(_number(session_id), node, QUEUES[kind])

    def fetch_session(self, session_id: str) -> Session:
        """Its whole chat and the notes; times and people come by the posts only."""
        lines = chat.lines(self._sessions.chat(_number(session_id)).replace("\0", ""))
        notes = self._sessions.note(session_id).replace("\0", "")
        whole = (ChatPart(order=WHOLE_CHAT, lines=lines, whole=True),) if lines else ()
        return Session(id=session_id, chat=whole, notes=notes)

    def probe(self) -> str:
        told = replies.pairs_of(self._api.ask("getAccount", {}))
        return f"account {told.get('AccountID', '')}, {told.get('Organization', '')}"

    def people(self) -> Iterator[Person]:
        return people(self._administration)

    def withdraw(self, invitation: Invitation) -> None:
        raise Rejected("Rescue cannot withdraw a PIN", code="unsupported")

    def set_attributes(self, session_id: str, attributes: Mapping[str, str]) -> None:
        raise Rejected("Rescue cannot change the fields of a session", code="unsupported")

    def sessions_since(self, moment: datetime, until: datetime | None = None) -> Iterator[SessionSummary]:
        """By the reports, since getSession lists sessions without the tracking field that names their ticket."""
        return summaries(self._reports, self._labels, self._report_node, moment, until or datetime.now(UTC))

    def _report_node(self) -> str:
        return node_of(self._config, self._administration, self._vault)

    def watch(self, stopping: Callable[[], bool]) -> Iterator[SessionSummary]:
        raise Rejected("Rescue has no live state to watch", code="unsupported")

    def fetch_recording(self, session_id: str, recording_id: str, max_bytes: int) -> Attachment:
        raise Rejected("Rescue gives no recordings", code="unsupported")


def _number(session_id: str) -> str:
    if not session_id.isascii() or not session_id.isdecimal():
        raise NotFound("a session of Rescue has a number", code="INVALIDPARAM_SESSION")
    return session_id


KIND = Kind(
    name="rescue",
    title="LogMeIn Rescue",
    role=Role.PLATFORM,
    schema=KeysSchema,
    capabilities=Rescue.capabilities,
    secret_keys=SECRET_KEYS,
    build=Rescue,
    invitation_options=OPTIONS,
    rates=RATES,
    user_of=user_of,
    command_line="connectors.platforms.rescue.command_line",
)
