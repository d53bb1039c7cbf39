"""Salesforce's REST API: the access token, SOQL page by page, records made, changed and deleted.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import jwt

from bridge.errors import AccessDenied, NotFound, Rejected
from connectors.answers import members, object_in, told
from connectors.contract import Vault
from connectors.http import Reply, Transport
from connectors.oauth import SharedToken, ask_for_token, token_name
from connectors.tickets.salesforce import ids
from connectors.tickets.salesforce.errors import GONE, read_error

GRANT_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 150
"""Salesforce takes at most three minutes; what is left is for clocks that differ."""
MAX_PAGES = 50
USED_UP_SECONDS = 60.0
"""Pause while the day's calls are used up but Salesforce still answers: it may, a little beyond the limit."""

_USAGE = re.compile(r"(?<![\w-])api-usage=([0-9]{1,12})/([0-9]{1,12})(?![0-9])")


Files = Sequence[tuple[str, tuple[str, bytes, str]]]
"""Parts of a multipart body: name, then file name, content, media type."""


class SalesforceApi:
    """Calls of one organization as one user. Safe to share between threads."""

    def __init__(self, transport: Transport, vault: Vault, keys: Mapping[str, Any]) -> None:
        self._http = transport.with_reader(read_error)
        self._login = transport.with_base_url(keys["login_url"])
        self._keys = keys
        who = (keys["login_url"], keys["client_id"], keys.get("username") or keys["refresh_token"])
        self._token = SharedToken(vault, token_name(*who), self._obtain)
        self._data = f"services/data/{keys['api_version']}"
        self.base_url = transport.base_url.rstrip("/")
        self.usage = ""
        """Calls used and allowed in 24 hours, as Salesforce told last."""

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[Mapping[str, Any]]:
        """All rows, page by page; with those in the recycle bin if asked. Raises Rejected for far too many."""
        with _about_no_record():
            reply = self._read(f"{self._data}/{'queryAll' if deleted else 'query'}", {"q": soql})
        for _ in range(MAX_PAGES):
            yield from members(reply, "records")
            if object_in(reply).get("done") is not False:
                return
            reply = self._read(self._next_page(reply))
        raise Rejected(f"{reply.where} has more rows than can be read", code="rows")

    def create(self, kind: str, fields: Mapping[str, object]) -> str:
        """Make a record. Returns its id."""
        with _about_no_record():
            return told(self._write("POST", f"{self._data}/sobjects/{kind}", fields), "id")

    def upload(self, fields: bytes, content: bytes, media_type: str) -> str:
        """Make a version of a file: its fields as JSON, and its bytes. Returns the version's id."""
        # The name in PathOnClient counts. One in the part's header would only be trouble with its quotes.
        parts = [
            ("entity_content", ("", fields, "application/json")),
            ("VersionData", ("file", content, media_type)),
        ]
        return told(self._write("POST", f"{self._data}/sobjects/ContentVersion", files=parts), "id")

    def update(self, kind: str, record_id: str, fields: Mapping[str, object]) -> None:
        self._write("PATCH", f"{self._data}/sobjects/{kind}/{record_id}", fields)

    def delete(self, kind: str, record_id: str) -> None:
        self._write("DELETE", f"{self._data}/sobjects/{kind}/{record_id}")

    def who(self) -> tuple[str, str]:
        """The ids of our organization and of our user."""
        with _about_no_record():
            reply = self._read(f"{self._data}/")
        *_, organization, user = ("", *told(reply, "identity").split("/"))
        known = ids.full_id(organization, ids.ORGANIZATION), ids.full_id(user, ids.USER)
        if not all(known):
            raise reply.unclear("answered without who we are")
        return known

    def _next_page(self, reply: Reply) -> str:
        path = told(reply, "nextRecordsUrl")
        if not path.startswith(f"/{self._data}/query"):
            raise reply.unclear("answered without a next page of its own")
        return path

    def _read(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        def send(token: str) -> Reply:
            return self._http.read("GET", path, headers=_bearer(token), params=params)

        return self._minded(self._token.signed(send))

    def _write(self, method: str, path: str, json: object = None, files: Files | None = None) -> Reply:
        def send(token: str) -> Reply:
            return self._http.write(method, path, headers=_bearer(token), json=json, files=files)

        return self._minded(self._token.signed(send))

    def _minded(self, reply: Reply) -> Reply:
        found = _USAGE.search(reply.headers.get("sforce-limit-info", ""))
        if found:
            self.usage = f"{found[1]} of {found[2]}"
            if int(found[1]) >= int(found[2]) > 0:
                self._http.hold("requests", USED_UP_SECONDS)
        return reply

    def _obtain(self) -> tuple[str, float]:
        if "private_key" in self._keys:
            form = {"grant_type": GRANT_JWT, "assertion": assertion(self._keys, time.time())}
        else:
            form = {"grant_type": "refresh_token"}
            form.update({name: self._keys[name] for name in ("client_id", "client_secret", "refresh_token")})
        return ask_for_token(self._login, "services/oauth2/token", form)


@contextmanager
def _about_no_record() -> Iterator[None]:
    """A plain 404 to what names no record: the object is switched off, or the address or version is wrong."""
    try:
        yield
    except NotFound as missing:
        if missing.code in GONE:
            raise
        raise Rejected(f"{missing}: is base_url, api_version or the object right?", code=missing.code) from None


def assertion(keys: Mapping[str, Any], now: float) -> str:
    """The signed word that we are this app and act for this user. Raises AccessDenied for a key that is none."""
    claims = {
        "iss": keys["client_id"],
        "sub": keys["username"],
        "aud": keys["login_url"],
        "exp": int(now) + ASSERTION_SECONDS,
    }
    # Files of environment variables often hold a key in one line.
    pem = keys["private_key"].replace("\\n", "\n").strip()
    try:
        return jwt.encode(claims, pem, algorithm="RS256")
    except (jwt.InvalidKeyError, ValueError, TypeError):
        # Its own words may quote the key.
        raise AccessDenied("private_key is no RSA key in PEM without a passphrase", code="private_key") from None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}
