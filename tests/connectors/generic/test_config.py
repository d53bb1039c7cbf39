"""A generic connection's keys in bridge.toml: what is accepted, and how mistakes are told."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from marshmallow import ValidationError

from connectors import registry
from connectors.contract import ConnectionConfig
from connectors.signatures import STANDARD_WEBHOOKS
from connectors.tickets.generic import KIND, scheme
from tests.connectors.generic.desk import CONNECTION, connection


def test_the_registry_knows_it() -> None:
    assert registry.kind("generic") is KIND


def mistakes(**changes: Any) -> str:
    keys = {**tomllib.loads(CONNECTION), **changes}
    with pytest.raises(ValidationError) as refused:
        KIND.schema().load(keys)
    return str(refused.value.messages)


def call(**changes: Any) -> dict[str, Any]:
    add_note = {"path": "/notes", "json": {"text": "{body}"}, **changes}
    return {"add_note": add_note}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calls": {}}, "add_note"),
        ({"calls": call(json={"text": "{boby}"})}, "no {boby}, only body"),
        ({"calls": call(json={"text": "hello"})}, "Put {body} into json"),
        ({"calls": call(json={"deep": [{"text": "{fields} {body}"}]})}, "no {fields}"),
        ({"calls": call(path="/notes/{body}")}, "no {body}, only ticket_id, visibility"),
        ({"calls": call(path="https://evil.example.com/")}, "begins with a slash"),
        ({"calls": call(path="/notes#x")}, "begins with a slash"),
        ({"calls": call(method="FETCH")}, "Must be one of"),
        ({"calls": call(body="x")}, "Unknown field"),
        ({"calls": {**call(), "delete_ticket": {"path": "/"}}}, "Unknown field"),
        ({"calls": {**call(), "fetch_ticket": {"path": "/"}}}, "fields"),
        ({"calls": {**call(), "find_note": {"path": "/"}}}, "text"),
        ({"calls": {**call(), "probe": {"path": "/{ticket_id}"}}}, "no {ticket_id}"),
        ({"fields": {"subject": "a.b"}}, "ticket_id"),
        ({"fields": {"ticket_id": ""}}, "empty"),
        ({"events": {"request.opened": "created"}}, "Must be one of"),
        ({"statuses": {"waiting": "waiting"}}, "Must be one of"),
        ({"verify": {"scheme": "rot13"}}, "'verify': {'scheme'"),
        ({"verify": {"scheme": "shared_secret", "prefix": "x"}}, "'verify': {'scheme'"),
        ({"verify": {"signature_header": "X-Sig", "parts": ["timestamp"]}}, "not signed is not proved"),
        ({"max_length": 10}, "1000"),
        ({"markup": "asciidoc"}, "Must be one of"),
        ({"closed_statuses": [200]}, "400"),
        ({"delivery_header": "X Request"}, "header"),
        ({"media_types": []}, "empty"),
        ({"unit": "words"}, "Must be one of"),
        ({"markup": "adf"}, "Must be one of"),
        ({"escape": "ab"}, "punctuation"),
        ({"escape": "*", "markup": "markdown"}, "Only goes with"),
        ({"ticket_id_pattern": "[0-9"}, "no regular expression"),
        ({"check_first": True, "calls": call()}, "Needs a fetch_ticket call"),
        ({"headers": {"X-Token": "{token}"}}, "only a login gives"),
        ({"login": {"path": "/login", "token": "t"}}, "no header holds"),
        ({"login": {"path": "/login"}}, "token"),
        ({"calls": call(form={"text": "{body}"})}, "not both"),
        ({"calls": call(values={"colour": {"a": 1}})}, "Knows no colour"),
        ({"calls": call(read_back=True)}, "Needs a find_note call"),
        ({"calls": call(json={"text": "{body}", "files": "{uploads}"})}, "only an attach call gives"),
        ({"calls": call(json={"text": "{body}", "files": "{uploads}"}, files="file")}, "not both"),
        ({"calls": call(files="file", form={"text": "x"})}, "Put {body} into form"),
        ({"calls": {**call(), "attach": {"path": "/"}}}, "or raw = true"),
        ({"calls": {**call(), "attach": {"path": "/", "raw": True, "files": "file"}}}, "or raw = true"),
        ({"calls": {**call(), "attach": {"path": "/", "raw": True, "each": "{body}"}}}, "no {body}"),
        ({"calls": {**call(files="f", form={"x": "{body}"}), "attach": {"path": "/", "raw": True}}}, "takes the files"),
        ({"calls": {**call(), "add_time": {"path": "/", "json": {"x": "{body}"}}}}, "no {body}"),
        ({"calls": {**call(), "add_time": {"path": "/", "max_length": 20}}}, "250"),
        ({"calls": {**call(), "create_ticket": {"path": "/"}}}, "ticket_id"),
        ({"calls": {**call(), "create_ticket": {"path": "/{ticket_id}", "ticket_id": "id"}}}, "no {ticket_id}"),
        ({"calls": {**call(), "tickets_since": {"path": "/", "id": "id"}}}, "tags"),
        ({"calls": {**call(), "find_time": {"path": "/?p={page}", "text": "x", "next": "n"}}}, "counts the pages"),
        ({"calls": {**call(), "find_ticket": {"path": "/{ticket_id}", "text": "x", "id": "id"}}}, "no {ticket_id}"),
        ({"calls": {**call(), "update_fields": {"path": "/", "each": "{mark}"}}}, "only name, value"),
        ({"calls": {**call(), "update_fields": {"path": "/", "read_back": True}}}, "Needs a fetch_ticket call"),
    ],
)
def test_mistakes_are_told(changes: dict[str, Any], said: str) -> None:
    assert said in mistakes(**changes)


def test_the_scheme_is_standard_webhooks_unless_said() -> None:
    config = ConnectionConfig("desk", "generic", "https://desk.example.com", (), connection())
    assert scheme(config) is STANDARD_WEBHOOKS


def test_credentials_are_secret() -> None:
    assert KIND.secret_keys == {"headers"}
