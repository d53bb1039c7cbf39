"""What the pretend RemotePC knows: users, invitations, and the letters that it would have sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

from sandbox.clock import Clock
from sandbox.settings import RemotePcSettings

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PASSWORD = re.compile(r"\S{6,20}")
"""The document says only that a password can be wrong."""


class Refused(Exception):
    """A call that is answered with an error word."""

    def __init__(self, word: str, status: str = "BAD_REQUEST", code: int = 400) -> None:
        super().__init__(word)
        self.word = word
        self.status = status
        self.code = code


@dataclass(slots=True)
class User:
    email: str
    allotted: int
    created_at: datetime
    first_name: str = ""
    last_name: str = ""
    password: str = field(default="", repr=False)
    used: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to a user: `invitation` or `welcome`."""

    to: str
    about: str


class RemotePcState:
    """One reseller account."""

    def __init__(self, settings: RemotePcSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.lock = RLock()
        self.base_url = ""
        self.users: dict[str, User] = {}
        self.invited: dict[str, int] = {}
        self.letters: list[Letter] = []
        self.passwords: list[str] = []
        """Every password that was ever received, for tests that look where it must not be."""
        self.links: list[str] = []
        """Every sign-in link that was given out, for the same."""

    def add(self, asked: Mapping[str, Any]) -> str:
        """Make a user; the word for that. Raises Refused."""
        email = _text(asked, "invitedUserEmailId", "EMAILID_REQUIRED")
        if isinstance(asked.get("password"), str):
            self.passwords.append(asked["password"])
        first = _text(asked, "firstName", "FIRSTNAME_REQUIRED")
        last = _text(asked, "lastName", "LASTNAME_REQUIRED")
        if not ADDRESS.fullmatch(email):
            raise Refused("ENTER_VALID_EMAIL")
        password = _text(asked, "password", "PASSWORD_REQUIRED")
        if not PASSWORD.fullmatch(password):
            raise Refused("INVALID_PASSWORD")
        allotted = _computers(asked)
        with self.lock:
            if email.lower() in self.users:
                raise Refused("EMAIL_EXISTS")
            self.invited.pop(email.lower(), None)
            now = self.clock.now()
            self.users[email.lower()] = User(email, allotted, now, first, last, password)
            if asked.get("sendEmailToUser") is True:
                self.letters.append(Letter(email, "welcome"))
        return "SUCCESS"

    def invite(self, asked: Mapping[str, Any]) -> str:
        """The word for one user of an invitation. Raises Refused for an address that is none."""
        email = _text(asked, "invitedUserEmailId", "EMAILID_REQUIRED")
        if not ADDRESS.fullmatch(email):
            raise Refused("ENTER_VALID_EMAIL")
        allotted = _computers(asked)
        with self.lock:
            if email.lower() in self.users:
                return "EXISTS"
            if email.lower() in self.invited:
                return "ALREADY_INVITED"
            self.invited[email.lower()] = allotted
            self.letters.append(Letter(email, "invitation"))
            return "INVITED"

    def accept(self, email: str) -> None:
        """The invited person makes a password and is a user from now on."""
        with self.lock:
            allotted = self.invited.pop(email.lower())
            self.users[email.lower()] = User(email, allotted, self.clock.now())

    def connect_computer(self, email: str) -> None:
        """A user installs it on one more computer, if one is left."""
        with self.lock:
            user = self.users[email.lower()]
            user.used = min(user.used + 1, user.allotted)

    def sign_in(self, asked: Mapping[str, Any]) -> str:
        """A link that signs the user in. Raises Refused."""
        if self.settings.suspended:
            raise Refused("ACTION_PARENT_ACCOUNT_SUSPENDED")
        if self.settings.blocked:
            raise Refused("IP_ADDRESS_BLOCKED")
        username = _text(asked, "username", "USERNAME_REQUIRED")
        if not ADDRESS.fullmatch(username):
            raise Refused("INVALID_EMAIL")
        password = _text(asked, "password", "PASSWORD_REQUIRED")
        if username.lower() in self.settings.cancelled:
            raise Refused("CANCELLED_ACCOUNT")
        with self.lock:
            user = self.users.get(username.lower())
            # The document names no word for a wrong password; one that tells nothing is the likeliest.
            if user is None or user.password != password:
                raise Refused("USERNAME_DOES_NOT_EXIST")
            link = f"{self.base_url}/rpcnew/process/autologin/{secrets.token_urlsafe(24)}"
            self.links.append(link)
            return link

    def listed(self) -> list[dict[str, Any]]:
        """All users, as the API tells them."""
        with self.lock:
            return [
                {
                    "alloted_computers": user.allotted,
                    "created_date": f"{user.created_at:%m-%d-%Y}",
                    "isActive": user.active,
                    "utilized_computers": user.used,
                    "username": user.email,
                }
                for user in self.users.values()
            ]


def _text(asked: Mapping[str, Any], name: str, missing: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(missing)
    return value.strip()


def _computers(asked: Mapping[str, Any]) -> int:
    value = asked.get("allotedComputers", 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refused("BAD_REQUEST")
    return value
