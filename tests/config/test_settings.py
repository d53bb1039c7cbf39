from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import make_url

from config.problems import ConfigurationError
from config.settings import NEEDS_WEB, Settings, is_loopback
from tests.needs import lacking

KEY = "k" * 32
TOKEN = "t" * 16


def settings(**environ: str) -> Settings:
    return Settings.from_environment(environ)


def wrong(**environ: str) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        settings(**environ)
    return {problem.where: problem.fix for problem in caught.value.problems}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_empty_environment_has_defaults_for_a_laptop() -> None:
    found = settings()
    assert found.database_url == "sqlite:///var/deskbridge.sqlite3"
    assert found.redis_url is None
    assert (found.port, found.port_given, found.public_url) == (8000, False, "http://127.0.0.1:8000")
    assert (found.web_concurrency, found.worker_concurrency, found.max_body) == (1, 48, 8 * 1024 * 1024)
    assert (found.log_level, found.log_format, found.sentry_dsn) == ("INFO", "json", None)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_names_the_driver(scheme: str) -> None:
    found = settings(DATABASE_URL=f"{scheme}://u:p%40ss@db.example.com:5433/name?sslmode=require").database_url
    assert found == "postgresql+psycopg://u:p%40ss@db.example.com:5433/name?sslmode=require"
    assert make_url(found).password == "p@ss"


@pytest.mark.parametrize("url", ["mysql://h/db", "postgres://u:p@host", "host/db", "postgres://u:p@h:port/db", "x"])
def test_other_databases_are_refused_without_showing_the_url(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(DATABASE_URL=url)
    assert caught.value.problems[0].where == "DATABASE_URL"
    assert "u:p" not in str(caught.value)


def test_a_platforms_redis_certificate_is_not_verified() -> None:
    found = settings(REDIS_URL="rediss://:pw@redis.example.com:6380/0").redis_url
    assert found == "rediss://:pw@redis.example.com:6380/0?ssl_cert_reqs=none&ssl_check_hostname=False"


@pytest.mark.parametrize("url", ["redis://127.0.0.1:6379/0", "unix:///tmp/r.sock", "rediss://h?ssl_cert_reqs=required"])
def test_other_redis_urls_stay_as_they_are(url: str) -> None:
    assert settings(REDIS_URL=url).redis_url == url


@pytest.mark.parametrize("url", ["http://h", "redis://", "redis://h:x/0", "unix:", "redis://[::1"])
def test_what_is_no_redis_url_is_refused(url: str) -> None:
    assert "rediss://" in wrong(REDIS_URL=url)["REDIS_URL"]


def test_secret_keys_rotate() -> None:
    assert settings(DESKBRIDGE_SECRET_KEY=f"{KEY}, {'o' * 40}").secret_keys == (KEY, "o" * 40)


@pytest.mark.parametrize("text", ["short", f"{KEY},short", f"{KEY},", ","])
def test_a_short_secret_key_is_refused(text: str) -> None:
    assert "at least 32 characters" in wrong(DESKBRIDGE_SECRET_KEY=text)["DESKBRIDGE_SECRET_KEY"]


@pytest.mark.parametrize("text", ["short", "fifteen letters"])
def test_a_short_admin_token_is_refused(text: str) -> None:
    assert "at least 16 characters" in wrong(DESKBRIDGE_ADMIN_TOKEN=text)["DESKBRIDGE_ADMIN_TOKEN"]


def test_an_admin_token_must_fit_into_a_header() -> None:
    assert "ASCII" in wrong(DESKBRIDGE_ADMIN_TOKEN="ein schönes langes Wort")["DESKBRIDGE_ADMIN_TOKEN"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://bridge.example.com/", "https://bridge.example.com"),
        ("https://bridge.example.com:8443", "https://bridge.example.com:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_public_url_is_kept_without_its_slash(text: str, url: str) -> None:
    assert settings(DESKBRIDGE_PUBLIC_URL=text).public_url == url


@pytest.mark.parametrize(
    "text", ["http://bridge.example.com", "bridge.example.com", "https://h/path", "https://u:p@h", "https://h:x"]
)
def test_a_bad_public_url_is_refused(text: str) -> None:
    assert "https://" in wrong(DESKBRIDGE_PUBLIC_URL=text)["DESKBRIDGE_PUBLIC_URL"]


def test_a_port_of_the_platform_is_noticed() -> None:
    found = settings(PORT="5000")
    assert (found.port, found.port_given, found.public_url) == (5000, True, "http://127.0.0.1:5000")


@pytest.mark.parametrize("name", ["PORT", "WEB_CONCURRENCY", "WORKER_CONCURRENCY", "DESKBRIDGE_MAX_BODY"])
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "²"])
def test_numbers_are_whole_and_positive(name: str, text: str) -> None:
    assert name in wrong(**{name: text})


def test_a_port_has_16_bits() -> None:
    assert "65535" in wrong(PORT="70000")["PORT"]


def test_log_words_are_known_in_any_case() -> None:
    found = settings(LOG_LEVEL="debug", LOG_FORMAT="Console")
    assert (found.log_level, found.log_format) == ("DEBUG", "console")
    assert wrong(LOG_LEVEL="loud", LOG_FORMAT="xml") == {
        "LOG_LEVEL": "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        "LOG_FORMAT": "one of json, console",
    }


def test_a_bad_sentry_dsn_is_refused() -> None:
    assert settings(SENTRY_DSN="https://key@sentry.example.com/1").sentry_dsn
    assert "DSN" in wrong(SENTRY_DSN="sentry.example.com")["SENTRY_DSN"]


def test_all_that_is_missing_or_bad_is_named_in_one_message() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({"PORT": "x", "DATABASE_URL": "mysql://h/d"}, needs=NEEDS_WEB)
    text = str(caught.value)
    for name in ("PORT", "DATABASE_URL", "DESKBRIDGE_CONFIG", "DESKBRIDGE_ADMIN_TOKEN", "DESKBRIDGE_SECRET_KEY"):
        assert f"\n  {name}: " in text


def test_an_empty_variable_is_a_missing_one() -> None:
    with pytest.raises(ConfigurationError, match="DESKBRIDGE_SECRET_KEY: is missing"):
        Settings.from_environment({"DESKBRIDGE_SECRET_KEY": " "}, needs={"DESKBRIDGE_SECRET_KEY"})


def test_the_configuration_comes_as_a_file_or_as_text(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.touch()
    assert settings(DESKBRIDGE_CONFIG=str(path)).config_path == path
    assert settings(DESKBRIDGE_CONFIG_TOML="x = 1").config_toml == "x = 1"
    assert "no file" in wrong(DESKBRIDGE_CONFIG=str(tmp_path / "other.toml"))["DESKBRIDGE_CONFIG"]
    assert "only one" in wrong(DESKBRIDGE_CONFIG=str(path), DESKBRIDGE_CONFIG_TOML="x = 1")["DESKBRIDGE_CONFIG"]


def test_a_bridge_toml_in_the_working_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").touch()
    assert settings().config_path == Path("bridge.toml")


def test_nothing_secret_shows_in_the_repr() -> None:
    found = settings(
        DATABASE_URL="postgres://u:database-pw@h/d",
        REDIS_URL="redis://:redis%2Fpw@h",
        DESKBRIDGE_ADMIN_TOKEN=TOKEN,
        DESKBRIDGE_SECRET_KEY=KEY,
        SENTRY_DSN="https://sentry-key@sentry.example.com/1",
        DESKBRIDGE_CONFIG_TOML="text",
    )
    expected = {"database-pw", "redis%2Fpw", "redis/pw", TOKEN, KEY, "sentry-key"}
    assert found.secrets() == expected
    assert not any(secret in repr(found) for secret in expected)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.8.9.1", True), ("::1", True), ("a.localhost", True), ("127.0.0.1.example.com", False),
     ("10.0.0.1", False), ("", False), (None, False)],
)  # fmt: skip
def test_what_is_this_machine(host: str | None, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """`host:port` of a TLS server that nobody vouches for; it reads a command and hangs up."""
    openssl = shutil.which("openssl")
    if not openssl:
        lacking("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=elsewhere.example.com", "-days", "2", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=hang_up, args=(listener, context))
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def hang_up(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with (
        connection,
        contextlib.suppress(OSError),
        context.wrap_socket(connection, server_side=True) as tls,
    ):
        tls.recv(1000)


def refusal(url: str | None) -> str:
    """Why redis-py cannot speak with the server there."""
    assert url
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=5) as client:
        with pytest.raises(redis.ConnectionError) as caught:
            client.ping()
        return str(caught.value)


def test_redis_py_takes_a_self_signed_certificate(self_signed: str) -> None:
    said = refusal(settings(REDIS_URL=f"rediss://:pw@{self_signed}/0").redis_url)
    assert "certificate" not in said.lower()
    assert "closed" in said.lower()


def test_redis_py_verifies_when_the_url_asks_for_it(self_signed: str) -> None:
    url = f"rediss://:pw@{self_signed}/0?ssl_cert_reqs=required"
    assert "certificate" in refusal(settings(REDIS_URL=url).redis_url).lower()
