"""What a route asks of its two connections, held against what their kinds can do.

The checks read the tables as they stand in the file, so that one mistake does not hide another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bridge.model import Visibility
from bridge.route import Closed, CloseOn, RecordingMode, Route
from config.problems import Severity, guess
from config.report import Report
from config.schemas import OPTIONS
from config.toml_lines import Path
from connectors.contract import Capability, Kind, Role

SIDES = {"ticket": Role.TICKETS, "platform": Role.PLATFORM}
ROLE_NAMES = {Role.TICKETS: "ticket system", Role.PLATFORM: "support platform", Role.ACCOUNTS: "account provider"}


CHECKED = ("technician", *(name for name in OPTIONS if name != "attributes"))
"""What an invitation may ask of a platform only where its kind says so; for attributes there is a capability."""


class Need(NamedTuple):
    """A capability that a side must have when `asked` says so of the value at `place`."""

    side: str
    place: tuple[str, ...]
    asked: Callable[[Any], bool]
    capability: Capability
    message: str
    fix: str
    severity: Severity = Severity.ERROR


def _public(value: object) -> bool:
    return value == Visibility.PUBLIC


def _attach(value: object) -> bool:
    return value == RecordingMode.ATTACH


NEEDS = (
    Need("platform", ("platform",), bool, Capability.INVITE,
         "cannot invite anybody to a session", "name another platform"),
    Need("platform", ("invitation", "attributes"), bool, Capability.SET_ATTRIBUTES,
         "asks for attributes of the session, which this platform does not take", "remove it"),
    Need("platform", ("invitation", "close_on"), lambda value: value == CloseOn.TICKET_CLOSED, Capability.WITHDRAW,
         "asks to withdraw invitations, which this platform cannot: they run out by themselves", "remove it",
         Severity.WARNING),
    Need("platform", ("session", "close_on"), lambda value: value == CloseOn.TICKET_CLOSED, Capability.END_SESSION,
         "asks to end running sessions, which this platform does not let others do", "remove it"),
    Need("platform", ("session", "transfer"), bool, Capability.TRANSFER_SESSION,
         "asks to transfer running sessions, which this platform does not let others do", "remove it"),
    Need("platform", ("trust_typed_keys",), bool, Capability.TYPED_KEYS,
         "trusts typed keys, but on this platform a session names its ticket by a signed reference", "remove it"),
    Need("platform", ("session", "recordings"), _attach, Capability.RECORDINGS,
         "asks to attach recordings, which this platform does not hand out", 'write recordings = "link"'),
    Need("ticket", ("session", "recordings"), _attach, Capability.ATTACH,
         "asks to attach recordings, which this ticket system does not take", 'write recordings = "link"'),
    Need("ticket", ("when", "tag"), bool, Capability.TAGS,
         "waits for a tag, which tickets of this system do not have", "write when = { field = … }"),
    Need("ticket", ("invitation", "visibility"), _public, Capability.PUBLIC_NOTES,
         "asks for public notes, which this ticket system does not have", 'write visibility = "internal"'),
    Need("ticket", ("session", "visibility"), _public, Capability.PUBLIC_NOTES,
         "asks for public notes, which this ticket system does not have", 'write visibility = "internal"'),
    Need("ticket", ("session", "set_fields"), bool, Capability.UPDATE_FIELDS,
         "asks to set fields, which this ticket system does not allow", "remove it"),
    Need("ticket", ("if_ticket", "closed"), lambda value: value == Closed.FOLLOW_UP, Capability.CREATE_TICKET,
         "asks for follow-up tickets, which cannot be made in this ticket system", 'write closed = "park"'),
    Need("ticket", ("if_ticket", "closed"), lambda value: value == Closed.REOPEN, Capability.REOPEN,
         "asks to open closed tickets again, which this ticket system does not allow", 'write closed = "park"'),
    Need("ticket", ("if_ticket", "deleted"), lambda value: value == Closed.FOLLOW_UP, Capability.CREATE_TICKET,
         "asks for follow-up tickets, which cannot be made in this ticket system", 'write deleted = "park"'),
    Need("ticket", ("session", "time_entry"), lambda value: value is not None, Capability.ADD_TIME,
         "asks for time entries, which this ticket system does not take: the billed time stands on the card only", "",
         Severity.WARNING),
)  # fmt: skip


def check_tables(tables: Mapping[Path, Mapping[str, Any]], kinds: Mapping[str, Kind | None], report: Report) -> None:
    """Report what the routes' tables ask in vain. `kinds` has every connection, None where its kind is unknown."""
    names: set[object] = set()
    for path, table in tables.items():
        name = table.get("name")
        if isinstance(name, str) and name in names:
            report.add((*path, "name"), "is the name of an earlier route", "names are told apart in the console")
        names.add(name)
        sides = {side: check_side(side, role, path, table, kinds, report) for side, role in SIDES.items()}
        for need in NEEDS:
            check_need(need, sides[need.side], path, table, report)
        _check_fields(sides["platform"], path, table, report)
        _check_options(sides["platform"], path, table, report)


def check_same(routes: Mapping[Path, Route], report: Report) -> None:
    """Report routes that would both take the same tickets."""
    first: dict[object, str] = {}
    for path, route in routes.items():
        key = (route.ticket, route.when)
        if key in first:
            message = f'matches the same tickets as route "{first[key]}"'
            report.add((*path, "when"), message, "a ticket can ask one platform for a session")
        first.setdefault(key, route.name)


def check_people(tables: Mapping[Path, Mapping[str, Any]], kinds: Mapping[str, Kind | None], report: Report) -> None:
    """Report agents who are known at connections that are no platforms of ours."""
    platforms = [name for name, kind in kinds.items() if kind is None or kind.role is Role.PLATFORM]
    for path, table in tables.items():
        known_as = table.get("known_as")
        for name in known_as if isinstance(known_as, Mapping) else ():
            if name not in platforms:
                report.add((*path, "known_as", name), "is not a connection of a platform", guess(name, platforms))


def check_side(side: str, role: Role, path: Path, table: Mapping[str, Any], kinds: Mapping[str, Kind | None],
          report: Report) -> Kind | None:  # fmt: skip
    """The kind of the connection that the route names there; None when nothing can be said of it."""
    name = table.get(side)
    if not isinstance(name, str) or not name.strip():
        return None
    if name not in kinds:
        report.add((*path, side), f'there is no connection "{name}"', guess(name, kinds))
        return None
    kind = kinds[name]
    if kind is None or kind.role is role:
        return kind
    of_role = [other for other, found in kinds.items() if found and found.role is role]
    message = f'"{name}" is {_one(kind.role)}, not {_one(role)}'
    report.add((*path, side), message, guess(name, of_role))
    return None


def _one(role: Role) -> str:
    name = ROLE_NAMES[role]
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def check_need(need: Need, kind: Kind | None, path: Path, table: Mapping[str, Any], report: Report) -> None:
    if kind is None or need.capability in kind.capabilities or not need.asked(at(table, need.place)):
        return
    report.add((*path, *need.place), f"{need.message} ({kind.title})", need.fix, severity=need.severity)


def _check_fields(kind: Kind | None, path: Path, table: Mapping[str, Any], report: Report) -> None:
    fields = at(table, ("invitation", "fields"))
    known = invitation_fields(kind) if kind else None
    if known is None or not isinstance(fields, Mapping):
        return
    for name in fields:
        if name not in known:
            report.add((*path, "invitation", "fields", name), "is not a field of this platform", guess(name, known))


def _check_options(kind: Kind | None, path: Path, table: Mapping[str, Any], report: Report) -> None:
    for name in CHECKED:
        if kind and at(table, ("invitation", name)) is not None and name not in kind.invitation_options:
            report.add((*path, "invitation", name), f"means nothing to this platform ({kind.title})", "remove it")


def invitation_fields(kind: Kind) -> frozenset[str] | None:
    """The fields that an invitation of this kind may fill; None when its class does not say (`field_limits`)."""
    limits = getattr(kind.build, "field_limits", None)
    return None if limits is None else frozenset(limits)


def at(table: object, place: tuple[str, ...]) -> Any:
    for key in place:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table
