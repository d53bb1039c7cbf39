"""The console in a real browser, served on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.web.conftest import MakeDesk, empty_database, kinds, make_desk
from tests.web.desk import Desk

__all__ = ["empty_database", "kinds", "make_desk"]

Open = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def served(make_desk: MakeDesk) -> Iterator[tuple[Desk, str]]:
    """A bridge and its address."""
    desk = make_desk()
    server = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield desk, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Open:
    """Opens a page whose errors fail the test: scripts that are blocked, requests that go elsewhere."""

    @contextmanager
    def opening(url: str, *, javascript: bool = True, width: int = 1280, dark: bool = False) -> Iterator[Page]:
        context = chromium.new_context(
            base_url=url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        troubles: list[str] = []
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url) if not request.url.startswith(url) else None)
        page.set_default_timeout(10_000)
        yield page
        context.close()
        assert troubles == []

    return opening
