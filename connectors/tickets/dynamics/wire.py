"""Dataverse's Web API: signing in, its headers, its errors, and records under ids of our own choice.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from bridge.errors import AccessDenied, ChangedMeanwhile, ConnectorError, NotFound, RateLimited, Rejected
from connectors.answers import members, object_in
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Reply, retry_after
from connectors.oauth import SharedToken, ask_for_token, token_name

TOKEN_PAGE = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105  # an address
HEADERS = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
ROWS_PER_PAGE = 500
ANNOTATED = 'odata.include-annotations="*"'
"""Of a request that wants to know what people see of choices and lookups, too."""

NO_SUCH_RESOURCE = "0x80060888"
"""A 404 for a table that the organisation does not have, such as cases without Customer Service."""
STALE = "0x80060882"
THROTTLED = frozenset({"0x80072321", "0x80072322", "0x80072326"})
"""Execution time, number of requests, requests at once."""
NOT_A_USER = frozenset({"0x80040225", "0x80072560"})
"""The application is no user of this organisation, or a disabled one: nothing at all will work."""


class AlreadyThere(Rejected):
    """A record with this id exists."""


class Dataverse:
    """One organisation, spoken to as its application user. Safe to share between threads."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._http = workshop.transport.with_reader(read_error)
        self._path = f"api/data/v{config.keys['api_version']}"
        self._token = shared_token(config, workshop)

    @property
    def base_url(self) -> str:
        return self._http.base_url

    def get(self, path: str, *, params: Mapping[str, str] | None = None, prefer: str = "") -> Reply:
        """Read something. `path` is below the API, or the link to a next page."""
        headers = {**HEADERS, **({"Prefer": prefer} if prefer else {})}
        where = path if "://" in path else f"{self._path}/{path}"
        return self._token.signed(
            lambda token: self._http.read("GET", where, params=params, headers=_signed(headers, token))
        )

    def find(self, table: str, record_id: str, select: str) -> Mapping[str, Any] | None:
        """One record's columns, None when there is no such record."""
        try:
            return object_in(self.get(f"{table}({record_id})", params={"$select": select}))
        except NotFound:
            return None

    def rows(self, table: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """All records that a query finds, page by page."""
        prefer = f"odata.maxpagesize={ROWS_PER_PAGE}"
        reply = self.get(table, params=params, prefer=prefer)
        while True:
            yield from members(reply, "value")
            following = object_in(reply).get("@odata.nextLink")
            if not isinstance(following, str):
                return
            reply = self.get(following, prefer=prefer)

    def create(self, table: str, record_id: str, row: Mapping[str, Any]) -> bool:
        """Make a record under this id, or leave alone the one that is there: False then."""
        try:
            self._patch(f"{table}({record_id})", row, {"If-None-Match": "*"})
        except AlreadyThere:
            # Also said where a rule of the organisation finds a duplicate: only the record itself proves it.
            if self.find(table, record_id, "createdon") is None:
                raise
            return False
        return True

    def update(self, table: str, record_id: str, changes: Mapping[str, Any], select: str) -> Mapping[str, Any]:
        """Change a record that is there, and say what these columns are now. Raises NotFound, and makes none."""
        # Without If-Match a PATCH makes a new record of a deleted one.
        headers = {"If-Match": "*", "Prefer": "return=representation"}
        return object_in(self._patch(f"{table}({record_id})?$select={select}", changes, headers))

    def _patch(self, path: str, row: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        where, both = f"{self._path}/{path}", {**HEADERS, **headers}
        return self._token.signed(
            lambda token: self._http.write("PATCH", where, json=row, headers=_signed(both, token))
        )


def shared_token(config: ConnectionConfig, workshop: Workshop) -> SharedToken:
    """The application's access token, from the tenant's page on another host."""
    keys = config.keys
    page = keys.get("token_url") or TOKEN_PAGE.format(tenant=keys["tenant_id"])
    scope = keys.get("scope") or f"{config.base_url.rstrip('/')}/.default"
    form = {
        "grant_type": "client_credentials",
        "client_id": keys["client_id"],
        "client_secret": keys["client_secret"],
        "scope": scope,
    }
    parts = urlsplit(page)
    transport = workshop.transport.with_base_url(f"{parts.scheme}://{parts.netloc}")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    name = token_name(page, keys["client_id"], scope)
    return SharedToken(workshop.vault, name, lambda: ask_for_token(transport, path, form))


def _signed(headers: Mapping[str, str], token: str) -> dict[str, str]:
    return {**headers, "Authorization": f"Bearer {token}"}


def read_error(reply: Reply) -> ConnectorError | None:
    """What Dataverse says beyond the status. Only its code is repeated: its messages hold names and values."""
    if reply.status < 400 or reply.status == 401:
        return None
    told = error_code(reply)
    code = told or str(reply.status)
    if reply.status == 429 or code in THROTTLED:
        return RateLimited(f"{reply.where} was throttled", code=code, retry_after=retry_after(reply))
    if reply.status >= 500:
        return None
    if code in NOT_A_USER:
        return AccessDenied(f"{reply.where}: the application is no user of this organisation ({code})", code=code)
    if reply.status == 404 and told is not None and code != NO_SUCH_RESOURCE:
        return NotFound(f"{reply.where}: there is no such record ({code})", code=code)
    if reply.status == 412:
        if code == STALE:
            return ChangedMeanwhile(f"{reply.where}: the record changed meanwhile", code=code, retry_after=1.0)
        return AlreadyThere(f"{reply.where}: there is such a record ({code})", code=code)
    if reply.status == 408:
        return None
    # 403, too: one record that this user may not touch is no reason to stop all others.
    return Rejected(f"{reply.where} was refused: {code}", code=code)


def error_code(reply: Reply) -> str | None:
    """The code in an error of Dataverse's own, which may be empty; None when somebody else answered."""
    body = reply.json_or_none()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    code = error.get("code")
    return code.lower() if isinstance(code, str) and re.fullmatch(r"0[xX][0-9A-Fa-f]{8}", code) else ""
