"""What the bridge asks of the appliance, and what reaches it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, NotFound, Rejected, UnknownOutcome
from bridge.model import REFERENCE_ATTRIBUTE, InvitationRequest
from connectors.contract import Capability
from connectors.platforms.beyondtrust import KIND
from tests.connectors.beyondtrust.support import KEY, LSID, TOKEN, Appliance, beyondtrust, said
from tests.contract.workshop import MemoryVault, no_network

KEYED = httpx.Response(200, text=KEY)
FILM = httpx.Response(200, headers={"content-type": "video/mp4"}, content=b"\0\0\0\x18ftypmp42 and more")
SET = said("set_session_attributes", "<success>Attributes were set successfully</success>")


def asked(request: InvitationRequest, **keys: Any) -> dict[str, str]:
    """The form that reaches the appliance for an invitation."""
    appliance = Appliance(generate_session_key=KEYED)
    with beyondtrust(appliance, **keys) as platform:
        platform.invite(request)
    return appliance.fields()


def with_options(**options: object) -> InvitationRequest:
    return InvitationRequest("42", "DB1:never-sent", {}, options)


# -- invitations ---------------------------------------------------------------------------------------------------


def test_a_key_has_its_link_its_expiry_and_a_page_to_type_it() -> None:
    with beyondtrust(Appliance(generate_session_key=KEYED)) as platform:
        invitation = platform.invite(InvitationRequest("42", "DB1:never-sent"))
    assert invitation.code == "1234567"
    assert invitation.url == "https://support.example.com/?ak=0123456789abcdef"
    assert invitation.join_page == "https://support.example.com/"
    assert invitation.expires_at == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)


def test_the_external_key_is_the_tickets_number_and_never_the_signed_reference() -> None:
    fields = asked(InvitationRequest("42", "DB1:never-sent"))
    assert fields["session.custom.external_key"] == "42"
    assert not [value for value in fields.values() if "DB1" in value]


def test_without_a_queue_the_connections_own_is_taken() -> None:
    assert asked(with_options())["queue_id"] == "general"
    assert asked(with_options(), queue="team:3")["queue_id"] == "team:3"


def test_every_option_of_a_route_is_sent_by_its_own_name() -> None:
    request = with_options(
        queue="issue:printers",
        ttl_seconds=900,
        priority=1,
        skills=["paper", "toner"],
        attributes={"asset": "PC-7", "customer": "Zoë"},
    )
    sent = asked(request)
    assert sent["queue_id"] == "issue:printers"
    assert (sent["ttl"], sent["session.priority"], sent["session.skills"]) == ("900", "1", "paper,toner")
    assert (sent["session.custom.asset"], sent["session.custom.customer"]) == ("PC-7", "Zoë")


def test_every_option_of_the_kind_is_one_that_invite_takes() -> None:
    assert {"queue", "ttl_seconds", "priority", "skills"} == KIND.invitation_options


def test_the_public_host_name_is_where_links_and_customers_go() -> None:
    appliance = Appliance(generate_session_key=KEYED)
    with beyondtrust(appliance, public_hostname="help.example.com") as platform:
        assert platform.invite(with_options()).join_page == "https://help.example.com/"
    assert appliance.fields()["url_hostname"] == "help.example.com"


def test_an_attribute_that_is_too_long_is_cut_and_named() -> None:
    with beyondtrust(Appliance(generate_session_key=KEYED)) as platform:
        assert platform.invite(with_options(attributes={"asset": "x" * 1025})).cut == ("asset",)


@pytest.mark.parametrize(
    "options",
    [{"queue": "everybody"}, {"priority": 4}, {"priority": "high"}, {"ttl_seconds": 0}, {"attributes": {"a b": "c"}}],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(options: dict[str, object]) -> None:
    with beyondtrust(no_network) as platform, pytest.raises(Rejected):
        platform.invite(with_options(**options))


def test_fields_are_not_attributes() -> None:
    with beyondtrust(no_network) as platform, pytest.raises(Rejected):
        platform.invite(InvitationRequest("42", "r", {"cfield0": "x"}))


def test_a_key_whose_answer_was_cut_has_an_unknown_outcome() -> None:
    def cut(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    with beyondtrust(cut) as platform, pytest.raises(UnknownOutcome):
        platform.invite(with_options())


def test_the_token_goes_in_a_header_and_the_connection_is_closed() -> None:
    appliance = Appliance(generate_session_key=KEYED)
    with beyondtrust(appliance) as platform:
        platform.invite(with_options())
    [(_, _, request)] = appliance.asked
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["connection"] == "close"
    assert not request.url.query


def test_a_refused_token_is_renewed_once() -> None:
    vault = MemoryVault()
    refused = httpx.Response(200, json={"error": "access_denied"})
    appliance = Appliance(generate_session_key=[refused, KEYED])
    with beyondtrust(appliance, vault=vault) as platform:
        assert platform.invite(with_options()).code == "1234567"
    assert appliance.calls == ["generate_session_key"] * 2


# -- attributes ----------------------------------------------------------------------------------------------------


def test_attributes_of_a_running_session_are_set_and_cleared() -> None:
    appliance = Appliance(set_session_attributes=SET)
    with beyondtrust(appliance) as platform:
        platform.set_attributes(LSID, {REFERENCE_ATTRIBUTE: "43", "asset": ""})
    sent = appliance.fields()
    assert sent["lsid"] == LSID
    assert {name: value for name, value in sent.items() if name.startswith("session.")} == {
        "session.custom.external_key": "43",
        "session.custom.asset": "",
    }


def test_a_session_that_does_not_run_any_more_is_not_found() -> None:
    appliance = Appliance(set_session_attributes=said("error", "The session does not exist."))
    with beyondtrust(appliance) as platform, pytest.raises(NotFound):
        platform.set_attributes(LSID, {"asset": "PC-7"})


# -- what comes back -----------------------------------------------------------------------------------------------


def test_a_session_that_the_report_does_not_hold_yet_is_asked_for_again() -> None:
    with beyondtrust(Appliance(SupportSession=said("session_list"))) as platform:
        session = platform.fetch_session(LSID)
    assert (session.id, session.ended, session.patience_seconds) == (LSID, False, 600)


def test_a_session_is_read_from_its_report() -> None:
    times = '<start_time timestamp="1772447400"/><end_time timestamp="1772448010"/>'
    report = said("session_list", f'<session lsid="{LSID}"><external_key>4711</external_key>{times}</session>')
    empty = said("exit_survey_list")
    appliance = Appliance(SupportSession=report, SupportCustExitSurvey=empty, SupportRepExitSurvey=empty)
    with beyondtrust(appliance) as platform:
        session = platform.fetch_session(LSID)
    assert (session.id, session.reference, session.ended, session.patience_seconds) == (LSID, "4711", True, 0)
    assert LSID in appliance.fields(0).values()


def test_sessions_are_found_by_start_by_end_and_by_survey() -> None:
    listing = said(
        "session_summary_list",
        f'<session_summary lsid="{LSID}"><external_key>4711</external_key>\
</session_summary>',
    )
    none = said("exit_survey_list")
    appliance = Appliance(SupportSessionListing=listing, SupportCustExitSurvey=none, SupportRepExitSurvey=none)
    with beyondtrust(appliance) as platform:
        found = list(platform.sessions_since(datetime(2026, 3, 2, tzinfo=UTC)))
    assert {(one.id, one.reference, one.ended) for one in found} == {(LSID, "4711", True)}
    assert sorted(appliance.calls) == ["SupportCustExitSurvey", "SupportRepExitSurvey", *["SupportSessionListing"] * 2]


def test_a_recording_is_fetched_whole() -> None:
    with beyondtrust(Appliance(SupportSessionRecording=FILM)) as platform:
        attachment = platform.fetch_recording(LSID, "session", 100)
    assert (attachment.content, attachment.media_type) == (FILM.content, "video/mp4")


def test_a_recording_that_is_too_large_is_rejected_as_oversize() -> None:
    with beyondtrust(Appliance(SupportSessionRecording=FILM)) as platform, pytest.raises(Rejected) as refused:
        platform.fetch_recording(LSID, "session", 10)
    assert refused.value.code == "oversize"


# -- who we are ----------------------------------------------------------------------------------------------------


def info(**permissions: str) -> httpx.Response:
    listed = "".join(f'<permission name="{name}">{value}</permission>' for name, value in permissions.items())
    head = "<api_version>1.22.2</api_version><company_name>acme</company_name>"
    return said("get_api_info", f"{head}<permissions>{listed}</permissions>")


GRANTED = {"perm_command": "full_access", "perm_reporting_support": "1", "perm_real_time_state": "1"}


def probed(answer: httpx.Response, **keys: Any) -> str:
    with beyondtrust(Appliance(get_api_info=answer), **keys) as platform:
        return platform.probe()


def test_the_probe_names_company_and_version() -> None:
    assert probed(info(**GRANTED), real_time=True) == "acme, API 1.22.2"


@pytest.mark.parametrize(
    ("permission", "value", "lacks"),
    [
        ("perm_command", "read_only", "full access to the command API"),
        ("perm_command", "deny", "full access to the command API"),
        ("perm_reporting_support", "0", "the reports of support sessions"),
        ("perm_real_time_state", "0", "the real-time state"),
    ],
)
def test_the_probe_names_what_the_account_lacks(permission: str, value: str, lacks: str) -> None:
    assert probed(info(**{**GRANTED, permission: value}), real_time=True).endswith(f"lacks {lacks}")


def test_what_the_connection_does_not_need_is_not_missed() -> None:
    assert "lacks" not in probed(info(**{**GRANTED, "perm_real_time_state": "0"}))


def test_an_appliance_that_tells_no_permissions_lacks_none() -> None:
    assert probed(info()) == "acme, API 1.22.2"


def test_a_refused_account_is_access_denied() -> None:
    with pytest.raises(AccessDenied):
        probed(httpx.Response(401))


def test_the_accounts_limits_are_kept() -> None:
    """20 in any second, 15,000 in any hour (guide, Request Rate Limits)."""
    by_second, by_hour = KIND.rates["requests"]
    assert by_second.burst + by_second.per_second <= 20
    assert by_hour.burst + by_hour.per_second * 3_600 == pytest.approx(15_000)


# -- the old dialect -----------------------------------------------------------------------------------------------


def test_an_old_appliance_is_asked_in_its_own_words() -> None:
    appliance = Appliance(generate_session_key=KEYED)
    with beyondtrust(appliance, api="2008") as platform:
        platform.invite(with_options(queue="team:1", ttl_seconds=60))
    [(_, sent, request)] = appliance.asked
    assert request.url.path == "/api/command.ns"
    assert sent["external_key"] == "42"
    assert (sent["username"], sent["password"]) == ("deskbridge", "made-up-password")
    assert "authorization" not in request.headers


def test_an_old_appliance_has_no_attributes_and_no_live_state() -> None:
    with beyondtrust(no_network, api="2008") as platform:
        assert not platform.capabilities & {Capability.SET_ATTRIBUTES, Capability.WATCH}
        for call in (
            lambda: platform.invite(with_options(attributes={"asset": "PC-7"})),
            lambda: platform.set_attributes(LSID, {"asset": "PC-7"}),
            lambda: platform.watch(lambda: True),
        ):
            with pytest.raises(Rejected):
                call()
