"""The contract of support platforms. A platform's test file inherits it and gives its data and quirks."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.errors import BadSignature, ConnectorError, MalformedPayload, Rejected
from bridge.model import Delivery, Invitation, InvitationRequest
from connectors import registry
from connectors.contract import Capability, ConnectionConfig, SupportPlatform
from tests.contract.workshop import Handler, no_network, workshop

NEW, OLD = "hook-secret-of-today", "hook-secret-of-yesterday"
CALLS: Mapping[Capability, Callable[[SupportPlatform], object]] = {
    Capability.INVITE: lambda platform: platform.invite(InvitationRequest("42", "DB1:desk:42:1:mac")),
    Capability.WITHDRAW: lambda platform: platform.withdraw(Invitation("123456", "https://example.com/123456")),
    Capability.SET_ATTRIBUTES: lambda platform: platform.set_attributes("1", {"asset": "PC-7"}),
    Capability.END_SESSION: lambda platform: platform.end_session("1"),
    Capability.TRANSFER_SESSION: lambda platform: platform.transfer_session("1", "team:1"),
    Capability.FETCH_SESSION: lambda platform: platform.fetch_session("1"),
    Capability.SESSIONS_SINCE: lambda platform: list(platform.sessions_since(datetime(2026, 3, 1, tzinfo=UTC))),
    Capability.WATCH: lambda platform: list(platform.watch(lambda: True)),
    Capability.PEOPLE: lambda platform: list(platform.people()),
    Capability.RECORDINGS: lambda platform: platform.fetch_recording("1", "session", 1000),
}


def without_secret(delivery: Delivery) -> Delivery:
    """The same with nothing that proves who sent it: no `key` in the query, no Basic, no header of ours."""
    proofs = ("authorization", "x-deskbridge-key")
    return replace(
        delivery,
        query={name: value for name, value in delivery.query.items() if name != "key"},
        headers={name: value for name, value in delivery.headers.items() if name not in proofs},
    )


def by_query(delivery: Delivery, secret: str) -> Delivery:
    return replace(delivery, query={**delivery.query, "key": secret})


def by_header(delivery: Delivery, secret: str) -> Delivery:
    return replace(delivery, headers={**delivery.headers, "x-deskbridge-key": secret})


def by_basic(delivery: Delivery, secret: str) -> Delivery:
    value = "Basic " + base64.b64encode(f"hook:{secret}".encode()).decode()
    return replace(delivery, headers={**delivery.headers, "authorization": value})


class PlatformContract:
    """Inherit, name the class `Test…`, and fill in the upper part."""

    kind: ClassVar[str]
    base_url: ClassVar[str] = "https://platform.example.com"
    keys: ClassVar[Mapping[str, object]]
    """The connection's own keys in bridge.toml, as an operator writes them."""
    failures: ClassVar[Sequence[tuple[str, httpx.Response, type[ConnectorError]]]]
    """What the vendor answers to `failing_call`, with a name for the test, and the error that it must become."""
    prove: ClassVar[Sequence[Callable[[Delivery, str], Delivery]]] = (by_query, by_header, by_basic)
    """All the ways in which the sender can prove that it knows a secret."""

    def good(self) -> Delivery:
        """A delivery that holds at least one event."""
        raise NotImplementedError

    def another(self) -> Delivery:
        """Another event of the same session."""
        raise NotImplementedError

    def unknown(self) -> Sequence[Delivery]:
        """Deliveries of this vendor that hold something that we do not know: tolerated."""
        raise NotImplementedError

    def malformed(self) -> Sequence[Delivery]:
        """What this vendor would not send."""
        raise NotImplementedError

    def answer_invite(self, request: httpx.Request) -> httpx.Response:
        """The vendor's answer to a request for an invitation, done well."""
        raise NotImplementedError

    def sent_fields(self, request: httpx.Request) -> Mapping[str, str]:
        """The invitation's fields by their API name and the reference as `reference`, out of the request."""
        raise NotImplementedError

    def failing_call(self, platform: SupportPlatform) -> object:
        """The call that `failures` answers."""
        return platform.invite(InvitationRequest("42", "DB1:desk:42:1:mac"))

    # what follows is inherited

    def built(self, handler: Handler, use: Callable[[SupportPlatform], object], *secrets: str) -> object:
        """What `use` returns, given the platform as its kind builds it."""
        kind = registry.kind(self.kind)
        config = ConnectionConfig(
            "under-test", self.kind, self.base_url, secrets or (NEW,), kind.schema().load(dict(self.keys))
        )
        with workshop(self.base_url, handler) as given_to_it:
            return use(kind.build(config, given_to_it))

    def verify(self, delivery: Delivery, *secrets: str) -> None:
        self.built(no_network, lambda platform: platform.verify(delivery), *secrets)

    def events(self, delivery: Delivery) -> object:
        return self.built(no_network, lambda platform: platform.parse(delivery))

    def key(self, delivery: Delivery) -> object:
        return self.built(no_network, lambda platform: platform.delivery_key(delivery))

    def invited(self, request: InvitationRequest) -> tuple[Invitation, Mapping[str, str]]:
        """The invitation, and the fields of the last request that was sent for it."""
        sent: list[httpx.Request] = []

        def answer(http_request: httpx.Request) -> httpx.Response:
            sent.append(http_request)
            return self.answer_invite(http_request)

        invitation = self.built(answer, lambda platform: platform.invite(request))
        assert isinstance(invitation, Invitation)
        return invitation, self.sent_fields(sent[-1])

    def test_a_missing_secret_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.verify(without_secret(self.good()))

    def test_a_wrong_secret_is_refused_in_every_way(self) -> None:
        for prove in self.prove:
            with pytest.raises(BadSignature):
                self.verify(prove(without_secret(self.good()), NEW + "x"))

    def test_no_secret_configured_refuses_everybody(self) -> None:
        platform = without_secret(self.good())
        with pytest.raises(BadSignature):
            self.verify(by_query(platform, ""), "")

    def test_the_secret_is_taken_in_every_way(self) -> None:
        for prove in self.prove:
            self.verify(prove(without_secret(self.good()), NEW))

    def test_while_rotating_both_secrets_are_taken(self) -> None:
        for secret in (NEW, OLD):
            self.verify(self.prove[0](without_secret(self.good()), secret), NEW, OLD)

    def test_after_rotation_the_old_secret_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            self.verify(self.prove[0](without_secret(self.good()), OLD), NEW)

    def test_a_refusal_does_not_tell_the_secret(self) -> None:
        with pytest.raises(BadSignature) as refused:
            self.verify(self.prove[0](without_secret(self.good()), "guess-of-a-stranger"))
        assert NEW not in str(refused.value)
        assert "guess-of-a-stranger" not in str(refused.value)

    def test_the_media_type_of_a_good_delivery_is_taken(self) -> None:
        good = self.good()
        types = self.built(no_network, lambda platform: platform.media_types)
        assert isinstance(types, frozenset)
        assert good.media_type in types

    def test_a_good_delivery_has_events(self) -> None:
        assert self.events(self.good())

    def test_parse_says_the_same_twice(self) -> None:
        assert self.events(self.good()) == self.events(self.good())

    def test_a_strangers_shape_is_malformed(self) -> None:
        for stranger in self.malformed():
            with pytest.raises(MalformedPayload, match="expected"):
                self.events(stranger)

    def test_what_the_vendor_may_add_is_tolerated(self) -> None:
        for delivery in self.unknown():
            self.events(delivery)

    @settings(max_examples=100, suppress_health_check=[HealthCheck.differing_executors], deadline=None)
    @given(body=st.binary(max_size=400))
    def test_any_bytes_are_events_or_malformed(self, body: bytes) -> None:
        with contextlib.suppress(MalformedPayload):
            self.events(replace(self.good(), body=body))

    def test_cut_off_bodies_are_events_or_malformed(self) -> None:
        body = self.good().body
        for length in range(0, len(body), max(1, len(body) // 60)):
            with contextlib.suppress(MalformedPayload):
                self.events(replace(self.good(), body=body[:length]))

    def test_a_double_has_the_same_key(self) -> None:
        assert self.key(self.good()) == self.key(self.good())

    def test_a_double_with_another_secret_has_the_same_key(self) -> None:
        doubles = {self.key(prove(without_secret(self.good()), NEW)) for prove in self.prove}
        assert len(doubles) == 1

    def test_another_delivery_has_another_key(self) -> None:
        assert self.key(self.good()) != self.key(self.another())

    def test_a_malformed_delivery_still_has_a_key(self) -> None:
        keys = {self.key(stranger) for stranger in self.malformed()}
        assert len(keys) == len(self.malformed())

    def test_an_invitation_holds_a_code_and_a_link(self) -> None:
        if not self.can(Capability.INVITE):
            pytest.skip("this platform cannot invite")
        invitation, sent = self.invited(InvitationRequest("42", "DB1:desk:42:1:mac"))
        assert invitation.code
        assert invitation.url.startswith("https://")
        assert invitation.cut == ()
        assert sent["reference"] == ("42" if self.can(Capability.TYPED_KEYS) else "DB1:desk:42:1:mac")

    def test_fields_are_cut_to_their_limits_and_named(self) -> None:
        if not self.can(Capability.INVITE):
            pytest.skip("this platform cannot invite")
        limits = self.built(no_network, lambda platform: dict(platform.field_limits))
        assert isinstance(limits, dict)
        fields = {name: "x" * (limit + 1) for name, limit in limits.items()}
        invitation, sent = self.invited(InvitationRequest("42", "DB1:desk:42:1:mac", fields))
        assert sorted(invitation.cut) == sorted(limits)
        assert {name: len(sent[name]) for name in limits} == limits

    def test_fields_of_just_the_limit_are_left_whole(self) -> None:
        if not self.can(Capability.INVITE):
            pytest.skip("this platform cannot invite")
        limits = self.built(no_network, lambda platform: dict(platform.field_limits))
        assert isinstance(limits, dict)
        fields = {name: "x" * limit for name, limit in limits.items()}
        invitation, sent = self.invited(InvitationRequest("42", "DB1:desk:42:1:mac", fields))
        assert invitation.cut == ()
        assert {name: sent[name] for name in limits} == fields

    def test_a_reference_that_is_too_long_is_never_cut(self) -> None:
        if not self.can(Capability.INVITE):
            pytest.skip("this platform cannot invite")
        limit = self.built(no_network, lambda platform: platform.reference_limit)
        assert isinstance(limit, int)
        with pytest.raises(ConnectorError):
            self.built(no_network, lambda p: p.invite(InvitationRequest("4" * (limit + 1), "r" * (limit + 1))))

    def test_errors_say_who_must_act(self) -> None:
        for name, response, kind in self.failures:
            with pytest.raises(ConnectorError) as failed:
                self.built(_always(response), self.failing_call)
            assert type(failed.value) is kind, name

    def test_errors_hold_no_secret_and_no_body(self) -> None:
        secrets = registry.kind(self.kind).secret_keys
        values = [str(value) for key, value in self.keys.items() if key in secrets]
        for _, response, _ in self.failures:
            with pytest.raises(ConnectorError) as failed:
                self.built(_always(response), self.failing_call)
            assert not [value for value in values if value in str(failed.value)]

    def test_the_registry_advertises_what_the_connector_can(self) -> None:
        told = registry.kind(self.kind).capabilities
        assert told == self.built(no_network, lambda platform: platform.capabilities)

    def test_what_it_cannot_do_is_refused_without_asking(self) -> None:
        for capability, call in CALLS.items():
            if not self.can(capability):
                with pytest.raises(Rejected):
                    self.built(no_network, call)

    def can(self, capability: Capability) -> bool:
        return capability in registry.kind(self.kind).capabilities


def _always(response: httpx.Response) -> Handler:
    """The same answer to every request; a response can be read only once, so each gets a copy."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    return answer
