"""What the page of Rescue's methods must say: its rows, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.catalogue.account import ACCOUNT
from connectors.platforms.rescue.catalogue.groups import GROUPS
from connectors.platforms.rescue.catalogue.identity import IDENTITY
from connectors.platforms.rescue.catalogue.model import Method, Parameter
from connectors.platforms.rescue.catalogue.pins import PINS
from connectors.platforms.rescue.catalogue.reports import REPORTS
from connectors.platforms.rescue.catalogue.sessions import SESSIONS
from connectors.platforms.rescue.catalogue.users import USERS
from connectors.platforms.rescue.replies import Meaning
from tests.connectors.rescue.test_catalogue_posts import FIELDS

CHAPTERS = {
    "The account and its hierarchy": ACCOUNT,
    "Users": USERS,
    "Groups, nodes and channels": GROUPS,
    "PINs and invitations": PINS,
    "Sessions": SESSIONS,
    "Reports in the quick starts": REPORTS,
    "Identity Service 2": IDENTITY,
}
POSTED = "Post-to-URL"
PARAMETER, OUTPUT, VALUE, EACH, FIELD = "parameter", "output", "return value", "of each user", "field"
SPELLED_OUT = 8
"""Lists of values that are longer stand in the catalogue."""


class Row(NamedTuple):
    kind: str
    name: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def rows_of(method: Method) -> list[Row]:
    """In the catalogue's order."""
    return [
        *(Row(PARAMETER, one.name, _parameter(one)) for one in method.parameters),
        *(Row(OUTPUT, name, "") for name in method.outputs),
        *(Row(VALUE, name, "success") for name in method.successes if method.name in METHODS),
        *_meanings(VALUE, method.codes),
        *_meanings(EACH, method.each),
    ]


def posted() -> list[Row]:
    return [Row(FIELD, name, "") for name in FIELDS]


def _meanings(kind: str, codes: object) -> Iterator[Row]:
    assert hasattr(codes, "items")
    for name, meaning in codes.items():
        assert isinstance(meaning, Meaning)
        yield Row(kind, name, f"{meaning.error.__name__}: {meaning.says}")


def _parameter(one: Parameter) -> str:
    told = ["required" if one.required else "optional"]
    if one.limit:
        told.append(f"at most {one.limit} characters")
    if one.values:
        few = len(one.values) <= SPELLED_OUT
        told.append(", ".join(f"`{value}`" for value in one.values) if few else f"one of {len(one.values)} words")
    if one.also:
        told.append(f"sent as `{one.also}`, too")
    if one.soap:
        told.append(f"SOAP `{one.soap}`")
    return "; ".join(told)
