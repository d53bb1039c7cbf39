"""The receiver: checks who sends, stores what came, and only then says 200."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from bridge.errors import BadSignature, MalformedPayload
from bridge.model import Delivery
from config import sentry
from connectors import registry
from connectors.bodies import BROKEN, why_not_json
from connectors.contract import Kind, SupportPlatform, TicketSystem
from store.inbox import DeliveryState, NewDelivery
from web import metrics
from web.services import services
from web.writer import CannotStore

log = structlog.get_logger(__name__)

blueprint = Blueprint("hooks", __name__)

RETRY_SECONDS = 5
MAX_KEY = 200
MAX_DRAINED = 1 << 28
PIECE = 64 * 1024
REFUSED = DeliveryState.REFUSED
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
        kind = _kind(name)
        may_refuse = not kind.stops_at_refusal
        too_large = ""
        try:
            delivery = _delivery(name, _body())
        except RequestEntityTooLarge:
            too_large = f"the body may have at most {current_app.config['MAX_CONTENT_LENGTH']} bytes"
            if may_refuse:
                return _refuse(name, 413, too_large)
            delivery = _delivery(name, b"")
        if kind.greeting and (welcome := kind.greeting(services().house.bridge.connections[name], delivery)):
            answer = Response(welcome, mimetype="text/plain") if isinstance(welcome, str) else jsonify(welcome)
            return answer, 200
        try:
            inbound.verify(delivery)
        except BadSignature:
            return _refuse(name, 401, "the signature or secret is missing or wrong")
        delivery = _without_secrets(delivery)
        if too_large:
            _drain()
            return _store([NewDelivery(delivery, f"{correlation}:too large", correlation, REFUSED, too_large)], kind)
        # Where a refusal would stop the vendor, only its parser decides what can be read.
        if may_refuse and delivery.body and delivery.media_type not in inbound.media_types:
            return _refuse(name, 415, f"expected one of: {', '.join(sorted(inbound.media_types))}")
        return _store(_understood(inbound, kind, delivery, correlation), kind)


def _kind(name: str) -> Kind:
    return registry.kind(services().house.bridge.connections[name].kind)


def _understood(
    inbound: SupportPlatform | TicketSystem, kind: Kind, delivery: Delivery, correlation: str
) -> list[NewDelivery]:
    """The delivery, or those that one request brings together."""
    try:
        parts = list(kind.split(delivery)) if kind.split else []
    except MalformedPayload as error:
        return [NewDelivery(delivery, _key(inbound, delivery), correlation, REFUSED, str(error))]
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must be stored
        sentry.unexpected(log, error)
        parts = []
    if len(parts) < 2:
        return [_new(inbound, part, correlation) for part in parts or [delivery]]
    return [_new(inbound, part, f"{correlation}.{number}") for number, part in enumerate(parts, 1)]


def _new(inbound: SupportPlatform | TicketSystem, delivery: Delivery, correlation: str) -> NewDelivery:
    state, wrong = _shape(inbound, delivery)
    return NewDelivery(delivery, _key(inbound, delivery), correlation, state, wrong)


def _store(new: Sequence[NewDelivery], kind: Kind) -> tuple[Response, int]:
    """Store all of it and say so; refused where nothing of it can be read and the vendor may know."""
    name = new[0].delivery.connection
    try:
        receipts = services().writer.store(new)
    except CannotStore as error:
        log.error("cannot store", reason=str(error))
        answer, status = _refuse(name, 503, "cannot store now, please send it again")
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer, status
    if all(one.state is REFUSED for one in new):
        status = 200 if kind.stops_at_refusal else 400
        return _refuse(name, status, new[0].reason, delivery=receipts[0].id)
    for one, receipt in zip(new, receipts, strict=True):
        log.info("delivery stored", delivery=receipt.id, double=receipt.double, bytes=len(one.delivery.body))
        metrics.RECEIVED.labels(name, "double" if receipt.double else "stored").inc()
    services().ringer.ring()
    return _acknowledged(kind, [str(receipt.id) for receipt in receipts], new[0].reason), 200


def _acknowledged(kind: Kind, ids: Sequence[str], warning: str) -> Response:
    if kind.acknowledgement:
        media_type, body = kind.acknowledgement
        return Response(body, content_type=media_type)
    several = {"deliveries": list(ids)} if len(ids) > 1 else {}
    return jsonify(delivery=ids[0], **several, **({"warning": warning} if warning else {}))


def _shape(inbound: SupportPlatform | TicketSystem, delivery: Delivery) -> tuple[DeliveryState, str]:
    """Whether the body is the vendor's, and what whoever wrote it should mend; empty when all is well."""
    try:
        events = inbound.parse(delivery)
    except MalformedPayload as error:
        # Kept, so that an operator sees what a sender with the right secret tried to say.
        return REFUSED, str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must be stored
        sentry.unexpected(log, error)
        return DeliveryState.NEW, ""
    if any(event.name.endswith(BROKEN) for event in events):
        broken = why_not_json(delivery.body)
        log.warning("broken template", reason=broken)
        told = f"this is no JSON ({broken}), only the ticket's id was believed: mend the body that this system sends"
        return DeliveryState.NEW, told
    return DeliveryState.NEW, ""


def _key(inbound: SupportPlatform | TicketSystem, delivery: Delivery) -> str:
    """The vendor's key as every database takes it, else a digest of it."""
    try:
        key = inbound.delivery_key(delivery)
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must be stored
        sentry.unexpected(log, error)
        key = f"{delivery.url}\n{delivery.body!r}"
    if len(key) <= MAX_KEY and key.isprintable():
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _body() -> bytes:
    """Raises RequestEntityTooLarge where it is longer than MAX_CONTENT_LENGTH."""
    return request.get_data(cache=False, parse_form_data=False)


def _drain() -> None:
    """Read what is left of a body that is not kept: to a sender that still sends, a cut connection is a refusal."""
    with suppress(RequestEntityTooLarge):
        rest = get_input_stream(request.environ, max_content_length=MAX_DRAINED)
        while rest.read(PIECE):
            pass


def _delivery(name: str, body: bytes) -> Delivery:
    path = request.full_path if request.query_string else request.path
    return Delivery(
        connection=name,
        method=request.method,
        url=services().house.settings.public_url.rstrip("/") + path,
        headers={key.lower(): value for key, value in request.headers.items()},
        query=request.args.to_dict(),
        body=body,
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
    result = "refused" if status == 200 else str(status)
    metrics.RECEIVED.labels(name if known else "unknown", result).inc()
    log.warning("delivery refused", status=status, reason=reason)
    body = {"error": reason} if delivery is None else {"error": reason, "delivery": str(delivery)}
    return jsonify(body), status
