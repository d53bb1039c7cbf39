"""Who may call the API: cookies and authcodes, and how often they may be asked for; tokens are in `identity`.

Source: Rescue API Reference Guide, chapters logIn, requestAuthCode, requestAuthCodeSSO.
"""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.rescue.identity import IdentityService
from sandbox.rescue.model import Code, Technician
from sandbox.settings import RescueSettings

LOGIN_WINDOW = timedelta(minutes=3)


class Accounts:
    """The sign-in side of the account. Not locked: RescueState calls it under its own lock."""

    def __init__(self, settings: RescueSettings, clock: Clock, owner: Technician) -> None:
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._cookies: dict[str, datetime] = {}
        self.identity = IdentityService(settings, clock, owner)
        self._logins: deque[datetime] = deque()
        self._authcode = settings.authcode
        self._authcode_asked: datetime | None = None

    def login(self, email: str, password: str) -> str:
        """The value of a new session cookie."""
        now = self._clock.now()
        while self._logins and self._logins[0] <= now - LOGIN_WINDOW:
            self._logins.popleft()
        if len(self._logins) >= self._settings.logins_in_three_minutes:
            raise Code("LIMITREACHED")
        self._logins.append(now)
        self._check_password(email, password)
        cookie = secrets.token_hex(12)
        self._cookies[cookie] = now
        return cookie

    def admit(self, technician: Technician) -> str:
        """The cookie of somebody whom a login ticket lets in; only the account's own user may call the API."""
        cookie = secrets.token_hex(12)
        if technician is self._owner:
            self._cookies[cookie] = self._clock.now()
        return cookie

    def logout(self, cookie: str) -> None:
        self._check_cookie(cookie)
        del self._cookies[cookie]

    def log_everybody_out(self) -> None:
        """What twenty idle minutes or a restart at the vendor do."""
        self._cookies.clear()
        self.identity.end_tokens()

    def end_authcode(self) -> None:
        """What somebody else does who requests a new authcode for the same user."""
        self._authcode = secrets.token_hex(40)

    def new_authcode(self, email: str, password: str) -> str:
        """A new authcode; it kills the one before, whoever holds that."""
        self._check_authcode_rate()
        self._check_password(email, password)
        return self._replace_authcode()

    def new_authcode_sso(self, sso_id: str, password: str, company: str) -> str:
        if not company.isdigit():
            raise Code("INVALIDPARAM_COMPANY")
        self._check_authcode_rate()
        settings = self._settings
        given = (sso_id, password, company)
        known = (settings.sso_id, settings.sso_password, settings.company_id)
        if not all(_same(one, other) for one, other in zip(given, known, strict=True)):
            raise Code("INVALID")
        return self._replace_authcode()

    def caller(self, authcode: str, bearer: str, cookie: str) -> Technician:
        """The technician who calls, or the code that the vendor answers."""
        if authcode:
            if not _same(authcode, self._authcode):
                raise Code("INVALID_SECRETAUTHCODE")
        elif bearer:
            self.identity.technician(bearer)
        else:
            self._check_cookie(cookie)
            self._cookies[cookie] = self._clock.now()
        if self._owner.deleted:
            raise Code("USER_IS_DELETED")
        if self._owner.disabled:
            raise Code("USER_DELETED_OR_DISABLED")
        return self._owner

    def _replace_authcode(self) -> str:
        self._authcode = secrets.token_hex(40)
        self._authcode_asked = self._clock.now()
        return self._authcode

    def _check_authcode_rate(self) -> None:
        interval = timedelta(seconds=self._settings.authcode_interval_seconds)
        if self._authcode_asked and self._clock.now() - self._authcode_asked < interval:
            raise Code(self._settings.authcode_rate_code)

    def _check_password(self, email: str, password: str) -> None:
        settings = self._settings
        if not (_same(email.lower(), settings.email.lower()) and _same(password, settings.password)):
            raise Code("INVALID")

    def _check_cookie(self, cookie: str) -> None:
        last = self._cookies.get(cookie)
        idle = timedelta(seconds=self._settings.idle_seconds)
        if last is None or self._clock.now() - last >= idle:
            self._cookies.pop(cookie, None)
            raise Code("NOTLOGGEDIN")


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
