"""Whoever signs with the secret, lately, is let in; everybody else meets the same closed door."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from bridge.errors import BadSignature
from bridge.model import Delivery
from connectors import signatures
from connectors.signatures import SCHEMES, Scheme, build_scheme, sign, verify_shared_secret

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GITHUB = "It's a Secret to Everybody"
TIMED = [name for name, scheme in SCHEMES.items() if scheme.timestamp_header]


def delivery(
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    url: str = "https://bridge.example.com/hooks/acme",
    query: dict[str, str] | None = None,
    at: datetime = NOW,
) -> Delivery:
    return Delivery("acme", "POST", url, headers or {}, query or {}, body, at)


def signed(scheme: Scheme, secret: str, body: bytes, at: datetime = NOW) -> Delivery:
    url = "https://bridge.example.com/hooks/acme"
    return delivery(body, sign(scheme, secret, body, moment=at, url=url, delivery_id="msg_1"), at=NOW)


def secret_for(scheme: Scheme) -> str:
    return WHSEC if scheme.key == "base64" else "made-up-secret"


def refuses(scheme: Scheme, one: Delivery, secrets: list[str]) -> bool:
    try:
        scheme.verify(one, secrets)
    except BadSignature:
        return True
    return False


VECTORS = {
    "zendesk": (
        signatures.ZENDESK,
        "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=",
        delivery(
            b'{"say": "hello"}',
            {
                "x-zendesk-webhook-signature": "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk=",
                "x-zendesk-webhook-signature-timestamp": "2021-07-25T10:00:00Z",
            },
            at=datetime(2021, 7, 25, 10, 0, 3, tzinfo=UTC),
        ),
    ),
    "jira": (
        signatures.JIRA,
        GITHUB,
        delivery(
            b"Hello World!",
            {
                "x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
            },
        ),
    ),
    "hub signature 256": (
        signatures.HUB_SIGNATURE_256,
        GITHUB,
        delivery(
            b"Hello, World!",
            {
                "x-hub-signature-256": ("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
            },
        ),
    ),
    "hubspot v3": (
        signatures.HUBSPOT_V3,
        "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        delivery(
            b"{'example_field':'example_value'}",
            {
                "x-hubspot-signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
                "x-hubspot-request-timestamp": "15000000",
            },
            url="https://www.example.com/webhook_uri",
            at=datetime(1970, 1, 1, 4, 10, tzinfo=UTC),
        ),
    ),
    "standard webhooks": (
        signatures.STANDARD_WEBHOOKS,
        WHSEC,
        delivery(
            b'{"test": 2432232314}',
            {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
            at=datetime.fromtimestamp(1614265330, UTC),
        ),
    ),
}


@pytest.mark.parametrize(("scheme", "secret", "one"), VECTORS.values(), ids=VECTORS.keys())
def test_the_published_vectors(scheme: Scheme, secret: str, one: Delivery) -> None:
    scheme.verify(one, [secret])


@pytest.mark.parametrize(("scheme", "secret", "one"), VECTORS.values(), ids=VECTORS.keys())
def test_a_published_vector_with_another_body_is_refused(scheme: Scheme, secret: str, one: Delivery) -> None:
    assert refuses(scheme, replace(one, body=one.body + b" "), [secret])


def test_sha1_by_hand() -> None:
    # RFC 2202, test case 2
    one = delivery(
        b"what do ya want for nothing?",
        {
            "x-hub-signature": "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "x-helpscout-signature": base64.b64encode(
                bytes.fromhex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
            ).decode(),
        },
    )
    for scheme in (signatures.ZAMMAD, signatures.INTERCOM, signatures.JIRA, signatures.HELP_SCOUT):
        scheme.verify(one, ["Jefe"])


@pytest.mark.parametrize("name", SCHEMES)
class TestEveryScheme:
    def test_its_own_signature_is_taken(self, name: str) -> None:
        scheme = SCHEMES[name]
        scheme.verify(signed(scheme, secret_for(scheme), b'{"a": "\xc3\xa4"}'), [secret_for(scheme)])

    def test_an_empty_body_can_be_signed(self, name: str) -> None:
        scheme = SCHEMES[name]
        scheme.verify(signed(scheme, secret_for(scheme), b""), [secret_for(scheme)])

    def test_an_old_secret_is_good_while_it_is_listed(self, name: str) -> None:
        scheme = SCHEMES[name]
        one = signed(scheme, secret_for(scheme), b"{}")
        scheme.verify(one, ["bmV3", secret_for(scheme)])
        scheme.verify(one, [secret_for(scheme), "bmV3"])

    def test_another_secret_is_refused(self, name: str) -> None:
        scheme = SCHEMES[name]
        assert refuses(scheme, signed(scheme, secret_for(scheme), b"{}"), ["bmV3"])

    def test_no_secrets_refuse_everybody(self, name: str) -> None:
        scheme = SCHEMES[name]
        assert refuses(scheme, signed(scheme, secret_for(scheme), b"{}"), [])

    def test_an_empty_secret_is_no_secret(self, name: str) -> None:
        scheme = replace(SCHEMES[name], key="text")
        one = signed(scheme, "\0", b"{}")  # a zero byte makes the same HMAC key as nothing at all
        scheme.verify(one, ["\0"])
        assert refuses(scheme, one, [""])

    def test_each_missing_header_is_refused(self, name: str) -> None:
        scheme = SCHEMES[name]
        one = signed(scheme, secret_for(scheme), b"{}")
        for missing in one.headers:
            rest = {key: value for key, value in one.headers.items() if key != missing}
            assert refuses(scheme, replace(one, headers=rest), [secret_for(scheme)])

    @pytest.mark.parametrize("junk", ["", " ", "sha256=", "v1,", "ä", "\udcff", "=" * 5000, "a b c"])
    def test_a_header_full_of_junk_is_refused(self, name: str, junk: str) -> None:
        scheme = SCHEMES[name]
        one = signed(scheme, secret_for(scheme), b"{}")
        for spoiled in one.headers:
            assert refuses(scheme, replace(one, headers={**one.headers, spoiled: junk}), [secret_for(scheme)])

    def test_all_refusals_sound_the_same(self, name: str) -> None:
        scheme, heard = SCHEMES[name], set()
        good = signed(scheme, secret_for(scheme), b"{}")
        for one in (delivery(b"{}"), replace(good, body=b"[]"), replace(good, received_at=NOW + timedelta(days=9))):
            with pytest.raises(BadSignature) as caught:
                scheme.verify(one, ["bmV3"])
            heard.add(str(caught.value))
        assert heard == {"the sender did not prove itself"}

    @given(body=st.binary(min_size=1, max_size=60), data=st.data())
    def test_any_flipped_bit_of_the_body_is_refused(self, name: str, body: bytes, data: st.DataObject) -> None:
        scheme = SCHEMES[name]
        at, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
        flipped = bytearray(body)
        flipped[at] ^= 1 << bit
        one = signed(scheme, secret_for(scheme), body)
        assert refuses(scheme, replace(one, body=bytes(flipped)), [secret_for(scheme)])

    @given(data=st.data())
    def test_any_changed_character_of_the_signature_is_refused(self, name: str, data: st.DataObject) -> None:
        scheme = SCHEMES[name]
        one = signed(scheme, secret_for(scheme), b"{}")
        header = scheme.signature_header
        said = one.headers[header]
        at = data.draw(st.integers(0, len(said) - 1))
        other = data.draw(st.characters(exclude_characters=said[at] + said[at].upper(), max_codepoint=255))
        changed = said[:at] + other + said[at + 1 :]
        if changed.strip() != said:
            assert refuses(scheme, replace(one, headers={**one.headers, header: changed}), [secret_for(scheme)])


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("sign_of_time", [-1, 1])
def test_an_old_or_future_time_stamp_is_refused(name: str, sign_of_time: int) -> None:
    scheme = SCHEMES[name]
    near, far = scheme.tolerance_seconds - 2, scheme.tolerance_seconds + 2
    secrets = [secret_for(scheme)]
    scheme.verify(signed(scheme, secrets[0], b"{}", NOW + sign_of_time * timedelta(seconds=near)), secrets)
    late = signed(scheme, secrets[0], b"{}", NOW + sign_of_time * timedelta(seconds=far))
    assert refuses(scheme, late, secrets)


@pytest.mark.parametrize("name", TIMED)
def test_a_renewed_time_stamp_breaks_the_signature(name: str) -> None:
    scheme = SCHEMES[name]
    secrets = [secret_for(scheme)]
    old = signed(scheme, secrets[0], b"{}", NOW - timedelta(days=3))
    fresh = sign(scheme, "bmV3", b"{}", moment=NOW)[scheme.timestamp_header]
    assert refuses(scheme, replace(old, headers={**old.headers, scheme.timestamp_header: fresh}), secrets)


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "٣", "9" * 16, "9" * 400, "2026-03-04", "0001-01-01"])
@pytest.mark.parametrize("form", ["iso", "s", "ms"])
def test_no_time_stamp_is_too_odd_to_refuse(stamp: str, form: str) -> None:
    scheme = Scheme("x-sign", parts=("timestamp", "body"), timestamp_header="x-time", timestamp_format=form)
    one = delivery(b"", {"x-time": stamp})
    right = next(scheme.signatures_of("secret", scheme.message_of(one))).decode()
    assert refuses(scheme, replace(one, headers={**one.headers, "x-sign": right}), ["secret"])


def test_an_iso_time_stamp_may_name_another_zone_or_none() -> None:
    for stamp in ("2026-03-04T06:06:07+01:00", "2026-03-04T05:06:07.250", "2026-03-04T05:06:07Z"):
        one = delivery(b"{}", {"x-zendesk-webhook-signature-timestamp": stamp})
        right = next(signatures.ZENDESK.signatures_of("s", signatures.ZENDESK.message_of(one))).decode()
        headers = {**one.headers, "x-zendesk-webhook-signature": right}
        signatures.ZENDESK.verify(replace(one, headers=headers), ["s"])


def test_one_of_several_signatures_is_enough() -> None:
    scheme = signatures.STANDARD_WEBHOOKS
    one = signed(scheme, WHSEC, b"{}")
    right = one.headers["webhook-signature"]
    several = replace(one, headers={**one.headers, "webhook-signature": f"v1a,AAAA v1,AAAA {right}"})
    scheme.verify(several, [WHSEC])


def test_a_signature_of_an_unknown_version_is_skipped() -> None:
    scheme = signatures.STANDARD_WEBHOOKS
    one = signed(scheme, WHSEC, b"{}")
    other = one.headers["webhook-signature"].replace("v1,", "v2,")
    assert refuses(scheme, replace(one, headers={**one.headers, "webhook-signature": other}), [WHSEC])


def test_a_secret_may_lack_its_prefix_and_padding() -> None:
    scheme = signatures.STANDARD_WEBHOOKS
    scheme.verify(signed(scheme, "whsec_c2VjcmV0cw==", b"{}"), ["c2VjcmV0cw"])


def test_a_secret_that_is_no_base64_fits_nothing() -> None:
    one = signed(signatures.STANDARD_WEBHOOKS, WHSEC, b"{}")
    assert refuses(signatures.STANDARD_WEBHOOKS, one, ["whsec_", "whsec_ä", "not base64!"])
    signatures.STANDARD_WEBHOOKS.verify(one, ["not base64!", WHSEC])


def test_a_secret_may_hold_any_character() -> None:
    for secret in ("Schlüssel 鍵 🔑", "bytes of the environment \udcff"):
        signatures.REDMINE.verify(signed(signatures.REDMINE, secret, b"{}"), [secret])


def test_hex_may_be_written_in_capitals() -> None:
    one = signed(signatures.JIRA, "s", b"{}")
    loud = one.headers["x-hub-signature"].upper()
    signatures.JIRA.verify(replace(one, headers={"x-hub-signature": loud}), ["s"])


def test_jira_cannot_be_talked_into_another_algorithm() -> None:
    one = delivery(b"", {"x-hub-signature": "md5=" + hmac.new(b"s", b"", "md5").hexdigest()})
    assert refuses(signatures.JIRA, one, ["s"])


def test_hubspot_signs_a_uri_that_people_can_read() -> None:
    said = "https://bridge.example.com/hooks/hubspot?at=a%3Ab%2fc%20d"
    signed_as = "https://bridge.example.com/hooks/hubspot?at=a:b/c%20d"
    headers = sign(signatures.HUBSPOT_V3, "s", b"[]", moment=NOW, url=signed_as)
    signatures.HUBSPOT_V3.verify(delivery(b"[]", headers, url=said), ["s"])


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


SHARED = "tür:schlüssel"


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(delivery(query={"key": SHARED}), id="query"),
        pytest.param(delivery(headers={"x-deskbridge-key": SHARED}), id="header"),
        pytest.param(delivery(headers=basic(f"anybody:{SHARED}")), id="basic"),
        pytest.param(delivery(headers=basic(f":{SHARED}"), query={"key": "old"}), id="one of two is right"),
    ],
)
def test_a_shared_secret_opens(one: Delivery) -> None:
    verify_shared_secret(one, ["another", SHARED])
    with pytest.raises(BadSignature):
        verify_shared_secret(one, ["another"])
    with pytest.raises(BadSignature):
        verify_shared_secret(one, [])


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(delivery(), id="nothing"),
        pytest.param(delivery(query={"key": ""}, headers={"x-deskbridge-key": ""}), id="empty"),
        pytest.param(delivery(query={"key": SHARED[:-1]}), id="shorter"),
        pytest.param(delivery(query={"key": SHARED + "x"}), id="longer"),
        pytest.param(delivery(query={"token": SHARED}), id="another parameter"),
        pytest.param(delivery(headers={"authorization": f"Bearer {SHARED}"}), id="bearer"),
        pytest.param(delivery(headers={"authorization": "Basic ###"}), id="no base64"),
        pytest.param(delivery(headers={"authorization": "Basic ü"}), id="no ASCII"),
        pytest.param(delivery(headers=basic("no-colon")), id="no password"),
        pytest.param(delivery(headers=basic(f"{SHARED}:x")), id="as user name"),
    ],
)
def test_anything_else_stays_out(one: Delivery) -> None:
    with pytest.raises(BadSignature):
        verify_shared_secret(one, [SHARED])
    with pytest.raises(BadSignature):
        verify_shared_secret(one, ["", SHARED])


def test_a_table_can_describe_every_scheme() -> None:
    table = {
        "signature_header": "Webhook-Signature",
        "encoding": "base64",
        "prefix": "v1,",
        "parts": ["id", ".", "timestamp", ".", "body"],
        "key": "base64",
        "timestamp_header": "Webhook-Timestamp",
        "id_header": "Webhook-Id",
        "tolerance_seconds": 60,
    }
    build_scheme(table).verify(signed(signatures.STANDARD_WEBHOOKS, WHSEC, b"{}"), [WHSEC])


def test_a_table_can_start_from_a_known_scheme() -> None:
    assert build_scheme({"scheme": "glpi"}) == signatures.GLPI
    assert build_scheme({"scheme": "redmine", "signature_header": "X-Other"}) == replace(
        signatures.REDMINE, signature_header="X-Other"
    )


@pytest.mark.parametrize(
    ("table", "bad"),
    [
        ({"scheme": "rot13"}, "scheme"),
        ({"scheme": "jira", "colour": "red"}, "colour"),
        ({"scheme": "jira", "algorithm": "md5"}, "algorithm"),
        ({"scheme": "jira", "encoding": "utf-8"}, "encoding"),
        ({"scheme": "jira", "prefix": "a b"}, "prefix"),
        ({"scheme": "jira", "key": 5}, "key"),
        ({"scheme": "jira", "parts": "body"}, "parts"),
        ({"scheme": "jira", "parts": ["soul"]}, "parts"),
        ({"scheme": "jira", "parts": []}, "parts"),
        ({"scheme": "glpi", "parts": ["timestamp"]}, "parts"),
        ({"scheme": "glpi", "parts": ["body"]}, "timestamp_header"),
        ({"scheme": "jira", "parts": ["body", "timestamp"]}, "timestamp_header"),
        ({"scheme": "jira", "parts": ["id", "body"]}, "id_header"),
        ({"scheme": "glpi", "timestamp_format": "days"}, "timestamp_format"),
        ({"scheme": "glpi", "tolerance_seconds": 0}, "tolerance_seconds"),
        ({"scheme": "glpi", "tolerance_seconds": float("inf")}, "tolerance_seconds"),
        ({"scheme": "glpi", "tolerance_seconds": "long"}, "tolerance_seconds"),
        ({"scheme": "jira", "signature_header": "X Y"}, "signature_header"),
        ({"algorithm": "sha256"}, "signature_header"),
        ({}, "signature_header"),
    ],
)
def test_a_bad_table_names_the_bad_key(table: dict[str, object], bad: str) -> None:
    with pytest.raises(ValidationError) as caught:
        build_scheme(table)
    assert list(caught.value.messages_dict) == [bad]
