"""Settings of the process, from the environment. Every missing or bad variable is named in one message."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from sentry_sdk.utils import BadDsn, Dsn
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.problems import ConfigurationError, Problem

T = TypeVar("T")

DEFAULT_DATABASE = "sqlite:///var/deskbridge.sqlite3"
DEFAULT_CONFIG = Path("bridge.toml")
DEFAULT_PORT = 8000
DEFAULT_MAX_BODY = 8 * 1024 * 1024
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("json", "console")
SECRET_KEY_LENGTH = 32
ADMIN_TOKEN_LENGTH = 16

CONFIG = "DESKBRIDGE_CONFIG"
CONFIG_TEXT = "DESKBRIDGE_CONFIG_TOML"
ADMIN = "DESKBRIDGE_ADMIN_TOKEN"
SIGNING = "DESKBRIDGE_SECRET_KEY"
PUBLIC_URL = "DESKBRIDGE_PUBLIC_URL"

NEEDS_NOTHING: frozenset[str] = frozenset()
"""For `migrate`: the database has a default."""
NEEDS_WEB = frozenset({CONFIG, ADMIN, SIGNING})
NEEDS_WORKER = frozenset({CONFIG, SIGNING})

_MAKE_ONE = 'make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
_MISSING = {
    CONFIG: f"the path of bridge.toml, or put its text into {CONFIG_TEXT}",
    ADMIN: f"at least {ADMIN_TOKEN_LENGTH} characters; {_MAKE_ONE}",
    SIGNING: f"at least {SECRET_KEY_LENGTH} characters; {_MAKE_ONE}",
    PUBLIC_URL: "where the outside world reaches this bridge, such as https://deskbridge.example.com",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. Values that hold credentials stay out of the repr."""

    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    """For SQLAlchemy; a PostgreSQL URL names the driver psycopg. The folder of a SQLite file may not exist yet."""
    redis_url: str | None = field(default=None, repr=False)
    """None when the environment names no Redis."""
    config_path: Path | None = None
    config_toml: str | None = field(default=None, repr=False)
    admin_token: str = field(default="", repr=False)
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """The first one signs, all of them verify."""
    public_url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    """Without a slash at its end."""
    port: int = DEFAULT_PORT
    port_given: bool = False
    """True when PORT was set, as a platform does: then the whole world must reach us, else only this machine."""
    web_concurrency: int = 1
    worker_concurrency: int = 48
    sentry_dsn: str | None = field(default=None, repr=False)
    log_level: str = "INFO"
    log_format: str = "json"
    max_body: int = DEFAULT_MAX_BODY
    """Bytes that a delivery may have."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, needs: Iterable[str] = NEEDS_NOTHING) -> Settings:
        """The settings. `needs` names the variables that must be there.

        Raises ConfigurationError with every missing and every bad variable.
        """
        reader = _Reader(environ, frozenset(needs))
        port = reader.value("PORT", _port, DEFAULT_PORT)
        path, text = _config(reader)
        settings = cls(
            database_url=reader.value("DATABASE_URL", _database_url, DEFAULT_DATABASE),
            redis_url=reader.value("REDIS_URL", _redis_url, None),
            config_path=path,
            config_toml=text,
            admin_token=reader.value(ADMIN, _admin_token, ""),
            secret_keys=reader.value(SIGNING, _secret_keys, ()),
            public_url=reader.value(PUBLIC_URL, _public_url, f"http://127.0.0.1:{port}"),
            port=port,
            port_given=bool(reader.text("PORT")),
            web_concurrency=reader.value("WEB_CONCURRENCY", _count, 1),
            worker_concurrency=reader.value("WORKER_CONCURRENCY", _count, 48),
            sentry_dsn=reader.value("SENTRY_DSN", _sentry_dsn, None),
            log_level=reader.value("LOG_LEVEL", _one_of(LOG_LEVELS, str.upper), "INFO"),
            log_format=reader.value("LOG_FORMAT", _one_of(LOG_FORMATS, str.lower), "json"),
            max_body=reader.value("DESKBRIDGE_MAX_BODY", _count, DEFAULT_MAX_BODY),
        )
        if reader.problems:
            raise ConfigurationError(reader.problems)
        return settings

    def secrets(self) -> frozenset[str]:
        """Every value that must not appear in a log line, for `logs.register_secrets`."""
        parts = [urlsplit(url) for url in (self.database_url, self.redis_url or "", self.sentry_dsn or "")]
        passwords = [part.password or "" for part in parts]
        sentry_key = parts[-1].username or ""
        found = [*passwords, *map(unquote, passwords), sentry_key, self.admin_token, *self.secret_keys]
        return frozenset(filter(None, found))


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address of a URL is this machine itself."""
    if not host:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Reader:
    """Reads variables and remembers what is wrong with them. An empty variable counts as missing."""

    def __init__(self, environ: Mapping[str, str], needs: frozenset[str]) -> None:
        self._environ = environ
        self._needs = needs
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """The parsed variable. A `parse` that does not like it raises ValueError(what would be right)."""
        text = self.text(name)
        if not text:
            self.missing(name)
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(Problem(name, "is not right", str(error)))
            return default

    def missing(self, name: str) -> None:
        if name in self._needs:
            self.problems.append(Problem(name, "is missing", _MISSING.get(name, "set it")))


def _config(reader: _Reader) -> tuple[Path | None, str | None]:
    """Where bridge.toml is, or its text: at most one of both."""
    text, path = reader.text(CONFIG_TEXT), reader.text(CONFIG)
    if text and path:
        reader.problems.append(Problem(CONFIG, f"is set beside {CONFIG_TEXT}", "keep only one of the two"))
    if text:
        return None, text
    if path:
        return reader.value(CONFIG, _file, None), None
    if DEFAULT_CONFIG.is_file():
        return DEFAULT_CONFIG, None
    reader.missing(CONFIG)
    return None, None


def _file(text: str) -> Path | None:
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"there is no file {text}")
    return path


def _database_url(text: str) -> str:
    """Heroku-style platforms still say `postgres://`, which SQLAlchemy refuses."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("write postgresql://user:password@host:5432/name or sqlite:///path") from None
    driver = "postgresql+psycopg"
    if url.drivername in ("postgres", "postgresql", driver):
        if not url.database:
            raise ValueError("name the database at its end: postgresql://user:password@host:5432/name")
        return url.set(drivername=driver).render_as_string(hide_password=False)
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return text
    raise ValueError("only postgresql://… and sqlite:///… are known")


def _redis_url(text: str) -> str:
    """A Redis URL. Platforms give their `rediss://` a self-signed certificate, so it is not verified unless
    the URL itself asks for it with `ssl_cert_reqs=required`."""
    right = "write redis://host:6379/0, rediss://:password@host:6380/0 or unix:///path"
    parts = _url(text, right)
    if parts.scheme == "unix" and parts.path:
        return text
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError(right)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in query:
        query |= {"ssl_cert_reqs": "none", "ssl_check_hostname": "False"}
        return urlunsplit(parts._replace(query=urlencode(query)))
    return text


def _url(text: str, right: str) -> SplitResult:
    """The parts of a URL whose port, if any, is a number."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(right) from None
    return parts


def _public_url(text: str) -> str:
    right = "write scheme and host only, such as https://deskbridge.example.com"
    parts = _url(text, right)
    plain = not (parts.query or parts.fragment or "@" in parts.netloc or parts.path.strip("/"))
    if not plain or not parts.hostname:
        raise ValueError(right)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError("write https://…; http is for this machine only")
    return f"{parts.scheme}://{parts.netloc}"


def _admin_token(text: str) -> str:
    if len(text) < ADMIN_TOKEN_LENGTH:
        raise ValueError(_MISSING[ADMIN])
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("it travels in a header: printable ASCII without spaces")
    return text


def _secret_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < SECRET_KEY_LENGTH for key in keys):
        raise ValueError(f"each one, apart by commas, has {_MISSING[SIGNING]}")
    return keys


def _sentry_dsn(text: str) -> str:
    try:
        Dsn(text)
    except (BadDsn, ValueError):
        raise ValueError("write the DSN as Sentry shows it: https://<key>@<host>/<project number>") from None
    return text


def _port(text: str) -> int:
    number = _count(text)
    if number > 65535:
        raise ValueError("write a port number from 1 to 65535")
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError("write a whole number from 1 on")
    return int(text)


def _one_of(words: tuple[str, ...], fold: Callable[[str], str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        word = fold(text)
        if word not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return word

    return parse
