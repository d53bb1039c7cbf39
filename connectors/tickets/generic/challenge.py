"""GLPI's test of a webhook's address: does whoever listens there know the secret?

GLPI asks `GET <address>?crc_token=T` before each delivery, and wants the plain text `hex(HMAC-SHA256(secret, T))`.
Its T is always `hex(HMAC-SHA256(secret, "validate_cra_challenge"))` (`Webhook::validateCRAChallenge` of GLPI 11).
"""

from __future__ import annotations

import hashlib
import hmac

from bridge.model import Delivery
from connectors.contract import ConnectionConfig

QUESTION = b"validate_cra_challenge"


def greeting(config: ConnectionConfig, delivery: Delivery) -> str | None:
    """The answer to GLPI's own question; None for anything else.

    The same secret signs deliveries, so whoever signs what a stranger asks for lets the stranger forge them. Only
    the one token that GLPI makes of the secret is answered: who can ask for it knows the secret already. And what
    it is answered with signs nothing that counts: 64 hexadecimal digits are no JSON object, however they are cut
    into a body and a time stamp.
    """
    verify = config.keys.get("verify") or {}
    if verify.get("scheme") != "glpi" or delivery.method != "GET":
        return None
    asked = delivery.query.get("crc_token", "").encode("utf-8", "replace")
    answer = None
    for secret in filter(None, config.hook_secrets):
        if hmac.compare_digest(asked, _sign(secret, QUESTION).encode()):
            answer = _sign(secret, asked)
    return answer


def _sign(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode("utf-8", "surrogateescape"), message, hashlib.sha256).hexdigest()
