"""Sentry: errors only, without requests, local variables or anything that people typed into a vendor's system."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.transport import Transport
from structlog.typing import WrappedLogger

from config.scrub import register_secrets, scrub, scrub_text
from config.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Breadcrumb, Event, Hint

MAX_BREADCRUMBS = 20
OWN_KEYS = frozenset({"event", "level", "logger", "timestamp"})
"""Keys of a log event that Sentry has in places of its own."""


def unexpected(log: WrappedLogger, error: Exception, **about: str) -> None:
    """Tell an error that nobody foresaw, from inside its `except`: in the caller's log and to Sentry."""
    log.exception("unexpected error", **about)
    sentry_sdk.capture_exception(error)


def configure(settings: Settings, *, transport: type[Transport] | None = None) -> bool:
    """Report errors to Sentry when the settings name one; whether they do."""
    if not settings.sentry_dsn:
        return False
    register_secrets(settings.secrets())
    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        transport=transport,
        # send_default_pii is off unless asked for; naming it is deprecated in newer releases.
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=MAX_BREADCRUMBS,
        before_send=_before_send,
        before_breadcrumb=_before_breadcrumb,
        auto_session_tracking=False,
        # Others would bring the command line, headers, queries, SQL and Redis commands.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=logging.INFO, event_level=logging.ERROR, sentry_logs_level=None),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
    )
    return True


def _before_send(event: Event, hint: Hint) -> Event | None:
    """The event without request details, the person and secrets."""
    own = _own_event(hint)
    if own is not None:
        event["logentry"] = {"message": str(own.get("event", ""))}
        event["extra"] = _rest(own)
    event.pop("user", None)
    request = event.pop("request", None)
    if request:
        event["request"] = {"method": request.get("method"), "url": str(request.get("url", "")).partition("?")[0]}
    scrubbed: Event = scrub(event)
    return scrubbed


def _before_breadcrumb(crumb: Breadcrumb, hint: Hint) -> Breadcrumb | None:
    own = _own_event(hint)
    if own is not None:
        crumb["message"], crumb["data"] = str(own.get("event", "")), _rest(own)
    # Sentry sorts by the time stamp, which must stay a datetime.
    return {key: value if key == "timestamp" else scrub(value) for key, value in crumb.items()}


def _own_event(hint: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The event of structlog in a log record; None for what other libraries log."""
    record = hint.get("log_record")
    message = getattr(record, "msg", None)
    return message if isinstance(message, Mapping) else None


def _rest(own: Mapping[str, Any]) -> dict[str, Any]:
    return {scrub_text(str(key)): value for key, value in own.items() if key not in OWN_KEYS}
