"""Logging: structlog and the standard library through one pipeline, one line for each event, secrets masked.

Whatever is bound with `structlog.contextvars` (`correlation`, `connection`, `delivery`, `effect`, `session`)
stands on every line, also on those of libraries. PINs and session keys are known to nobody beforehand:
callers never log them.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from config.scrub import register_secrets, scrub
from config.settings import Settings

__all__ = ["configure", "register_secrets", "scrub"]

QUIET = ("alembic", "httpcore", "httpx", "rq", "rq.worker", "urllib3")
"""Loggers that tell URLs or every step; only their warnings are of use. RQ gives its worker a level of its own."""
FIRST_KEYS = ("timestamp", "level", "logger", "event")
LONG_KEYS = ("exception", "stack", "stack_info")
"""What may have several lines on a console."""

# What could move the cursor, break the line or turn the text around in a terminal.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class Stdout(logging.StreamHandler[Any]):
    """Writes to standard output. A line that cannot be written is named without what it held."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    def handleError(self, record: logging.LogRecord) -> None:
        kind = sys.exc_info()[0]
        if kind is not None and not issubclass(kind, OSError):
            sys.stderr.write(f"a log line of {record.name} was lost: {kind.__name__}\n")


def configure(settings: Settings) -> None:
    """Send every log line of this process to standard output, as JSON or for a terminal. May be called again."""
    register_secrets(settings.secrets())
    _configure_structlog()
    handler = Stdout()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[_take_exception, ProcessorFormatter.remove_processors_meta, *_writers(settings.log_format)],
            keep_exc_info=True,  # _take_exception reads it first
        )
    )
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, Stdout)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            _for_logging,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _writers(log_format: str) -> tuple[Processor, ...]:
    common: tuple[Processor, ...] = (structlog.processors.format_exc_info, _scrub_event)
    if log_format == "json":
        return (*common, _write_json)
    # The traceback is text already, hence the plain formatter.
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    return (*common, _keep_lines, renderer)


def _for_logging(logger: Any, name: str, event: EventDict) -> Any:
    """Hand the event to logging with its exception where logging has it, so that Sentry finds it too."""
    exception = event.pop("exc_info", None)
    arguments, options = ProcessorFormatter.wrap_for_formatter(logger, name, event)
    return arguments, {**options, "exc_info": exception} if exception else options


def _take_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Move the exception from the record (the formatter's own copy of it) to the event."""
    record: logging.LogRecord = event["_record"]
    if record.exc_info:
        event["exc_info"] = record.exc_info
    record.exc_info = record.exc_text = None
    return event


def _scrub_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    scrubbed: EventDict = scrub(event)
    return scrubbed


def _write_json(_: WrappedLogger, __: str, event: Mapping[str, Any]) -> str:
    first = {key: event[key] for key in FIRST_KEYS if key in event}
    return json.dumps(first | dict(event))


def _keep_lines(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _one_line(value) if key not in LONG_KEYS else _indented(value) for key, value in event.items()}


def _one_line(value: object) -> Any:
    """The value with what would break the line written as an escape."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), value)
    if isinstance(value, Mapping):
        return {_one_line(key): _one_line(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_one_line(item) for item in value]
    return value


def _indented(value: object) -> str:
    """Several lines, none of which can pass for a log line."""
    return "\n".join(f"    {_one_line(line)}" for line in str(value).split("\n"))
