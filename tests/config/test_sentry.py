from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from config import logs, sentry
from config.scrub import forget_secrets
from config.settings import Settings

SECRET = "a-very-secret-value"
SETTINGS = Settings(sentry_dsn="https://publickey@sentry.example.com/1", admin_token=SECRET)


class Caught(Transport):
    """Keeps what would be sent."""

    envelopes: list[Envelope]

    def capture_envelope(self, envelope: Envelope) -> None:
        Caught.envelopes.append(envelope)


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    Caught.envelopes = []
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    sentry_sdk.get_isolation_scope().clear()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    forget_secrets()


@pytest.fixture
def _on() -> None:
    assert sentry.configure(SETTINGS, transport=Caught)


def sent() -> str:
    """Everything that would have left, as it would have left."""
    return "\n".join(envelope.serialize().decode() for envelope in Caught.envelopes)


def events() -> list[dict[str, Any]]:
    return [dict(event) for envelope in Caught.envelopes if (event := envelope.get_event())]


def test_without_a_dsn_nothing_is_sent() -> None:
    assert not sentry.configure(Settings(), transport=Caught)
    sentry_sdk.capture_message("hello")
    assert not Caught.envelopes


@pytest.mark.usefixtures("_on")
def test_no_secret_leaves_from_anywhere() -> None:
    local = f"local {SECRET}"
    sentry_sdk.add_breadcrumb(message=SECRET, data={"deep": [SECRET], "password": "pw-1"})
    logging.getLogger("x").warning("breadcrumb %s", SECRET)
    try:
        raise ValueError(f"exception {local}")
    except ValueError:
        logging.getLogger("x").exception("message %s", SECRET, extra={"extra_key": {"a": SECRET}})
    sentry_sdk.capture_event(
        {
            "message": SECRET,
            "extra": {"a": SECRET, "api_token": "token-1"},
            "tags": {"t": SECRET},
            "user": {"email": "ada@example.com"},
            "request": {
                "method": "POST",
                "url": f"https://bridge.example.com/hooks/rescue?key={SECRET}",
                "query_string": f"key={SECRET}&other=query-1",
                "headers": {"Authorization": f"Bearer {SECRET}", "X-Other": "header-1"},
                "cookies": {"session": "cookie-1"},
                "data": {"chat": "typed-1"},
                "env": {"REMOTE_ADDR": "192.0.2.1"},
            },
        }
    )
    assert len(events()) == 2
    for hidden in (SECRET, "pw-1", "token-1", "query-1", "header-1", "cookie-1", "typed-1", "192.0.2.1", "ada@"):
        assert hidden not in sent()
    assert "ValueError" in sent()
    assert events()[1]["request"] == {"method": "POST", "url": "https://bridge.example.com/hooks/rescue"}


@pytest.mark.usefixtures("_on")
def test_local_variables_stay_here() -> None:
    def fail() -> None:
        typed = "typed-" + str(1)
        raise ValueError(len(typed))

    with pytest.raises(ValueError, match="7") as caught:
        fail()
    sentry_sdk.capture_exception(caught.value)
    assert "typed-1" not in sent()
    assert not [frame for frame in events()[0]["exception"]["values"][0]["stacktrace"]["frames"] if "vars" in frame]


@pytest.mark.usefixtures("_on")
def test_an_error_of_structlog_is_told_by_its_words() -> None:
    logs.configure(SETTINGS)
    log = structlog.get_logger("workers.perform")
    log.info("before", step=1)
    log.error("effect failed", effect="e1", exc_info=KeyError("k"))
    [event] = events()
    assert event["logentry"] == {"message": "effect failed"}
    assert event["extra"] == {"effect": "e1"}
    assert (event["level"], event["logger"]) == ("error", "workers.perform")
    assert event["exception"]["values"][0]["type"] == "KeyError"
    [crumb] = event["breadcrumbs"]["values"]
    assert (crumb["message"], crumb["data"]) == ("before", {"step": 1})


@pytest.mark.usefixtures("_on")
def test_warnings_are_no_errors() -> None:
    logging.getLogger("x").warning("only this")
    assert not Caught.envelopes


@pytest.mark.usefixtures("_on")
def test_breadcrumbs_are_few() -> None:
    for number in range(sentry.MAX_BREADCRUMBS + 5):
        sentry_sdk.add_breadcrumb(message=str(number))
    sentry_sdk.capture_message("hello")
    assert len(events()[0]["breadcrumbs"]["values"]) == sentry.MAX_BREADCRUMBS


@pytest.mark.usefixtures("_on")
def test_nothing_is_traced() -> None:
    with sentry_sdk.start_transaction(name="t"):
        pass
    assert not Caught.envelopes
