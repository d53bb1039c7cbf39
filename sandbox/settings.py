"""What each simulated vendor can be told to be like. All of it may be changed while the sandbox runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PLATFORMS = ("rescue", "beyondtrust")
"""On which a play can be played."""

MINUTE = 60.0


@dataclass(slots=True)
class HelpdeskSettings:
    """A Zendesk account with one API user, one agent and one customer."""

    email: str = "bridge@example.com"
    api_token: str = "sandbox-zendesk-token"  # noqa: S105 - a made-up account of a made-up vendor
    oauth_token: str = "sandbox-zendesk-bearer"  # noqa: S105 - the same
    agent_email: str = "agent@example.com"
    customer_email: str = "customer@example.com"
    customer_name: str = "Customer 1"
    account_id: str = "22129848"
    webhook_id: str = "01SANDBOXWEBHOOK"
    first_ticket_id: int = 35436
    tag: str = "remote-support"
    """What the button "Ask for a Rescue session" puts on a ticket."""
    appliance_tag: str = "remote-support-appliance"
    """What the button "Ask for a BeyondTrust session" puts on a ticket."""

    hook_url: str = ""
    """Where webhooks go; empty for nowhere."""
    hook_secret: str = ""
    hook_form: Literal["template", "event"] = "template"
    """A trigger's own body, or Zendesk's fixed event format."""
    hook_retries: int = 3
    retry_after_cap: float = 3.0
    redeliver: bool = False
    """Send again after connection errors and 5xx too, which the vendor does not: for harnesses only."""

    comment_limit: int = 65_536
    attachment_limit: int = 50_000_000
    updates_per_ticket: int = 30
    updates_window: float = 10 * MINUTE
    requests_per_minute: int = 700
    """Over all of the API; 0 for no limit."""
    custom_field_ids: tuple[int, ...] = (360000000001, 360000000002)
    """Other ids are ignored without a word, as the vendor does. The first is shown on the pages as the asset."""
    expand_placeholders: bool = True
    """`{{ticket.requester.name}}` in an agent's comment is replaced, by API too: a chat must be defused."""


@dataclass(slots=True)
class RescueSettings:
    """A Rescue account with two technicians and one channel."""

    email: str = "technician@example.com"
    password: str = "sandbox-rescue-password"  # noqa: S105 - a made-up account of a made-up vendor
    authcode: str = "sandboxauthcode0000000000000000000000000000000000000000"
    """Valid from the start, until requestAuthCode makes a new one."""
    sso_id: str = "123456"
    sso_password: str = "sandbox-sso-password"  # noqa: S105 - the same
    company_id: str = "654321"
    client_id: str = "11"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 - the same
    public_client_id: str = "12"
    """A client without a secret, which proves itself by PKCE."""
    scope: str = "Rescue;API"
    redirect_uris: tuple[str, ...] = ("http://127.0.0.1:8765/callback",)
    """Of both clients."""
    token_seconds: int = 3600
    code_seconds: int = 600
    redirect_name: Literal["redirect_uri", "redirect_url"] = "redirect_uri"
    """What the token page takes: the reference's examples and its text disagree."""
    verifier_name: Literal["client_verifier", "code_verifier"] = "client_verifier"
    """The example's name, or the standard's."""
    pkce_challenge: Literal["base64url", "hex"] = "base64url"
    """The standard's form of a challenge, or the one that the example shows."""

    idle_seconds: float = 20 * MINUTE
    logins_in_three_minutes: int = 10
    authcode_interval_seconds: float = 1.0
    authcode_rate_code: str = "requestAuthCode_PollRateExceeded"
    """The one code that the reference prints with its method's name."""
    pin_interval_seconds: float = 1.0
    pin_lifetime_seconds: float = 20 * MINUTE
    pin_pool: int = 0
    """How many unused PINs there can be at once; 0 for as many as six digits allow."""
    next_pins: list[str] = field(default_factory=list)
    """PINs to hand out first, for tests of leading zeros."""
    pin_versions: frozenset[int] = frozenset({1, 2, 3})
    """Versions of requestPINCode that exist here; the others are 404."""

    administrator: bool = True
    """Whether the user of the API is a Master administrator, too."""
    technician_seat: bool = True
    """Whether the user of the API is a technician; without it there is no PIN for them."""
    notifications: bool = True
    """Whether the administrator who creates many users gets an e-mail about it."""
    standard_seats: int = 10
    mobile_seats: int = 2
    rpat_seats: int = 2
    """Licences; so many technicians can be enabled, and have the add-ons."""
    password_classes: int = 3
    """Of small letters, capitals, digits and others: how many a strong enough password mixes."""
    sms_left: int = 100
    undeliverable_numbers: frozenset[str] = frozenset()
    """Phone numbers that no SMS reaches."""

    status_names: dict[str, str] = field(default_factory=dict)
    """Other words for getSession's status than the language's."""
    language: Literal["en", "pt", "de", "ja"] = "en"
    """Of the statuses and of the word yes; headers stay English."""
    yes: str = ""
    """Another word for yes than the language's."""
    listed_after_close_seconds: float = 24 * 60 * MINUTE
    """How long getSession lists a session that has ended; the vendor's figure is unknown."""
    report_interval_seconds: float = 60.0
    """At most one report in so long a time, for the whole account."""
    report_trailing_delimiter: bool = False
    """Whether lines of a report end with a delimiter, as those of getSession do; the vendor's habit is unknown."""
    field_labels: list[str] = field(
        default_factory=lambda: ["Your Name:", *(f"Custom field {number}" for number in range(1, 6))]
    )
    """What the account calls its six custom fields."""
    customer_questions: list[str] = field(
        default_factory=lambda: ["How satisfied are you, from 1 to 5?", "Anything you want to tell us?"]
    )
    technician_questions: list[str] = field(
        default_factory=lambda: ["Was the issue solved?", "What was done?", "How hard was it, from 1 to 5?"]
    )
    unknown_session_code: str = "ERROR"
    """What getChat and getNote really answer; the reference says INVALIDPARAM_SESSION."""

    hook_url: str = ""
    """Where sessions are posted; empty for nowhere. A secret is part of it: `?key=...`."""
    post_format: Literal["form", "xml"] = "form"
    post_xml_type: Literal["text/xml", "application/xml"] = "text/xml"
    post_charset: str = "utf-8"
    """Of the form; any codec: utf-8, windows-1252, utf-16-le. What it cannot hold becomes a question mark."""
    post_note_field: Literal["Note", "Notes"] = "Note"
    """`Note` is what is really sent, `Notes` what the reference says."""
    post_chat_separator: Literal["\n", ""] = "\n"
    post_copies: int = 1
    post_delay_seconds: float = 0.0
    lose_posts: bool = False
    """Sessions are played and never posted."""
    post_reorder: bool = False
    """Hold the start of a session back until its end was posted."""
    redeliver: bool = False
    """Send again until it arrives, which the vendor does not: for harnesses only."""


@dataclass(slots=True)
class ApplianceSettings:
    """A BeyondTrust Remote Support appliance with one API account, three representatives and two teams."""

    client_id: str = "sandbox-appliance-client"
    client_secret: str = "sandbox-appliance-secret"  # noqa: S105 - a made-up account of a made-up vendor
    token_seconds: int = 3600
    token_type: str = "Bearer"  # noqa: S105 - a word of the protocol; `bearer` in some versions
    most_tokens: int = 30
    old: bool = False
    """A Bomgar of 2008: `.ns` addresses, user name and password as parameters, no tokens."""
    username: str = "api"
    password: str = "sandbox-appliance-password"  # noqa: S105 - the same

    enabled: bool = True
    """Without the XML API, or for an account that may nothing at all, its pages are not found."""
    command_permission: Literal["full", "full_access", "read_only", "deny"] = "full"
    denied: frozenset[str] = frozenset()
    """What else the account may not: backup, configuration, real_time_state, reporting_support, and so on."""
    denied_status: int = 401
    """Of the JSON that refuses a token; the guide does not say which."""
    requests_per_second: int = 20
    requests_per_hour: int = 15_000
    """Of each API account; 0 for no limit, which the headers then do not name either."""
    strict_close: bool = False
    """Refuse what does not ask for the connection to be closed."""

    company: str = "Example Company"
    hostname: str = "support.example.com"
    appliance_id: str = "5d2c1f0e9b8a47769584736251403f2e"
    custom_fields: dict[str, str] = field(
        default_factory=lambda: {"asset": "Asset", "department": "Department", "custom_field1": "Custom field 1"}
    )
    """Code name and display name of each custom field that sessions can have, beside the external key."""
    skills: frozenset[str] = frozenset({"printers", "networks"})
    key_ttl: int = 86_400
    """Seconds that a key is valid when nothing else is asked, and at most."""
    next_keys: list[str] = field(default_factory=list)
    """Short keys to hand out first."""
    recordings: bool = True
    linger: bool = False
    """A session that its customer left stays until a representative ends it."""
    healthy: bool = True

    namespace: Literal["beyondtrust", "bomgar", "sra", "none"] = "beyondtrust"
    error_as: Literal["root", "child"] = "root"
    blank_lines: int = 0
    """How many end an XML answer."""
    sparse: bool = False
    """Leave out or say `Unknown` wherever the vendor sometimes does."""
    ipv6: bool = False
    """Customers come from `[2001:db8::7]:56722`."""
    recycle_gsnumbers: bool = True
    report_appears_seconds: float = 0.0
    """From the end of a session until any report holds it; at 0 a running one is reported, too."""
    report_end_seconds: float = 0.0
    """From the end of a session until its end time is filled in."""
    report_survey_seconds: float = 0.0
    """From a survey until any report holds it."""
    archive_lag_seconds: float = 120.0

    hook_url: str = ""
    """Where outbound events go; empty for nowhere. A secret is part of it: `?key=...`."""
    event_retry_seconds: float = 1.0
    event_give_up_seconds: float = 3600.0
    """An event that was refused for so long is dropped."""
    event_timeout_seconds: float = 10.0
    event_version: str = "1"
    muted_events: frozenset[str] = frozenset()
    """Events that the administrator did not tick."""

    live_connections: int = 30
    live_part_bytes: int = 16_384
    """A larger update is sent in parts of so many bytes."""
    live_backlog: int = 1_000
    """A reader who is further behind is cut off."""


@dataclass(slots=True)
class RemotePcSettings:
    """A reseller account of RemotePC."""

    api_key: str = "sandbox-remotepc-key"
    allowed_addresses: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    """From where calls are taken."""
    suspended: bool = False
    """The reseller account itself."""
    blocked: bool = False
    """The address of whoever signs a user in."""
    cancelled: frozenset[str] = frozenset()
    """Users whose account was cancelled, in lower case."""
    next_statuses: list[int] = field(default_factory=list)
    """HTTP statuses of the next answers, whatever their envelopes say."""
    next_codes: list[int] = field(default_factory=list)
    """The code in the envelopes of the next answers, whatever happened."""
    forced_words: list[str] = field(default_factory=list)
    """Error words that the next calls are answered with, without any work."""


@dataclass(slots=True)
class CrmSettings:
    """An account of a CRM that speaks HubSpot's wire, with one private app."""

    access_token: str = "sandbox-crm-token"  # noqa: S105 - a made-up account of a made-up vendor
    client_secret: str = "sandbox-crm-client-secret"  # noqa: S105 - the same
    app_id: int = 4711
    portal_id: int = 62515
    subscribed: frozenset[str] = frozenset({"remote_access", "remote_access_status"})
    """Properties whose changes are told; the second one proves that what the bridge writes asks for nothing."""
    hook_url: str = ""
    """Where webhooks go; empty for nowhere."""
    signed_url: str = ""
    """The address that is signed, where a proxy stands before the hook's own."""


@dataclass(slots=True)
class SandboxSettings:
    """All vendors and where they listen; port 0 takes a free one."""

    helpdesk: HelpdeskSettings = field(default_factory=HelpdeskSettings)
    rescue: RescueSettings = field(default_factory=RescueSettings)
    appliance: ApplianceSettings = field(default_factory=ApplianceSettings)
    remotepc: RemotePcSettings = field(default_factory=RemotePcSettings)
    crm: CrmSettings = field(default_factory=CrmSettings)
    host: str = "127.0.0.1"
    helpdesk_port: int = 0
    rescue_port: int = 0
    appliance_port: int = 0
    remotepc_port: int = 0
    crm_port: int = 0
    front_port: int = 0
