"""`/healthz` says that the process is alive, `/readyz` that the bridge can do its work."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify

from store import health
from store.database import DatabaseAway
from store.migrate import is_current
from web.services import Services, services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(alive=True)


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 when all checks are `ok`, else 503; each check says what is wrong."""
    checks = _checks(services())
    ready = all(state in ("ok", "not used") for state in checks.values())
    return jsonify(ready=ready, checks=checks), 200 if ready else 503


def _checks(found: Services) -> Mapping[str, str]:
    try:
        with found.house.database.read() as connection:
            current = is_current(connection)
            alive = health.alive(connection, found.house.clock()) if current else {}
    except DatabaseAway:
        return {"database": "away"}
    redis = "not used"
    if found.house.settings.redis_url:
        redis = "ok" if found.bell.answers() else "away: work goes on, slower to start"
    # Without a Redis the clock does the workers' work.
    working = alive.get("worker", 0) or (alive.get("clock", 0) if redis == "not used" else 0)
    return {
        "database": "ok",
        "migrations": "ok" if current else "missing: run `deskbridge migrate`",
        "redis": redis,
        "worker": "ok" if working else "none is alive",
    }
