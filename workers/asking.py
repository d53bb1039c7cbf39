"""Asking a system outside of deliveries and effects: whether it may be asked, and whose fault a failure is."""

from __future__ import annotations

import structlog

from bridge.errors import AccessDenied, BridgeError, RateLimited, Throttled
from store import health
from store.health import ConnectionState
from workers.house import House
from workers.perform import backoff

log = structlog.get_logger(__name__)


def may_be_asked(house: House, name: str) -> bool:
    """Not while the connection rests, or is stopped until an operator acts."""
    with house.database.read() as connection:
        return health.all_connections(connection, house.clock())[name].state is ConnectionState.OK


def blame(house: House, name: str, error: BridgeError, asked_at: float) -> None:
    """Let the connection's health show it, as it would for an effect. `asked_at` is when the asking began."""
    now = house.clock()
    log.warning("system could not be asked", connection=name, error=type(error).__name__, reason=str(error))
    if isinstance(error, Throttled):
        return  # nobody was asked: others of us had their turn
    with house.database.write() as connection:
        match error:
            case AccessDenied():
                health.stop(connection, house.refusal(name, error, asked_at))
            case RateLimited():
                health.rest(connection, name, now + (error.retry_after or backoff(1)), str(error))
            case _:
                health.failed(connection, name, now, str(error))
