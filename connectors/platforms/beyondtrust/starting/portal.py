"""What stands in somebody else's page or program and starts a session: a form for session keys, JavaScript for a
portal, the line that presses an installed Support Button (guide, "Session Generation API").

Pure. Every value is embedded so that nothing that people typed can leave its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import TypeAlias

from connectors.platforms.beyondtrust.commands import inputs
from connectors.platforms.beyondtrust.commands.attributes import MAX_CHARACTERS
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.starting import links, windows
from connectors.platforms.beyondtrust.starting.links import NO_WISHES, ByIssue, ByKey, ByRepresentative, Start, Wishes


class StartType(StrEnum):
    CHAT = "CHAT"
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class ByForm:
    """The issue is read from a form of the page (`issue_form`), by the form's HTML id."""

    element_id: str


PageStart: TypeAlias = Start | ByForm


@dataclass(frozen=True, slots=True)
class Snippet:
    """HTML for a page with a standards-compliant doctype. Does not work on portals that ask for SAML."""

    head: str
    body: str = field(repr=False)

    @property
    def page(self) -> str:
        return f"<!doctype html>\n<html>\n<head>\n{self.head}\n</head>\n<body>\n{self.body}\n</body>\n</html>\n"


def key_form(site: str, *, external_key: bool = False, label: str = "Session Key") -> str:
    """A form where customers type their session key, and the external key too if wished."""
    lines = [f'<form action="{escape(inputs.site(site))}{links.START_PATH}" method="post">']
    lines.append(f'  <label>{escape(label)} <input type="text" name="short_key" required></label>')
    if external_key:
        lines.append(f'  <label>External Key <input type="text" name="{inputs.CUSTOM}external_key"></label>')
    return "\n".join([*lines, '  <button type="submit">Start</button>', "</form>"])


def issue_form(element_id: str, issue: ByIssue, wishes: Wishes = NO_WISHES) -> str:
    """A hidden form that tells an issue to `ByForm`."""
    _only_page_wishes(wishes)
    fields = dict(links.check_issue(issue))
    if wishes.skills:
        fields["skills"] = ",".join(links.check_skills(wishes.skills))
    fields |= {f"customer.{name}": value for name, value in links.check_customer(wishes.customer).items()}
    fields |= inputs.custom_fields(wishes.attributes, wishes.external_key)
    lines = [f'  <input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()]
    return "\n".join([f'<form id="{escape(_element_id(element_id))}">', *lines, "</form>"])


def snippet(
    site: str,
    start: PageStart,
    wishes: Wishes = NO_WISHES,
    *,
    kind: StartType = StartType.FULL,
    fallback_to_full_window: bool | None = None,
    button: str = "Get help",
    button_id: str = "start-support",
) -> Snippet:
    """A button that starts a session from a page. `fallback_to_full_window` goes with a chat only."""
    address = inputs.site(site)
    options = {**_start(start), **_options(wishes)}
    if fallback_to_full_window is not None:
        if kind is not StartType.CHAT:
            raise WrongInput("fallbackToFullWindow", "goes with click-to-chat only")
        options["uiOptions"] = embedded({"fallbackToFullWindow": fallback_to_full_window})
    written = ",\n".join(f"    {name}: {value}" for name, value in options.items())
    head = (
        f'<script src="{escape(address)}/api/start_session.js"></script>\n'
        f"<script>BG.setSite({embedded(address.partition('://')[2])});</script>"
    )
    body = (
        f'<button type="button" id="{escape(_element_id(button_id))}">{escape(button)}</button>\n<script>\n'
        f'document.getElementById({embedded(button_id)}).addEventListener("click", function () {{\n'
        f"  BG.start(BG.START_TYPE.{kind}, {{\n{written}\n  }});\n}});\n</script>"
    )
    return Snippet(head, body)


def embedded(value: object) -> str:
    """JSON that is JavaScript too, and can end neither the script nor an attribute nor a line."""
    written = json.dumps(value, ensure_ascii=True)
    return written.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&'"})


def button_line(
    program: str, folder: str, *, external_key: str = "", issue_code_name: str = "", survey: bool = False
) -> str:
    """The Windows command line that presses a Support Button which is installed there.

    Program and folder stand in the registry's value below `Software\\Bomgar\\CallbackButton`. With an issue the
    session starts at once; with `survey` the customer sees that issue's form first.
    """
    arguments = ["--cbdir", inputs.needed("--cbdir", folder)]
    if external_key:
        inputs.text("external_key", external_key, characters=MAX_CHARACTERS)
        if external_key.startswith("--"):
            raise WrongInput("external_key", "must not begin like an option, with --")
        arguments += ["--session-value", f"{inputs.CUSTOM}external_key", external_key]
    if issue_code_name:
        if issue_code_name.startswith("-"):
            raise WrongInput("--issue-code-name", "must not begin like an option, with -")
        arguments += ["--issue-code-name", inputs.code_name("--issue-code-name", issue_code_name)]
    if survey:
        if not issue_code_name:
            raise WrongInput("--present-front-end-survey", "needs --issue-code-name")
        arguments.append("--present-front-end-survey")
    return windows.command_line(inputs.needed("the program", program), *arguments)


def _start(start: PageStart) -> Mapping[str, str]:
    match start:
        case ByKey():
            return {"sessionKey": embedded(links.check_key(start.short_key))}
        case ByRepresentative():
            links.check_representative(start)
            return {"rep": embedded({"id": start.id, "name": start.name})}
        case ByIssue():
            links.check_issue(start)
            by_id = {"id": start.id}
            return {"issue": embedded({"codeName": start.code_name} if start.code_name else by_id)}
        case ByForm():
            return {"issue": f"document.getElementById({embedded(_element_id(start.element_id))})"}


def _options(wishes: Wishes) -> dict[str, str]:
    _only_page_wishes(wishes)
    fields = inputs.custom_fields(wishes.attributes, wishes.external_key)
    told: dict[str, object] = {
        "skills": links.check_skills(wishes.skills),
        "customer": links.check_customer(wishes.customer),
        "locale": wishes.locale and links.check_locale(wishes.locale),
        "attributes": {name.removeprefix(inputs.CUSTOM): value for name, value in fields.items()},
    }
    return {name: embedded(value) for name, value in told.items() if value}


def _only_page_wishes(wishes: Wishes) -> None:
    """start_session.js takes less than a link, and would drop the rest in silence."""
    others = {
        "c2cjs": wishes.click_to_chat or None,
        "chat_locale": wishes.chat_locale or None,
        "platform": wishes.platform or None,
        "session.priority": wishes.priority,
        "timezone_offset": wishes.timezone_offset,
    }
    for name, value in others.items():
        if value is not None:
            raise WrongInput(name, "can be given in a link, not in a page")


def _element_id(value: str) -> str:
    if not value or any(sign.isspace() for sign in value):
        raise WrongInput("the HTML id", "must be one word")
    return inputs.text("the HTML id", value)
