"""The help desk's API and the traps in it, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.driver import HelpdeskUser
from sandbox.serve import Sandbox

LONG = 65_536


def put(zendesk: httpx.Client, ticket: int, **changes: Any) -> httpx.Response:
    return zendesk.put(f"/api/v2/tickets/{ticket}.json", json={"ticket": changes})


def get(zendesk: httpx.Client, ticket: int) -> dict[str, Any]:
    found: dict[str, Any] = zendesk.get(f"/api/v2/tickets/{ticket}.json").json()["ticket"]
    return found


def comments(zendesk: httpx.Client, ticket: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = zendesk.get(f"/api/v2/tickets/{ticket}/comments.json").json()["comments"]
    return found


@pytest.mark.parametrize(
    "auth",
    [None, ("bridge@example.com", "sandbox-zendesk-token"), ("bridge@example.com/token", "wrong")],
    ids=["none", "password instead of token", "wrong token"],
)
def test_no_entry_without_the_token(sandbox: Sandbox, auth: tuple[str, str] | None) -> None:
    answer = httpx.get(f"{sandbox.helpdesk_url}/api/v2/users/me.json", auth=auth, trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["error"] == "Couldn't authenticate you"


def test_a_bearer_token_opens_too(sandbox: Sandbox) -> None:
    headers = {"Authorization": "Bearer sandbox-zendesk-bearer"}
    answer = httpx.get(f"{sandbox.helpdesk_url}/api/v2/users/me.json", headers=headers, trust_env=False)
    assert answer.json()["user"]["email"] == "bridge@example.com"


def test_a_ticket_with_its_people(zendesk: httpx.Client, ticket: int) -> None:
    answer = zendesk.get(f"/api/v2/tickets/{ticket}.json", params={"include": "users"}).json()
    found = answer["ticket"]
    assert (found["id"], found["subject"], found["description"]) == (ticket, "Printer", "It blinks.")
    assert [user["id"] for user in answer["users"]] == [found["requester_id"]]


@pytest.mark.parametrize("path", ["/api/v2/tickets/1.json", "/api/v2/nothing", "/api/v2/tickets/x/audits"])
def test_what_does_not_exist(zendesk: httpx.Client, path: str) -> None:
    answer = zendesk.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "RecordNotFound")


def test_an_update_answers_with_its_audit(zendesk: httpx.Client, ticket: int) -> None:
    answer = put(
        zendesk,
        ticket,
        status="open",
        comment={"body": "Internal", "public": False},
        metadata={"custom": {"mark": "abc"}},
        custom_fields=[{"id": 360000000001, "value": "yes"}, {"id": 5, "value": "unknown"}],
    ).json()
    assert answer["ticket"]["status"] == "open"
    assert answer["ticket"]["custom_fields"][0] == {"id": 360000000001, "value": "yes"}
    assert [field["id"] for field in answer["ticket"]["custom_fields"]] == [360000000001, 360000000002]
    audit = answer["audit"]
    assert audit["metadata"]["custom"] == {"mark": "abc"}
    assert [event["type"] for event in audit["events"]] == ["Change", "Change", "Comment"]
    assert comments(zendesk, ticket)[-1]["metadata"]["custom"] == {"mark": "abc"}


def test_a_stale_stamp_is_a_conflict(zendesk: httpx.Client, ticket: int) -> None:
    stamp = get(zendesk, ticket)["updated_at"]
    first = put(zendesk, ticket, safe_update=True, updated_stamp=stamp, comment={"body": "one"})
    second = put(zendesk, ticket, safe_update=True, updated_stamp=stamp, comment={"body": "two"})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["error"] == "UpdateConflict"
    assert [comment["body"] for comment in comments(zendesk, ticket)] == ["It blinks.", "one"]


def test_stamps_of_one_ticket_always_advance(zendesk: httpx.Client, ticket: int) -> None:
    stamps = [put(zendesk, ticket, priority=word).json()["ticket"]["updated_at"] for word in ("low", "high")]
    assert get(zendesk, ticket)["created_at"] < stamps[0] < stamps[1]


def test_a_closed_ticket_cannot_be_changed(zendesk: httpx.Client, desk: HelpdeskUser, ticket: int) -> None:
    desk.close_ticket(ticket)
    for answer in (
        put(zendesk, ticket, comment={"body": "late"}),
        zendesk.put(f"/api/v2/tickets/{ticket}/tags.json", json={"tags": ["late"]}),
    ):
        assert answer.status_code == 422
        assert answer.json()["error"] == "RecordInvalid"
        assert "closed" in answer.json()["details"]["status"][0]["description"]


def test_a_follow_up_wants_a_closed_ticket(zendesk: httpx.Client, desk: HelpdeskUser, ticket: int) -> None:
    asked = {"ticket": {"via_followup_source_id": ticket, "comment": {"body": "again"}}}
    assert zendesk.post("/api/v2/tickets.json", json=asked).status_code == 422
    desk.close_ticket(ticket)
    answer = zendesk.post("/api/v2/tickets.json", json=asked)
    assert answer.status_code == 201
    assert answer.json()["ticket"]["via"]["source"]["from"]["ticket_id"] == ticket


def test_one_idempotency_key_makes_one_ticket(zendesk: httpx.Client) -> None:
    asked = {"ticket": {"subject": "Once", "comment": {"body": "once"}}}
    headers = {"Idempotency-Key": "k1"}
    first = zendesk.post("/api/v2/tickets.json", json=asked, headers=headers)
    second = zendesk.post("/api/v2/tickets.json", json=asked, headers=headers)
    assert first.json() == second.json()
    looked = [answer.headers["x-idempotency-lookup"] for answer in (first, second)]
    assert looked == ["miss", "hit"]
    other = zendesk.post("/api/v2/tickets.json", json={"ticket": {"comment": {"body": "x"}}}, headers=headers)
    assert other.status_code == 400


def test_a_key_is_forgotten_after_two_hours(sandbox: Sandbox, zendesk: httpx.Client) -> None:
    asked = {"ticket": {"subject": "Once", "comment": {"body": "once"}, "external_id": "mine"}}

    def made() -> int:
        answer = zendesk.post("/api/v2/tickets.json", json=asked, headers={"Idempotency-Key": "k2"})
        return int(answer.json()["ticket"]["id"])

    first = made()
    sandbox.clock.advance(7_199)
    assert made() == first
    sandbox.clock.advance(1)
    second = made()
    assert second != first
    listed = zendesk.get("/api/v2/tickets.json", params={"external_id": "mine"}).json()["tickets"]
    assert [ticket["id"] for ticket in listed] == [first, second]
    assert zendesk.get("/api/v2/tickets.json", params={"external_id": "min"}).json()["tickets"] == []


def test_a_merged_ticket_is_closed_and_both_name_each_other(
    zendesk: httpx.Client, desk: HelpdeskUser, ticket: int
) -> None:
    into = desk.open_ticket("All printers", "They blink.")
    answer = zendesk.post(f"/api/v2/tickets/{into}/merge.json", json={"ids": [ticket]})
    assert answer.json()["job_status"]["status"] == "completed"
    assert get(zendesk, ticket)["status"] == "closed"
    assert "closed_by_merge" in get(zendesk, ticket)["tags"]
    assert get(zendesk, into)["status"] == "new"
    assert f"#{into}" in comments(zendesk, ticket)[-1]["body"]
    assert f"#{ticket}" in comments(zendesk, into)[-1]["body"]
    again = zendesk.post(f"/api/v2/tickets/{into}/merge.json", json={"ids": [ticket]})
    assert again.status_code == 422


def test_tags_in_an_update_replace_the_set(zendesk: httpx.Client, ticket: int) -> None:
    put(zendesk, ticket, tags=["one", "Two words"])
    assert get(zendesk, ticket)["tags"] == ["one", "two", "words"]
    put(zendesk, ticket, tags=["three"])
    assert get(zendesk, ticket)["tags"] == ["three"]


def test_tags_can_be_added_and_removed(zendesk: httpx.Client, ticket: int) -> None:
    path = f"/api/v2/tickets/{ticket}/tags.json"
    assert zendesk.put(path, json={"tags": ["a", "b"]}).json() == {"tags": ["a", "b"]}
    assert zendesk.put(path, json={"tags": ["c"]}).json() == {"tags": ["a", "b", "c"]}
    assert zendesk.request("DELETE", path, json={"tags": ["b"]}).json() == {"tags": ["a", "c"]}


def test_lists_by_cursor_and_backwards(zendesk: httpx.Client, ticket: int) -> None:
    for number in range(4):
        put(zendesk, ticket, comment={"body": f"number {number}"})
    address: str | None = f"/api/v2/tickets/{ticket}/comments.json?page[size]=2&sort=-created_at"
    seen: list[str] = []
    pages = 0
    while address:
        page = zendesk.get(address).json()
        seen += [comment["body"] for comment in page["comments"]]
        assert page["meta"]["has_more"] == (page["links"]["next"] is not None)
        address = page["links"]["next"]
        pages += 1
    assert seen == ["number 3", "number 2", "number 1", "number 0", "It blinks."]
    assert pages == 3


def test_lists_by_page_number(zendesk: httpx.Client, ticket: int) -> None:
    put(zendesk, ticket, comment={"body": "second"})
    page = zendesk.get(f"/api/v2/tickets/{ticket}/audits.json?per_page=1&sort_order=desc").json()
    assert page["count"] == 2
    assert page["audits"][0]["events"][0]["body"] == "second"
    assert zendesk.get(page["next_page"]).json()["next_page"] is None


def test_an_upload_is_used_once(sandbox: Sandbox, zendesk: httpx.Client, ticket: int) -> None:
    sent = zendesk.post("/api/v2/uploads.json?filename=chat.txt", content=b"hello")
    assert sent.status_code == 201
    token = sent.json()["upload"]["token"]
    first = put(zendesk, ticket, comment={"body": "file", "uploads": [token]})
    (event,) = first.json()["audit"]["events"]
    assert event["attachments"][0]["file_name"] == "chat.txt"
    assert zendesk.get(event["attachments"][0]["content_url"]).content == b"hello"
    assert put(zendesk, ticket, comment={"body": "file", "uploads": [token]}).status_code == 422


def test_an_upload_may_be_too_large(sandbox: Sandbox, zendesk: httpx.Client) -> None:
    sandbox.settings.helpdesk.attachment_limit = 4
    assert zendesk.post("/api/v2/uploads.json?filename=a", content=b"hello").status_code == 413


@pytest.mark.parametrize("name", ["body", "html_body"])
def test_a_comment_may_be_too_long(zendesk: httpx.Client, ticket: int, name: str) -> None:
    assert put(zendesk, ticket, comment={name: "x" * LONG}).status_code == 200
    answer = put(zendesk, ticket, comment={name: "x" * (LONG + 1)})
    assert answer.status_code == 422
    assert "comment" in answer.json()["details"]


def test_thirty_updates_of_a_ticket_in_ten_minutes(
    sandbox: Sandbox, zendesk: httpx.Client, desk: HelpdeskUser, ticket: int
) -> None:
    sandbox.settings.helpdesk.updates_per_ticket = 3
    assert [put(zendesk, ticket, tags=[str(number)]).status_code for number in range(3)] == [200] * 3
    refused = put(zendesk, ticket, tags=["4"])
    assert refused.status_code == 429
    assert 590 < int(refused.headers["Retry-After"]) <= 601
    assert int(refused.headers["X-Rate-Limit-Remaining"]) > 0
    # Another user and another ticket have their own count.
    desk.reply(ticket, "still there?")
    assert put(zendesk, desk.open_ticket("Other", "ticket"), tags=["a"]).status_code == 200
    sandbox.clock.advance(601)
    assert put(zendesk, ticket, tags=["5"]).status_code == 200


def test_the_limit_of_the_whole_account(sandbox: Sandbox, zendesk: httpx.Client) -> None:
    sandbox.settings.helpdesk.requests_per_minute = 2
    answers = [zendesk.get("/api/v2/users/me.json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert int(answers[-1].headers["Retry-After"]) > 0
    sandbox.clock.advance(61)
    assert zendesk.get("/api/v2/users/me.json").status_code == 200


def test_search_by_tag_and_time(zendesk: httpx.Client, desk: HelpdeskUser, ticket: int) -> None:
    desk.ask_for_session(ticket)
    desk.open_ticket("Other", "without the tag")
    stamp = get(zendesk, ticket)["updated_at"]

    def search(query: str) -> list[int]:
        answer = zendesk.get("/api/v2/search.json", params={"query": query})
        return [result["id"] for result in answer.json()["results"]]

    assert search("type:ticket tags:remote-support") == [ticket]
    assert search(f"type:ticket tags:remote-support updated>={stamp}") == [ticket]
    assert search(f"type:ticket tags:remote-support updated>{stamp}") == []
    assert search("type:ticket tags:remote-support status<solved") == [ticket]
    assert zendesk.get("/api/v2/search.json?query=colour:red").status_code == 422


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [("{", "application/json", 400), ("{}", "text/plain", 415), ("[]", "application/json", 400)],
)
def test_bodies_of_the_wrong_shape(zendesk: httpx.Client, ticket: int, body: str, kind: str, status: int) -> None:
    answer = zendesk.put(f"/api/v2/tickets/{ticket}.json", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status


def test_an_unknown_status_changes_nothing(zendesk: httpx.Client, ticket: int) -> None:
    assert put(zendesk, ticket, status="resolved", comment={"body": "x"}).status_code == 422
    assert len(comments(zendesk, ticket)) == 1


def test_placeholders_in_an_agents_comment_are_filled_in(
    sandbox: Sandbox, zendesk: httpx.Client, desk: HelpdeskUser, ticket: int
) -> None:
    text = "to {{ticket.requester.email}} {{ unknown }}!"
    put(zendesk, ticket, comment={"body": text})
    put(zendesk, ticket, comment={"html_body": f"<p>{text}</p>"})
    desk.reply(ticket, text, customer=True)
    sandbox.settings.helpdesk.expand_placeholders = False
    put(zendesk, ticket, comment={"body": text})
    bodies = [comment["body"] for comment in comments(zendesk, ticket)[1:]]
    assert bodies == ["to customer@example.com !", "to customer@example.com !", text, text]


def test_a_text_can_be_redacted(zendesk: httpx.Client, ticket: int) -> None:
    identity = comments(zendesk, ticket)[0]["id"]
    path = f"/api/v2/tickets/{ticket}/comments/{identity}/redact.json"
    assert zendesk.put(path, json={"text": "blinks"}).status_code == 200
    assert comments(zendesk, ticket)[0]["body"] == "It ▇▇▇▇▇▇."
    assert zendesk.put(path, json={"text": "blinks"}).status_code == 404
