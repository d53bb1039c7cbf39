"""What all commands share: checking what they are asked with, sending it, keeping some answers for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from lxml import etree

from bridge.errors import Rejected, UnknownOutcome
from connectors.platforms.beyondtrust.commands import answers, inputs
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.wire.api import Api
from connectors.xml import Element, parse

KEEP_SECONDS = 60.0
"""How long lists of representatives and teams are kept: the guide asks for it, and names no time."""

Id = int | str
"""A whole number of the appliance's; its digits do as well."""
T = TypeVar("T")


@contextmanager
def checked() -> Iterator[None]:
    """What does not fit becomes Rejected, before anything is sent. It names the parameter, not its value."""
    try:
        yield
    except WrongInput as wrong:
        raise Rejected(str(wrong), code="input") from None


def lsid_of(given: str) -> str:
    """A session's id. The appliance's have 32 hexadecimal digits; any short word is let through."""
    if not given or len(given) > 64 or not given.isascii() or not given.replace("-", "").isalnum():
        raise WrongInput("lsid", "must be the id of a session")
    return given


def number_of(name: str, given: Id) -> str:
    return str(inputs.number(name, given, 0))


def one_representative(rep_id: Id | None, rep_username: str) -> dict[str, str]:
    """The representative by id or by user name, exactly one of them."""
    if (rep_id is None) == (not rep_username):
        raise WrongInput("rep_id or rep_username", "is needed, and not both")
    if rep_id is not None:
        return {"rep_id": number_of("rep_id", rep_id)}
    return {"rep_username": inputs.text("rep_username", rep_username)}


def boolean(value: bool) -> str:
    return "1" if value else "0"


class Orders:
    """Sends commands through the `Api` and reads their answers."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def _ask(self, action: str, params: Mapping[str, str] | None = None) -> Element:
        """The answer to a command that changes nothing."""
        return self.api.command(action, params, write=False)

    def _order(self, action: str, params: Mapping[str, str]) -> str:
        """What the appliance says when a command that changes something succeeded; else an error is raised."""
        return answers.done(self.api.command(action, params, write=True), UnknownOutcome)

    def _kept(
        self, name: str, action: str, params: Mapping[str, str], read: Callable[[Element], T], *, fresh: bool
    ) -> T:
        """The answer to a question, kept for all workers; asked anew when it is old or when `fresh` says so."""
        vault = self.api.vault
        kept = None if fresh else vault.get(name)
        if not kept:
            with vault.lock(name):
                # Meanwhile another worker may have asked.
                kept = None if fresh else vault.get(name)
                if not kept:
                    root = self._ask(action, params)
                    told = read(root)
                    vault.put(name, etree.tostring(root, encoding="unicode"), seconds=KEEP_SECONDS)
                    return told
        return read(parse(kept.encode()))
