"""What an account provider knows of its users' computers, written to the contacts of a CRM: each night, and by hand.

Users are worked off in the order of their addresses, and how far it got is kept: whoever is interrupted goes on
there. Only what changed is written, at the pace of both vendors. Two at once do no harm.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bridge.accounts import Account
from bridge.errors import BridgeError, ConnectorError, NotFound, Rejected
from bridge.model import CrmRecord, Record
from bridge.provisioning import ProvisioningRoute, SyncRule
from store import journal
from store.journal import Subject
from workers.asking import blame, may_be_asked
from workers.house import House, workshop_of
from workers.turns import patiently

log = structlog.get_logger(__name__)

NIGHT_STARTS = 2 * 3600.0
"""Seconds after midnight, UTC."""
KEEP_EVERY = 10
"""How far it got is kept after so many users: at most these are looked at twice."""


@dataclass(frozen=True, slots=True)
class Synced:
    """How far one route's sync got."""

    route: str
    night: str
    users: int = 0
    """All that the provider has."""
    looked: int = 0
    written: int = 0
    """Contacts that were changed."""
    strangers: int = 0
    """Users of whom the CRM has no contact."""
    refused: int = 0
    after: str = ""
    """The address of the last user that was looked at."""
    finished: bool = False


def routes(house: House) -> list[ProvisioningRoute]:
    """The routes that sync."""
    return [route for route in house.bridge.provisioning if route.sync]


def night(now: float) -> str:
    """The day on which the night began that it is, or was last."""
    return datetime.fromtimestamp(now - NIGHT_STARTS, UTC).strftime("%Y-%m-%d")


def sync(house: House, route: ProvisioningRoute, *, again: bool = False) -> Iterator[Synced]:
    """Go on with this night's sync, or begin it; from the start when `again`. Yields after each user.

    Raises a ConnectorError where a system cannot be asked; what was done stays done.
    """
    assert route.sync is not None
    today = night(house.clock())
    last = _last(house, route)
    progress = last if last and last.night == today and not again else Synced(route.name, today)
    if progress.finished:
        yield progress
        return
    with patiently():
        with _about(route.accounts):
            users = sorted(house.account_providers[route.accounts].users(), key=_order)
        progress = replace(progress, users=len(users))
        for user in users:
            if _order(user) <= progress.after:
                continue
            with _about(route.source):
                progress = _one(house, route, route.sync, user, progress)
            if progress.looked % KEEP_EVERY == 0:
                _keep(house, route, progress)
            yield progress
    progress = replace(progress, finished=True)
    _keep(house, route, progress)
    _tell(house, progress)
    yield progress


def sync_due(house: House, stopping: Callable[[], bool]) -> None:
    """Sync whatever this night's sync is not done of, until `stopping` says so."""
    for route in routes(house):
        last = _last(house, route)
        if last and last.finished and last.night == night(house.clock()):
            continue
        if not all(may_be_asked(house, name) for name in (route.source, route.accounts)):
            continue
        began = house.clock()
        try:
            for progress in sync(house, route):
                if progress.finished:
                    log.info("accounts synced", route=route.name, users=progress.users, written=progress.written)
                elif stopping():
                    _keep(house, route, progress)
                    return
        except BridgeError as error:
            if not stopping():
                blame(house, getattr(error, "connection", "") or route.accounts, error, began)


def _one(house: House, route: ProvisioningRoute, rule: SyncRule, user: Account, progress: Synced) -> Synced:
    """The contacts of one user brought up to date."""
    crm = house.ticket_systems[route.source]
    numbers = {rule.allotted: user.computers_allotted, rule.used: user.computers_used}
    wanted = {name: number for name, number in numbers.items() if name}
    written = refused = 0
    try:
        contacts = crm.find_records(CrmRecord.CONTACT, user.email, rule.fields)
        for contact in contacts:
            changes = _changed(contact, wanted)
            if changes:
                crm.update_record(CrmRecord.CONTACT, contact.id, changes)
                written += 1
    except (Rejected, NotFound) as error:
        # One contact that may not be touched stops no other.
        log.warning("contact not synced", route=route.name, code=error.code)
        contacts, refused = (), 1
    return replace(
        progress,
        looked=progress.looked + 1,
        written=progress.written + written,
        refused=progress.refused + refused,
        strangers=progress.strangers + (not contacts and not refused),
        after=_order(user),
    )


def _changed(contact: Record, wanted: Mapping[str, int]) -> dict[str, object]:
    return {name: number for name, number in wanted.items() if not _stands(contact.fields.get(name, ""), number)}


def _stands(told: str, number: int) -> bool:
    """Whether a CRM's text is that number: some write 2 as 2.0."""
    try:
        return math.isclose(float(told), number)
    except ValueError:
        return False


def _order(user: Account) -> str:
    return user.email.casefold()


# -- how far it got --------------------------------------------------------------------------------------------


def _name(route: ProvisioningRoute) -> str:
    return f"sync:{hashlib.sha256(route.name.encode()).hexdigest()[:32]}"


def _last(house: House, route: ProvisioningRoute) -> Synced | None:
    kept = workshop_of(house, route.accounts).vault.get(_name(route))
    return Synced(**json.loads(kept)) if kept else None


def _keep(house: House, route: ProvisioningRoute, progress: Synced) -> None:
    kept = {name: getattr(progress, name) for name in Synced.__slots__}
    workshop_of(house, route.accounts).vault.put(_name(route), json.dumps(kept))


def _tell(house: House, progress: Synced) -> None:
    told = (
        f"route {progress.route}: {progress.users} users looked at, {progress.written} contacts changed, "
        f"{progress.strangers} without a contact, {progress.refused} refused"
    )
    with house.database.write() as connection:
        journal.tell(connection, Subject(), house.clock(), told)


@contextmanager
def _about(connection: str) -> Iterator[None]:
    """What fails in here is that connection's fault."""
    try:
        yield
    except ConnectorError as error:
        error.connection = error.connection or connection
        raise
