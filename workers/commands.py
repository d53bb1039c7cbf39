"""What an administrator may ask for. A wish is stored and told like any delivery; the journal says who had it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from bridge.effects import TicketKey
from bridge.errors import BridgeError
from bridge.model import Delivery
from store import health, inbox, journal, ledger, records
from store.inbox import NewDelivery
from store.journal import Subject
from workers.house import House, LeaseLost
from workers.understand import ADMIN, Command, CommandKind, understand

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/json"
MAX_REASON = 500


class Absent(BridgeError):
    """There is no such thing."""


class Conflict(BridgeError):
    """It is there, but not in a state in which this can be done."""


class Invalid(BridgeError):
    """The wish itself is not right."""

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{name}: {', '.join(texts)}" for name, texts in problems.items()))
        self.problems = problems
        """What is wrong, by the name of the part."""


def submit(house: House, command: Command) -> int:
    """Store the wish and understand it at once. Returns the delivery that tells its story."""
    received = datetime.fromtimestamp(house.clock(), UTC)
    headers = {"content-type": MEDIA_TYPE}
    delivery = Delivery(ADMIN, "POST", f"admin:{command.kind.value}", headers, {}, command.dump(), received)
    new = NewDelivery(delivery, key=secrets.token_hex(16), correlation=secrets.token_hex(6))
    with house.database.write() as connection:
        receipt = inbox.store(connection, new)
        stored = inbox.get(connection, receipt.id)
    assert stored is not None
    with structlog.contextvars.bound_contextvars(
        correlation=receipt.correlation, connection=ADMIN, delivery=receipt.id
    ):
        try:
            understand(house, stored)
        except LeaseLost:
            # A worker was faster: it is being understood, which is all that was wanted.
            log.info("command taken over by a worker")
    return receipt.id


def link(house: House, platform: str, session_id: str, ticket: TicketKey, by: str) -> int:
    """This session belongs to that ticket. Raises Absent, Conflict, Invalid."""
    _check_ticket(house, ticket)
    with house.database.read() as connection:
        known = records.session_known(connection, platform, session_id)
    if not known:
        raise Absent(f"there is no session {session_id} of {platform}")
    if platform not in house.platforms:
        raise Conflict(f"the connection {platform} is no longer in the configuration")
    return submit(
        house,
        Command(CommandKind.LINK, ticket.connection, ticket.ticket_id, by, platform=platform, session_id=session_id),
    )


def invite(house: House, ticket: TicketKey, route: str, by: str) -> int:
    """Make an invitation for the ticket, by the named route or by its system's first one. Raises Invalid."""
    _check_ticket(house, ticket)
    routes = [found.name for found in house.bridge.routes if found.ticket == ticket.connection]
    if not routes:
        raise Invalid({"connection": [f"no route starts at {ticket.connection}"]})
    if route and route not in routes:
        raise Invalid({"route": [f"not a route of {ticket.connection}; there are: {', '.join(routes)}"]})
    return submit(house, Command(CommandKind.INVITE, ticket.connection, ticket.ticket_id, by, route=route))


def retry(house: House, effect_id: int, by: str) -> None:
    """Try a parked or failed effect again. Raises Absent, Conflict."""
    now = house.clock()
    with house.database.write() as connection:
        effect = ledger.get(connection, effect_id)
        if effect is None:
            raise Absent(f"there is no effect {effect_id}")
        if not ledger.retry(connection, effect_id, now):
            raise Conflict(f"the effect is {effect.state.value}: only a parked or failed one can be tried again")
        journal.tell(connection, _about(effect), now, f"{effect.kind} is tried again, asked by {by}")
    log.info("effect retried", effect=effect_id, by=by)


def skip(house: House, effect_id: int, reason: str, by: str) -> None:
    """Never do this effect. Raises Absent, Conflict, Invalid."""
    reason = " ".join(reason.replace("\0", " ").split())
    if not reason or len(reason) > MAX_REASON:
        raise Invalid({"reason": [f"say why, in at most {MAX_REASON} characters"]})
    now = house.clock()
    with house.database.write() as connection:
        effect = ledger.get(connection, effect_id)
        if effect is None:
            raise Absent(f"there is no effect {effect_id}")
        if not ledger.skip(connection, effect_id, now, f"{by}: {reason}"):
            raise Conflict(f"the effect is {effect.state.value}: only a parked or pending one can be skipped")
        # The reason stands on the effect: the journal holds nothing that people typed.
        journal.tell(connection, _about(effect), now, f"{effect.kind} skipped by {by}")
    log.info("effect skipped", effect=effect_id, by=by)


def replay(house: House, delivery_id: int, by: str) -> None:
    """Understand a delivery once more. What is done already is not done twice. Raises Absent, Conflict."""
    now = house.clock()
    with house.database.write() as connection:
        if inbox.get(connection, delivery_id) is None:
            raise Absent(f"there is no delivery {delivery_id}")
        if not inbox.replay(connection, delivery_id, now):
            raise Conflict("the delivery is not understood yet, so there is nothing to replay")
        journal.tell(connection, Subject(delivery_id=delivery_id), now, f"replayed, asked by {by}")
    log.info("delivery replayed", delivery=delivery_id, by=by)


def resume(house: House, name: str, by: str) -> None:
    """Lift a connection's stop or rest. Raises Absent."""
    now = house.clock()
    with house.database.write() as connection:
        if not health.resume(connection, name, now):
            raise Absent(f"there is no connection {name}")
        journal.tell(connection, Subject(), now, f"connection {name} resumed by {by}")
    log.info("connection resumed", connection=name, by=by)


def _check_ticket(house: House, ticket: TicketKey) -> None:
    if ticket.connection not in house.ticket_systems:
        known = ", ".join(house.ticket_systems) or "none"
        raise Invalid({"connection": [f"not a ticket system's connection; there are: {known}"]})
    if not ticket.ticket_id or len(ticket.ticket_id) > 200 or not ticket.ticket_id.isprintable():
        raise Invalid({"ticket_id": ["1 to 200 printable characters"]})


def _about(effect: ledger.StoredEffect) -> Subject:
    return Subject(delivery_id=effect.delivery_id, effect_id=effect.id, ticket=effect.ticket)
