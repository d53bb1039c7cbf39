"""How a route has its invitations: whose PIN, of which kind, with whose words, and what if nobody is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.errors import NobodyThere, NobodyYet
from bridge.model import Invitation, InvitationRequest, Person
from tests.connectors.rescue.support import Api, rescue
from tests.contract.workshop import MemoryVault

PLAIN = InvitationRequest("4711", "DB1:zendesk:4711:1:mac")
PIN = "OK\n\nPINCODE:012345"
API = Path(__file__).parents[2] / "fixtures" / "rescue" / "api"
USER = (API / "getUser_v3.txt").read_text(encoding="utf-8")
WORDS = "OK\n\nSUBJECT:Help\nTEXT:Please click: here\nLINK:https://example.com/R?i=2&Code=012345\nSIGNATURE:Support"
LENS = (API / "requestLensPINCodeV4.xml").read_text(encoding="utf-8")


def invited(api: Api, request: InvitationRequest = PLAIN, vault: MemoryVault | None = None) -> Invitation:
    with rescue(api, vault) as connector:
        return connector.invite(request)


def wanting(**options: object) -> InvitationRequest:
    return replace(PLAIN, options=options)


def test_a_channel_is_only_asked_where_the_route_does_not_invite_all_the_same() -> None:
    api = Api(requestPINCode_v3=PIN)
    invited(api, wanting(channel="1902861082"))
    invited(api, wanting(channel="1902861082", if_nobody="invite"))
    assert api.calls == ["requestPINCode_v3", "requestPINCode_v3"]


@pytest.mark.parametrize(("choice", "error"), [("tell", NobodyThere), ("wait", NobodyYet)])
def test_when_nobody_is_on_the_channel_there_is_no_pin(choice: str, error: type[Exception]) -> None:
    api = Api(isAnyTechAvailableOnChannel="FALSE", requestPINCode_v3=PIN)
    with pytest.raises(error, match="nobody is available on channel 1902861082"):
        invited(api, wanting(channel="1902861082", if_nobody=choice))
    assert api.calls == ["isAnyTechAvailableOnChannel"]
    assert api.form()["ChannelID"] == "1902861082"


@pytest.mark.parametrize("choice", ["tell", "wait"])
def test_when_somebody_is_on_the_channel_there_is_one(choice: str) -> None:
    api = Api(isAnyTechAvailableOnChannel="TRUE", requestPINCode_v3=PIN)
    assert invited(api, wanting(channel="1902861082", if_nobody=choice)).code == "012345"


def test_a_pin_for_the_assignee_goes_by_their_address_which_is_asked_for_once() -> None:
    api, vault = Api(getUser_v3=USER, requestPINCode_v3=PIN), MemoryVault()
    request = replace(PLAIN, technician=Person(email="Technician2@example.com"))
    for _ in range(2):
        assert not invited(api, request, vault).trouble
        assert api.form()["NodeId"] == "337366"
    assert api.calls == ["getUser_v3", "requestPINCode_v3", "requestPINCode_v3"]


def test_a_technician_who_is_known_by_their_node_needs_no_asking() -> None:
    api = Api(requestPINCode_v3=PIN)
    invited(api, replace(PLAIN, technician=Person(id="337367")))
    assert api.form()["NodeId"] == "337367"


def test_an_assignee_who_is_no_technician_leaves_the_pin_to_anybody_and_it_is_said() -> None:
    api = Api(getUser_v3="INVALIDPARAM_NODE", requestPINCode_v3=PIN)
    invitation = invited(api, replace(PLAIN, technician=Person(email="agent@example.com")))
    assert invitation.trouble == "the ticket's assignee is no technician of Rescue, so the PIN is anybody's"
    assert "NodeId" not in api.form()


def test_lens_by_sms_in_a_language() -> None:
    api = Api(requestLensPINCode_v3=PIN)
    invitation = invited(api, wanting(lens=True, sms="+49 30 1234", sms_language="de"))
    assert (invitation.code, invitation.trouble) == ("012345", "")
    assert (api.form()["PhoneNumber"], api.form()["LangCode"]) == ("+49 30 1234", "de")


def test_lens_for_a_technician_goes_by_soap() -> None:
    api = Api(requestLensPINCodeV4=LENS)
    request = replace(wanting(lens=True, sms="+49 30 1234"), technician=Person(id="337367"))
    assert invited(api, request).code == "012345"
    assert b"337367" in api.asked[-1][2].content


def test_an_sms_that_was_not_sent_is_told_and_the_pin_is_good() -> None:
    api = Api(requestLensPINCodeV4=LENS.replace("sendInvitationForMobileSession_OK", "NO_MORE_SMS"))
    request = replace(wanting(lens=True, sms="+49 30 1234"), technician=Person(id="337367"))
    invitation = invited(api, request)
    assert invitation.code == "012345"
    assert invitation.trouble.startswith("no SMS was sent: ")
    assert "+49" not in invitation.trouble


def test_an_empty_number_means_no_sms() -> None:
    api = Api(requestLensPINCode_v2=PIN)
    invited(api, wanting(lens=True, sms="", sms_language="de"))
    assert "LangCode" not in api.form()


def test_the_accounts_own_words_and_link() -> None:
    invitation = invited(Api(requestPINCode_v3=PIN, generateEmailText=WORDS), wanting(words="platform"))
    assert invitation.words == ("Please click: here", "Support")
    assert invitation.url == "https://example.com/R?i=2&Code=012345"


def test_a_pin_is_not_lost_with_the_words() -> None:
    invitation = invited(Api(requestPINCode_v3=PIN, generateEmailText="ERROR"), wanting(words="platform"))
    assert (invitation.code, invitation.words) == ("012345", ())
    assert "own text could not be had" in invitation.trouble
    assert "012345" not in invitation.trouble
