"""The one verifier for every way in which a sender proves itself: signatures by scheme, or a shared secret.

Only raw bytes are looked at. Every failure is the same BadSignature, found in the same time, with no hint
whether the signature, the time or the secret was wrong. An empty list of secrets refuses everybody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Float, List, Str
from marshmallow.validate import OneOf, Range, Regexp

from bridge.errors import BadSignature
from bridge.model import Delivery

ALGORITHMS = ("sha256", "sha1")
NAMED = "named"
"""The header says the algorithm itself, as in `sha256=<hex>`; only those of ALGORITHMS are taken."""
PARTS = ("body", "timestamp", "method", "uri", "id", ".")
KEY_HEADER = "x-deskbridge-key"
HEADER_NAME = Regexp(r"[A-Za-z0-9_-]*\Z", error="Must be the name of a header.")


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a vendor signs: an HMAC over `parts` in that order, encoded, after a prefix, in a header."""

    signature_header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    parts: tuple[str, ...] = ("body",)
    key: str = "text"
    """`base64`: the secret is decoded first, without its `whsec_` if it has one."""
    timestamp_header: str = ""
    id_header: str = ""
    timestamp_format: str = "s"
    tolerance_seconds: float = 300.0
    """How far a signed time stamp may be from the moment we received it, either way."""

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> None:
        """Raise BadSignature unless one of the header's signatures was made with one of the secrets, lately."""
        message, fresh = self.message_of(delivery), self._fresh(delivery)
        claims = [self._fold(claim) for claim in _header(delivery, self.signature_header).split()]
        right = [self._fold(made) for secret in secrets for made in self.signatures_of(secret, message)]
        if not (_any_pair_equal(claims, right) & fresh):
            raise BadSignature("the sender did not prove itself")

    def key_bytes(self, secret: str) -> bytes:
        """The key that a secret stands for. Raises ValueError for an empty one or broken base64."""
        if self.key == "base64":
            text = secret.removeprefix("whsec_")
            key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        else:
            key = _bytes(secret)
        if not key:
            raise ValueError("an empty secret protects nothing")
        return key

    def signatures_of(self, secret: str, message: bytes) -> Iterator[bytes]:
        """What the header may say; nothing for a secret that is no key."""
        try:
            key = self.key_bytes(secret)
        except ValueError:
            return
        for algorithm in ALGORITHMS if self.algorithm == NAMED else (self.algorithm,):
            digest = hmac.new(key, message, getattr(hashlib, algorithm)).digest()
            encoded = digest.hex() if self.encoding == "hex" else base64.b64encode(digest).decode()
            prefix = f"{algorithm}=" if self.algorithm == NAMED else self.prefix
            yield _bytes(prefix + encoded)

    def _fold(self, signature: str | bytes) -> bytes:
        """Hex may be written in either case; base64 may not."""
        raw = _bytes(signature) if isinstance(signature, str) else signature
        return raw.lower() if self.encoding == "hex" else raw

    def message_of(self, delivery: Delivery) -> bytes:
        """The bytes that are signed."""
        values = {
            "body": delivery.body,
            "timestamp": _bytes(_header(delivery, self.timestamp_header)),
            "method": _bytes(delivery.method),
            "uri": _bytes(_readable(delivery.url)),
            "id": _bytes(_header(delivery, self.id_header)),
        }
        return b"".join(values.get(part, _bytes(part)) for part in self.parts)

    def _fresh(self, delivery: Delivery) -> bool:
        if "timestamp" not in self.parts:
            return True
        try:
            stamp = _seconds(_header(delivery, self.timestamp_header), self.timestamp_format)
        except (ValueError, OverflowError):
            return False
        return abs(delivery.received_at.timestamp() - stamp) <= self.tolerance_seconds


def _any_pair_equal(claims: Sequence[bytes], right: Sequence[bytes]) -> bool:
    found = False
    for one in claims:
        for other in right:
            found |= hmac.compare_digest(one, other)  # no early end: the time must not tell which one fitted
    return found


def _header(delivery: Delivery, name: str) -> str:
    return delivery.headers.get(name.lower(), "")


def _bytes(text: str) -> bytes:
    """UTF-8; bytes of the environment that were none come back as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _seconds(stamp: str, form: str) -> float:
    if form == "iso":
        moment = datetime.fromisoformat(stamp)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not re.fullmatch(r"[0-9]{1,16}", stamp):
        raise ValueError("not a UNIX time")
    return int(stamp) / (1000 if form == "ms" else 1)


def _readable(url: str) -> str:
    """HubSpot signs the URI with these characters unescaped (its page on validating requests)."""
    return re.sub(r"%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", lambda hit: chr(int(hit[1], 16)), url, flags=re.I)


ZENDESK = Scheme(
    "x-zendesk-webhook-signature",
    encoding="base64",
    parts=("timestamp", "body"),
    timestamp_header="x-zendesk-webhook-signature-timestamp",
    timestamp_format="iso",
    # The vendor states no tolerance, and what is refused may be lost: wide enough for its retries.
    tolerance_seconds=3_600,
)
JIRA = Scheme("x-hub-signature", algorithm=NAMED)
HUB_SIGNATURE_256 = Scheme("x-hub-signature-256", prefix="sha256=")
HUB_SIGNATURE_SHA1 = Scheme("x-hub-signature", algorithm="sha1", prefix="sha1=")
ZAMMAD = HUB_SIGNATURE_SHA1
INTERCOM = HUB_SIGNATURE_SHA1
HUBSPOT_V3 = Scheme(
    "x-hubspot-signature-v3",
    encoding="base64",
    parts=("method", "uri", "body", "timestamp"),
    timestamp_header="x-hubspot-request-timestamp",
    timestamp_format="ms",
)
STANDARD_WEBHOOKS = Scheme(
    "webhook-signature",
    encoding="base64",
    prefix="v1,",
    parts=("id", ".", "timestamp", ".", "body"),
    key="base64",
    timestamp_header="webhook-timestamp",
    id_header="webhook-id",
)
GLPI = Scheme(
    "x-glpi-signature",
    parts=("body", "timestamp"),
    timestamp_header="x-glpi-timestamp",
    tolerance_seconds=86_400,  # signed when queued, sent hours later
)
REDMINE = Scheme("x-redmine-signature-256", prefix="sha256=")
HELP_SCOUT = Scheme("x-helpscout-signature", algorithm="sha1", encoding="base64")
# Our own business-rule script signs the delivery id too, because duplicates are told by it.
SERVICENOW_SCRIPT = Scheme(
    "x-rsm-signature",
    encoding="base64",
    parts=("id", ".", "timestamp", ".", "body"),
    timestamp_header="x-rsm-timestamp",
    id_header="x-rsm-delivery",
    timestamp_format="ms",
    tolerance_seconds=3_600,  # nothing is sent twice: what is refused is lost
)
SCHEMES: Mapping[str, Scheme] = {
    "zendesk": ZENDESK,
    "jira": JIRA,
    "hub_signature_256": HUB_SIGNATURE_256,
    "hub_signature_sha1": HUB_SIGNATURE_SHA1,
    "hubspot_v3": HUBSPOT_V3,
    "standard_webhooks": STANDARD_WEBHOOKS,
    "zammad": ZAMMAD,
    "glpi": GLPI,
    "redmine": REDMINE,
    "help_scout": HELP_SCOUT,
    "intercom": INTERCOM,
    "servicenow_script": SERVICENOW_SCRIPT,
}


def verify_shared_secret(delivery: Delivery, secrets: Sequence[str]) -> None:
    """For vendors that sign nothing: `?key=…`, the Basic password or `X-Deskbridge-Key` must be a secret."""
    shown = (delivery.query.get("key", ""), _header(delivery, KEY_HEADER))
    claims = [_bytes(text) for text in shown] + [_basic_password(delivery)]
    if not _any_pair_equal(claims, [_bytes(secret) for secret in secrets if secret]):
        raise BadSignature("the sender did not prove itself")


def _basic_password(delivery: Delivery) -> bytes:
    word, _, value = _header(delivery, "authorization").partition(" ")
    if word.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
    except ValueError:
        return b""


class VerifyTable(Schema):
    """The keys of a `verify = {…}` table: the fields of Scheme, or `scheme = "<name>"` and what differs from it."""

    scheme = Str(validate=OneOf(tuple(SCHEMES)))
    signature_header = Str(validate=HEADER_NAME)
    algorithm = Str(validate=OneOf((*ALGORITHMS, NAMED)))
    encoding = Str(validate=OneOf(("hex", "base64")))
    prefix = Str(validate=Regexp(r"[!-~]*\Z", error="Must not hold blanks."))
    parts = List(Str(validate=OneOf(PARTS)))
    key = Str(validate=OneOf(("text", "base64")))
    timestamp_header = Str(validate=HEADER_NAME)
    id_header = Str(validate=HEADER_NAME)
    timestamp_format = Str(validate=OneOf(("iso", "s", "ms")))
    tolerance_seconds = Float(validate=Range(min=0, min_inclusive=False))


def build_scheme(table: Mapping[str, Any]) -> Scheme:
    """The scheme that such a table describes. Raises ValidationError with messages for each bad key."""
    given = VerifyTable().load(table)
    base = SCHEMES[given.pop("scheme")] if "scheme" in given else Scheme("")
    if "parts" in given:
        given["parts"] = tuple(given["parts"])
    scheme = replace(base, **given)
    problems = dict(_look_safe_only(scheme))
    if problems:
        raise ValidationError(problems)
    return scheme


def _look_safe_only(scheme: Scheme) -> Iterator[tuple[str, list[str]]]:
    """What each key by itself allows, but together proves nothing."""
    if not scheme.signature_header:
        yield "signature_header", ["Is missing."]
    if "body" not in scheme.parts:
        yield "parts", ["Must hold body: what is not signed is not proved."]
    for part in ("timestamp", "id"):
        key = f"{part}_header"
        if part in scheme.parts and not getattr(scheme, key):
            yield key, [f"Is missing, since parts holds {part}."]
        if getattr(scheme, key) and part not in scheme.parts:
            yield key, [f"Is not signed, since parts lacks {part}."]


def sign(
    scheme: Scheme,
    secret: str,
    body: bytes,
    *,
    moment: datetime,
    method: str = "POST",
    url: str = "",
    delivery_id: str = "",
) -> dict[str, str]:
    """The headers, names in lower case, that a vendor would send with this body at that moment."""
    headers = {}
    if scheme.timestamp_header:
        stamps = {
            "iso": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "s": str(int(moment.timestamp())),
            "ms": str(int(moment.timestamp() * 1000)),
        }
        headers[scheme.timestamp_header.lower()] = stamps[scheme.timestamp_format]
    if scheme.id_header:
        headers[scheme.id_header.lower()] = delivery_id
    unsigned = Delivery("", method, url, headers, {}, body, moment)
    signature = next(iter(scheme.signatures_of(secret, scheme.message_of(unsigned))))
    return {**headers, scheme.signature_header.lower(): signature.decode()}
