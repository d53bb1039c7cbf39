"""A fake Zammad: made for these tests from the vendor's source, not the vendor's program.

It is strict where Zammad is strict and silent where Zammad is silent: attributes that it does not know are ignored
with a 200, a merged ticket takes notes, an article of type email is mailed even when it is internal, and an article
stays when the time that came with it is refused. Its search index knows nothing yet; its database knows all.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from tests.connectors.zammad.records import (
    CUSTOM,
    GROUPS,
    PRIORITIES,
    SETTABLE,
    START,
    STATES,
    Article,
    Cleaner,
    Refused,
    Ticket,
    User,
)

TOKEN = "made-up-zammad-token-of-an-agent"
CUSTOMER_TOKEN = "made-up-zammad-token-of-a-customer"
MAX_BODY = 1_500_000


class FakeZammad:
    """Its state, and the Flask app that shows it."""

    def __init__(self) -> None:
        self.users = {
            1: User(1, "-", "-", ""),
            3: User(3, "bridge@example.com", "Desk", "Bridge", agent=True),
            4: User(4, "agent@example.com", "Alex", "Agent", agent=True),
            5: User(5, "former@example.com", "Former", "Agent", agent=True, active=False),
            9: User(9, "customer@example.com", "Chris", "Customer"),
        }
        self.tokens = {TOKEN: self.users[3], CUSTOMER_TOKEN: self.users[9]}
        self.tickets: dict[int, Ticket] = {}
        self.articles: list[Article] = []
        self.links: list[tuple[str, int, int]] = []
        """Type, source, target: the source is the target's parent, child or neighbour."""
        self.times: list[dict[str, Any]] = []
        self.mails: list[Article] = []
        self.time_accounting = True
        self.maintenance = False
        self.states = [self._state(*row) for row in STATES]
        self.now = START
        self._last = 100
        self.app = Flask("fake-zammad")
        self._routes()

    # what happens without the API

    def open_ticket(self, title: str, *tags: str, customer: int = 9) -> Ticket:
        number = self._next()
        ticket = Ticket(number, f"{31_000 + number}", title, customer, tags=list(tags), updated_at=self._tick())
        self.tickets[ticket.id] = ticket
        self.articles.append(Article(self._next(), ticket.id, "It does not print.", "email", False, self.users[9]))
        return ticket

    def merge(self, source: Ticket, target: Ticket) -> None:
        for article in self.articles:
            if article.ticket_id == source.id:
                article.ticket_id = target.id
        self.articles.append(Article(self._next(), source.id, "merged", "note", False, self.users[4]))
        moved = {source.id: target.id}
        self.links = [(kind, moved.get(one, one), moved.get(other, other)) for kind, one, other in self.links]
        self.links.append(("parent", target.id, source.id))
        source.state_id, source.owner_id, source.updated_at = 5, 1, self._tick()

    def webhook(self, ticket: Ticket, by: User, article: Article | None = None) -> dict[str, Any]:
        """The fixed body of a trigger."""
        people = {"customer": self.users[ticket.customer_id].shown(), "updated_by": by.shown()}
        told: dict[str, Any] = {}
        if article:
            told = {**article.shown(), "created_by": article.by.shown(), "accounted_time": 0}
        return {"ticket": {**self._shown(ticket), **people}, "article": told}

    def _state(self, number: int, name: str, kind: str) -> dict[str, Any]:
        follow_up = {"default_create": name == "new", "default_follow_up": name == "open"}
        return {"id": number, "name": name, "state_type": kind, "active": True, **follow_up}

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
        self.app.errorhandler(HTTPException)(self._http_error)
        self.app.before_request(self._authenticate)
        route("/api/v1/tickets/<number>", methods=["GET", "PUT"])(self._ticket)
        route("/api/v1/tickets", methods=["POST"])(self._create)
        route("/api/v1/tickets/search", methods=["GET", "POST"])(self._search)
        route("/api/v1/tickets/<number>/time_accountings", methods=["GET", "POST"])(self._time_accountings)
        route("/api/v1/ticket_articles", methods=["POST"])(self._add_article)
        route("/api/v1/ticket_articles/by_ticket/<number>")(self._by_ticket)
        route("/api/v1/ticket_states")(lambda: jsonify(self.states))
        route("/api/v1/ticket_recent")(self._recent)
        route("/api/v1/tags")(self._tags)
        route("/api/v1/tags/add", methods=["POST"])(self._add_tag)
        route("/api/v1/links")(self._links)
        route("/api/v1/users/search")(self._search_users)
        route("/api/v1/users/<number>")(self._user)

    def _refused(self, error: Refused) -> tuple[Response, int]:
        return jsonify(error=str(error), error_human=str(error)), error.status

    def _http_error(self, error: HTTPException) -> tuple[Response, int]:
        return jsonify(error="No route matches"), error.code or 500

    def _authenticate(self) -> None:
        told = request.headers.get("Authorization", "")
        if not told:
            raise Refused(403, "Authentication required")
        word, _, token = told.partition("Token token=")
        if word or token not in self.tokens:
            raise Refused(401, "Can't find User for Token")
        if self.maintenance:
            raise Refused(403, "Maintenance mode enabled!")
        if request.method in ("POST", "PUT") and not request.is_json:
            raise Refused(422, "Need at least an 'article body' field.")

    @property
    def _by(self) -> User:
        return self.tokens[request.headers["Authorization"].removeprefix("Token token=")]

    def _find(self, number: object) -> Ticket:
        ticket = self.tickets.get(int(str(number))) if str(number).isdecimal() else None
        if ticket is None:
            raise Refused(404, f"Couldn't find Ticket with 'id'={number}")
        mine = not self._by.agent and ticket.customer_id == self._by.id
        if ticket.group_id == 3 or not (self._by.agent or mine):
            raise Refused(403, "Not authorized")
        return ticket

    def _shown(self, ticket: Ticket) -> dict[str, Any]:
        state = next(row for row in self.states if row["id"] == ticket.state_id)
        ids = {
            name: getattr(ticket, name) for name in ("state_id", "group_id", "priority_id", "owner_id", "customer_id")
        }
        return {
            "id": ticket.id,
            "number": ticket.number,
            "title": ticket.title,
            "state": state["name"],
            "group": GROUPS[ticket.group_id],
            "priority": PRIORITIES[ticket.priority_id],
            "owner": self.users[ticket.owner_id].login,
            "customer": self.users[ticket.customer_id].login,
            "pending_time": ticket.pending_time,
            **ids,
            **{name: ticket.custom.get(name) for name in sorted(CUSTOM)},
            "preferences": {},
            "article_ids": [one.id for one in self.articles if one.ticket_id == ticket.id],
            "updated_at": ticket.updated_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }

    def _expanded(self, ticket: Ticket) -> Response:
        told = self._shown(ticket)
        if request.args.get("expand") != "true":
            told = {
                name: value
                for name, value in told.items()
                if name not in ("state", "group", "priority", "owner", "customer")
            }
        return jsonify(told)

    def _ticket(self, number: str) -> Response:
        ticket = self._find(number)
        if request.method == "PUT":
            asked = request.get_json()
            self._set(ticket, {name: value for name, value in asked.items() if name in SETTABLE})
            if "article" in asked:
                self._article(ticket, asked["article"])
        return self._expanded(ticket)

    def _set(self, ticket: Ticket, changes: Mapping[str, Any]) -> None:
        names = {"state": {row["name"]: row["id"] for row in self.states}}
        names |= {
            kind: {name: key for key, name in known.items()}
            for kind, known in (("group", GROUPS), ("priority", PRIORITIES))
        }
        people = {user.login: user.id for user in self.users.values()}
        for name, value in changes.items():
            known = names.get(name, people if name in ("owner", "customer") else None)
            if known is not None:
                if value not in known:
                    raise Refused(422, f"No lookup value found for '{name}': {value!r}")
                setattr(ticket, f"{name}_id", known[value])
            elif name in CUSTOM:
                ticket.custom[name] = value
            elif name != "pending_time":  # pending times go when the state is not pending
                setattr(ticket, name, value)
        ticket.updated_at = self._tick()

    def _create(self) -> tuple[Response, int]:
        asked = request.get_json()
        if asked.get("group") not in GROUPS.values():
            raise Refused(422, "No lookup value found for 'group'")
        ticket = Ticket(self._next(), "", str(asked.get("title")), self._customer(asked.get("customer_id")), state_id=1)
        ticket.number = f"{31_000 + ticket.id}"
        ticket.group_id = next(key for key, name in GROUPS.items() if name == asked["group"])
        ticket.updated_at = self._tick()
        self.tickets[ticket.id] = ticket
        self._article(ticket, asked["article"])
        for kind, targets in asked.get("links", {}).get("Ticket", {}).items():
            self.links += [(kind, ticket.id, target) for target in targets]
        return self._expanded(ticket), 201

    def _customer(self, told: object) -> int:
        if isinstance(told, str) and told.startswith("guess:"):
            email = told.removeprefix("guess:").lower()
            if "@" not in email:
                raise Refused(422, f"Invalid email '{email}' of customer")
            known = next((user.id for user in self.users.values() if user.login == email), 0)
            if not known:
                known = self._next()
                self.users[known] = User(known, email, "", "")
            return known
        if told in self.users:
            return int(str(told))
        raise Refused(422, "Attribute 'customer_id' required!")

    def _search(self) -> Response:
        asked = request.get_json() if request.is_json else {}
        if "query" in {**request.args, **asked}:
            return jsonify([])  # the index lags
        found = [ticket for ticket in self.tickets.values() if self._meets(ticket, asked["condition"])]
        assert (asked["sort_by"], asked["order_by"]) == ("id", "asc")
        size = min(int(asked["per_page"]), 200)
        rows = sorted(found, key=lambda ticket: ticket.id)[(asked["page"] - 1) * size : asked["page"] * size]
        return jsonify([self._shown(ticket) for ticket in rows])

    def _meets(self, ticket: Ticket, condition: Mapping[str, Mapping[str, Any]]) -> bool:
        for name, rule in condition.items():
            match name, rule["operator"], rule["value"]:
                case "article.message_id_md5", "is", digest:
                    of_ticket = (one.shown() for one in self.articles if one.ticket_id == ticket.id)
                    good = any(one["message_id_md5"] == digest for one in of_ticket)
                case "ticket.updated_at", "after (absolute)", moment:
                    good = ticket.updated_at >= datetime.fromisoformat(moment)
                case "ticket.tags", "contains one", tags:
                    good = bool({tag.strip() for tag in tags.split(",")} & set(ticket.tags))
                case _:
                    raise Refused(500, "Invalid operator")
            if not good:
                return False
        return True

    def _time_accountings(self, number: str) -> tuple[Response, int]:
        ticket = self._find(number)
        if request.method == "GET":
            return jsonify([one for one in self.times if one["ticket_id"] == ticket.id]), 200
        asked = request.get_json()
        return jsonify(self._enter(ticket, asked["ticket_article_id"], asked["time_unit"])), 201

    def _enter(self, ticket: Ticket, article_id: int, units: str) -> dict[str, Any]:
        if not self.time_accounting:
            raise Refused(403, "Time Accounting is not enabled")
        entry = {
            "id": self._next(),
            "ticket_id": ticket.id,
            "ticket_article_id": article_id,
            "time_unit": str(float(units)),
        }
        self.times.append(entry)
        return entry

    def _add_article(self) -> tuple[Response, int]:
        asked = request.get_json()
        return jsonify(self._article(self._find(asked.get("ticket_id")), asked).shown()), 201

    def _article(self, ticket: Ticket, asked: Mapping[str, Any]) -> Article:
        if not asked.get("body"):
            raise Refused(422, "Need at least an 'article body' field.")
        if len(asked["body"]) > MAX_BODY:
            raise Refused(422, f"body of article is too large, {len(asked['body'])} chars - only {MAX_BODY} allowed")
        assert asked["content_type"] == "text/html"
        cleaner = Cleaner()
        cleaner.feed(asked["body"])
        cleaner.close()
        article = Article(
            self._next(),
            ticket.id,
            cleaner.kept,
            asked.get("type", "note") if self._by.agent else "note",
            bool(asked.get("internal")) and self._by.agent,
            self._by,
            subject=asked.get("subject", ""),
            to=asked.get("to", ""),
            message_id=asked.get("message_id", ""),
            preferences=dict(asked.get("preferences", {})),
            files=[self._file(one) for one in asked.get("attachments", ())],
        )
        self.articles.append(article)
        ticket.updated_at = self._tick()
        if article.type == "email":
            self.mails.append(article)
        if "time_unit" in asked:
            self._enter(ticket, article.id, asked["time_unit"])
        return article

    def _file(self, told: Mapping[str, Any]) -> dict[str, Any]:
        for name in ("mime-type", "filename", "data"):
            if not told.get(name) and name != "data":
                raise Refused(422, f"Attachment needs '{name}' param for attachment with index '0'")
        try:
            data = base64.b64decode(told["data"], validate=True)
        except binascii.Error:
            raise Refused(422, "Invalid base64 for attachment with index '0'") from None
        return {"id": self._next(), "filename": told["filename"], "data": data, "type": told["mime-type"]}

    def _by_ticket(self, number: str) -> Response:
        ticket = self._find(number)
        visible = [one for one in self.articles if one.ticket_id == ticket.id and (self._by.agent or not one.internal)]
        return jsonify([one.shown() for one in visible])

    def _recent(self) -> Response:
        if not self._by.agent:
            raise Refused(403, "Not authorized")
        return jsonify(assets={}, ticket_ids_recent_viewed=[])

    def _tags(self) -> Response:
        return jsonify(tags=self._find(request.args["o_id"]).tags)

    def _add_tag(self) -> tuple[Response, int]:
        asked = request.get_json()
        assert asked["object"] == "Ticket"
        ticket = self._find(asked["o_id"])
        if asked["item"] not in ticket.tags:
            ticket.tags.append(asked["item"])
            ticket.updated_at = self._tick()
        return jsonify(True), 201

    def _links(self) -> Response:
        number = self._find(request.args["link_object_value"]).id
        turned = {"parent": "child", "child": "parent", "normal": "normal"}
        rows = [(turned[kind], target) for kind, source, target in self.links if source == number]
        rows += [(kind, source) for kind, source, target in self.links if target == number]
        links = [{"link_type": kind, "link_object": "Ticket", "link_object_value": other} for kind, other in rows]
        return jsonify(links=links, assets={})

    def _search_users(self) -> Response:
        if not self._by.agent:
            raise Refused(403, "Not authorized")
        asked = request.args
        assert asked["query"], "without a query nobody is found"
        found = [one for one in self.users.values() if one.agent or asked.get("permissions") != "ticket.agent"]
        page, size = int(asked["page"]), int(asked["per_page"])
        return jsonify([one.shown() for one in found][(page - 1) * size : page * size])

    def _user(self, number: str) -> Response:
        user = self._by if number == "me" else self.users.get(int(number))
        if user is None:
            raise Refused(404, f"Couldn't find User with 'id'={number}")
        if not self._by.agent and user is not self._by:
            raise Refused(403, "Not authorized")
        return jsonify(user.shown())
