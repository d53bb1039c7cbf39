"""What an action of the command API needs, and the checks that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import EXTERNAL_KEY, ApiError, ApplianceSession, Representative

Values = Mapping[str, str]
Answer = etree._Element | str
"""A document, or the words of a `<success>`."""
CUSTOM = "session.custom."
BOOLEANS = frozenset({"0", "1"})


@dataclass(frozen=True, slots=True)
class Action:
    """One action. Parameters that it neither needs nor takes are refused."""

    handler: Callable[[ApplianceState, Values], Answer]
    root: str = "success"
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    attributes: bool = False
    """Takes custom fields as `session.custom.…`, and in 2008 `external_key`."""
    full: bool = False
    """Read-only access to the command API is not enough."""

    def check(self, values: Values, *, old: bool) -> None:
        missing = sorted(name for name in self.needs if not values.get(name))
        if missing:
            raise ApiError(f"Missing required parameter: {missing[0]}.")
        known = self.needs | self.takes | {"action"}
        custom = {
            name for name in values if self.attributes and (name.startswith(CUSTOM) or (old and name == EXTERNAL_KEY))
        }
        for name in sorted(values.keys() - known - custom):
            raise ApiError(f"Unexpected parameter: {name[:40]}.")


def action(
    handler: Callable[[ApplianceState, Values], Answer],
    root: str = "success",
    *,
    needs: str = "",
    takes: str = "",
    attributes: bool = False,
    full: bool = False,
) -> Action:
    return Action(handler, root, frozenset(needs.split()), frozenset(takes.split()), attributes, full)


def whole(values: Values, name: str, least: int = 0, most: int = 2**31) -> int | None:
    """A number of this range; None where it is not given."""
    text = values.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12 and least <= int(text) <= most):
        raise ApiError(f"Invalid value of {name}.")
    return int(text)


def flag(values: Values, name: str) -> bool:
    if values.get(name, "0") not in BOOLEANS:
        raise ApiError(f"Invalid value of {name}.")
    return values.get(name) == "1"


def chosen(values: Values, name: str, *, among: frozenset[str], default: str) -> str:
    value = values.get(name, default)
    if value not in among:
        raise ApiError(f"Invalid value of {name}.")
    return value


def attributes(values: Values) -> dict[str, str]:
    """The custom fields among the parameters."""
    given = {name.removeprefix(CUSTOM): value for name, value in values.items() if name.startswith(CUSTOM)}
    return given | ({EXTERNAL_KEY: values[EXTERNAL_KEY]} if EXTERNAL_KEY in values else {})


def representative(
    state: ApplianceState, values: Values, by_id: str = "rep_id", by_name: str = "rep_username"
) -> Representative:
    """The one that is named by id or by user name, and not by both."""
    if (by_id in values) == (by_name in values):
        raise ApiError(f"Either {by_id} or {by_name} must be given.")
    if by_name in values:
        return state.representative_named(values[by_name])
    return state.representative(whole(values, by_id) or 0)


def active(state: ApplianceState, values: Values) -> ApplianceSession:
    session = state.sessions.get(values["lsid"])
    if session is None:
        raise ApiError("The session does not exist.")
    if not session.open:
        raise ApiError("The session is not active.")
    return session
