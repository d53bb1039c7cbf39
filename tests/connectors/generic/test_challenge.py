"""GLPI's test of our address, and that nobody can forge a delivery by it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import Delivery
from connectors.contract import ConnectionConfig
from connectors.signatures import GLPI, sign
from connectors.tickets.generic import KIND, Generic
from connectors.tickets.generic.challenge import greeting
from tests.connectors.generic.desk import connection
from tests.contract.workshop import no_network, workshop

SECRET = "made-up-glpi-secret-of-today"
URL = "https://bridge.example.com/hooks/glpi"
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def config(*secrets: str, verify: dict[str, Any] | None = None) -> ConnectionConfig:
    keys = connection(verify=verify or {"scheme": "glpi"})
    return ConnectionConfig("glpi", "generic", "https://glpi.example.com", secrets or (SECRET,), keys)


def hexed(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def asked(token: str, method: str = "GET") -> Delivery:
    return Delivery("glpi", method, URL, {}, {"crc_token": token}, b"", NOW)


GOOD = hexed(SECRET, "validate_cra_challenge")
"""As GLPI makes it."""


def test_glpi_gets_its_answer() -> None:
    assert greeting(config(), asked(GOOD)) == hexed(SECRET, GOOD)
    assert KIND.greeting is greeting


def test_while_a_secret_is_rotated_both_are_answered() -> None:
    other = "made-up-glpi-secret-of-tomorrow"
    token = hexed(other, "validate_cra_challenge")
    assert greeting(config(SECRET, other), asked(token)) == hexed(other, token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "validate_cra_challenge",
        GOOD.upper(),
        GOOD + " ",
        "0" * 64,
        hexed("another", "validate_cra_challenge"),
        '{"event": "update", "item": {"id": 7}}1772447400',
        "[]1772447400",
        "\N{SNOWMAN}\udc80",
    ],
)
def test_nothing_else_is_signed(token: str) -> None:
    """A stranger who could have `body + timestamp` signed could send that body."""
    assert greeting(config(), asked(token)) is None


def test_no_other_way_of_signing_has_it() -> None:
    for verify in ({"scheme": "redmine"}, {"scheme": "shared_secret"}):
        assert greeting(config(verify=verify), asked(GOOD)) is None
    assert greeting(config(), asked(GOOD, "POST")) is None
    assert greeting(replace(config(), hook_secrets=()), asked(hexed("", "validate_cra_challenge"))) is None


def test_the_answer_forges_no_delivery() -> None:
    """Somebody who read a challenge and its answer on the way tries every body and time stamp that it could sign."""
    answer = greeting(config(), asked(GOOD))
    assert answer
    with workshop("https://glpi.example.com", no_network) as given:
        connector = Generic(config(), given)
        for end in range(len(GOOD) + 1):
            proof = {"x-glpi-signature": answer, "x-glpi-timestamp": GOOD[end:]}
            forged = Delivery("glpi", "POST", URL, proof, {}, GOOD[:end].encode(), NOW)
            with pytest.raises((BadSignature, MalformedPayload)):
                accept(connector, forged)


def accept(connector: Generic, delivery: Delivery) -> None:
    connector.verify(delivery)
    connector.parse(delivery)


def test_what_can_be_signed_by_glpi_alone_is_believed() -> None:
    body = b'{"kind": "request.opened", "request": {"number": 7}}'
    with workshop("https://glpi.example.com", no_network) as given:
        Generic(config(), given).verify(
            Delivery("glpi", "POST", URL, sign(GLPI, SECRET, body, moment=NOW), {}, body, NOW)
        )
