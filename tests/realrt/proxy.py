"""A door in front of a server, so that `sandbox.faults` can fail, cut and delay what goes through it."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
from werkzeug.wrappers import Request, Response

PASSED_ON = ("accept", "authorization", "content-type", "if-match", "user-agent")
PASSED_BACK = ("content-type", "etag", "location")


class Proxy:
    """A WSGI app that asks the server the same. What begins with `/rt` is asked without it."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = Request(environ)
        told = self.client.request(
            asked.method,
            asked.path.removeprefix("/rt"),
            params=httpx.QueryParams(asked.query_string.decode("ascii")),
            headers={name: value for name, value in asked.headers.items() if name.lower() in PASSED_ON},
            content=asked.get_data(),
        )
        headers = {name: value for name, value in told.headers.items() if name in PASSED_BACK}
        return Response(told.content, told.status_code, headers)(environ, start_response)

    def close(self) -> None:
        self.client.close()
