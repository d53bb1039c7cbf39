"""What a user must be like: names, addresses, passwords, licences.

Source: Rescue API Reference Guide, chapters setUser, setUser_v2, createUsers. The order of the checks is a guess.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

from sandbox.rescue.model import Code, Technician
from sandbox.rescue.tree import TECHNICIAN, Tree
from sandbox.settings import RescueSettings

NAME_LENGTH = 128
DESCRIPTION_LENGTH = 1024
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
STATUSES = {"enabled": False, "disabled": True}
"""Word of the API to `disabled`."""
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants a user to be; passwords may be empty where nothing is to change."""

    name: str
    email: str
    status: str
    nick: str = ""
    sso_id: str = ""
    description: str = ""
    password: str = ""
    confirmation: str = ""
    current_password: str = ""
    mobile_addon: str = "false"
    rpat_addon: str | None = None
    """None where the method does not know it."""


def check(tree: Tree, settings: RescueSettings, user: Technician, wanted: Wanted, *, own: bool) -> None:
    """Raise the first thing that is wrong; `own` says that users change themselves."""
    _check_words(wanted)
    if not EMAIL.fullmatch(wanted.email) or len(wanted.email) > NAME_LENGTH:
        raise Code("INVALIDPARAM_EMAIL")
    if wanted.email.lower() != user.email.lower() and email_in_use(tree, wanted.email, user):
        raise Code("INVALIDPARAM_EMAIL_ALREADY_IN_USE")
    if wanted.password or wanted.confirmation:
        check_password(settings, wanted, user.password if own else None)
    if not STATUSES[wanted.status.lower()] and tree.parent_disabled(user):
        raise Code("NODE_CANNOT_BE_ENABLED_BECAUSE_ITS_PARENT_NODE_IS_DISABLED")
    check_licences(tree, settings, user, wanted)


def _check_words(wanted: Wanted) -> None:
    if not wanted.name or len(wanted.name) > NAME_LENGTH:
        raise Code("INVALIDPARAM_NAME")
    if wanted.status.lower() not in STATUSES:
        raise Code("INVALIDPARAM_STATUS")
    if wanted.mobile_addon.lower() not in BOOLEANS:
        raise Code("INVALIDPARAM_MOBILEADDON")
    if wanted.rpat_addon is not None and wanted.rpat_addon.lower() not in BOOLEANS:
        raise Code("INVALIDPARAM_RPATADDON")


def email_in_use(tree: Tree, email: str, but: Technician | None = None) -> bool:
    return any(one is not but and one.email.lower() == email.lower() for one in tree.users())


def check_password(settings: RescueSettings, wanted: Wanted, current: str | None) -> None:
    """`current` is the user's own password where it must be given, else None."""
    new, again = wanted.password, wanted.confirmation
    if not new:
        raise Code("INVALIDPARAM_PASSWORD_LENGTH_HAS_TO_BE_BIGGER_THAN_ZERO")
    if not again:
        raise Code("INVALIDPARAM_MISSING_CONFIRMATION_PASSWORD")
    if re.search(r"\s", new + again):
        raise Code("INVALIDPARAM_PASSWORD_CANNOT_CONTAIN_WHITESPACE_CHARACTERS")
    if len(new) < 8:
        raise Code("INVALIDPARAM_PASSWORD_HAS_TO_BE_AT_LEAST_8_CHARACTERS_LONG")
    if sum(one.isupper() or not one.isalnum() for one in new) < 2:
        raise Code("INVALIDPARAM_PASSWORD_HAS_TO_CONTAIN_AT_LEAST_TWO_UPPERCASE_LETTERS_OR_SPECIAL_CHARACTERS")
    if _classes(new) < settings.password_classes:
        raise Code("INVALIDPARAM_PASSWORD_DOES_NOT_MEET_THE_MINIMUM_PASSWORD_STRENGHT_REQUIREMENTS")
    if new != again:
        raise Code("INVALIDPARAM_NEW_PASSWORDS_DO_NOT_MATCH")
    if current is not None:
        _check_current(wanted, current)


def _check_current(wanted: Wanted, current: str) -> None:
    if not wanted.current_password:
        raise Code("INVALIDPARAM_MISSING_CURRENT_PASSWORD")
    if wanted.current_password != current:
        raise Code("INVALIDPARAM_CURRENT_PASSWORD_IS_WRONG")
    if wanted.password == current:
        raise Code("INVALIDPARAM_CURRENT_AND_NEW_PASSWORD_MATCH")


def _classes(password: str) -> int:
    letters = (str.islower, str.isupper, str.isdigit)
    found = sum(any(map(is_one, password)) for is_one in letters)
    return found + any(one in string.punctuation for one in password)


def check_licences(tree: Tree, settings: RescueSettings, user: Technician, wanted: Wanted) -> None:
    """Seats are for technicians who are enabled."""
    if user.type != TECHNICIAN or STATUSES[wanted.status.lower()]:
        return
    others = [one for one in tree.technicians.values() if one is not user and not one.disabled]
    asked = (
        (True, len(others), settings.standard_seats),
        (BOOLEANS[wanted.mobile_addon.lower()], sum(one.mobile_addon for one in others), settings.mobile_seats),
        ((wanted.rpat_addon or "").lower() == "true", sum(one.rpat_addon for one in others), settings.rpat_seats),
    )
    if any(needed and taken >= seats for needed, taken, seats in asked):
        raise Code("NOT_ENOUGH_SEAT_LICENSES_AVAILABLE")


def apply(user: Technician, wanted: Wanted) -> None:
    user.name, user.nick, user.email = wanted.name, wanted.nick, wanted.email
    user.sso_id, user.description = wanted.sso_id, wanted.description
    user.disabled = STATUSES[wanted.status.lower()]
    user.mobile_addon = BOOLEANS[wanted.mobile_addon.lower()]
    if wanted.rpat_addon is not None:
        user.rpat_addon = BOOLEANS[wanted.rpat_addon.lower()]
    if wanted.password:
        user.password = wanted.password
