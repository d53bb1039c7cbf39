"""RemotePC's reseller API: four calls below `rpc-api/reseller/private/user/`, each a POST of JSON.

Passwords and sign-in links pass through here and stay nowhere: not in errors, not in representations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from bridge.accounts import Account, AccountRequest, Standing
from bridge.errors import Rejected
from connectors.answers import member, members, object_in
from connectors.bodies import as_text
from connectors.http import Reply, Transport
from connectors.platforms.remotepc.errors import EMAIL_EXISTS, read_error

USERS = "rpc-api/reseller/private/user"

STANDINGS: Mapping[str, Standing] = {
    "INVITED": Standing.INVITED,
    "ALREADY_INVITED": Standing.ALREADY_INVITED,
    "EXISTS": Standing.EXISTS,
}
"""What an invitation is answered with, user by user; the last two are no failures."""


@dataclass(frozen=True, slots=True)
class Invited:
    """The answer for one of several users who were invited together."""

    email: str
    word: str
    """RemotePC's own."""
    standing: Standing | None
    """None for a word that the document does not have."""


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A link that signs the user in without a password: a secret."""

    url: str = field(repr=False)


class RemotePcClient:
    """The calls of one reseller account. Safe to share between threads."""

    def __init__(self, transport: Transport, api_key: str) -> None:
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        self._http = transport.with_reader(read_error).with_headers(headers)

    def users(self) -> Sequence[Account]:
        """All users of the reseller, whether they are active or not."""
        reply = self._http.read("POST", f"{USERS}/list", json={})
        rows = member(reply, "message").get("resellerUsersList")
        if not isinstance(rows, list):
            raise reply.unclear("answered without resellerUsersList")
        return [_account(row) for row in rows if isinstance(row, dict) and as_text(row.get("username"))]

    def add_user(self, request: AccountRequest, password: str, *, tell_user: bool = True) -> Standing:
        """Make a user at once; RemotePC writes to them unless told otherwise. One who is there stays untouched."""
        asked = {
            "firstName": request.first_name,
            "lastName": request.last_name,
            "invitedUserEmailId": request.email,
            "password": password,
            "allotedComputers": request.computers,
            "sendEmailToUser": tell_user,
        }
        try:
            object_in(self._http.write("POST", f"{USERS}/add", json=asked))
        except Rejected as refused:
            if refused.code == EMAIL_EXISTS:
                return Standing.EXISTS
            raise
        return Standing.ADDED

    def invite_user(self, request: AccountRequest) -> Standing:
        """Have RemotePC invite one user. Raises Rejected for an answer that is neither invited nor known already."""
        reply, answers = self._invite([request])
        mine = [one for one in answers if one.email.lower() == request.email.lower()] or answers
        if len(mine) != 1:
            raise reply.unclear("answered for somebody else")
        standing = mine[0].standing
        if standing is None:
            _refuse(reply, mine[0].word)
        return standing

    def invite_users(self, requests: Iterable[AccountRequest]) -> Sequence[Invited]:
        """Have RemotePC invite several users with one call. Its answer for each, in its order."""
        return self._invite(list(requests))[1]

    def sign_in_link(self, username: str, password: str) -> SignInLink:
        """A link that opens the user's account without a further question."""
        asked = {"username": username, "password": password}
        reply = self._http.read("POST", f"{USERS}/signin", json=asked)
        link = member(reply, "message").get("rpc_redirect_link")
        if not isinstance(link, str) or not link.startswith(("https://", "http://")):
            raise reply.unclear("answered without rpc_redirect_link")
        return SignInLink(link)

    def probe(self) -> str:
        """Who we are there, as far as RemotePC tells."""
        found = self.users()
        used, allotted = sum(one.computers_used for one in found), sum(one.computers_allotted for one in found)
        return f"the API key opens a reseller account: {len(found)} users, {used} of {allotted} computers used"

    def _invite(self, requests: Sequence[AccountRequest]) -> tuple[Reply, list[Invited]]:
        asked = [{"invitedUserEmailId": one.email, "allotedComputers": one.computers} for one in requests]
        reply = self._http.write("POST", f"{USERS}/invite", json=asked)
        return reply, [_invited(row) for row in members(reply, "message")]


def _invited(row: Mapping[str, Any]) -> Invited:
    word = as_text(row.get("status"))
    return Invited(as_text(row.get("username")), word, STANDINGS.get(word))


def _refuse(reply: Reply, word: str) -> NoReturn:
    kept = word if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", word) else "unknown"
    raise Rejected(f"{reply.where}: RemotePC did not invite the user ({kept})", code=kept)


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        email=as_text(row.get("username")),
        computers_allotted=_number(row.get("alloted_computers")),
        computers_used=_number(row.get("utilized_computers")),
        active=row.get("isActive") is True,
        created_on=_day(row.get("created_date")),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _day(value: object) -> date | None:
    """Such as `01-13-2023`: month, day, year. None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value, "%m-%d-%Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None
