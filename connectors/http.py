"""The one way to speak HTTP with an outside system, and the one table of what its answers mean for us.

A read changes nothing there and may simply be asked again. A write changes something: once it may have left
this machine and no clear answer came, its failure is UnknownOutcome. Messages hold the connection, the
method, the path and the status; never a query, a body, a credential or what people typed.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from io import RawIOBase
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import unquote

import httpx

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Throttled,
    Unavailable,
    UnknownOutcome,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_REPLY_BYTES = 32 * 1024 * 1024
MAX_REPLY_SECONDS = 60.0
"""For a whole reply: the read time-out alone lets a server drip one byte at a time for ever."""
MAX_RETRY_AFTER = 86_400.0
TIMEOUT = httpx.Timeout(connect=5.0, read=20.0, write=20.0, pool=5.0)
# Idle connections go before the five seconds after which many servers hang up: a write that meets a closing
# connection has an unknown outcome.
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=50, keepalive_expiry=4.0)

STATUS: Mapping[int, type[ConnectorError]] = {
    400: Rejected,
    401: AccessDenied,
    403: AccessDenied,
    404: NotFound,
    405: Rejected,
    406: Rejected,
    408: Unavailable,
    409: Rejected,
    410: NotFound,
    413: Rejected,
    415: Rejected,
    422: Rejected,
    425: Unavailable,
    429: RateLimited,
}
"""Not listed: 2xx is fine, 3xx and other 4xx are Rejected, 5xx settles nothing (`Reply.unclear`)."""

NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
CANNOT_BE_SENT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    sent: bool = False
    """True when it answers a write."""
    where: str = "the request"
    """Connection, method and path, for messages."""

    @property
    def text(self) -> str:
        """The body by its declared charset, else as UTF-8; what cannot be decoded is replaced."""
        declared = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", self.headers.get("content-type", ""), re.I)
        try:
            return self.content.decode(declared[1] if declared else "utf-8", "replace")
        except (LookupError, ValueError):
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Garbage raises Unavailable, or UnknownOutcome where it answers a write."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise self.unclear(f"answered {self.status} without readable JSON") from None

    def json_or_none(self) -> Any:
        """The body as JSON, None for anything else: for error readers, which must not mind an HTML page."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    def unclear(self, what: str, *, code: str = "") -> Unavailable:
        """The error for an answer that settles nothing: Unavailable, or UnknownOutcome for a write."""
        return unclear(self.sent)(f"{self.where} {what}", code=code or str(self.status))


def unclear(sent: bool) -> type[Unavailable]:
    return UnknownOutcome if sent else Unavailable


def retry_after(reply: Reply) -> float | None:
    """Seconds that the system asks us to wait (`Retry-After` as seconds or as a date), at most a day."""
    said = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", said):
        return min(float(said), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), MAX_RETRY_AFTER)


def status_error(reply: Reply) -> ConnectorError | None:
    """What the status alone means; None for success."""
    if 200 <= reply.status < 300:
        return None
    kind = unclear(reply.sent) if reply.status >= 500 else STATUS.get(reply.status, Rejected)
    message = f"{reply.where} was answered {reply.status}"
    if issubclass(kind, Unavailable):
        return kind(message, code=str(reply.status), retry_after=retry_after(reply))
    return kind(message, code=str(reply.status))


def no_throttle(bucket: str) -> float:
    return 0.0


def no_hold(bucket: str, seconds: float) -> None:
    return None


def no_error(reply: Reply) -> ConnectorError | None:
    return None


def always() -> None:
    return None


class Parts(TypedDict, total=False):
    """What a request may carry beside its method and path, as httpx takes it."""

    params: Mapping[str, str | int | Sequence[str]] | Sequence[tuple[str, str | int]] | None
    headers: Mapping[str, str] | None
    auth: httpx.Auth | tuple[str, str] | None
    data: Mapping[str, str | Sequence[str]] | None
    """Form fields."""
    json: Any
    content: bytes | None
    files: Sequence[tuple[str, tuple[str, bytes, str]]] | None
    """Multipart files: form name, then file name, content, media type."""


@dataclass(frozen=True, slots=True)
class Transport:
    """Speaks with one connection's host; never with another one, and never follows a redirect."""

    connection: str
    base_url: str
    _: KW_ONLY
    client: httpx.Client = field(repr=False)
    throttle: Callable[[str], float] = no_throttle
    """Seconds that a bucket of the rate limit must still wait; asked before anything is sent."""
    hold: Callable[[str, float], None] = no_hold
    """Keeps all workers from a bucket for so many seconds: for vendors whose headers tell what is left."""
    read_error: Callable[[Reply], ConnectorError | None] = no_error
    """Asked first for every reply: the connector's own error, or None to go by the status."""
    may_write: Callable[[], None] = always
    """Called right before a write is sent; raises when the worker may not write any more."""
    written: Callable[[], None] = always
    """Called when a write was answered well: whatever goes wrong after it, something stands there."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Go with every request; what a request names itself comes before them."""
    max_bytes: int = MAX_REPLY_BYTES
    max_seconds: float = MAX_REPLY_SECONDS

    def with_reader(self, read_error: Callable[[Reply], ConnectorError | None]) -> Transport:
        """The same transport with another error reader."""
        return replace(self, read_error=read_error)

    def with_headers(self, headers: Mapping[str, str]) -> Transport:
        """The same transport with headers that go with every request, such as who we are."""
        return replace(self, headers=headers)

    def with_base_url(self, base_url: str) -> Transport:
        """The same transport for another host of this connection, such as its token page, without its headers."""
        return replace(self, base_url=base_url, headers={})

    def read(self, method: str, path: str, *, bucket: str = "requests", **parts: Unpack[Parts]) -> Reply:
        """Ask for something that changes nothing there, whatever the method. Raises a ConnectorError."""
        return self._exchange(method, path, bucket, parts, sent=False)

    def write(self, method: str, path: str, *, bucket: str = "requests", **parts: Unpack[Parts]) -> Reply:
        """Change something there. Raises UnknownOutcome when it may have happened, else a ConnectorError."""
        return self._exchange(method, path, bucket, parts, sent=True)

    @contextmanager
    def stream(self, method: str, path: str, *, bucket: str = "requests", **parts: Unpack[Parts]) -> Iterator[Stream]:
        """Ask for something of any length that changes nothing there, and read it piece by piece.

        Raises a ConnectorError at once for a failure that the status tells; while reading, when it breaks off.
        The error reader sees such a failure only: what a vendor says with status 200 is found by whoever reads.
        """
        where = f"{self.connection}: {method} {path_only(path)}"
        request = self._request(method, path, parts, where)
        self.take_turn(bucket, where)
        blank = Reply(0, where=where)
        with translated(blank):
            response = self.client.send(request, stream=True, auth=parts.get("auth"), follow_redirects=False)
        try:
            head = replace(blank, status=response.status_code, headers=_headers(response))
            if not 200 <= head.status < 300:
                with translated(blank):
                    self._raise_for(replace(head, content=self._content(response, blank)))
            yield Stream(response.iter_bytes(), head)
        finally:
            response.close()

    def _exchange(self, method: str, path: str, bucket: str, parts: Parts, *, sent: bool) -> Reply:
        where = f"{self.connection}: {method} {path_only(path)}"
        request = self._request(method, path, parts, where)
        self.take_turn(bucket, where)
        if sent:
            self.may_write()
        blank = Reply(0, sent=sent, where=where)
        with translated(blank):
            reply = self._send(request, parts.get("auth"), blank)
        self._raise_for(reply)
        if sent:
            self.written()
        return reply

    def take_turn(self, bucket: str, where: str = "") -> None:
        """Take a turn of the bucket's rate limit, for what goes out next. Raises Throttled when it is not our turn."""
        wait = self.throttle(bucket)
        if wait > 0:
            raise Throttled(
                f"{where or self.connection} waits for our own rate limit", code="throttled", retry_after=wait
            )

    def _raise_for(self, reply: Reply) -> None:
        error = self.read_error(reply) or status_error(reply)
        if error is not None:
            raise error

    def _request(self, method: str, path: str, parts: Parts, where: str) -> httpx.Request:
        params = parts.get("params")
        try:
            url = httpx.URL(self._url(path, where))
            if params:
                # httpx's own `params` would throw away the query that a link to the next page has.
                url = url.copy_merge_params(httpx.QueryParams(params))  # type: ignore[arg-type]  # pairs of int, too
            return self.client.build_request(
                method,
                url,
                headers={**self.headers, **(parts.get("headers") or {})},
                data=parts.get("data"),
                json=parts.get("json"),
                content=parts.get("content"),
                files=parts.get("files"),
            )
        except (httpx.InvalidURL, ValueError, TypeError) as failure:
            # A lone surrogate in a text or a line break in a header: the failure's own words would quote it.
            raise Rejected(f"{where} cannot be put into a request", code=code_of(failure)) from None

    def _url(self, path: str, where: str) -> str:
        base = httpx.URL(self.base_url)
        if "://" in path.partition("?")[0]:
            link = httpx.URL(path)
            if (link.scheme, link.host, link.port) != (base.scheme, base.host, base.port):
                raise Rejected(f"{where} leads to another host", code="other-host")
            path, base = link.raw_path.decode("ascii"), base.copy_with(raw_path=b"/")
        if ".." in unquote(path.partition("?")[0]).split("/"):
            raise Rejected(f"{where} leads out of its folder", code="dots")
        return f"{str(base).rstrip('/')}/{path.lstrip('/')}"

    def _send(self, request: httpx.Request, auth: httpx.Auth | tuple[str, str] | None, blank: Reply) -> Reply:
        response = self.client.send(request, stream=True, auth=auth, follow_redirects=False)
        try:
            content = self._content(response, blank)
        finally:
            response.close()
        return replace(blank, status=response.status_code, headers=_headers(response), content=content)

    def _content(self, response: httpx.Response, blank: Reply) -> bytes:
        until = time.monotonic() + self.max_seconds
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self.max_bytes:
                raise blank.unclear(f"answered more than {self.max_bytes} bytes", code="oversize")
            if time.monotonic() > until:
                raise blank.unclear(f"took more than {self.max_seconds:.0f} s to answer", code="slow")
        return bytes(content)


class Stream(RawIOBase):
    """The body of a reply as a file to read from, forwards only. Raises Unavailable when it breaks off."""

    def __init__(self, chunks: Iterator[bytes], head: Reply) -> None:
        super().__init__()
        self.head = head
        """Status and headers; its content is empty."""
        self._chunks = chunks
        self._left = b""
        self.taken = 0
        """Bytes that were read so far."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._left or self._next()
        count = min(len(view), len(data))
        view[:count] = data[:count]
        self._left = data[count:]
        self.taken += count
        return count

    def begins_with(self, size: int) -> bytes:
        """The first bytes of what is still to be read, without taking them; fewer only at the end."""
        while len(self._left) < size and (more := self._next()):
            self._left += more
        return self._left[:size]

    def _next(self) -> bytes:
        with translated(self.head):
            return next(self._chunks, b"")


@contextmanager
def translated(blank: Reply) -> Iterator[None]:
    """What goes wrong with a request becomes the error that says who must act."""
    try:
        yield
    except NOTHING_SENT as failure:
        # The operating system's words (refused, unknown host, bad certificate) hold no URL.
        message = f"{blank.where} found no connection: {failure}"[:300]
        raise Unavailable(message, code=code_of(failure)) from None
    except CANNOT_BE_SENT as failure:
        raise Rejected(f"{blank.where} cannot be sent", code=code_of(failure)) from None
    except httpx.RequestError as failure:
        raise unclear(blank.sent)(f"{blank.where} broke off: {code_of(failure)}", code=code_of(failure)) from None


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def path_only(path: str) -> str:
    """A path or URL without host, query and fragment, short enough for a message."""
    local = re.sub(r"^[a-z][a-z0-9+.-]*://[^/?#]*", "", path, flags=re.I)
    return (re.split(r"[?#]", local)[0] or "/")[:200]


def code_of(failure: Exception) -> str:
    return type(failure).__name__


def user_agent() -> str:
    """Our name and version. Never "Mozilla": Request Tracker would send us to its login page."""
    try:
        return f"Deskbridge/{version('deskbridge')}"
    except PackageNotFoundError:
        return "Deskbridge"


def new_client() -> httpx.Client:
    """The client that all connections of a process share; thread-safe, to be closed at the end.

    The environment decides only about proxies and certificates (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`).
    Cookies are refused: two connections of one vendor would sign in as each other.
    """
    # httpx logs whole URLs at INFO, and some vendors take their secrets in the query.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(
        timeout=TIMEOUT,
        limits=LIMITS,
        follow_redirects=False,
        trust_env=True,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": user_agent()},
    )
