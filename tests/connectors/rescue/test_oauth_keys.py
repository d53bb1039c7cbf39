"""Only a token that a published key signed is used; keys are asked for seldom."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from bridge.errors import AccessDenied, RateLimited, Unavailable
from connectors.platforms.rescue.oauth_keys import KEPT_SECONDS, KEYS_PATH, UNVERIFIED, KeyRing, keys_in
from tests.connectors.rescue.support import BASE_URL, Api
from tests.connectors.rescue.tokens import HOUR, access_token, keys, pem, published
from tests.contract.workshop import MemoryVault, workshop


@contextmanager
def ring(api: Api, vault: MemoryVault | None = None) -> Iterator[KeyRing]:
    with workshop(BASE_URL, api, vault) as given:
        yield KeyRing(given.transport, given.vault)


def refused(token: str, **answers: Any) -> str:
    """The refusal's words, which name the key service and hold nothing of the token."""
    with ring(Api(keys=keys("1"), **answers)) as found, pytest.raises(AccessDenied) as denied:
        found.claims(token)
    assert denied.value.code == UNVERIFIED
    words = str(denied.value)
    assert KEYS_PATH in words
    assert token[-30:] not in words
    return words


def test_what_a_published_key_signed_is_believed() -> None:
    api = Api(keys=keys("1", "2"))
    with ring(api) as found:
        assert found.claims(access_token("2"))["email"] == "technician@example.com"
    assert (api.asked[0][2].method, api.asked[0][2].url.path) == ("GET", KEYS_PATH)


@pytest.mark.parametrize(("claim", "header"), [(None, "1"), ("1", "1"), ("1", None)])
def test_the_key_is_named_in_the_header_or_as_a_claim(claim: str | None, header: str | None) -> None:
    with ring(Api(keys=keys("1"))) as found:
        assert found.claims(access_token(kid=claim, header={"kid": header} if header else None))


def test_two_different_names_are_refused() -> None:
    assert "two keys" in refused(access_token(kid="1", header={"kid": "2"}))


def test_a_token_that_names_no_key_is_refused() -> None:
    assert "no key" in refused(access_token(kid=None))


def test_another_signature_is_refused() -> None:
    assert "not signed by the key that it names" in refused(access_token("stranger", kid="1"))


def test_a_changed_claim_is_refused() -> None:
    head, body, signature = access_token().split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    other = urlsafe_b64encode(json.dumps({**claims, "name": "Somebody else"}).encode()).decode().rstrip("=")
    assert "not signed" in refused(f"{head}.{other}.{signature}")


def test_no_other_algorithm_is_taken() -> None:
    claims = {"kid": "1", "iss": "rescue-oauth", "exp": int((datetime.now(UTC) + HOUR).timestamp())}
    assert "not signed" in refused(jwt.encode(claims, "", algorithm="none"))
    # Signed with the text of the public key as if it were a shared secret.
    head = urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signed = signature.sign(f"{head}.{body}".encode(), pem("1").encode())
    assert "not signed" in refused(f"{head}.{body}.{urlsafe_b64encode(signed).decode().rstrip('=')}")


def ago(seconds: float) -> int:
    return int((datetime.now(UTC) - timedelta(seconds=seconds)).timestamp())


def test_an_expired_token_is_refused_and_a_clock_may_be_a_little_wrong() -> None:
    assert "run out" in refused(access_token(exp=ago(120)))
    with ring(Api(keys=keys("1"))) as found:
        assert found.claims(access_token(exp=ago(20)))


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": None}, "when it ends"),
        ({"iss": None}, "who issued it"),
        ({"iss": "somebody-else"}, "not issued by rescue-oauth"),
        ({"nbf": ago(-3600)}, "not valid yet"),
    ],
)
def test_issuer_and_times_must_be_right(claims: dict[str, Any], words: str) -> None:
    assert words in refused(access_token(**claims))


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "ey.ey.", "x" * 5000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with ring(Api(keys=keys("1"))) as found, pytest.raises(AccessDenied, match="no signed token"):
        found.claims(token)


@pytest.mark.parametrize("life", [{"since": 2 * HOUR, "until": 3 * HOUR}, {"since": -3 * HOUR, "until": -2 * HOUR}])
def test_a_key_that_is_not_valid_now_is_refused(life: dict[str, timedelta]) -> None:
    with ring(Api(keys=keys("1", **life))) as found, pytest.raises(AccessDenied, match="not valid now"):
        found.claims(access_token())


def test_a_short_key_is_refused() -> None:
    with ring(Api(keys=keys("1", size=1024))) as found, pytest.raises(AccessDenied, match="2048 bits"):
        found.claims(access_token())


def test_a_key_that_nobody_can_read_is_refused() -> None:
    told = published("1")
    told["Data"][0]["Public"] = "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----"
    with ring(Api(keys=httpx.Response(200, json=told))) as found, pytest.raises(AccessDenied, match="read"):
        found.claims(access_token())


def test_keys_are_asked_for_once_and_kept_for_a_month() -> None:
    api, vault = Api(keys=keys("1")), MemoryVault()
    for _ in range(3):
        with ring(api, vault) as found:
            found.claims(access_token())
    assert api.calls == ["keys"]
    assert sorted(vault.seconds.values(), key=str) == sorted([KEPT_SECONDS, 60.0], key=str)


def test_an_unknown_key_is_looked_for_at_once_but_not_again_and_again() -> None:
    api, vault = Api(keys=[keys("1"), keys("1", "2")]), MemoryVault()
    with ring(api, vault) as found:
        found.claims(access_token("1"))
        for _ in range(2):
            with pytest.raises(AccessDenied, match="not published"):
                found.claims(access_token("2"))
        assert api.calls == ["keys"], "asked a moment ago"
        asked = next(name for name in vault.kept if name.endswith(":asked"))
        del vault.kept[asked]
        assert found.claims(access_token("2"))
    assert api.calls == ["keys", "keys"]


def test_a_key_that_was_withdrawn_is_not_believed_for_long() -> None:
    api, vault = Api(keys=[keys("1"), keys("2")]), MemoryVault()
    with ring(api, vault) as found:
        found.claims(access_token("1"))
        vault.kept.clear()
        with pytest.raises(AccessDenied, match="not published"):
            found.claims(access_token("1"))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(404), AccessDenied),
        (httpx.Response(403), AccessDenied),
        (httpx.Response(429), RateLimited),
        (httpx.Response(503), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, json=[]), Unavailable),
        (httpx.Response(200, json={"Result": "Failure", "Data": []}), Unavailable),
        (httpx.Response(200, json={"Result": "Success", "Data": [{"KeyId": "1"}]}), Unavailable),
    ],
)
def test_without_keys_no_token_is_used(answer: httpx.Response, kind: type[Exception]) -> None:
    vault = MemoryVault()
    with ring(Api(keys=answer), vault) as found, pytest.raises(kind) as failed:
        found.claims(access_token())
    assert type(failed.value) is kind
    assert not any(name.startswith("keys:") and not name.endswith(":asked") for name in vault.kept)


def test_seven_digits_behind_the_second_are_read() -> None:
    told = published("1")
    told["Data"][0] |= {"ValidFrom": "2024-07-02T12:50:40.9042248+00:00", "ValidTo": "2025-07-02T12:50:41"}
    key = keys_in(told)["1"]
    assert key.since == datetime(2024, 7, 2, 12, 50, 40, 904224, UTC)
    assert key.until == datetime(2025, 7, 2, 12, 50, 41, tzinfo=UTC)
