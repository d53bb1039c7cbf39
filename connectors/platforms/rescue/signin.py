"""The ways to sign in at Rescue, each a credential that all workers share through the vault.

An authcode does not run out, but requesting a new one kills the old one; ten logins in three minutes lock the
user out; so a credential is obtained once, under a lock, at a pace that all workers keep, and is kept.
(API reference: logIn, logOut, requestAuthCode, requestAuthCodeSSO; identity.py for OAuth.)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import AccessDenied, RateLimited
from connectors.contract import ConnectionConfig, Rate, Vault, Workshop
from connectors.http import Reply, Transport
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.identity import Identity

COOKIE = "ASP.NET_SessionId"
COOKIE_SECONDS = 900.0
"""Rescue logs out after 20 idle minutes."""
REPORTS = "reports"
"""The purpose of the login that reports are asked for with."""
LOGINS, AUTHCODES = "logins", "authcodes"
RATES: Mapping[str, tuple[Rate, ...]] = {
    # Rescue counts ten in three minutes. Ours are nine at most (5 + 180 / 45), so that one of somebody else fits in.
    LOGINS: (Rate(1 / 45, burst=5),),
    # Rescue allows one a second. A request that was slow on its way may arrive closer to the next one.
    AUTHCODES: (Rate(0.5),),
}
LOCKED_OUT_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Pass:
    """A credential as a request carries it: form fields or headers, never in the URL."""

    value: str = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A fresh credential and the seconds it may be kept; None for as long as it is taken."""

    value: str = field(repr=False)
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One connection's way in."""

    vault: Vault
    name: str
    """Of the credential in the vault."""
    wear: Callable[[str], Pass]
    obtain: Callable[[], Grant] | None
    """None where nobody but the operator can give a new one."""
    given: str = field(default="", repr=False)
    """What the operator wrote down, used until it is refused."""

    def current(self) -> Pass:
        """The credential to use now; obtained when there is none yet."""
        value = self.vault.get(self.name) or self.given
        return self.wear(value) if value else self.renew("")

    def renew(self, refused: str) -> Pass:
        """Another credential than the refused one, obtained by one worker for all. Raises AccessDenied."""
        if refused:
            self.vault.forget(self.name, refused)
        if self.obtain is None:
            raise AccessDenied("the sign-in is refused and cannot be renewed", code=replies.REFUSED_AUTHCODE)
        with self.vault.lock(self.name):
            kept = self.vault.get(self.name)
            if not kept:
                grant = self.obtain()
                kept = grant.value
                self.vault.put(self.name, kept, seconds=grant.seconds)
        return self.wear(kept)


def sign_in(config: ConnectionConfig, workshop: Workshop) -> SignIn:
    """The way in that the connection's `auth` names."""
    return WAYS[config.keys["auth"]](config, workshop)


def user_of(config: ConnectionConfig) -> str:
    """The user whose authcode or logins the connection renews; empty where it renews neither."""
    keys = config.keys
    match keys["auth"]:
        case "oauth":
            return ""
        case "sso":
            return f"{keys['company_id']}\0{keys['sso_id']}"
    return str(keys["email"]).lower()


def authorize(config: ConnectionConfig, workshop: Workshop, code: str, verifier: str) -> Mapping[str, Any]:
    """Exchange a person's authorization code, keep what it gives, and let a stopped connection go on.

    Returns what the verified token claims. Raises AccessDenied when the code, or the token that it gives, is worth
    nothing.
    """
    name = _by_oauth(config, workshop).name
    with workshop.vault.lock(name):
        tokens, claims = Identity(config, workshop).authorized(code, verifier)
        workshop.vault.put(name, tokens.access, seconds=tokens.seconds)
    workshop.renewed()
    return claims


def sign_out(config: ConnectionConfig, workshop: Workshop) -> None:
    """Log out of the connection's logins, and forget its authcode and tokens, an authorization too."""
    vault = workshop.vault
    for purpose in ("", REPORTS):
        name = by_login(config, workshop, purpose).name
        if cookie := vault.get(name):
            with suppress(AccessDenied):
                # One that is over already says so.
                _api(workshop.transport).read("POST", "/API/logout.aspx", headers=as_cookie(cookie).headers)
            vault.forget(name, cookie)
    for name in (sign_in(config, workshop).name, Identity(config, workshop).refresh_name):
        if kept := vault.get(name):
            vault.forget(name, kept)


def _by_authcode(config: ConnectionConfig, workshop: Workshop) -> SignIn:
    keys = config.keys
    form = {"email": keys["email"], "pwd": keys["password"]}
    obtain = _authcode_request(workshop.transport, "requestAuthCode", form) if _knows_password(config) else None
    return SignIn(workshop.vault, _name("authcode", config, "authcode"), _authcode, obtain, given=keys["authcode"])


def _by_sso(config: ConnectionConfig, workshop: Workshop) -> SignIn:
    keys = config.keys
    form = {"ssoid": keys["sso_id"], "pwd": keys["sso_password"], "company": keys["company_id"]}
    obtain = _authcode_request(workshop.transport, "requestAuthCodeSSO", form)
    return SignIn(workshop.vault, _name("sso", config, "company_id", "sso_id"), _authcode, obtain)


def by_login(config: ConnectionConfig, workshop: Workshop, purpose: str = "") -> SignIn:
    """By e-mail address and password. Each purpose has a login session of its own, because setters are its state."""

    def obtain() -> Grant:
        return Grant(_login(config, workshop.transport), COOKIE_SECONDS)

    name = _name("login", config, "email")
    return SignIn(workshop.vault, f"{name}:{purpose}" if purpose else name, as_cookie, obtain)


def session_cookie(reply: Reply) -> str:
    """The login session that an answer begins; empty for none."""
    found = re.search(rf"{re.escape(COOKIE)}=([^;,\s]+)", reply.headers.get("set-cookie", ""))
    return found[1] if found else ""


def _by_oauth(config: ConnectionConfig, workshop: Workshop) -> SignIn:
    identity = Identity(config, workshop)
    name = _name("oauth", config, "client_id", "scope", "grant")
    return SignIn(workshop.vault, name, _bearer, lambda: Grant(*identity.access()))


WAYS: Mapping[str, Callable[[ConnectionConfig, Workshop], SignIn]] = {
    "authcode": _by_authcode,
    "login": by_login,
    "sso": _by_sso,
    "oauth": _by_oauth,
}


def _knows_password(config: ConnectionConfig) -> bool:
    return bool(config.keys["email"] and config.keys["password"])


def _name(way: str, config: ConnectionConfig, *keys: str) -> str:
    """The credential's name in the vault: another one when the operator changes who signs in."""
    who = "\0".join((config.base_url, *(config.keys[key] for key in keys)))
    return f"{way}:{hashlib.sha256(who.encode()).hexdigest()[:16]}"


def _api(transport: Transport) -> Transport:
    return transport.with_reader(replies.error_of)


def _login(config: ConnectionConfig, transport: Transport) -> str:
    """The cookie of a new login (logIn)."""
    form = {"email": config.keys["email"], "pwd": config.keys["password"]}
    try:
        reply = _api(transport).read("POST", "/API/login.aspx", bucket=LOGINS, data=form)
    except RateLimited as limited:
        if limited.code == replies.TOO_MANY_LOGINS:
            # Somebody else logs in as this user, too: no worker of ours makes it longer.
            transport.hold(LOGINS, LOCKED_OUT_SECONDS)
        raise
    cookie = session_cookie(reply)
    if not cookie:
        raise reply.unclear("was answered OK without a session cookie", code="unreadable")
    return cookie


def _authcode_request(transport: Transport, call: str, form: Mapping[str, str]) -> Callable[[], Grant]:
    def obtain() -> Grant:
        # It ends the older authcode, but asking twice harms nothing: so a read, which may be repeated.
        reply = _api(transport).read("POST", f"/API/{call}.aspx", bucket=AUTHCODES, data=form)
        return Grant(replies.authcode_of(reply))

    return obtain


def _authcode(value: str) -> Pass:
    return Pass(value, form={"authcode": value})


def as_cookie(value: str) -> Pass:
    return Pass(value, headers={"Cookie": f"{COOKIE}={value}"})


def _bearer(value: str) -> Pass:
    return Pass(value, headers={"Authorization": f"Bearer {value}"})
