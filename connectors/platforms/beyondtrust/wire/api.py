"""The one place that sends anything to the appliance: commands, reports, files, other pages of its web API.

Everything goes as a form in the body (the guide takes GET and POST alike), so that no key, no attribute and
no password stands in a URL. Each request asks to close the connection, and says who we are by the shared token;
when that is refused it is renewed once. At most 20 requests a second and 15,000 an hour are an account's, over
all workers: the headers tell what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar, Unpack

from bridge.errors import AccessDenied, ConnectorError, MalformedPayload, Unavailable
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Parts, Reply, Stream, Transport, no_error
from connectors.platforms.beyondtrust.wire.dialect import DIALECTS, HEALTH_PATH, Dialect
from connectors.platforms.beyondtrust.wire.errors import (
    ACCESS_DENIED,
    ERROR_ROOT,
    error_in,
    error_of,
    json_error,
    missing_page,
    refused_sign_in,
)
from connectors.platforms.beyondtrust.wire.signin import CLOSE, Pass, sign_in
from connectors.xml import Element, parse

BUCKET = "requests"
HEAD_BYTES = 16_384
"""An error that comes instead of a report or a file is looked for in so much of its beginning."""
HOUR_LIMIT = 1_000
"""A limit as high as this is counted by the hour, a lower one by the second."""

T = TypeVar("T")


class Api:
    """The appliance's web API, signed in as the connection says. Safe to share between threads.

    Every method raises AccessDenied when the account is refused or lacks the permission, RateLimited and
    Unavailable when it may be tried again, and what `errors.MEANINGS` says for the appliance's own refusals.
    """

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self.connection = config.name
        self.base_url = config.base_url
        self.vault = workshop.vault
        self.dialect: Dialect = DIALECTS[config.keys["api"]]
        self._transport: Transport = workshop.transport
        self._sign_in = sign_in(config, workshop)

    def command(self, action: str, params: Mapping[str, str] | None = None, *, write: bool) -> Element:
        """The root of the answer to a command, namespaces to be ignored; an error in it is raised.

        `write` says that the command changes something: then a cut or unreadable answer is UnknownOutcome.
        """
        data = {"action": action, **(params or {})}
        where = f"{self.connection}: {action}"
        transport = self._transport.with_reader(self._read_by(refused_sign_in, missing_page))
        send = transport.write if write else transport.read
        reply = self._signed(lambda by: send("POST", self.dialect.command, **self._form(data, by)))
        return document(reply, where, params or {})

    def report(self, name: str, params: Mapping[str, str] | None = None) -> AbstractContextManager[Stream]:
        """A report of the reporting API, to be read piece by piece inside the `with`.

        An error that the appliance answers instead is raised before anything can be read, also where the
        report is a file (recording, archive, ZIP).
        """
        return self._streamed(self.dialect.reporting, {"generate_report": name, **(params or {})}, name)

    def download(self, path: str, params: Mapping[str, str] | None = None) -> AbstractContextManager[Stream]:
        """A file of another of the appliance's APIs, such as `dialect.backup`; errors as for a report."""
        return self._streamed(path, params or {}, path.rpartition("/")[2].partition(".")[0])

    def request(
        self,
        method: str,
        path: str,
        *,
        write: bool,
        explain: Callable[[Reply], ConnectorError | None] = no_error,
        **parts: Unpack[Parts],
    ) -> Reply:
        """Any other page of the web API, such as the Configuration API; the status says what went wrong, unless
        `explain` knows better."""
        transport = self._transport.with_reader(self._read_by(refused_sign_in, explain))
        send = transport.write if write else transport.read

        def signed(by: Pass) -> Parts:
            return {**parts, "headers": {**CLOSE, **(parts.get("headers") or {}), **by.headers}}

        return self._signed(lambda by: send(method, path, **signed(by)))

    def access_token(self, refused: str = "") -> str:
        """The bearer token, for what is not HTTP (the real-time state); another one than the refused.

        Raises AccessDenied in the old dialect, which has none.
        """
        if not self.dialect.bearer:
            raise AccessDenied(f'{self.connection}: api = "{self.dialect.name}" has no access token', code="no-token")
        return (self._sign_in.renew(refused) if refused else self._sign_in.current()).value

    def health_page(self) -> bool:
        """Whether the appliance says of itself that it is well: its page needs no sign-in and says 200 or 500."""
        try:
            self._transport.with_reader(self._read_by()).read("GET", HEALTH_PATH, headers=CLOSE)
        except Unavailable as failure:
            if failure.code != "500":
                raise
            return False
        return True

    def _streamed(self, path: str, data: Mapping[str, str], what: str) -> AbstractContextManager[Stream]:
        where = f"{self.connection}: {what}"
        transport = self._transport.with_reader(self._read_by(refused_sign_in, _no_document))

        def open_in(outer: ExitStack, by: Pass) -> Stream:
            with ExitStack() as stack:
                stream = stack.enter_context(transport.stream("POST", path, **self._form(data, by)))
                self._pace(stream.head)
                refuse(stream, where, data)
                outer.push(stack.pop_all())
            return stream

        @contextmanager
        def opened() -> Iterator[Stream]:
            with ExitStack() as outer:
                yield self._signed(lambda by: open_in(outer, by))

        return opened()

    def _form(self, data: Mapping[str, str], by: Pass) -> Parts:
        return {"data": {**data, **by.form}, "headers": {**CLOSE, **by.headers}}

    def _signed(self, send: Callable[[Pass], T]) -> T:
        """Send it; when the sign-in is refused, renew that and send it once more."""
        current = self._sign_in.current()
        try:
            return send(current)
        except AccessDenied as refused:
            if refused.code != ACCESS_DENIED or not self._sign_in.renewable:
                raise
        return send(self._sign_in.renew(current.value))

    def _read_by(self, *readers: Callable[[Reply], ConnectorError | None]) -> Callable[[Reply], ConnectorError | None]:
        def read(reply: Reply) -> ConnectorError | None:
            self._pace(reply)
            return next((error for reader in readers if (error := reader(reply))), None)

        return read

    def _pace(self, reply: Reply) -> None:
        seconds = pause(reply.headers)
        if seconds > 0:
            self._transport.hold(BUCKET, seconds)


def pause(headers: Mapping[str, str]) -> float:
    """Seconds that nobody should ask for, by what `X-RateLimit-Remaining` says is left.

    The guide names no moment at which the count begins anew. When nothing is left of an hour's share, a minute
    is waited; when little is left (a fiftieth), it is made to last.
    """
    limit, left = (_count(headers, f"x-ratelimit-{name}") for name in ("limit", "remaining"))
    if limit is None or left is None or limit <= 0 or left > limit / 50:
        return 0.0
    window = 3600.0 if limit >= HOUR_LIMIT else 1.0
    return window / 60 if left <= 0 and window > 1 else min(window, 4 * window / limit if left > 0 else window)


def _count(headers: Mapping[str, str], name: str) -> int | None:
    said = headers.get(name, "").strip()
    return int(said) if re.fullmatch(r"[0-9]{1,9}", said) else None


def document(reply: Reply, where: str, sent: Mapping[str, str]) -> Element:
    """The root of an answer. Raises the error that it says; for what is no XML, Unavailable or UnknownOutcome."""
    try:
        root = parse(reply.content)
    except MalformedPayload as failure:
        raise reply.unclear(f"was answered {reply.status} unreadably: {failure}", code="unreadable") from None
    if error := error_in(root, where, sent):
        raise error
    return root


def refuse(stream: Stream, where: str, sent: Mapping[str, str]) -> None:
    """Raise the error that stands at the beginning of a stream instead of what was asked for."""
    head = stream.begins_with(HEAD_BYTES)
    if json_error(head) is not None:
        error = refused_sign_in(Reply(stream.head.status, stream.head.headers, head, where=where))
        if error is not None:
            raise error
    if not ERROR_ROOT.match(head):
        return
    try:
        found = error_in(parse(head), where, sent)
    except MalformedPayload:
        # Longer than the beginning, or broken: it is an error all the same.
        found = error_of("", where)
    if found is not None:
        raise found


def _no_document(reply: Reply) -> ConnectorError | None:
    """For a report a 404 may mean a missing recording: only the appliance's own words mean the account."""
    return missing_page(reply) if b"document not found" in reply.content[:HEAD_BYTES].lower() else None
