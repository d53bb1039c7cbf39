"""The WSGI entry: `create_app` builds the web process from the environment."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta

from flask import Flask

from config import logs, sentry
from config.bridge_toml import Bridge, load_from
from config.settings import NEEDS_WEB, Settings
from store.database import DatabaseAway
from web import api, console, health, hooks, metrics
from web.services import open_services
from workers.house import open_house

DATABASE_THREADS = 4
"""The one that stores deliveries, and a few pages at the same time."""


def create_app(settings: Settings | None = None, bridge: Bridge | None = None) -> Flask:
    """The web application. Raises ConfigurationError with every mistake when it cannot start."""
    settings = settings or Settings.from_environment(os.environ, needs=NEEDS_WEB)
    bridge = bridge or load_from(settings, os.environ)
    logs.configure(settings)
    logs.register_secrets(settings.secrets() | bridge.secrets)
    sentry.configure(settings)
    app = Flask("web")
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body,
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SESSION_COOKIE_NAME="deskbridge",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
    )
    house = open_house(settings, bridge, threads=DATABASE_THREADS)
    # Not in the way of a web process that starts while the database is away: it answers 503 until it is back.
    with suppress(*DatabaseAway):
        house.register()
    app.extensions["deskbridge"] = open_services(house)
    for blueprint in (hooks.blueprint, health.blueprint, metrics.blueprint, api.blueprint, console.blueprint):
        app.register_blueprint(blueprint)
    return app
