"""The Configuration API: everything from its own description, and nothing bad from a bad one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, MalformedPayload, NotFound, Rejected
from connectors.contract import ConnectionConfig
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.configuration import openapi
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.schema import KeysSchema
from connectors.platforms.beyondtrust.wire.api import Api
from tests.connectors.beyondtrust.config_yaml import DESCRIPTION
from tests.contract.workshop import workshop

SITE = "https://support.example.com"
CURRENT = {"client_id": "made-up", "client_secret": "made-up-secret"}
OLD = {"api": "2008", "username": "u", "password": "made-up"}


class Appliance:
    """Answers the token, the description, and the rest from a script by method and path."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = answers.pop("script", {})
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": "made-up-token", "token_type": "bearer", "expires_in": 99})
        assert request.headers["authorization"] == "Bearer made-up-token"
        if request.url.path.endswith("/openapi.yaml"):
            return httpx.Response(200, content=DESCRIPTION)
        self.asked.append(request)
        answer = self.answers[f"{request.method} {request.url.path.removeprefix('/api/config/v1')}"]
        if isinstance(answer, list):
            answer = answer.pop(0)
        assert isinstance(answer, httpx.Response)
        return answer

    @property
    def body(self) -> Any:
        return json.loads(self.asked[-1].content)


@contextmanager
def config_api(appliance: Callable[[httpx.Request], httpx.Response], **keys: str) -> Iterator[ConfigApi]:
    config = ConnectionConfig("appliance", "beyondtrust", SITE, ("s",), KeysSchema().load(keys or CURRENT))
    with workshop(SITE, appliance) as given:
        yield ConfigApi(Api(config, given))


def scripted(**script: Any) -> Appliance:
    """`get_shelf_5=…` answers `GET /shelf/5`."""
    return Appliance(
        script={f"{name.partition('_')[0].upper()} /{name.partition('_')[2].replace('_', '/')}": answer
                for name, answer in script.items()}
    )  # fmt: skip


def ok(told: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=told, headers=headers)


def next_(query: str, rest: str = "") -> str:
    return f'<https://other.example.com/api/config/v1/shelf?{query}>; rel="next"{rest}'


def test_the_resources_are_those_of_the_description() -> None:
    with config_api(Appliance()) as api:
        found = {resource.path: dict(resource.methods) for resource in api.resources()}
    assert found["shelf"] == {"get": "Get all shelves.", "post": "Create a shelf."}
    assert list(found["shelf/{id}"]) == ["get", "patch", "delete"]
    assert "search" in found


def test_a_list_goes_on_to_the_next_page_of_our_appliance_only() -> None:
    first = '<https://other.example.com/?current_page=1>; rel="first", '
    appliance = scripted(get_shelf=[
        ok([{"id": 1}], link=first + next_("current_page=2&kind=tall", ', <https://x>; rel="last"')),
        ok([{"id": 2}], link=first.rstrip(", ")),
    ])  # fmt: skip
    with config_api(appliance) as api:
        assert list(api.list("shelf", {"kind": "tall"})) == [{"id": 1}, {"id": 2}]
    assert [str(request.url) for request in appliance.asked] == [
        f"{SITE}/api/config/v1/shelf?kind=tall",
        f"{SITE}/api/config/v1/shelf?current_page=2&kind=tall",
    ]
    assert appliance.asked[0].headers["accept"] == "application/json"


def test_pages_in_a_circle_end() -> None:
    appliance = scripted(get_shelf=[ok([1], link=next_("current_page=2")), ok([2], link=next_("current_page=2"))])
    with config_api(appliance) as api, pytest.raises(MalformedPayload, match="circle"):
        list(api.list("shelf"))


def test_one_resource_is_read_by_its_id_also_a_nested_one() -> None:
    appliance = scripted(get_shelf_5=ok({"id": 5}), get_shelf_5_book_7=ok({"id": 7}))
    with config_api(appliance) as api:
        assert api.get("shelf", "5") == {"id": 5}
        assert api.get("/shelf/5/book", "7") == {"id": 7}


def test_what_is_literal_in_the_description_is_no_id() -> None:
    with config_api(Appliance()) as api, pytest.raises(Rejected, match="is a file"):
        api.get("shelf", "label")


def test_fields_become_what_the_description_says() -> None:
    appliance = scripted(post_shelf=ok({"id": 9}, 201))
    fields = {
        "name": "5",
        "code_name": "a",
        "boards": "5",
        "open": "true",
        "tags": '["x"]',
        "options": '{"a": 1}',
        "color": "red",
        "room": "null",
        "owner": "7",
        "ladder": "false",
        "depth": "1.5",
    }
    with config_api(appliance) as api:
        assert api.create("shelf", fields) == {"id": 9}
    assert appliance.body == {
        "name": "5",
        "code_name": "a",
        "boards": 5,
        "open": True,
        "tags": ["x"],
        "options": {"a": 1},
        "color": "red",
        "room": None,
        "owner": 7,
        "ladder": False,
        "depth": 1.5,
    }
    assert appliance.asked[0].headers["content-type"] == "application/json"


def test_a_change_sends_only_what_changes_and_a_deletion_nothing() -> None:
    appliance = scripted(patch_shelf_5=ok({"id": 5}), delete_shelf_5=httpx.Response(204))
    with config_api(appliance) as api:
        assert api.patch("shelf", "5", {"boards": 6}) == {"id": 5}
        assert appliance.body == {"boards": 6}
        api.delete("shelf", "5")
    assert appliance.asked[-1].content == b""


def test_an_action_may_answer_nothing() -> None:
    with config_api(scripted(post_shelf_5_dust=httpx.Response(204))) as api:
        assert api.create("shelf/5/dust", {}) is None


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda api: list(api.list("cupboard")), "is not in the appliance's description"),
        (lambda api: list(api.list("shelf/5/dust")), "can only be asked for: post"),
        (lambda api: list(api.list("shelf", {"page": "2"})), "it takes: per_page, current_page, kind"),
        (lambda api: list(api.list("shelf", {"kind": "wide"})), "kind must be one of tall, low"),
        (lambda api: list(api.list("search")), "words is needed"),
        (lambda api: api.get("shelf", ""), None),
        (lambda api: api.create("shelf", {"name": "x"}), "code_name is needed"),
        (lambda api: api.create("shelf", {"name": "x", "code_name": "y", "hue": "z"}), "a field is not known"),
        (lambda api: api.patch("shelf", "5", {"id": "6"}), "a field is not known"),
        (lambda api: api.patch("shelf", "5", {"boards": "many"}), "boards must be a whole number"),
        (lambda api: api.patch("shelf", "5", {"open": "yes"}), "open must be true or false"),
        (lambda api: api.patch("shelf", "5", {"tags": "x"}), "tags must be a list as JSON"),
        (lambda api: api.patch("shelf", "5", {"options": "[]"}), "options must be an object as JSON"),
        (lambda api: api.patch("shelf", "5", {"color": "green"}), "color must be one of red, blue"),
        (lambda api: api.create("shelf/5/dust", {"a": "b"}), "fields are not taken"),
    ],
)
def test_what_the_description_does_not_know_is_not_sent(ask: Callable[[ConfigApi], Any], named: str | None) -> None:
    appliance = scripted(get_shelf=ok([]))
    with config_api(appliance) as api:
        if named is None:
            ask(api)
            return
        with pytest.raises(WrongInput) as refused:
            ask(api)
    assert named in str(refused.value)
    assert not appliance.asked


def test_an_id_cannot_leave_its_place() -> None:
    appliance = scripted()
    with config_api(appliance) as api:
        with pytest.raises(WrongInput):
            api.get("shelf", "5/book/7/x")
        with pytest.raises(Rejected):
            api.get("shelf", "..")
    assert not appliance.asked


def test_what_is_invalid_is_told_by_field_without_what_was_typed() -> None:
    said = {"message": "The given data was invalid.", "errors": {"name": ["The name Sesame is taken."]}}
    with config_api(scripted(patch_shelf_5=ok(said, 422))) as api, pytest.raises(Rejected) as refused:
        api.patch("shelf", "5", {"name": "Sesame"})
    assert "name: The name … is taken." in str(refused.value)
    assert "Sesame" not in str(refused.value)


def test_a_missing_resource_and_a_missing_permission() -> None:
    appliance = scripted(get_shelf_5=ok({"message": "No."}, 404), get_shelf_6=ok({"message": "No."}, 403))
    with config_api(appliance) as api:
        with pytest.raises(NotFound):
            api.get("shelf", "5")
        with pytest.raises(AccessDenied):
            api.get("shelf", "6")


def test_a_401_after_our_fields_may_mean_the_fields() -> None:
    appliance = scripted(patch_shelf_5=[httpx.Response(401), httpx.Response(401)])
    with config_api(appliance) as api, pytest.raises(AccessDenied, match="fields that it does not know"):
        api.patch("shelf", "5", {"name": "x"})


def test_2008_has_no_configuration_api() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    with config_api(nobody, **OLD) as api, pytest.raises(Rejected, match="2008"):
        api.resources()


# -- the description itself ------------------------------------------------------------------------------------


def laughs(levels: int, width: int) -> bytes:
    lines = ["openapi: 3.0.0", f"a0: &a0 [{', '.join('x' * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join([*lines, "paths: {}"]).encode()


def merges(levels: int, width: int) -> bytes:
    lines = ["openapi: 3.0.0", "a0: &a0 {x: y}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * width)}]}}" for n in range(1, levels)]
    return "\n".join([*lines, "paths: {}"]).encode()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "should be a mapping"),
        (b"[1, 2]", "should be a mapping"),
        (b"swagger: '2.0'\npaths: {}", "not of OpenAPI 3"),
        (b"openapi: 3.0.0\nsecret: [", "no YAML"),
        (b"\xff\xfe\x00\xd8", "no YAML"),
        (b"openapi: !!python/object/apply:os.system [echo]", "no YAML"),
        (b"x" * (openapi.MAX_BYTES + 1), "larger than"),
        (b"openapi: 3.0.0\na: " + b"[" * 500 + b"]" * 500, "nested too deep"),
        (b"openapi: 3.0.0\na: &a [*a]", "unfolds to too much"),
        (laughs(10, 10), "unfolds to too much"),
        (merges(10, 10), "unfolds to too much"),
    ],
    ids=range(11),
)
def test_a_bad_description_is_refused(content: bytes, named: str) -> None:
    with pytest.raises(MalformedPayload, match=named) as refused:
        openapi.read(content)
    assert "secret" not in str(refused.value)


def test_an_ordinary_alias_is_taken() -> None:
    found = openapi.read(b"openapi: 3.0.0\nx: &x {type: string}\npaths: {}\ncomponents: {schemas: {A: *x, B: *x}}")
    assert found.resolved({"$ref": "#/components/schemas/B"}) == {"type": "string"}


@pytest.mark.parametrize(
    "reference",
    ["other.yaml#/a", "https://example.com/a", "#/nowhere", "#/components/schemas/Round", "#/info/title"],
)
def test_references_stay_in_the_document_and_end(reference: str) -> None:
    found = openapi.read(
        b"openapi: 3.0.0\ninfo: {title: t}\npaths: {}\n"
        b"components: {schemas: {Round: {$ref: '#/components/schemas/Back'},"
        b" Back: {$ref: '#/components/schemas/Round'}}}"
    )
    with pytest.raises(MalformedPayload):
        found.resolved({"$ref": reference})


def test_schemas_that_contain_themselves_end() -> None:
    found = openapi.read(
        b"openapi: 3.0.0\npaths: {}\ncomponents: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}]}}}"
    )
    with pytest.raises(MalformedPayload, match="without end"):
        found.properties({"$ref": "#/components/schemas/A"})
    with pytest.raises(MalformedPayload, match="without end"):
        found.required({"$ref": "#/components/schemas/A"})


@pytest.mark.parametrize(
    ("servers", "prefix"),
    [
        ("[{url: https://x.example.com/api/config/v1/}]", "/api/config/v1"),
        ("[{url: /v2}]", "/v2"),
        ("[{url: 'https://{host}/v1'}]", ""),
        ("[]", ""),
        ("nothing", ""),
    ],
)
def test_the_path_before_every_resource(servers: str, prefix: str) -> None:
    assert openapi.read(f"openapi: 3.0.0\nservers: {servers}\npaths: {{}}".encode()).prefix == prefix
