"""A fake Help Scout: made for these tests from the vendor's documentation, not the vendor's program.

It is strict where Help Scout is strict: tags and custom fields are replaced as a whole, a merged conversation is told
by its own page only, a reply without a status opens what is closed, and a moment with parts of a second is refused.
Pages are small, so that everything that is listed has several.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

CLIENT, SECRET = "made-up-app-id", "made-up-app-secret"
TOKEN = "made-up-token-of-two-days"
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PAGE = 4
MAX_THREADS = 100
MAX_BODY = 10_000_000
MAILBOX = 85
STATUSES = ("active", "pending", "closed", "spam")
USER = {"id": 31, "type": "user", "first": "Desk", "last": "Bridge", "email": "bridge@example.com"}
AGENT = {"id": 32, "type": "user", "first": "Alex", "last": "Agent", "email": "agent@example.com"}
USERS = [
    {"id": 30 + number, "type": kind, "firstName": first, "lastName": last, "email": email, "role": "user"}
    for number, kind, first, last, email in (
        (1, "user", "Desk", "Bridge", "bridge@example.com"),
        (2, "user", "Alex", "Agent", "agent@example.com"),
        (3, "team", "Second", "Line", ""),
        (4, "user", "Third", "Agent", "third@example.com"),
        (5, "user", "Fourth", "Agent", "fourth@example.com"),
    )
]
CUSTOMER = {"id": 9, "type": "customer", "first": "Chris", "last": "Customer", "email": "customer@example.com"}
FIELDS: Sequence[dict[str, Any]] = (
    {"id": 104, "type": "singleline", "name": "Asset", "required": False, "order": 1},
    {
        "id": 105,
        "type": "dropdown",
        "name": "Remote session",
        "required": False,
        "order": 2,
        "options": [{"id": 168, "order": 1, "label": "Requested"}, {"id": 170, "order": 2, "label": "Done"}],
    },
    {"id": 106, "type": "date", "name": "Warranty", "required": False, "order": 3},
    {"id": 107, "type": "singleline", "name": "Room", "required": False, "order": 4},
    {"id": 108, "type": "singleline", "name": "Floor", "required": False, "order": 5},
)


class Refused(Exception):
    def __init__(self, status: int, *paths: str) -> None:
        super().__init__("what somebody typed")
        self.status = status
        self.paths = paths


@dataclass
class Thread:
    id: int
    type: str
    body: str
    by: dict[str, Any]
    created: datetime
    files: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        files = [{"id": number, "filename": one["fileName"]} for number, one in enumerate(self.files)]
        return {
            "id": self.id,
            "type": self.type,
            "status": "active",
            "state": "published",
            "body": self.body,
            "createdBy": self.by,
            "createdAt": stamp(self.created),
            "_embedded": {"attachments": files},
        }


@dataclass
class Conversation:
    id: int
    subject: str
    created: datetime
    changed: datetime
    status: str = "active"
    state: str = "published"
    assignee: dict[str, Any] | None = None
    customer: dict[str, Any] = field(default_factory=lambda: dict(CUSTOMER))
    tags: list[str] = field(default_factory=list)
    fields: dict[int, str] = field(default_factory=dict)
    threads: list[Thread] = field(default_factory=list)


class FakeHelpScout:
    """Its state, and the Flask app that shows it."""

    def __init__(self) -> None:
        self.conversations: dict[int, Conversation] = {}
        self.merged: dict[int, int] = {}
        self.mails: list[Thread] = []
        self.left = "190"
        self.tokens_given = 0
        self.token = TOKEN
        self.forbidden = False
        self.now = START
        self._last = 291_900
        self.app = Flask("fake-help-scout")
        self._routes()

    # what happens without the API

    def open(self, subject: str, *tags: str) -> Conversation:
        made = Conversation(self._next(), subject, self._tick(), self.now, tags=list(tags))
        made.threads.append(Thread(self._next(), "customer", "It does not print.", dict(CUSTOMER), self.now))
        self.conversations[made.id] = made
        return made

    def write(self, conversation: Conversation, kind: str, body: str, by: Mapping[str, Any]) -> Thread:
        written = Thread(self._next(), kind, body, dict(by), self._tick())
        conversation.threads.append(written)
        conversation.changed = self.now
        return written

    def merge(self, source: Conversation, target: Conversation) -> None:
        target.threads += source.threads
        del self.conversations[source.id]
        self.merged[source.id] = target.id

    def webhook(self, conversation: Conversation) -> dict[str, Any]:
        """The body of a webhook of version 2."""
        threads = [thread.shown() for thread in reversed(conversation.threads)]
        return {**self.shown(conversation), "_embedded": {"threads": threads}}

    def shown(self, one: Conversation) -> dict[str, Any]:
        return {
            "id": one.id,
            "number": one.id - 290_000,
            "threads": len(one.threads),
            "type": "email",
            "folderId": 11,
            "status": one.status,
            "state": one.state,
            "subject": one.subject,
            "mailboxId": MAILBOX,
            **({"assignee": one.assignee} if one.assignee else {}),
            "createdBy": CUSTOMER,
            "createdAt": stamp(one.created),
            "userUpdatedAt": stamp(one.changed),
            "tags": [{"id": 9150 + number, "color": "#929499", "tag": tag} for number, tag in enumerate(one.tags)],
            "primaryCustomer": one.customer,
            "customFields": [_custom(number, value) for number, value in one.fields.items()],
            "_links": {"self": {"href": f"https://api.helpscout.net/v2/conversations/{one.id}"}},
        }

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    # the API

    def _routes(self) -> None:
        route = self.app.route
        self.app.errorhandler(Refused)(self._refused)
        self.app.errorhandler(HTTPException)(lambda error: (jsonify(message="Not Found"), error.code or 500))
        self.app.before_request(self._authenticate)
        self.app.after_request(self._counted)
        route("/v2/oauth2/token", methods=["POST"])(self._oauth)
        route("/v2/users/me")(lambda: jsonify({**USER, "role": "owner"}))
        route("/v2/users", endpoint="users")(lambda: _paged("users", USERS))
        route("/v2/mailboxes/<int:number>/fields")(self._mailbox_fields)
        route("/v2/conversations", methods=["GET"])(self._list)
        route("/v2/conversations", methods=["POST"])(self._create)
        route("/v2/conversations/<int:number>", methods=["GET"])(self._get)
        route("/v2/conversations/<int:number>", methods=["PATCH"])(self._patch)
        route("/v2/conversations/<int:number>/threads")(self._threads)
        route("/v2/conversations/<int:number>/notes", methods=["POST"])(self._note)
        route("/v2/conversations/<int:number>/reply", methods=["POST"])(self._reply)
        route("/v2/conversations/<int:number>/tags", methods=["PUT"])(self._tags)
        route("/v2/conversations/<int:number>/fields", methods=["PUT"])(self._fields)

    def _refused(self, error: Refused) -> tuple[Response, int]:
        errors = [{"path": path, "message": str(error), "rejectedValue": str(error)} for path in error.paths]
        return jsonify(logRef="64bb72b4", message="Bad request", _embedded={"errors": errors}), error.status

    def _authenticate(self) -> None:
        if request.path.endswith("/token"):
            return
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401)
        if self.forbidden:
            raise Refused(403)
        if request.method in ("POST", "PUT", "PATCH") and not request.is_json:
            raise Refused(415)
        if len(request.get_data()) > MAX_BODY:
            raise Refused(413)

    def _counted(self, response: Response) -> Response:
        response.headers["X-RateLimit-Remaining-Minute"] = self.left
        return response

    def _oauth(self) -> tuple[Response, int]:
        form = request.form
        if request.mimetype != "application/x-www-form-urlencoded" or form.get("grant_type") != "client_credentials":
            return jsonify(error="invalid_request"), 400
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return jsonify(error="invalid_client"), 401
        self.tokens_given += 1
        return jsonify(access_token=self.token, token_type="bearer", expires_in=172_800), 200

    def _find(self, number: int) -> Conversation:
        if number not in self.conversations:
            raise Refused(404)
        return self.conversations[number]

    def _get(self, number: int) -> Response:
        if number in self.merged:
            where = f"https://api.helpscout.net/v2/conversations/{self.merged[number]}"
            return Response(status=301, headers={"Location": where})
        return jsonify(self.shown(self._find(number)))

    def _threads(self, number: int) -> Response:
        rows = [thread.shown() for thread in reversed(self._find(number).threads)]
        return _paged("threads", rows)

    def _mailbox_fields(self, number: int) -> Response:
        if number != MAILBOX:
            raise Refused(404)
        return _paged("fields", FIELDS)

    def _list(self) -> Response:
        asked = request.args
        allowed = {"status", "sortField", "sortOrder", "page", "mailbox", "tag", "modifiedSince"}
        assert set(asked) <= allowed, "no such filter"
        found = [one for one in self.conversations.values() if one.state == "published"]
        status = asked.get("status", "active")
        found = [one for one in found if status in ("all", one.status)]
        if "tag" in asked:
            wanted = set(asked["tag"].casefold().split(","))
            found = [one for one in found if wanted & {tag.casefold() for tag in one.tags}]
        if "modifiedSince" in asked:
            found = [one for one in found if one.changed >= _moment(asked["modifiedSince"])]
        if asked.get("mailbox", str(MAILBOX)) != str(MAILBOX):
            found = []
        found.sort(key=lambda one: one.created, reverse=asked.get("sortOrder", "desc") == "desc")
        return _paged("conversations", [self.shown(one) for one in found])

    def _create(self) -> Response:
        asked = self._body("subject", "type", "status", "mailboxId", "customer", "threads", "tags")
        if asked.get("mailboxId") != MAILBOX or asked.get("type") != "email" or asked.get("status") not in STATUSES:
            raise Refused(400, "mailboxId")
        [first] = asked["threads"]
        if first.pop("type") != "note" or not asked.get("subject"):
            raise Refused(400, "threads[0].type")
        made = Conversation(self._next(), asked["subject"], self._tick(), self.now, tags=list(asked.get("tags", ())))
        made.customer = self._customer(asked.get("customer"))
        self.conversations[made.id] = made
        self._thread(made, "note", first)
        return _made(made.id)

    def _customer(self, told: Any) -> dict[str, Any]:
        if not isinstance(told, dict) or not (told.get("email") or told.get("id")):
            raise Refused(400, "customer")
        if CUSTOMER["email"] == told.get("email") or CUSTOMER["id"] == told.get("id"):
            return dict(CUSTOMER)
        return {"id": self._next(), "type": "customer", "email": told.get("email", "")}

    def _patch(self, number: int) -> tuple[str, int]:
        conversation, asked = self._find(number), self._body("op", "path", "value")
        match asked.get("op"), asked.get("path"), asked.get("value"):
            case "replace", "/subject", str(text):
                conversation.subject = text
            case "replace", "/status", status if status in STATUSES:
                conversation.status = status
            case "replace", "/assignTo", int(who) if who in (USER["id"], AGENT["id"]):
                conversation.assignee = AGENT if who == AGENT["id"] else USER
            case "remove", "/assignTo", None:
                conversation.assignee = None
            case _:
                raise Refused(400, "value")
        conversation.changed = self._tick()
        return "", 204

    def _note(self, number: int) -> Response:
        return _made(self._thread(self._find(number), "note", self._body("text", "attachments")).id)

    def _reply(self, number: int) -> Response:
        conversation, asked = self._find(number), self._body("text", "attachments", "customer", "status")
        if asked.pop("customer", None) != {"id": conversation.customer["id"]}:
            raise Refused(400, "customer")
        status = asked.pop("status", "active")
        if status not in STATUSES:
            raise Refused(400, "status")
        thread = self._thread(conversation, "message", asked)
        conversation.status = status
        self.mails.append(thread)
        return _made(thread.id)

    def _thread(self, conversation: Conversation, kind: str, asked: Mapping[str, Any]) -> Thread:
        if len(conversation.threads) >= MAX_THREADS:
            raise Refused(412)
        if not asked.get("text"):
            raise Refused(400, "text")
        files = [_file(one) for one in asked.get("attachments", ())]
        thread = self.write(conversation, kind, re.sub(r"<!--.*?-->", "", asked["text"], flags=re.S), USER)
        thread.files = files
        return thread

    def _tags(self, number: int) -> tuple[str, int]:
        conversation, asked = self._find(number), self._body("tags")
        conversation.tags = [str(tag) for tag in asked["tags"]]
        conversation.changed = self._tick()
        return "", 204

    def _fields(self, number: int) -> tuple[str, int]:
        conversation, asked = self._find(number), self._body("fields")
        known = {row["id"]: row for row in FIELDS}
        for place, one in enumerate(asked["fields"]):
            if set(one) != {"id", "value"} or one["id"] not in known or not _fits(known[one["id"]], one["value"]):
                raise Refused(400, f"fields[{place}].value")
        conversation.fields = {one["id"]: one["value"] for one in asked["fields"]}
        conversation.changed = self._tick()
        return "", 204

    def _body(self, *allowed: str) -> dict[str, Any]:
        asked = request.get_json()
        wrong = set(asked) - set(allowed)
        if wrong:
            raise Refused(400, *wrong)
        return dict(asked)


def _made(number: int) -> Response:
    return Response(status=201, headers={"Resource-ID": str(number)})


def _paged(name: str, rows: Sequence[dict[str, Any]]) -> Response:
    number = int(request.args.get("page", "1"))
    page = {"size": PAGE, "totalElements": len(rows), "totalPages": -(-len(rows) // PAGE), "number": number}
    embedded = {name: list(rows[(number - 1) * PAGE : number * PAGE])}
    return jsonify(_embedded=embedded, page=page)


def _custom(number: int, value: str) -> dict[str, Any]:
    declared = next(row for row in FIELDS if row["id"] == number)
    labels = {str(one["id"]): one["label"] for one in declared.get("options", ())}
    return {"id": number, "name": declared["name"], "value": value, "text": labels.get(value, value)}


def _fits(declared: Mapping[str, Any], value: object) -> bool:
    if not isinstance(value, str):
        return False
    if declared["type"] == "dropdown":
        return value in {str(one["id"]) for one in declared["options"]}
    if declared["type"] == "date":
        return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
    return len(value) <= 255


def _file(told: Mapping[str, Any]) -> dict[str, Any]:
    if set(told) != {"fileName", "mimeType", "data"} or not told["fileName"] or "/" not in told["mimeType"]:
        raise Refused(400, "attachments[0].fileName")
    try:
        return {"fileName": told["fileName"], "content": base64.b64decode(told["data"], validate=True)}
    except binascii.Error:
        raise Refused(400, "attachments[0].data") from None


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise Refused(400, "modifiedSince")
    return datetime.fromisoformat(text)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
