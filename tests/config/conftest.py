"""Kinds of no vendor, so that the configuration is tested by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import ClassVar

import pytest
from marshmallow import Schema, fields, validate

from connectors import registry
from connectors.contract import Capability, ConnectionConfig, Kind, Role, Workshop


class RemoteSchema(Schema):
    auth = fields.String(required=True, validate=validate.OneOf(["authcode", "login"]))
    authcode = fields.String(required=True)
    poll_seconds = fields.Integer(load_default=0)


class DeskSchema(Schema):
    email = fields.String(required=True)
    api_token = fields.String(required=True)


class CallsSchema(Schema):
    calls = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.String()))


OPTIONS = ("queue", "ttl_seconds", "priority", "technician")


class Connector:
    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        raise AssertionError("the configuration is read without building a connector")


class Remote(Connector):
    field_limits: ClassVar = {"cfield0": 64, "cfield1": 64}


def _kind(name: str, role: Role, schema: type[Schema], can: set[Capability], secrets: set[str]) -> Kind:
    build = Remote if name == "remote" else Connector
    options = frozenset(OPTIONS) if Capability.SET_ATTRIBUTES in can else frozenset()
    return Kind(name, name.title(), role, schema, frozenset(can), frozenset(secrets), build, invitation_options=options)


FULL_PLATFORM = {Capability.INVITE, Capability.WITHDRAW, Capability.SET_ATTRIBUTES}
FULL_DESK = {
    Capability.TAGS,
    Capability.PUBLIC_NOTES,
    Capability.UPDATE_FIELDS,
    Capability.ADD_TIME,
    Capability.CREATE_TICKET,
    Capability.REOPEN,
}
KINDS = (
    _kind("remote", Role.PLATFORM, RemoteSchema, FULL_PLATFORM, {"authcode"}),
    _kind("weakremote", Role.PLATFORM, Schema, {Capability.INVITE}, set()),
    _kind("muteremote", Role.PLATFORM, Schema, set(), set()),
    _kind("desk", Role.TICKETS, DeskSchema, FULL_DESK, {"api_token"}),
    _kind("weakdesk", Role.TICKETS, CallsSchema, set(), {"headers"}),
)


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The registry holds the kinds above and nothing else."""
    modules = {}
    for kind in KINDS:
        module = ModuleType(f"fake_kind_{kind.name}")
        vars(module)["KIND"] = kind
        monkeypatch.setitem(sys.modules, module.__name__, module)
        modules[kind.name] = module.__name__
    monkeypatch.setattr(registry, "MODULES", modules)
    registry.kind.cache_clear()
    yield
    registry.kind.cache_clear()
