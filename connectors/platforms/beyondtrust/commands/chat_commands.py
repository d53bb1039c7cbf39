"""Commands for chat from outside: messages into a session or a team's chat, and a customer without a client."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from bridge.errors import UnknownOutcome
from connectors.platforms.beyondtrust.commands import answers, inputs
from connectors.platforms.beyondtrust.commands.bbcode import Text, source_of
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.commands.orders import Id, Orders, checked, lsid_of, number_of
from connectors.platforms.beyondtrust.commands.values import VirtualCustomer

CUSTOMER = "customer"
_SPEAKER = re.compile(r"rep:[0-9]{1,20}|rep_username:\S(?:.{0,253}\S)?")
_LOCALE = re.compile(r"[a-z]{2}(-[a-z]{2,8})?")


def now() -> datetime:
    return datetime.now(UTC)


class ChatCommands(Orders):
    """What does not fit is Rejected before anything is sent; nothing of it stands in the error."""

    def send_chat_message(
        self,
        body: Text,
        *,
        lsid: str = "",
        team_id: Id | None = None,
        to_rep: Id | None = None,
        to_rep_username: str = "",
        impersonate: str = "",
        timestamp: datetime | None = None,
        clock: Callable[[], datetime] = now,
    ) -> str:
        """Send a message to all members of a session (`lsid`) or to a team's chat (`team_id`).

        body: a `str` is shown as it was typed; `bbcode.Markup` has its formatting.
        impersonate: `customer` (sessions only), `rep:<id>` or `rep_username:<name>`; without it the system speaks.
        to_rep, to_rep_username: one member of the team, privately; needs team_id and impersonate.
        timestamp: when it was said, in the past.
        (Guide, API Command: send_chat_message; it does not describe the answer, so all but an error is success.)
        """
        with checked():
            whisper = _whisper(to_rep, to_rep_username)
            _check_speaker(impersonate, in_team=team_id is not None, whispers=bool(whisper))
            params = {**_room(lsid, team_id), "body": inputs.needed("body", source_of(body)), **whisper}
            if impersonate:
                params["impersonate"] = impersonate
            if timestamp is not None:
                params["timestamp"] = _past(timestamp, clock())
        return answers.said(self.api.command("send_chat_message", params, write=True))

    def create_virtual_customer(
        self,
        short_key: str,
        *,
        name: str,
        ip_address: str,
        operating_system: str,
        computer_name: str,
        locale: str = "",
    ) -> VirtualCustomer:
        """Put a customer who only chats into a new session, by a key of `generate_session_key`.

        locale: of a language that the appliance has, such as `de` or `pt-br`.
        (Guide, API Command: create_virtual_customer.)
        """
        with checked():
            params = {
                "short_key": inputs.needed("short_key", short_key),
                "name": inputs.needed("name", name),
                "ip_address": inputs.needed("ip_address", ip_address),
                "operating_system": inputs.needed("operating_system", operating_system),
                "computer_name": inputs.needed("computer_name", computer_name),
            }
            if locale:
                if not _LOCALE.fullmatch(locale):
                    raise WrongInput("locale", "must be a code such as en-us")
                params["locale"] = locale
        return answers.virtual_customer(self.api.command("create_virtual_customer", params, write=True), UnknownOutcome)


def _room(lsid: str, team_id: Id | None) -> dict[str, str]:
    if bool(lsid) == (team_id is not None):
        raise WrongInput("lsid or team_id", "is needed, and not both")
    return {"lsid": lsid_of(lsid)} if team_id is None else {"team_id": number_of("team_id", team_id)}


def _whisper(to_rep: Id | None, to_rep_username: str) -> dict[str, str]:
    if to_rep is not None and to_rep_username:
        raise WrongInput("to_rep", "goes without to_rep_username")
    if to_rep is not None:
        return {"to_rep": number_of("to_rep", to_rep)}
    return {"to_rep_username": inputs.text("to_rep_username", to_rep_username)} if to_rep_username else {}


def _check_speaker(impersonate: str, *, in_team: bool, whispers: bool) -> None:
    if impersonate and impersonate != CUSTOMER and not _SPEAKER.fullmatch(impersonate):
        raise WrongInput("impersonate", "must be customer, rep:ID or rep_username:NAME")
    if impersonate == CUSTOMER and in_team:
        raise WrongInput("impersonate", "can be customer in a session only")
    if whispers and not (in_team and impersonate):
        raise WrongInput("to_rep", "needs team_id and impersonate")


def _past(timestamp: datetime, now: datetime) -> str:
    if timestamp.tzinfo is None or timestamp > now:
        raise WrongInput("timestamp", "must be a moment in the past, with its zone")
    return str(int(timestamp.timestamp()))
