"""People at work without a browser: they fill in the same forms as everybody, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import httpx
from lxml import etree, html

from sandbox.helpdesk.markup import text_of

PIN = re.compile(r"(?<!\w)\d{6}(?!\w)")
SESSION_KEY = re.compile(r"(?<!\w)\d{7}(?!\w)")


class Refusal(Exception):
    """A form was answered with something else than the next page."""


class Person:
    """Somebody with a browser, as it were. Close it, or use it with `with`."""

    def __init__(self, base_url: str) -> None:
        # trust_env off: the sandbox is on loopback, whatever proxy the environment names.
        self._client = httpx.Client(base_url=base_url, trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def _submit(self, address: str, **values: str | Sequence[str]) -> str:
        """Send a form and return the address that it leads to."""
        answer = self._client.post(address, data=values)
        if answer.status_code != 303:
            reason = _first_text(answer.text, "//main//p") or answer.text[:200]
            raise Refusal(f"{answer.status_code} {address}: {reason}")
        return answer.headers["location"]

    def _page(self, address: str) -> etree._Element:
        answer = self._client.get(address)
        answer.raise_for_status()
        return html.document_fromstring(answer.content, parser=html.HTMLParser(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment as it stands on a page."""

    id: int
    author: str
    internal: bool
    text: str
    links: tuple[str, ...]

    @property
    def pin(self) -> str:
        """The six digits in it, from its link if there is one; empty if there are none."""
        for link in self.links:
            codes = parse_qs(urlsplit(link).query).get("Code", [])
            if codes and PIN.fullmatch(codes[0]):
                return codes[0]
        return self._first(PIN)

    @property
    def key(self) -> str:
        """The seven digits of a session key in it; empty if there are none."""
        return self._first(SESSION_KEY)

    def _first(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self.text)
        return found.group() if found else ""


class HelpdeskUser(Person):
    """The customer and the agent at the help desk."""

    def open_ticket(self, subject: str, description: str) -> int:
        return _last_number(self._submit("/tickets", subject=subject, description=description))

    def ask_for_session(self, ticket_id: int, platform: str = "rescue") -> None:
        """Press one of the buttons; `platform` is `rescue` or `beyondtrust`."""
        self._submit(f"/tickets/{ticket_id}/ask", platform=platform)

    def withdraw_request(self, ticket_id: int, platform: str = "rescue") -> None:
        self._submit(f"/tickets/{ticket_id}/unask", platform=platform)

    def change(self, ticket_id: int, subject: str, asset: str = "") -> None:
        """Write another subject and another asset on the ticket."""
        self._submit(f"/tickets/{ticket_id}/edit", subject=subject, asset=asset)

    def reply(self, ticket_id: int, body: str, *, customer: bool = False, internal: bool = False) -> None:
        values = {"as": "customer" if customer else "agent", "body": body}
        self._submit(f"/tickets/{ticket_id}/reply", **values, **({"internal": "1"} if internal else {}))

    def close_ticket(self, ticket_id: int) -> None:
        self._submit(f"/tickets/{ticket_id}/close")

    def comments(self, ticket_id: int, *, customer: bool = False) -> list[ShownComment]:
        """What stands on the ticket for the agent, or for the customer."""
        page = self._page(f"/{'requests' if customer else 'tickets'}/{ticket_id}")
        return [_shown_comment(article) for article in page.iter("article")]


class CrmUser(Person):
    """Somebody who keeps the contacts of the CRM."""

    def add_contact(self, email: str, first_name: str, last_name: str, computers: int) -> int:
        told = {"email": email, "firstname": first_name, "lastname": last_name, "computers": str(computers)}
        return _last_number(self._submit("/contacts", **told))

    def ask_for_remote_access(self, contact_id: int) -> None:
        """Press the button of the contact."""
        self._submit(f"/contacts/{contact_id}/ask")

    def withdraw_request(self, contact_id: int) -> None:
        self._submit(f"/contacts/{contact_id}/unask")

    def property(self, contact_id: int, name: str) -> str:
        """What the contact's page shows for it; empty for nothing."""
        [cell] = self._page(f"/contacts/{contact_id}").xpath(f"//td[@id='{name}']")
        return str(cell.text_content()).strip()


class Customer(Person):
    """Somebody who needs help, at the pretend Rescue."""

    session_id: int = 0

    def join(self, pin: str) -> int:
        """Type the PIN; the number of the session that begins."""
        self.session_id = _last_number(self._submit("/join", pin=pin))
        return self.session_id

    def follow(self, link: str) -> int:
        """Open the link of an invitation and press its button."""
        parts = urlsplit(link)
        page = self._page(f"{parts.path}?{parts.query}")
        return self.join("".join(page.xpath("//input[@name='pin']/@value")))

    def start_in_channel(self, name: str = "", tracking: str = "") -> int:
        """Come without a PIN, and write anything into the tracking field."""
        self.session_id = _last_number(self._submit("/channel", cfield0=name, tracking0=tracking))
        return self.session_id

    def say(self, text: str) -> None:
        self._submit(f"/customer/{self.session_id}/say", text=text)

    def leave(self) -> None:
        self._submit(f"/customer/{self.session_id}/leave")

    def answer_survey(self, *answers: str) -> None:
        self._submit(f"/customer/{self.session_id}/survey", **numbered(answers))


class Technician(Person):
    """Somebody who helps, at the console of the pretend Rescue."""

    def __init__(self, base_url: str, technician_id: int = 337366) -> None:
        super().__init__(base_url)
        self.technician_id = technician_id
        self.session_id = 0

    def open_console(self, *, open_: bool = True) -> None:
        self._submit(f"/technician/{self.technician_id}/console", open="1" if open_ else "0")

    def be(self, presence: str) -> None:
        """Online, Busy or Away, while the console is open."""
        self._submit(f"/technician/{self.technician_id}/presence", presence=presence)

    def waiting(self) -> list[int]:
        """The sessions that could be picked up."""
        actions = self._page("/technician").xpath("//form[contains(@action, '/pickup')]/@action")
        return [int(action.split("/")[2]) for action in actions]

    def pick_up(self, session_id: int) -> None:
        self._submit(f"/session/{session_id}/pickup", technician=str(self.technician_id))
        self.session_id = session_id

    def say(self, text: str) -> None:
        self._submit(f"/session/{self.session_id}/say", text=text, technician=str(self.technician_id))

    def note(self, text: str) -> None:
        self._submit(f"/session/{self.session_id}/note", text=text)

    def ask_to_join(self, technician_id: int) -> None:
        """Ask another technician to collaborate."""
        self._submit(f"/session/{self.session_id}/collaborate", technician=str(technician_id))

    def end(self, survey: Sequence[str] = ()) -> None:
        """End the session with the answers to the technician's survey."""
        self._submit(f"/session/{self.session_id}/end", **numbered(survey))


def _shown_comment(article: etree._Element) -> ShownComment:
    body = article.find("div[@class='body']")
    markup = "" if body is None else etree.tostring(body, encoding="unicode", method="html", with_tail=False)
    return ShownComment(
        int(article.get("data-comment", "0")),
        article.findtext("header/b") or "",
        article.get("class") == "internal",
        text_of(markup),
        tuple(link.get("href", "") for link in article.iter("a")),
    )


def numbered(answers: Sequence[str]) -> dict[str, str]:
    return {f"answer{number}": answer for number, answer in enumerate(answers)}


def _last_number(address: str) -> int:
    return int(urlsplit(address).path.rstrip("/").rpartition("/")[2])


def _first_text(page: str, path: str) -> str:
    found = html.document_fromstring(page or "<p></p>").xpath(path)
    return found[0].text_content().strip() if found else ""
