"""A provisioning route: who of a CRM or help desk becomes a user of a remote-access product, and who is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bridge import template
from bridge.accounts import AccountAction, Standing
from bridge.model import CrmRecord, Record, Ticket
from bridge.route import When, WhenKind

RECORD_VALUES: Mapping[str, Callable[[Record], str]] = {
    "id": lambda record: record.id,
    "name": lambda record: record.name,
    "email": lambda record: record.email,
    "first_name": lambda record: record.first_name,
    "last_name": lambda record: record.last_name,
    "url": lambda record: record.url,
}
"""What a template may name of a record behind its kind, as in `{contact.email}`; and `field.NAME`."""
FIELD = "field."


class Word(StrEnum):
    """How it went, in the route's own words (`outcome`)."""

    INVITED = "invited"
    ADDED = "added"
    EXISTS = "exists"
    FAILED = "failed"


WORDS: Mapping[Standing, Word] = {
    Standing.INVITED: Word.INVITED,
    Standing.ALREADY_INVITED: Word.INVITED,
    Standing.ADDED: Word.ADDED,
    Standing.EXISTS: Word.EXISTS,
}


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """Where the outcome is written, by API names of fields; and in which words."""

    field: str
    reason_field: str = ""
    """Gets the reason of a failure, and is emptied when it went well; empty for none."""
    words: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """By `Word`; what is not there is said by our own word."""

    def value(self, word: Word) -> object:
        return self.words.get(word.value, word.value)

    def changes(self, word: Word, reason: str) -> dict[str, object]:
        told: dict[str, object] = {self.field: self.value(word)}
        return {**told, self.reason_field: reason} if self.reason_field else told


@dataclass(frozen=True, slots=True)
class SyncRule:
    """Fields of contacts that are told how many computers a user may reach, and how many they use."""

    allotted: str = ""
    used: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.allotted, self.used)))


@dataclass(frozen=True, slots=True)
class ProvisioningRoute:
    """Texts in `email`, `first_name`, `last_name` and `computers` are templates."""

    name: str
    source: str
    """Name of the connection to the CRM or ticket system."""
    accounts: str
    """Name of the connection to the account provider."""
    when: When
    email: str
    record: CrmRecord | None = None
    """Whose change may ask: a contact's or an account's; None where a ticket asks."""
    action: AccountAction = AccountAction.INVITE
    first_name: str = ""
    last_name: str = ""
    computers: str = "1"
    outcome: OutcomeRule | None = None
    sync: SyncRule | None = None

    @property
    def templates(self) -> tuple[str, ...]:
        return (self.email, self.first_name, self.last_name, self.computers)

    def fields_of_record(self) -> Iterator[str]:
        """API names of the fields of a record that this route reads."""
        assert self.record is not None
        if self.when.kind is WhenKind.FIELD:
            yield self.when.name
        prefix = f"{self.record.value}.{FIELD}"
        for text in self.templates:
            yield from (name.removeprefix(prefix) for name in template.names(text) if name.startswith(prefix))
        if self.outcome:
            yield from filter(None, (self.outcome.field, self.outcome.reason_field))


def placeholders(record: CrmRecord | None) -> tuple[str, ...]:
    """What a template of such a route may name; NAME is a field by its API name."""
    if record is None:
        return template.PLACEHOLDERS
    return (*(f"{record.value}.{name}" for name in RECORD_VALUES), f"{record.value}.{FIELD}NAME")


def mistakes(text: str, record: CrmRecord | None) -> Iterator[str]:
    """What the template has that cannot be filled, as `bridge.template.mistakes` tells it."""
    if record is None:
        return template.mistakes(text)
    return template.mistakes(text, lambda name: _known(name, record))


def _known(name: str, record: CrmRecord) -> bool:
    of, _, rest = name.partition(".")
    return of == record.value and (rest in RECORD_VALUES or (rest.startswith(FIELD) and rest != FIELD))


def fill_record(text: str, record: Record) -> str:
    """The template with the record's values; what it does not have is empty."""

    def value(name: str) -> str:
        rest = name.partition(".")[2]
        if rest.startswith(FIELD):
            return record.fields.get(rest.removeprefix(FIELD), "")
        return RECORD_VALUES[rest](record) if rest in RECORD_VALUES else ""

    return template.fill_by(text, value)


def filler(found: Record | Ticket) -> Callable[[str], str]:
    """What fills the templates of a route for this record or ticket."""
    if isinstance(found, Record):
        return lambda text: fill_record(text, found)
    return lambda text: template.fill(text, found)
