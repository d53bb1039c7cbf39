"""What Rescue's connection takes in bridge.toml, and what its Post-to-URL sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

CUSTOM_FIELDS: Mapping[str, int] = {
    "cfield0": 64,
    "cfield1": 512,
    "cfield2": 512,
    "cfield3": 256,
    "cfield4": 64,
    "cfield5": 64,
}
"""Characters that each may have (API reference, requestPINCode)."""
TRACKING_LIMIT = 64


def length(text: str) -> int:
    """Characters as .NET counts them: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


SESSION_LABELS: Mapping[str, str] = {
    "session_id": "Session ID",
    "reference": "Tracking ID",
    "started_at": "Start Time",
    "ended_at": "End Time",
    "last_action_at": "Last Action Time",
    "technician_id": "Technician ID",
    "technician": "Technician Name",
    "technician_email": "Technician Email",
    "waiting": "Waiting Time",
    "work": "Work Time",
    "device": "Platform",
}
"""Our names to the labels of the session report (area 0), unless `report_labels` says otherwise."""

SECRET_KEYS = frozenset({"authcode", "password", "sso_password", "client_secret"})

NEEDED = {
    "authcode": ("authcode",),
    "login": ("email", "password"),
    "sso": ("sso_id", "sso_password", "company_id"),
    "oauth client_credentials": ("client_id", "client_secret"),
    "oauth authorization_code": ("client_id", "redirect_uri"),
}
"""The keys that each `auth` (and `grant`) cannot do without."""
WAYS = ("authcode", "login", "sso", "oauth")
GRANTS = ("client_credentials", "authorization_code")

_WHAT = {
    "authcode": "the secret authentication code that requestAuthCode gives for a technician",
    "email": "the e-mail address of the Rescue user that Deskbridge works as",
    "password": "the password of that Rescue user",
    "sso_id": "the single sign-on ID of the Rescue user that Deskbridge works as",
    "sso_password": "the single sign-on password of the company's account",
    "company_id": "the number of the company's Rescue account",
    "client_id": "the ID of a company client, from /id-srv/ (Company OAuth Clients)",
    "client_secret": "the secret of that OAuth client",
    "redirect_uri": "the address that is registered for the client, such as http://127.0.0.1:8765/callback",
}

_REPORT_PAUSE = "a number above 0: so many seconds between two reports; Rescue allows 1 a minute"
_POLL = "a number of seconds, 0 for never"
_COMES_BACK = "https://…, or http://127.0.0.1:<port>/<path> on this machine, as it is registered for the client"
_PIN_RATE = "a number above 0; Rescue allows 1 PIN a second"


def _may_come_back(value: str) -> None:
    """An authorization code must not travel in clear. Raises ValidationError."""
    try:
        parts = urlsplit(value)
        here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and bool(parts.port)
    except ValueError:
        raise ValidationError(_COMES_BACK) from None
    right = parts.hostname and (here or parts.scheme == "https") and not (parts.fragment or parts.query)
    if value and not right:
        raise ValidationError(_COMES_BACK)


class Digits(fields.String):
    """A number that is a name: TOML may hold it bare or quoted."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,20}", text):
            raise ValidationError("digits only, such as 337366")
        return text


class KeysSchema(Schema):
    """The keys of a Rescue connection beside `kind`, `base_url` and `hook_secret`."""

    auth = fields.String(
        load_default="authcode",
        validate=validate.OneOf(WAYS, error=f"one of {', '.join(WAYS)}"),
    )
    authcode = fields.String(load_default="")
    email = fields.String(load_default="")
    password = fields.String(load_default="")
    sso_id = fields.String(load_default="")
    sso_password = fields.String(load_default="")
    company_id = Digits(load_default="")
    client_id = fields.String(load_default="")
    client_secret = fields.String(load_default="")
    scope = fields.String(load_default="Rescue;API")
    grant = fields.String(load_default="", validate=validate.OneOf(("", *GRANTS), error=f"one of {', '.join(GRANTS)}"))
    redirect_uri = fields.String(load_default="", validate=_may_come_back)
    join_url = fields.Url(
        load_default="https://www.logmein123.com",
        schemes={"https", "http"},
        require_tld=False,
        error_messages={"invalid": "the address where customers type a PIN, such as https://www.logmein123.com"},
    )
    node = Digits(load_default="")
    no_technician_console = fields.Boolean(
        load_default=True,
        truthy={True},
        falsy={False},
        error_messages={"invalid": "true (a PIN may be had while no technician console is open) or false"},
    )
    pins_per_second = fields.Float(
        load_default=1.0,
        validate=validate.Range(min=0, min_inclusive=False, error=_PIN_RATE),
        error_messages={"invalid": _PIN_RATE},
    )

    poll_seconds = fields.Integer(
        load_default=3600,
        strict=True,
        validate=validate.Range(min=0, error=_POLL),
        error_messages={"invalid": _POLL},
    )
    report_seconds = fields.Float(
        load_default=60.0,
        validate=validate.Range(min=0, min_inclusive=False, error=_REPORT_PAUSE),
        error_messages={"invalid": _REPORT_PAUSE},
    )
    report_node = Digits(load_default="")
    report_labels = fields.Dict(
        keys=fields.String(validate=validate.OneOf(tuple(SESSION_LABELS), error=f"one of {', '.join(SESSION_LABELS)}")),
        values=fields.String(validate=validate.Length(min=1, error="the label of a column, as the account has it")),
        load_default=dict,
    )

    @post_load
    def pace_of_reports(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """The rate that all workers keep together."""
        return {**data, "reports_per_second": 1.0 / data["report_seconds"]}

    @validates_schema(skip_on_field_errors=False)
    def enough_to_sign_in(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        """Raise ValidationError that names each missing key and what belongs there."""
        auth = data.get("auth", "")
        grant = grant_of(data)
        # A key that is not in `data` was there and refused for another reason.
        lacking = [key for key in NEEDED.get(f"{auth} {grant}".strip(), ()) if data.get(key, "refused") == ""]
        missing = {key: [f'auth = "{auth}" needs it: {_WHAT[key]}'] for key in lacking}
        if data.get("redirect_uri") and grant != GRANTS[1]:
            missing["redirect_uri"] = ['does nothing without auth = "oauth" and grant = "authorization_code"']
        if data.get("grant") and auth != "oauth":
            missing["grant"] = ['does nothing without auth = "oauth"']
        if auth == "authcode" and bool(data.get("email")) != bool(data.get("password")):
            one, other = ("password", "email") if data.get("email") else ("email", "password")
            missing[one] = [f"belongs to {other}: both together can renew a refused authcode"]
        if missing:
            raise ValidationError(missing)

    @post_load
    def with_grant(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """The grant that is used, also where none was written down."""
        return {**data, "grant": grant_of(data)}


def grant_of(data: Mapping[str, Any]) -> str:
    """How tokens are had: as written down, else by what is there; empty when it is not OAuth at all."""
    if data.get("auth") != "oauth":
        return ""
    by_person = data.get("redirect_uri") and not data.get("client_secret")
    return data.get("grant") or GRANTS[1 if by_person else 0]


class Moment(fields.Field[datetime | None]):
    """A UTC time as Rescue writes it; None for what is empty, means "never" or cannot be read."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime | None:
        return moment(str(value))


class Seconds(fields.Field[int | None]):
    """A duration in seconds, written as a number or as `h:mm:ss`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        return seconds(str(value))


class Count(fields.Field[int | None]):
    """A whole number; None for anything else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        return int(value) if re.fullmatch(r"[0-9]{1,15}", str(value)) else None


class PostSchema(Schema):
    """A post's fields, names in lower case, values trimmed. Only the session's number must be there."""

    class Meta:
        unknown = EXCLUDE

    sessionid = fields.String(required=True, validate=validate.Regexp(r"\A[0-9]{1,20}\Z"))
    techid = fields.String(load_default="")
    techssoid = fields.String(load_default="")
    techname = fields.String(load_default="")
    techemail = fields.String(load_default="")
    techdescr = fields.String(load_default="")
    cfield0 = fields.String(load_default="")
    cfield1 = fields.String(load_default="")
    cfield2 = fields.String(load_default="")
    cfield3 = fields.String(load_default="")
    cfield4 = fields.String(load_default="")
    cfield5 = fields.String(load_default="")
    tracking0 = fields.String(load_default="")
    chatlog = fields.String(load_default="")
    notes = fields.String(load_default="")
    waitingtime = Seconds(load_default=None)
    pickuptime = Moment(load_default=None)
    closingtime = Moment(load_default=None)
    worktime = Seconds(load_default=None)
    lastactiontime = Moment(load_default=None)
    transmitted = Count(load_default=None)
    platform = fields.String(load_default="")
    tsurvey0 = fields.String(load_default="")
    tsurvey1 = fields.String(load_default="")
    tsurvey2 = fields.String(load_default="")
    tsurvey3 = fields.String(load_default="")
    tsurvey4 = fields.String(load_default="")
    tsurvey5 = fields.String(load_default="")
    tsurvey6 = fields.String(load_default="")
    tsurvey7 = fields.String(load_default="")
    tsurvey8 = fields.String(load_default="")
    tsurvey9 = fields.String(load_default="")


POST_FIELDS: Mapping[str, str] = {**{name: name for name in PostSchema._declared_fields}, "note": "notes"}
"""Names in lower case to ours. The reference says `Notes`, what is really sent is `Note`."""

_US = re.compile(
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}),?\s+"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?:\s*(?P<half>[AP])M)?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d):([0-5]\d)", re.ASCII)
_NUMBER = re.compile(r"(\d{1,15})(?:\.\d{1,15})?", re.ASCII)
_NEVER = ("0001-01-01", "1/1/0001", "01/01/0001", "1900-01-01", "1/1/1900", "01/01/1900")


def never(text: str) -> bool:
    """Whether it is one of the days by which databases say "not yet"."""
    return text.startswith(_NEVER)


def moment(text: str) -> datetime | None:
    """`2/19/2024 2:36:37 PM`, `2024-02-19 14:36:37` or ISO as UTC; None when empty, "never" or unreadable."""
    text = text.strip()
    if never(text):
        return None
    us = _US.fullmatch(text)
    try:
        found = _american(us) if us else datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _american(us: re.Match[str]) -> datetime:
    """Raises ValueError for an hour, day or month that does not exist."""
    hour = int(us["hour"])
    if us["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if us["half"] in "Pp" else 0)
    year, month, day = int(us["year"]), int(us["month"]), int(us["day"])
    return datetime(year, month, day, hour, int(us["minute"]), int(us["second"] or 0), tzinfo=UTC)


def seconds(text: str) -> int | None:
    """`104`, `104.0` or `0:01:44` as seconds; None for anything else."""
    text = text.strip()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, rest = (int(part) for part in clock.groups())
        return hours * 3600 + minutes * 60 + rest
    number = _NUMBER.fullmatch(text)
    return int(number[1]) if number else None
