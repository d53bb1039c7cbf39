"""A bridge between pretend systems, on a real database, for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from config.bridge_toml import load
from config.settings import Settings
from connectors import registry
from store.database import Database
from store.migrate import migrate
from tests.web.desk import CONFIG, KEY, TOKEN, Browser, Clock, Desk, modules

MakeDesk = Callable[..., Desk]


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The registry holds the pretend kinds and nothing else."""
    found = modules()
    for module in found.values():
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "MODULES", {name: module.__name__ for name, module in found.items()})
    registry.kind.cache_clear()
    yield
    registry.kind.cache_clear()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating one for each test would take most of the time."""
    path = tmp_path_factory.mktemp("empty") / "deskbridge.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def make_desk(kinds: None, empty_database: Path, tmp_path: Path) -> Iterator[MakeDesk]:
    """Makes bridges on one database; `public_url`, `admin_token` and `secret_keys` may be given.

    Another `database_url` must be migrated already."""
    made: list[Desk] = []
    own = tmp_path / "deskbridge.sqlite3"
    shutil.copy(empty_database, own)

    def make(**given: object) -> Desk:
        url = str(given.pop("database_url", f"sqlite:///{own}"))
        settings = Settings(database_url=url, admin_token=TOKEN, secret_keys=(KEY,), log_level="ERROR")
        clock = Clock()
        app = create_app(replace(settings, **given), load(CONFIG, {}))  # type: ignore[arg-type]  # tests give what fits
        desk = Desk(app, clock)
        object.__setattr__(desk.services.house, "clock", clock)
        desk.services.house.register()
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.services.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


@pytest.fixture
def browser(desk: Desk) -> Browser:
    """Signed in."""
    found = desk.browser()
    assert found.sign_in().status_code == 303
    assert found.get("/").status_code == 200
    return found
