"""BeyondTrust Remote Support: a session key for a ticket, and what events, reports and live state tell of its session.

Source: Remote Support API Programmer's Guide 23.2; for `api = "2008"` the Bomgar guide of that year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bridge.errors import Rejected
from bridge.model import (
    Attachment,
    Delivery,
    Invitation,
    InvitationRequest,
    Person,
    Session,
    SessionEvent,
    SessionSummary,
)
from connectors import signatures
from connectors.contract import Capability, ConnectionConfig, Kind, Rate, Role, Workshop
from connectors.platforms.beyondtrust import webhook
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.commands.attributes import MAX_CHARACTERS
from connectors.platforms.beyondtrust.commands.values import queue
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.configuration.people import people
from connectors.platforms.beyondtrust.live import state
from connectors.platforms.beyondtrust.permissions import missing
from connectors.platforms.beyondtrust.reports.fetching import fetch_recording, fetch_session
from connectors.platforms.beyondtrust.reports.polling import summaries_since
from connectors.platforms.beyondtrust.schema import OLD, SECRET_KEYS, KeysSchema
from connectors.platforms.beyondtrust.wire.api import Api

CAPABILITIES = frozenset(
    {
        Capability.INVITE,
        Capability.SET_ATTRIBUTES,
        Capability.END_SESSION,
        Capability.TRANSFER_SESSION,
        Capability.FETCH_SESSION,
        Capability.SESSIONS_SINCE,
        Capability.WATCH,
        Capability.RECORDINGS,
        Capability.PEOPLE,
        Capability.TYPED_KEYS,
    }
)
NOT_IN_2008 = frozenset({Capability.SET_ATTRIBUTES, Capability.END_SESSION, Capability.WATCH, Capability.PEOPLE})
"""The guide of 2008 has no set_session_attributes; the real-time state and the Configuration API want a token."""

INVITATION_OPTIONS = frozenset({"queue", "ttl_seconds", "priority", "skills"})


def capabilities_of(keys: Mapping[str, Any]) -> frozenset[Capability]:
    """What an appliance of that age can do."""
    return CAPABILITIES - NOT_IN_2008 if keys["api"] == OLD else CAPABILITIES


class BeyondTrust:
    """One appliance as the bridge sees it (`SupportPlatform`)."""

    field_limits: Mapping[str, int] = {}
    """An invitation has attributes, which are free, and no fields."""
    reference_limit = MAX_CHARACTERS
    listing_window: timedelta | None = None
    media_types = webhook.MEDIA_TYPES
    own_actors: frozenset[str] = frozenset()

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self.capabilities = capabilities_of(config.keys)
        self._config = config
        self._api = Api(config, workshop)
        self._commands = Commands(self._api)

    def verify(self, delivery: Delivery) -> None:
        signatures.verify_shared_secret(delivery, self._config.hook_secrets)

    def delivery_key(self, delivery: Delivery) -> str:
        return webhook.delivery_key(delivery)

    def parse(self, delivery: Delivery) -> Sequence[SessionEvent]:
        return webhook.parse(delivery)

    def invite(self, request: InvitationRequest) -> Invitation:
        """A session key whose external key is the ticket's number.

        Options: `queue` (else the connection's), `ttl_seconds`, `priority` (1 to 3), `skills` (code names) and
        `attributes` (custom fields by code name). Raises Rejected for what does not fit, before anything is sent.
        """
        if request.fields:
            raise Rejected("BeyondTrust takes attributes, no fields", code="fields")
        options = request.options
        if options.get("attributes"):
            self._needs(Capability.SET_ATTRIBUTES, "custom attributes")
        key = self._commands.generate_session_key(
            queue(str(options.get("queue") or self._config.keys["queue"])),
            external_key=request.ticket_id,
            attributes=_texts(options.get("attributes")),
            priority=_whole(options, "priority"),
            skills=_names(options.get("skills")),
            ttl=_whole(options, "ttl_seconds"),
            url_hostname=self._config.keys["public_hostname"],
        )
        return Invitation(key.short_key, key.key_url, self._join_page(), key.expires, key.cut, "session key")

    def withdraw(self, invitation: Invitation) -> None:
        raise Rejected("BeyondTrust cannot withdraw a session key", code="unsupported")

    def set_attributes(self, session_id: str, attributes: Mapping[str, str]) -> None:
        self._needs(Capability.SET_ATTRIBUTES, "attributes of a running session")
        self._commands.set_session_attributes(session_id, attributes)

    def end_session(self, session_id: str) -> None:
        self._needs(Capability.END_SESSION, "command that ends a session")
        self._commands.terminate_session(session_id)

    def transfer_session(self, session_id: str, to: str) -> None:
        """To `rep:ID`, `rep_username:NAME` or `team:ID`."""
        self._commands.transfer_session(session_id, queue(to))

    def fetch_session(self, session_id: str) -> Session:
        return fetch_session(self._api, session_id)

    def fetch_recording(self, session_id: str, recording_id: str, max_bytes: int) -> Attachment:
        return fetch_recording(self._api, session_id, recording_id, max_bytes)

    def sessions_since(self, moment: datetime, until: datetime | None = None) -> Iterator[SessionSummary]:
        return summaries_since(self._api, moment)

    def watch(self, stopping: Callable[[], bool]) -> Iterator[SessionSummary]:
        self._needs(Capability.WATCH, "real-time state")
        return state.watch(self._api, stopping)

    def probe(self) -> str:
        """Version, company, and what our account lacks of what this connection needs."""
        info = self._commands.get_api_info()
        lacks = missing(info, real_time=self._config.keys["real_time"])
        told = [info.company_name, f"API {info.api_version}" if info.api_version else "", lacks and f"lacks {lacks}"]
        return ", ".join(filter(None, told)) or "signed in"

    def people(self) -> Iterator[Person]:
        self._needs(Capability.PEOPLE, "Configuration API")
        return people(ConfigApi(self._api))

    def _needs(self, capability: Capability, what: str) -> None:
        if capability not in self.capabilities:
            raise Rejected(f'api = "{OLD}" has no {what}', code="unsupported")

    def _join_page(self) -> str:
        host = self._config.keys["public_hostname"]
        return f"https://{host}/" if host else f"{self._config.base_url.rstrip('/')}/"


def _texts(option: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in option.items()} if isinstance(option, Mapping) else {}


def _names(option: object) -> tuple[str, ...]:
    return tuple(str(name) for name in option) if isinstance(option, list | tuple) else ()


def _whole(options: Mapping[str, object], name: str) -> int | None:
    value = options.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Rejected(f"{name} must be a whole number", code="input")


KIND = Kind(
    name="beyondtrust",
    title="BeyondTrust Remote Support",
    role=Role.PLATFORM,
    schema=KeysSchema,
    capabilities=CAPABILITIES,
    secret_keys=SECRET_KEYS,
    build=BeyondTrust,
    capabilities_of=capabilities_of,
    invitation_options=INVITATION_OPTIONS,
    # The account's limits are 20 a second and 15,000 an hour: 5 + 15 in any second, 3,000 + 12,000 in any hour.
    rates={"requests": (Rate(15, burst=5), Rate(12_000 / 3_600, burst=3_000))},
    user_of=lambda config: config.keys["client_id"] or config.keys["username"],
    stops_at_refusal=True,
    command_line="connectors.platforms.beyondtrust.command_line",
)
