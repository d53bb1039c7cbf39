"""What the commands answer, as values; and the queue, the one value that many of them are asked with.

Times are aware datetimes in UTC, None where the appliance tells none; texts are empty and numbers None where
it tells nothing. (Guide, Remote Support Command API: "Element Names and Attributes" of each command.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import NewType

from bridge.errors import Rejected
from connectors.platforms.beyondtrust.schema import queue_is_known

Queue = NewType("Queue", str)
"""`general`, `rep:<id>`, `rep_username:<name>`, `team:<id>` or `issue:<code name>`, checked by `queue`."""


def queue(text: str) -> Queue:
    """A queue that a session key can be made for. Raises Rejected for anything else."""
    if not queue_is_known(text):
        raise Rejected("a queue is general, rep:ID, rep_username:NAME, team:ID or issue:CODE_NAME", code="queue")
    return Queue(text)


@dataclass(frozen=True, slots=True)
class LoggedInRep:
    """A representative who is logged in now (get_logged_in_reps)."""

    id: str
    public_display_name: str = ""
    private_display_name: str = ""
    display_name: str = ""
    """Deprecated by the vendor: the public one."""
    type: str = ""
    """`Normal` or `Invited`."""
    direct_link: str = ""
    """An HTML anchor, as the appliance writes it."""
    logged_in_since: datetime | None = None
    presentation_count: int | None = None
    support_session_count: int | None = None
    showing_on_rep_list: bool | None = None

    @property
    def start_url(self) -> str:
        """The address inside the direct link; empty where there is none."""
        found = re.search(r"""href\s*=\s*["']?([^"'\s>]+)""", self.direct_link, re.I)
        return unescape(found[1]) if found else ""


@dataclass(frozen=True, slots=True)
class Issue:
    id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class TeamMember:
    id: str
    username: str = ""
    public_display_name: str = ""
    private_display_name: str = ""
    display_name: str = ""
    """Deprecated by the vendor: the public one."""


@dataclass(frozen=True, slots=True)
class SupportTeam:
    """A support team, its issues and how many sessions wait for it (get_support_teams)."""

    id: str
    name: str = ""
    issues: tuple[Issue, ...] = ()
    support_session_count: int | None = None
    members: tuple[TeamMember, ...] | None = None
    """None when they were not asked for."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """An invitation to a session (generate_session_key). Key, address and mail let a stranger in."""

    short_key: str = field(repr=False)
    """Seven characters that the customer can type on the public site."""
    key_url: str = field(repr=False)
    type: str = "support"
    ttl: int | None = None
    """Seconds."""
    expires: datetime | None = None
    queue: str = ""
    """`rep`, `team` or what else the appliance calls it."""
    queue_available: bool | None = None
    """Whether somebody is there for the queue now."""
    queue_id: str = ""
    external_key: str = ""
    mail_subject: str = ""
    mail_body: str = field(default="", repr=False)
    cut: tuple[str, ...] = ()
    """Names of the attributes that were cut to the appliance's limits."""


@dataclass(frozen=True, slots=True)
class VirtualCustomer:
    """A customer without a client, as a chat bot needs one (create_virtual_customer)."""

    download_url: str = field(default="", repr=False)
    """The full client, to make a remote session of the chat."""
    chat_url: str = field(default="", repr=False)
    lsid: str = ""
    """The session, where the appliance names it: the guide does not say."""


@dataclass(frozen=True, slots=True)
class CustomAttribute:
    code_name: str
    display_name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Appliance:
    """One appliance of a failover pair or a cluster (get_appliances)."""

    id: str
    name: str = ""
    public_hostname: str = ""
    cluster_role: str = ""
    """`single`, `primary` or `traffic`."""
    failover_role: str = ""
    """`none`, `primary` or `backup`."""
    accepting_connections: bool | None = None
    timezone_offset: int | None = None
    """Seconds from UTC."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the appliance says of itself, for failover above all (check_health)."""

    success: bool
    appliance: str = ""
    """Its hostname."""
    appliance_id: str = ""
    version: str = ""
    error_message: str = ""
    failover_role: str = ""
    """`none`, `primary` or `backup`."""
    enabled_shared_ips: tuple[str, ...] = ()
    last_data_sync_time: datetime | None = None
    last_data_sync_status: str = ""


@dataclass(frozen=True, slots=True)
class ApiInfo:
    """The API and what our account may do there (get_api_info)."""

    api_version: str = ""
    company_name: str = ""
    timestamp: datetime | None = None
    """The appliance's clock."""
    permissions: Mapping[str, str] = field(default_factory=dict)
    """By `perm_backup`, `perm_command` (`full_access`, `read_only`, `deny`) and so on; the others `1` or `0`."""

    def may(self, permission: str) -> bool:
        """Whether the account has it, such as `perm_reporting_support`."""
        return self.permissions.get(permission, "0").casefold() not in ("0", "", "deny", "false", "no")
