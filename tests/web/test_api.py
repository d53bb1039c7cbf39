"""The API: who is let in, pages and filters, stories, and what an administrator may ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from bridge.errors import AccessDenied, Rejected
from bridge.model import ChatLine, ChatPart, Person, Session, Ticket
from tests.web.desk import Desk

ASKING = Ticket("7", subject="Printer on fire", tags=frozenset({"remote"}), requester=Person("Ada", "ada@example.com"))
CHAT = (ChatPart(1, (ChatLine("hello", "Ada"), ChatLine("good morning", "Tess"))),)


def ended(session_id: str = "s1", reference: str = "", **more: Any) -> Session:
    return Session(session_id, reference=reference, chat=CHAT, ended=True, **more)


# -- who is let in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "wrong", "an-administrator-toke", "an-administrator-tokenx"])
def test_a_wrong_token_is_401_without_a_hint(desk: Desk, token: str) -> None:
    answer = desk.api("/deliveries", token=token)
    assert (answer.status_code, answer.json) == (401, {"error": "unauthorized"})
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_no_authorization_at_all_is_the_same(desk: Desk) -> None:
    answer = desk.app.test_client().get("/api/v1/deliveries")
    assert (answer.status_code, answer.json) == (401, {"error": "unauthorized"})


def test_a_token_in_the_url_is_refused_even_when_right(desk: Desk) -> None:
    token = desk.services.house.settings.admin_token
    assert desk.app.test_client().get(f"/api/v1/deliveries?token={token}").status_code == 401
    assert desk.api(f"/deliveries?access_token={token}").status_code == 401


def test_the_consoles_cookie_is_no_token(desk: Desk) -> None:
    browser = desk.browser()
    browser.sign_in()
    assert browser.get("/api/v1/deliveries").status_code == 401


def test_answers_are_not_kept(desk: Desk) -> None:
    assert desk.api("/deliveries").headers["Cache-Control"] == "no-store"


# -- lists -----------------------------------------------------------------------------------------------------


def all_pages(desk: Desk, path: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(100):
        joint = "&" if "?" in path else "?"
        page = desk.api(f"{path}{joint}limit={limit}&cursor={cursor}").json
        assert len(page["items"]) <= limit
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found
    raise AssertionError("the pages never end")


LISTS = ("deliveries", "sessions", "effects", "invitations", "orphans", "connections")


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list(desk: Desk, name: str) -> None:
    page = desk.api(f"/{name}").json
    assert page["next_cursor"] is None
    assert page["items"] == [] or name == "connections"


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_pages_are_complete_and_without_doubles(desk: Desk, limit: int) -> None:
    sent = [desk.ask(Ticket(str(number), tags=frozenset({"remote"}))) for number in range(7)]
    sent += [desk.tell(ended(f"s{number}")) for number in range(7)]
    desk.work()
    assert [int(item["id"]) for item in all_pages(desk, "/deliveries", limit)] == sent[::-1]
    for name, count in (("sessions", 7), ("orphans", 7), ("invitations", 7), ("effects", 21)):
        items = all_pages(desk, f"/{name}", limit)
        ids = [int((item.get("session") or item)["id"]) for item in items]
        assert ids == sorted(set(ids), reverse=True)
        assert len(ids) == count


def test_what_comes_while_paging_moves_nothing(desk: Desk) -> None:
    first = [desk.tell(ended(f"s{number}")) for number in range(4)]
    page = desk.api("/deliveries?limit=2").json
    desk.tell(ended("later"))
    rest = desk.api(f"/deliveries?limit=9&cursor={page['next_cursor']}").json["items"]
    assert [int(item["id"]) for item in rest] == first[1::-1]


def test_filters(desk: Desk) -> None:
    asked = desk.ask(ASKING)
    desk.work()
    desk.clock.now += 3600
    told = desk.tell(ended(reference=desk.reference("7")))
    desk.post_hook("remote", b"not ours")

    def ids(query: str) -> list[int]:
        return [int(item["id"]) for item in desk.api(f"/deliveries?{query}").json["items"]]

    assert ids("state=done") == [asked]
    assert ids("state=new") == [told]
    assert ids("connection=desk") == [asked]
    assert ids("state=refused&connection=desk") == []
    assert told in ids("since=2026-03-02T11:00:00Z")
    assert asked not in ids("since=2026-03-02T11:00:00+00:00")
    assert asked in ids("since=2026-03-02")


def test_search_by_whatever_is_in_hand(desk: Desk) -> None:
    asked = desk.ask(ASKING)
    told = desk.tell(ended(reference=desk.reference("7")))
    desk.work()
    story = desk.api(f"/deliveries/{told}").json["delivery"]

    def ids(path: str) -> list[int]:
        return [int(item["id"]) for item in desk.api(path).json["items"]]

    assert ids("/deliveries?q=7") == [asked]
    assert ids("/deliveries?q=s1") == [told]
    assert ids(f"/deliveries?q={told}") == [told]
    assert ids(f"/deliveries?q={story['correlation']}") == [told]
    assert ids(f"/deliveries?q={story['key'][:9]}") == [told]
    assert ids("/sessions?q=s1") == ids("/sessions?q=7") == ids("/sessions")
    assert ids("/invitations?q=7") == ids("/invitations")
    assert ids("/effects?q=7") == ids("/effects")
    (card,) = desk.api("/effects?q=card:remote:s1").json["items"]
    assert card["kind"] == "add_note"
    assert ids(f"/effects?q={card['id']}") == [int(card["id"])]
    assert ids("/deliveries?q=unheard-of") == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("state=nonsense", "state"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("since=yesterday", "since"),
        ("cursor=abc", "cursor"),
        ("cursor=WyJ4Il0", "cursor"),
        ("cursor=Wy0xXQ", "cursor"),
        ("colour=red", "colour"),
    ],
)
def test_a_filter_that_is_not_right(desk: Desk, query: str, name: str) -> None:
    answer = desk.api(f"/deliveries?{query}")
    assert answer.status_code == 422
    assert list(answer.json["problems"]) == [name]


@pytest.mark.parametrize(
    "q", ["%00", "%FF", "9" * 19, "9" * 40, "%", "_", "'", "\N{SNOWMAN}" * 90, "%F4%8F%BF%BFxxxxxx"]
)
@pytest.mark.parametrize("name", ["deliveries", "sessions", "effects", "invitations", "orphans"])
def test_a_strange_search_finds_nothing(desk: Desk, name: str, q: str) -> None:
    answer = desk.api(f"/{name}?q={q}")
    assert (answer.status_code, answer.json["items"]) == (200, [])


# -- stories ---------------------------------------------------------------------------------------------------


def test_the_story_of_a_delivery(desk: Desk) -> None:
    asked = desk.ask(ASKING)
    desk.work()
    story = desk.api(f"/deliveries/{asked}").json
    assert [event["subject"] for event in story["delivery"]["events"]] == ["7"]
    assert story["routes"] == ["remote help"]
    assert [effect["kind"] for effect in story["effects"]] == ["read_ticket", "invite", "add_note"]
    assert {effect["state"] for effect in story["effects"]} == {"done"}
    assert any("invitation 1 issued" in line["what"] for line in story["journal"])
    assert "session_requested" in story["body"]


def test_the_story_of_a_session(desk: Desk) -> None:
    desk.ask(ASKING)
    desk.work()
    told = desk.tell(ended(reference=desk.reference("7"), technician=Person("Tess")))
    desk.work()
    (item,) = desk.api("/sessions?state=ended").json["items"]
    story = desk.api(f"/sessions/{item['id']}").json
    assert item["ticket"] == {"connection": "desk", "ticket_id": "7"}
    assert [delivery["id"] for delivery in story["deliveries"]] == [str(told)]
    assert [effect["kind"] for effect in story["effects"]] == ["read_session", "add_note"]
    assert [invitation["code"] for invitation in story["invitations"]] == ["482915"]
    assert story["details"]["chat"][0]["lines"][0]["text"] == "hello"
    assert story["journal"]


def test_a_secret_of_the_sender_is_not_stored(desk: Desk) -> None:
    story = desk.api(f"/deliveries/{desk.ask(ASKING)}")
    assert "a-hook-secret" not in story.text


@pytest.mark.parametrize(
    "path", ["/deliveries/99", "/sessions/99", "/effects/99", f"/deliveries/{10**30}", "/nowhere", "/deliveries/x"]
)
def test_what_is_not_there_is_404(desk: Desk, path: str) -> None:
    answer = desk.api(path)
    assert answer.status_code == 404
    assert "error" in answer.json


def test_the_wrong_method_is_405(desk: Desk) -> None:
    answer = desk.api("/deliveries", {})
    assert (answer.status_code, answer.json) == (405, {"error": "method not allowed"})
    assert "GET" in answer.headers["Allow"]


# -- what an administrator may ask for -------------------------------------------------------------------------


def test_an_orphan_is_suggested_and_linked(desk: Desk) -> None:
    desk.ask(ASKING)
    desk.work()
    desk.clock.now += 60
    desk.tell(ended(customer=Person("Ada", "ADA@example.com"), reference="#7"))
    desk.work()
    (orphan,) = desk.api("/orphans").json["items"]
    (suggestion,) = orphan["suggestions"]
    assert suggestion["ticket"] == {"connection": "desk", "ticket_id": "7"}
    assert len(suggestion["reasons"]) == 3

    answer = desk.api(f"/sessions/{orphan['session']['id']}/link", suggestion["ticket"])
    assert answer.status_code == 202
    story = desk.api(f"/deliveries/{answer.json['delivery']}").json
    assert story["delivery"]["connection"] == "admin"
    assert story["delivery"]["state"] == "done"
    assert any("linked to ticket desk:7 by an administrator (API)" in line["what"] for line in story["journal"])
    desk.work()
    assert desk.api("/orphans").json["items"] == []
    assert desk.system.notes[-1][0] == "7"


def test_nothing_speaks_for_a_stranger(desk: Desk) -> None:
    desk.tell(ended(customer=Person("Zoe")))
    desk.ask(ASKING)
    desk.work()
    desk.clock.now += 90000
    desk.tell(ended("s2", customer=Person("Zoe")))
    desk.work()
    newest = desk.api("/orphans").json["items"][0]
    assert newest["session"]["session_id"] == "s2"
    assert newest["suggestions"] == []


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"connection": "remote", "ticket_id": "7"}, ["connection"]),
        ({"connection": "desk", "ticket_id": ""}, ["ticket_id"]),
        ({"connection": "desk", "ticket_id": "7\0"}, ["ticket_id"]),
        ({"connection": "desk", "ticket_id": "7" * 201}, ["ticket_id"]),
        ({"connection": "desk"}, ["ticket_id"]),
        ({"connection": "desk", "ticket_id": "7", "by": "me"}, ["by"]),
        ({}, ["connection", "ticket_id"]),
        ([], ["body"]),
    ],
)
def test_a_link_that_is_not_right(desk: Desk, body: object, names: list[str]) -> None:
    desk.tell(ended())
    desk.work()
    answer = desk.api("/sessions/1/link", body)
    assert answer.status_code == 422
    assert sorted(answer.json["problems"]) == names


def test_a_link_of_no_session(desk: Desk) -> None:
    assert desk.api("/sessions/9/link", {"connection": "desk", "ticket_id": "7"}).status_code == 404


def test_a_body_that_is_no_json(desk: Desk) -> None:
    client = desk.app.test_client()
    headers = {"Authorization": f"Bearer {desk.services.house.settings.admin_token}"}
    broken = client.post("/api/v1/invitations", data="{", headers=headers, content_type="application/json")
    form = client.post("/api/v1/invitations", data="a=b", headers=headers, content_type="text/plain")
    assert (broken.status_code, form.status_code) == (400, 415)


def test_an_invitation_is_made(desk: Desk) -> None:
    desk.system.tickets["7"] = Ticket("7")
    answer = desk.api("/invitations", {"connection": "desk", "ticket_id": "7", "route": "remote help"})
    assert answer.status_code == 202
    desk.work()
    (invitation,) = desk.api("/invitations?state=issued").json["items"]
    assert (invitation["ticket"]["ticket_id"], invitation["code"]) == ("7", "482915")


def test_an_invitation_by_no_route(desk: Desk) -> None:
    answer = desk.api("/invitations", {"connection": "desk", "ticket_id": "7", "route": "x"})
    assert (answer.status_code, list(answer.json["problems"])) == (422, ["route"])


def parked(desk: Desk) -> dict[str, Any]:
    """An invitation's note that the desk refused."""
    asked = desk.ask(ASKING)
    desk.work_until_note(Rejected("the ticket is locked"))
    (effect,) = desk.api("/effects?state=parked").json["items"]
    assert effect["delivery_id"] == str(asked)
    return dict(effect)


def test_a_parked_effect_says_who_must_act_and_is_retried(desk: Desk) -> None:
    effect = parked(desk)
    assert (effect["act"], effect["reason"]) == ("operator", "the ticket is locked")
    assert desk.api(f"/effects/{effect['id']}/retry", {}).status_code == 200
    desk.work()
    story = desk.api(f"/effects/{effect['id']}").json
    assert story["effect"]["state"] == "done"
    assert any("asked by an administrator (API)" in line["what"] for line in story["journal"])
    assert len(desk.system.notes) == 1
    assert desk.api(f"/effects/{effect['id']}/retry", {}).status_code == 409


def test_a_parked_effect_is_skipped_with_a_reason(desk: Desk) -> None:
    effect = parked(desk)
    assert desk.api(f"/effects/{effect['id']}/skip", {"reason": " "}).status_code == 422
    assert desk.api(f"/effects/{effect['id']}/skip", {"reason": "told by phone"}).status_code == 200
    story = desk.api(f"/effects/{effect['id']}").json
    assert story["effect"]["state"] == "skipped"
    assert "told by phone" in story["effect"]["reason"]
    assert "skipped by an administrator (API)" in story["journal"][-1]["what"]
    assert desk.api(f"/effects/{effect['id']}/skip", {"reason": "again"}).status_code == 409
    assert desk.api("/effects/99/skip", {"reason": "x"}).status_code == 404


def test_a_replay_changes_nothing_when_all_is_done(desk: Desk) -> None:
    asked = desk.ask(ASKING)
    assert desk.api(f"/deliveries/{asked}/replay", {}).status_code == 409
    desk.work()
    assert desk.api(f"/deliveries/{asked}/replay", {}).status_code == 200
    desk.work()
    story = desk.api(f"/deliveries/{asked}").json
    assert story["delivery"]["replays"] == 1
    assert any("replayed, asked by an administrator (API)" in line["what"] for line in story["journal"])
    assert len(desk.system.notes) == 1
    assert desk.api("/deliveries/99/replay", {}).status_code == 404


def test_a_stopped_connection_is_resumed(desk: Desk) -> None:
    desk.system.refuse = AccessDenied("the token is refused")
    desk.ask(ASKING)
    desk.work()
    (stopped,) = desk.api("/connections?state=stopped").json["items"]
    assert (stopped["name"], stopped["open"]) == ("desk", 1)
    desk.system.refuse = None
    assert desk.api("/connections/desk/resume", {}).status_code == 200
    assert desk.api("/connections?state=stopped").json["items"] == []
    assert desk.api("/connections/unheard-of/resume", {}).status_code == 404


# -- the document ----------------------------------------------------------------------------------------------


def test_the_document_is_valid_and_open(desk: Desk) -> None:
    document = desk.api("/openapi.json", token="").json
    validate(document)


def test_the_document_tells_every_route_and_no_other(desk: Desk) -> None:
    document = desk.api("/openapi.json", token="").json
    told = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    routes = set()
    for rule in desk.app.url_map.iter_rules():
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi":
            path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)
            routes |= {(path, method) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert told == routes


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/deliveries"),
        ("get", "/deliveries/{number}"),
        ("post", "/deliveries/{number}/replay"),
        ("get", "/sessions"),
        ("get", "/sessions/{number}"),
        ("post", "/sessions/{number}/link"),
        ("get", "/invitations"),
        ("post", "/invitations"),
        ("get", "/effects"),
        ("get", "/effects/{number}"),
        ("post", "/effects/{number}/retry"),
        ("post", "/effects/{number}/skip"),
        ("get", "/orphans"),
        ("get", "/connections"),
        ("post", "/connections/{name}/resume"),
    ],
)
def test_the_public_contract_is_in_the_document(desk: Desk, method: str, path: str) -> None:
    found = desk.api("/openapi.json", token="").json["paths"][f"/api/v1{path}"][method]
    assert found["summary"]
    assert {"401", "503"} <= found["responses"].keys()
