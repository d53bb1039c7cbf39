"""Users of a remote-access product, whom the bridge invites or adds for others. All values are immutable."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

PASSWORD_LENGTH = 16
PASSWORD_SIGNS = "!#%+"  # noqa: S105  # what a password may be made of
_CLASSES = (string.ascii_uppercase, string.ascii_lowercase, string.digits, PASSWORD_SIGNS)
LATELY = timedelta(days=2)
"""A listing tells a day and no zone."""


class AccountAction(StrEnum):
    """How somebody becomes a user."""

    INVITE = "invite"
    """By a letter from the provider: they choose their password themselves."""
    ADD = "add"
    """At once, with a password that is made for them and told by the provider."""


class Standing(StrEnum):
    """What a provider answered for one user. None of it is a failure."""

    INVITED = "invited"
    ALREADY_INVITED = "already_invited"
    ADDED = "added"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Account:
    """A user as the provider lists it."""

    email: str
    computers_allotted: int
    computers_used: int
    active: bool
    created_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Who shall become a user, and how many computers they may reach."""

    email: str
    computers: int = 1
    first_name: str = ""
    last_name: str = ""


def new_password() -> str:
    """A password that nobody has seen: 16 characters with each of the four usual classes."""
    pick = secrets.SystemRandom()
    chosen = [pick.choice(signs) for signs in _CLASSES]
    chosen += [pick.choice("".join(_CLASSES)) for _ in range(PASSWORD_LENGTH - len(chosen))]
    pick.shuffle(chosen)
    return "".join(chosen)


def found_after_doubt(account: Account, today: date) -> Standing:
    """Whether a user who is there after an unclear answer was added by us: only one of the last days can have been."""
    lately = account.created_on is not None and today - account.created_on <= LATELY
    return Standing.ADDED if lately else Standing.EXISTS
