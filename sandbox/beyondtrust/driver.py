"""Customers and representatives of the pretend appliance, at work without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from sandbox.beyondtrust.state.model import CUSTOMER_QUESTIONS, REPRESENTATIVE_QUESTIONS, Question
from sandbox.driver import Person


class ApplianceCustomer(Person):
    """Somebody who needs help, at the appliance's public site."""

    lsid: str = ""

    def join(self, short_key: str, name: str = "") -> str:
        """Type the session key; the lsid of the session that begins."""
        return self._start(short_key=short_key, name=name)

    def follow(self, link: str, name: str = "") -> str:
        """Open the link of an invitation and press its button."""
        parts = urlsplit(link)
        page = self._page(f"{parts.path or '/'}?{parts.query}")
        return self.join("".join(page.xpath("//input[@name='short_key']/@value")), name)

    def choose(self, rep_id: int, name: str = "") -> str:
        """Pick a representative from the list."""
        return self._start(rep=str(rep_id), name=name)

    def submit_issue(self, code_name: str, name: str = "", company: str = "", details: str = "") -> str:
        return self._start(issue=code_name, name=name, company=company, details=details)

    def say(self, text: str) -> None:
        self._submit(f"/customer/{self.lsid}/say", text=text)

    def leave(self) -> None:
        self._submit(f"/customer/{self.lsid}/leave")

    def answer_survey(self, *answers: str | Sequence[str]) -> None:
        """One answer, or several, for each question in their order."""
        self._submit(f"/customer/{self.lsid}/survey", **_filled_in(CUSTOMER_QUESTIONS, answers))

    def _start(self, **values: str) -> str:
        self.lsid = self._submit("/start", **values).rstrip("/").rpartition("/")[2]
        return self.lsid


class ApplianceRepresentative(Person):
    """Somebody who helps, at the representative console."""

    def __init__(self, base_url: str, rep_id: int = 1) -> None:
        super().__init__(base_url)
        self.rep_id = rep_id
        self.lsid = ""

    def log_in(self, *, in_: bool = True) -> None:
        self._submit(f"/console/{self.rep_id}/login", **{"in": "1" if in_ else "0"})

    def waiting(self) -> list[str]:
        """The lsids of the sessions that this representative could accept."""
        actions = self._page(f"/console/{self.rep_id}").xpath("//form[contains(@action, '/accept')]/@action")
        return [action.split("/")[4] for action in actions]

    def accept(self, lsid: str) -> None:
        self.lsid = lsid
        self._do("accept")

    def say(self, text: str) -> None:
        self._do("say", text=text)

    def note(self, text: str) -> None:
        self._do("note", text=text)

    def transfer(self, queue: str) -> None:
        """To `team:1` or `rep:2`."""
        self._do("transfer", queue=queue)

    def call_in(self, rep_id: int) -> None:
        """Ask another representative to take part."""
        self._do("call", rep=str(rep_id))

    def join(self, lsid: str) -> None:
        """Come along where one was called in."""
        self.lsid = lsid
        self._do("join")

    def leave(self) -> None:
        self._do("leave")

    def send_file(self, name: str) -> None:
        self._do("file", name=name, direction="upload")

    def fetch_file(self, name: str) -> None:
        self._do("file", name=name, direction="download")

    def use(self, tool: str) -> None:
        """Press a button: `system`, `share`, `show` or `shell`."""
        self._do("tool", tool=tool)

    def edit_external_key(self, text: str) -> None:
        self._do("key", text=text)

    def end(self) -> None:
        self._do("end")

    def answer_survey(self, *answers: str | Sequence[str]) -> None:
        """One answer, or several, for each question in their order."""
        self._do("survey", **_filled_in(REPRESENTATIVE_QUESTIONS, answers))

    def _do(self, what: str, **values: str | Sequence[str]) -> None:
        self._submit(f"/console/{self.rep_id}/session/{self.lsid}/{what}", **values)


def _filled_in(questions: Sequence[Question], answers: Sequence[str | Sequence[str]]) -> dict[str, str | Sequence[str]]:
    return {f"answer{question.id}": answer for question, answer in zip(questions, answers, strict=False)}
