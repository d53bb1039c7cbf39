"""The receiver: checks who sends, stores what came, and only then says 200."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import UTC, datetime

import sentry_sdk
import structlog
from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import Delivery
from connectors.contract import SupportPlatform, TicketSystem
from store.inbox import DeliveryState, NewDelivery
from web import metrics
from web.services import services
from web.writer import CannotStore

log = structlog.get_logger(__name__)

blueprint = Blueprint("hooks", __name__)

RETRY_SECONDS = 5
MAX_KEY = 200
# What proves the sender is not kept: the check is done, and a stored secret can only leak.
SECRET_HEADERS = frozenset({"authorization", "x-deskbridge-key", "cookie", "proxy-authorization"})
SECRET_QUERY = frozenset({"key"})


@blueprint.route("/hooks/<name>", methods=["GET", "POST"])
def receive(name: str) -> tuple[Response, int]:
    """One delivery. The status codes are the public contract (README)."""
    inbound = services().house.inbound(name)
    if inbound is None:
        return _refuse(name, 404, "there is no such connection")
    correlation = secrets.token_hex(6)
    with structlog.contextvars.bound_contextvars(correlation=correlation, connection=name):
        try:
            delivery = _delivery(name)
        except RequestEntityTooLarge:
            most = current_app.config["MAX_CONTENT_LENGTH"]
            return _refuse(name, 413, f"the body may have at most {most} bytes")
        try:
            inbound.verify(delivery)
        except BadSignature:
            return _refuse(name, 401, "the signature or secret is missing or wrong")
        if delivery.body and delivery.media_type not in inbound.media_types:
            return _refuse(name, 415, f"expected one of: {', '.join(sorted(inbound.media_types))}")
        return _store(inbound, _without_secrets(delivery), correlation)


def _store(inbound: SupportPlatform | TicketSystem, delivery: Delivery, correlation: str) -> tuple[Response, int]:
    malformed = _misshapen(inbound, delivery)
    # Kept, so that an operator sees what a sender with the right secret tried to say.
    state = DeliveryState.REFUSED if malformed else DeliveryState.NEW
    new = NewDelivery(delivery, _key(inbound, delivery), correlation, state, malformed)
    try:
        receipt = services().writer.store(new)
    except CannotStore as error:
        log.error("cannot store", reason=str(error))
        answer, status = _refuse(delivery.connection, 503, "cannot store now, please send it again")
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer, status
    if malformed:
        return _refuse(delivery.connection, 400, malformed, delivery=receipt.id)
    log.info("delivery stored", delivery=receipt.id, double=receipt.double, bytes=len(delivery.body))
    metrics.RECEIVED.labels(delivery.connection, "double" if receipt.double else "stored").inc()
    services().ringer.ring()
    return jsonify(delivery=str(receipt.id)), 200


def _misshapen(inbound: SupportPlatform | TicketSystem, delivery: Delivery) -> str:
    """What is wrong with the body, empty when it is the vendor's."""
    try:
        inbound.parse(delivery)
    except MalformedPayload as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must be stored
        _tell(error)
    return ""


def _key(inbound: SupportPlatform | TicketSystem, delivery: Delivery) -> str:
    """The vendor's key as every database takes it, else a digest of it."""
    try:
        key = inbound.delivery_key(delivery)
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must be stored
        _tell(error)
        key = f"{delivery.url}\n{delivery.body!r}"
    if len(key) <= MAX_KEY and key.isprintable():
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _tell(error: Exception) -> None:
    """A mistake of ours must not lose the delivery: it is stored, and the worker parks it with its reason."""
    log.exception("unexpected error")
    sentry_sdk.capture_exception(error)


def _delivery(name: str) -> Delivery:
    """The request as it came, its body bounded by MAX_CONTENT_LENGTH."""
    path = request.full_path if request.query_string else request.path
    return Delivery(
        connection=name,
        method=request.method,
        url=services().house.settings.public_url.rstrip("/") + path,
        headers={key.lower(): value for key, value in request.headers.items()},
        query=request.args.to_dict(),
        body=request.get_data(cache=False, parse_form_data=False),
        received_at=datetime.fromtimestamp(services().house.clock(), UTC),
    )


def _without_secrets(delivery: Delivery) -> Delivery:
    return replace(
        delivery,
        url=delivery.url.partition("?")[0],
        headers={key: value for key, value in delivery.headers.items() if key not in SECRET_HEADERS},
        query={key: value for key, value in delivery.query.items() if key not in SECRET_QUERY},
    )


def _refuse(name: str, status: int, reason: str, delivery: int | None = None) -> tuple[Response, int]:
    # An unknown name is a stranger's text and would make a metric without end.
    known = services().house.inbound(name) is not None
    metrics.RECEIVED.labels(name if known else "unknown", str(status)).inc()
    log.warning("delivery refused", status=status, reason=reason)
    body = {"error": reason} if delivery is None else {"error": reason, "delivery": str(delivery)}
    return jsonify(body), status
