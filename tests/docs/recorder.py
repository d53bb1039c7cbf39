"""A pytest plugin: what each test sends to an appliance, makes for one and reads of one. Used by test_beyondtrust.

It is loaded before the tests import what it wraps, in a pytest of its own, and leaves its notes as JSON in the file
that RECORDING names: test to what was seen, each with the names in it.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from connectors import xml
from connectors.platforms.beyondtrust.commands import Commands, answers
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.live import state, tables
from connectors.platforms.beyondtrust.reports import Reports, archive, reading
from connectors.platforms.beyondtrust.starting import links, portal, scripts
from connectors.platforms.beyondtrust.wire import api
from connectors.platforms.beyondtrust.wire.api import Api
from tests.docs.symbols import modules

CALLED = (Commands, Reports, ConfigApi, Api)
"""Classes of which each public method's calls are noted, with the arguments that were given."""

_notes: dict[str, dict[str, set[str]]] = {}
_current: list[str] = []


def note(what: str, names: Iterable[str] = ()) -> None:
    if _current:
        _notes.setdefault(_current[-1], {}).setdefault(what, set()).update(names)


def keys(value: object) -> Iterator[str]:
    """Every key of a JSON value."""
    if isinstance(value, Mapping):
        for name, inside in value.items():
            yield str(name)
            yield from keys(inside)


def after(owner: Any, name: str, tell: Callable[..., None]) -> None:
    """Let `tell(result, *arguments)` be called after each call."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        tell(result, *args, **kwargs)
        return result

    put(owner, name, wrapped)


def put(owner: Any, name: str, value: object) -> None:
    setattr(owner, name, value)


# -- over HTTP and the web socket ------------------------------------------------------------------------------


def sent(response: httpx.Response, client: httpx.Client, request: httpx.Request, **_: Any) -> None:
    form = parse_qs(request.content.decode("utf-8", "replace"), keep_blank_values=True)
    action, report = (form.get(name, [""])[0] for name in ("action", "generate_report"))
    what = f"action={action}" if action else f"report={report}" if report else f"{request.method} {request.url.path}"
    names = {*form, *parse_qs(request.url.query.decode())}
    names |= {f"{name}: {request.headers.get(name, '').split(' ')[0]}" for name in ("Authorization", "Connection")}
    host = next((name for name in names if name.endswith("_hostname") and name != "url_hostname"), "")
    names |= {"session.custom.[custom field]" for name in names if is_custom(name)}
    for one in {what, f"{what} {host}".strip(), f"{request.method} {request.url.path}"}:
        note(one, names)
    note("answer", [name.lower() for name in response.headers])
    if response.is_stream_consumed and "json" in response.headers.get("content-type", ""):
        note("answer", keys(response.json()))


def is_custom(name: str) -> bool:
    return name.startswith("session.custom.") and name != "session.custom.external_key"


def answered(root: xml.Element) -> None:
    """What its root is has always been looked at."""
    elements = list(root.iter("{*}*"))
    note("read", [xml.local(root)])
    note("element", {xml.local(one) for one in elements})
    note("answer", {xml.local(one) for one in elements} | {str(name) for one in elements for name in one.attrib})


def records(*args: Any, original: Any = xml.records) -> Iterator[xml.Element]:
    for element in original(*args):
        for above in (element, *element.iterancestors()):
            note("answer", {xml.local(above), *map(str, above.attrib)})
        answered(element)
        yield element


class Looked(dict[str, xml.Element]):
    """The parts of an element; what is looked for in them is read."""

    def __contains__(self, name: object) -> bool:
        note("read", [str(name)])
        return super().__contains__(name)

    def __getitem__(self, name: str) -> xml.Element:
        note("read", [name])
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        note("read", [name])
        return super().get(name, default)


def looks(original: Callable[..., Any]) -> Callable[..., Any]:
    """Notes the name of the child that is looked for."""

    @functools.wraps(original)
    def wrapped(element: xml.Element, name: str | None = None) -> Any:
        if name is not None:
            note("read", [name])
        return original(element, name)

    return wrapped


def everywhere(original: object, wrapped: object) -> None:
    """In every module that has imported it."""
    for module in modules():
        for name in [name for name, value in vars(module).items() if value is original]:
            put(module, name, wrapped)


def connected(_: Any, address: str, *, subprotocols: list[str], **__: Any) -> None:
    note(f"socket {urlsplit(address).path}", map(unquote, subprotocols))


def heard(text: bytes, original: Any = state._values) -> Iterator[Mapping[str, Any]]:
    for message in original(text):
        note(f"message={message.get('type')}", keys(message))
        yield message


# -- made for somebody else's page or program ------------------------------------------------------------------


def linked(url: str, *_: Any, **__: Any) -> None:
    """A link, by its path; what it starts with is a part of its name, because `id` has three meanings."""
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    start = next((name for name in ("short_key", "issue_menu", "name", "operation") if name in query), "")
    names = {*query, *(f"{name}={query[name][0]}" for name in ("type", "operation") if name in query)}
    names |= {"session.custom.[custom field]" for name in names if is_custom(name)}
    for key in {urlsplit(url).path, f"{urlsplit(url).path} {start}".strip()}:
        note(f"link {key}", names)


def paged(made: portal.Snippet, *_: Any, **__: Any) -> None:
    names = set(re.findall(r"start_session\.js|BG\.[A-Za-z_.]+", made.page))
    for name, value in re.findall(r"^    (\w+): (.*?),?$", made.body, re.M):
        told = json.loads(value) if value[0] in '{["' else {"form": value}
        inside = {f"{name}.{key}" for key in keys(told)}
        names |= {name, *inside}
        names |= {"attributes.[custom field]" for key in inside if key.startswith("attributes.custom")}
    note("page", names)


def formed(html: str, *_: Any, **__: Any) -> None:
    names = set(re.findall(r'name="([^"]*)"', html)) | set(re.findall(r"<form (\w+)=", html))
    note("form", names | {"session.custom.[custom field]" for name in names if is_custom(name)})


def lined(line: str, *_: Any, **__: Any) -> None:
    note("line", re.findall(r"(?<!\S)--?[a-z-]+|session\.custom\.external_key", line))


def scripted(made: scripts.Command, *_: Any, **__: Any) -> None:
    custom = {"session.custom.[custom field]" for name in made.parameters if is_custom(name)}
    note(f"script {made.action}", {*made.parameters, *custom})


# -- archives --------------------------------------------------------------------------------------------------


def inserted(_: None, __: tables.Tables, name: str, ___: object, fields: tables.Row) -> None:
    note(f"table={name}", set(fields))


def happened(_: None, __: tables.Tables, event: archive.Event) -> None:
    note(f"event={event.get('type')}")
    note(f"session_event={event.get('name')}", keys(event.get("data")))


# -- calls -----------------------------------------------------------------------------------------------------


def count_calls(owner: type) -> None:
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_"):
            signature = inspect.signature(method)

            def tell(_: Any, *args: Any, _what: str = f"{owner.__name__}.{name}",
                     _by: inspect.Signature = signature, **kwargs: Any) -> None:  # fmt: skip
                note(f"call {_what}", set(_by.bind(*args, **kwargs).arguments))

            after(owner, name, tell)


def wrap() -> None:
    after(httpx.Client, "send", sent)
    after(api, "parse", lambda root, *_, **__: answered(root))
    by_name = xml.by_name
    everywhere(by_name, lambda element: Looked(by_name(element)))
    for look in (xml.child, xml.children, xml.text, answers.within):
        everywhere(look, looks(look))
    put(reading, "records", records)
    put(state, "_values", heard)
    after(state, "connect", connected)
    after(state.Wire, "send", lambda _, __, message: note(f"message={message['type']}", keys(message)))
    after(links, "link", linked)
    after(scripts, "url", linked)
    after(scripts, "command", scripted)
    after(portal, "snippet", paged)
    for form in ("key_form", "issue_form"):
        after(portal, form, formed)
    after(portal, "button_line", lined)
    for line in ("run_script", "run_script_file"):
        after(scripts, line, lined)
    after(tables.Tables, "insert", inserted)
    after(archive, "apply_event", happened)
    for owner in CALLED:
        count_calls(owner)


# -- pytest ----------------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    wrap()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Parameters of a test count together."""
    _current.append(item.nodeid.partition("[")[0])
    try:
        return (yield)
    finally:
        _current.pop()


def pytest_sessionfinish() -> None:
    told = {test: {what: sorted(names) for what, names in seen.items()} for test, seen in _notes.items()}
    Path(os.environ["RECORDING"]).write_text(json.dumps(told), encoding="utf-8")
