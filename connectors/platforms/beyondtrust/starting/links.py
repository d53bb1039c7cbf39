"""Links that start a session: by session key, by representative, by issue (guide, "Session Generation API").

Pure. Whatever BeyondTrust would not take is refused with WrongInput, which names the field. Old appliances
(`api = "2008"`) have their own address and field names, and know less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import quote, urlencode

from connectors.platforms.beyondtrust.commands import inputs
from connectors.platforms.beyondtrust.commands.attributes import MAX_CHARACTERS
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.schema import CURRENT, OLD

START_PATH = "/api/start_session"
OLD_START_PATH = "/download_customer_connector.ns"

LOCALES: Mapping[str, str] = {
    "en-us": "English",
    "de": "German",
    "es": "Latin American Spanish",
    "es-sp": "EU Spanish",
    "fi": "Finnish",
    "fr": "EU French",
    "it": "Italian",
    "nl": "Dutch",
    "pt-br": "Brazilian Portuguese",
    "pt-pt": "EU Portuguese",
    "sv-se": "Swedish",
    "tr": "Turkish",
    "ja": "Japanese",
    "zh-hans": "Simplified Chinese",
    "zh": "Traditional Chinese",
    "ru": "Russian",
}
"""The language packs there are. Which of them an appliance has stands at /login > Localization > Languages."""
PLATFORMS = ("winNT-32", "winNT-64")
CUSTOMER_CHARACTERS = 100
DETAILS_LIMIT = 1_024
"""Bytes of the problem's description; of 2008, characters."""


@dataclass(frozen=True, slots=True)
class ByKey:
    """A session key of `generate_session_key`. Where the site asks before the download (Public Portals > Public
    Sites), only the external key travels with it."""

    short_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByRepresentative:
    """Both as `get_logged_in_reps` tells them: the id, and the public display name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ByIssue:
    """An issue by its code name or by its id (`get_support_teams`), never both."""

    code_name: str = ""
    id: int | None = None


Start: TypeAlias = ByKey | ByRepresentative | ByIssue


@dataclass(frozen=True, slots=True)
class Customer:
    """Names of at most 100 characters; details of at most 1,024 bytes in UTF-8."""

    name: str = ""
    company: str = ""
    company_code: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What else a session shall begin with. What is left out is not sent."""

    customer: Customer = Customer()
    external_key: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Custom fields by their code name."""
    click_to_chat: bool = False
    """A chat in the browser instead of the customer client, whatever the site's settings say."""
    locale: str = ""
    chat_locale: str = ""
    """A language that GeoFluent translates and BeyondTrust itself does not speak."""
    platform: str = ""
    priority: int | None = None
    """1 high, 2 medium, 3 low."""
    skills: Sequence[str] = ()
    """Code names."""
    timezone_offset: int | None = None
    """Minutes east of UTC."""


NO_WISHES = Wishes()


def link(site: str, start: Start, wishes: Wishes = NO_WISHES, *, api: str = CURRENT) -> str:
    """The address that starts the session. `site` is the public site's address; its host decides which of an
    appliance's public sites the session belongs to."""
    old = api == OLD
    pairs = {**(_old_start(start) if old else _start(start)), **(_old_wishes(wishes) if old else _wishes(wishes))}
    if old and isinstance(start, ByRepresentative) and len(pairs) > 2:
        raise WrongInput("customer and external_key", "go with an issue only in the API of 2008")
    path = OLD_START_PATH if old else START_PATH
    return f"{inputs.site(site)}{path}?{urlencode(pairs, quote_via=quote, safe='')}"


def check_key(short_key: str) -> str:
    """Seven characters today; only what could break out of an address or a page is refused."""
    if not (short_key.isascii() and short_key.isalnum() and len(short_key) <= 64):
        raise WrongInput("short_key", "must be letters and digits")
    return short_key


def check_issue(issue: ByIssue) -> dict[str, str]:
    """`codeName` or `id`, exactly one of them."""
    if bool(issue.code_name) == (issue.id is not None):
        raise WrongInput("the issue", "needs its code name or its id, and not both")
    if issue.id is not None:
        return {"id": str(inputs.number("id", issue.id, 0))}
    return {"codeName": inputs.code_name("codeName", issue.code_name)}


def check_representative(representative: ByRepresentative) -> dict[str, str]:
    return {
        "id": str(inputs.number("id", representative.id, 0)),
        "name": inputs.needed("name", representative.name),
    }


def check_customer(customer: Customer, *, old: bool = False) -> dict[str, str]:
    """The filled ones, by the names of the object `customer`."""
    details = {"characters": DETAILS_LIMIT} if old else {"bytes_": DETAILS_LIMIT}
    told = {
        "name": inputs.text("customer.name", customer.name, characters=CUSTOMER_CHARACTERS),
        "company": inputs.text("customer.company", customer.company, characters=CUSTOMER_CHARACTERS),
        "company_code": inputs.text("customer.company_code", customer.company_code, characters=CUSTOMER_CHARACTERS),
        "details": inputs.text("customer.details", customer.details, **details),
    }
    return {name: value for name, value in told.items() if value}


def check_skills(skills: Sequence[str]) -> list[str]:
    return [inputs.code_name("session.skills", skill) for skill in skills]


def check_locale(locale: str) -> str:
    return inputs.choice("locale", locale, LOCALES)


def _start(start: Start) -> dict[str, str]:
    match start:
        case ByKey():
            return {"short_key": check_key(start.short_key)}
        case ByRepresentative():
            return check_representative(start)
        case ByIssue():
            return {"issue_menu": "1", **check_issue(start)}


def _wishes(wishes: Wishes) -> dict[str, str]:
    pairs = {f"customer.{name}": value for name, value in check_customer(wishes.customer).items()}
    pairs |= inputs.custom_fields(wishes.attributes, wishes.external_key)
    if wishes.click_to_chat:
        pairs["c2cjs"] = "1"
    if wishes.locale:
        pairs["locale"] = check_locale(wishes.locale)
    if wishes.chat_locale:
        pairs["chat_locale"] = inputs.code_name("chat_locale", wishes.chat_locale)
    if wishes.platform:
        pairs["platform"] = inputs.choice("platform", wishes.platform, PLATFORMS)
    if wishes.priority is not None:
        pairs["session.priority"] = str(inputs.number("session.priority", wishes.priority, 1, 3))
    if wishes.skills:
        pairs["session.skills"] = ",".join(check_skills(wishes.skills))
    if wishes.timezone_offset is not None:
        # From twelve hours west to fourteen east: no place on earth is further from UTC.
        offset = inputs.number("timezone_offset", wishes.timezone_offset, -12 * 60, 14 * 60)
        pairs["timezone_offset"] = str(offset)
    return pairs


def _old_start(start: Start) -> dict[str, str]:
    match start:
        case ByKey():
            raise WrongInput("short_key", "makes no link in the API of 2008: there the customer types the key")
        case ByRepresentative():
            return check_representative(start)
        case ByIssue():
            if start.code_name:
                raise WrongInput("codeName", "is not known to the API of 2008: use the issue's id")
            chosen = {} if start.id is None else {"id": str(inputs.number("id", start.id, 0))}
            return {"issue_menu": "1", **chosen}


def _old_wishes(wishes: Wishes) -> dict[str, str]:
    # The manual of 2008 prints some of these names with blanks in them ("customer _ desc"): its typesetting.
    names = {"details": "customer_desc"}
    told = check_customer(wishes.customer, old=True)
    pairs = {names.get(name, f"customer_{name}"): value for name, value in told.items()}
    if wishes.external_key:
        pairs["external_key"] = inputs.text("external_key", wishes.external_key, characters=MAX_CHARACTERS)
    # Everything else would be dropped in silence there.
    for name in _wishes(replace(wishes, customer=Customer(), external_key="")):
        raise WrongInput(name, "is not known to the API of 2008")
    return pairs
