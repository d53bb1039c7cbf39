from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import structlog

from config import logs
from config.scrub import forget_secrets
from config.settings import Settings

SECRET = "a-very-secret-value"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    forget_secrets()


def configure(log_format: str = "json", level: str = "INFO") -> None:
    logs.configure(Settings(log_format=log_format, log_level=level))
    logs.register_secrets([SECRET])


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger("workers.drain").info("note added", effect="e1", count=2)
    [line] = lines(capsys)
    moment = datetime.fromisoformat(line.pop("timestamp"))
    assert moment.utcoffset() is not None
    assert not moment.utcoffset()
    assert line == {"level": "info", "logger": "workers.drain", "event": "note added", "effect": "e1", "count": 2}


def test_the_standard_library_goes_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    with structlog.contextvars.bound_contextvars(delivery="d1"):
        logging.getLogger("flask").info("upgrade %s", "head")
    [line] = lines(capsys)
    assert (line["event"], line["logger"], line["level"], line["delivery"]) == ("upgrade head", "flask", "info", "d1")


def test_bound_context_stands_on_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    context = {"correlation": "c", "connection": "zendesk", "delivery": "d", "effect": "e", "session": "s"}
    with structlog.contextvars.bound_contextvars(**context):
        structlog.get_logger("x").warning("here")
    [line] = lines(capsys)
    assert context.items() <= line.items()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_secret_leaves(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(log_format)
    log = structlog.get_logger("x")
    event = f"event {SECRET}"
    log.info(event, nested={"list": [SECRET]}, url=f"https://h/?key={SECRET[:5]}", password="pw-1")
    logging.getLogger("y").warning("library %s", SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")
        logging.getLogger("y").exception("failed too")
    out = capsys.readouterr()
    for hidden in (SECRET, SECRET[:5], "pw-1"):
        assert hidden not in out.out + out.err
    assert out.out.count("ValueError: ***") == 2


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_line_break_in_a_value_breaks_no_line(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(log_format)
    evil = "a\nb\r\nc\u2028d\x85e\x1b[31mf"
    structlog.get_logger("x").info(evil, value=evil, nested=[evil])
    logging.getLogger("y").warning(evil)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    assert "\x1b[31m" not in out


def test_an_exception_cannot_forge_a_console_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure("console")
    try:
        raise ValueError("x\n2024-01-01 [info] forged")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    first, *rest = capsys.readouterr().out.rstrip().splitlines()
    assert "failed" in first
    assert rest
    assert all(line.startswith("    ") for line in rest)


def test_an_exception_goes_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger("x").error("failed", exc_info=KeyError("k"))
    [line] = lines(capsys)
    assert line["exception"].endswith("KeyError: 'k'")
    assert "exc_info" not in line


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "urllib3.connectionpool", "rq.worker"])
def test_chatty_libraries_are_quiet(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="DEBUG")
    logging.getLogger(name).info("GET https://h/?key=x")
    logging.getLogger(name).warning("trouble")
    assert [line["event"] for line in lines(capsys)] == ["trouble"]


def test_the_level_counts_for_both(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="WARNING")
    structlog.get_logger("x").info("no")
    logging.getLogger("y").info("no")
    structlog.get_logger("x").warning("yes")
    assert [line["event"] for line in lines(capsys)] == ["yes"]


def test_configured_twice_it_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    configure()
    structlog.get_logger("x").info("once")
    assert len(lines(capsys)) == 1


def test_a_line_that_cannot_be_written_shows_nothing_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    record = logging.LogRecord("y", logging.WARNING, "file", 1, "%d", (SECRET,), None)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logs.Stdout):
            handler.handle(record)
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err == "a log line of y was lost: TypeError\n"


def test_secrets_of_the_settings_are_masked_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(secret_keys=("k" * 32,)))
    structlog.get_logger("x").info("k" * 32)
    assert lines(capsys)[0]["event"] == "***"


def test_positional_arguments_are_filled(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger("x").info("%s of %s", 1, 2)
    assert lines(capsys)[0]["event"] == "1 of 2"
