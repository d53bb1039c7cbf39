"""The search of the fake, which lags, and the bulk fetch, which does not."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, jsonify, request

from tests.connectors.jira.fake_reading import A3, MOST_A_PAGE, told_moment
from tests.connectors.jira.site import AGENT, Refused, Site

QUERY = re.compile(
    r'(?:project = "(?P<project>[A-Z]+)"(?: AND (?P<mine>creator = currentUser\(\) AND created >= "-31d"))?'
    r'|updated >= "-(?P<minutes>[0-9]+)m"(?: AND labels in \((?P<labels>[^)]*)\))?)'
    r" ORDER BY (?P<order>key DESC|created DESC|updated ASC)"
)


def searching(made: Flask, site: Site) -> None:
    @made.route(f"{A3}/search", methods=["GET", "POST"])
    def gone() -> Any:
        raise Refused(410, ["The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."])

    def matches(row: dict[str, Any], query: re.Match[str]) -> bool:
        if query["project"]:
            in_project = row["key"].startswith(f"{query['project']}-")
            return in_project and (not query["mine"] or row["creator"] == AGENT)
        labels = re.findall(r'"([^"]+)"', query["labels"] or "")
        since = datetime.now(UTC) - timedelta(minutes=int(query["minutes"]))
        return bool(row["updated"] >= since and (not labels or set(labels) & set(row["labels"])))

    def shown(issue_id: str, row: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        moments = {name: told_moment(row[name]) for name in ("created", "updated") if name in body.get("fields", [])}
        properties = {name: row["properties"][name] for name in body.get("properties", []) if name in row["properties"]}
        return {"id": issue_id, "key": row["key"], "fields": moments, "properties": properties}

    @made.post(f"{A3}/search/jql")
    def search() -> Any:
        body = request.get_json()
        query = QUERY.fullmatch(body["jql"])
        if query is None:
            raise Refused(400, ["Error in the JQL Query, or the query is unbounded."])
        rows = [
            (one, row)
            for one, row in site.index.items()
            if matches(row, query) and not (one in site.issues and site.issues[one].archived)
        ]
        orders = {
            "key DESC": lambda pair: -int(pair[1]["key"].rpartition("-")[2]),
            "created DESC": lambda pair: -pair[1]["created"].timestamp(),
            "updated ASC": lambda pair: pair[1]["updated"].timestamp(),
        }
        rows.sort(key=orders[query["order"]])
        start = int(base64.b64decode(body.get("nextPageToken", "MA==")))
        end = start + min(body.get("maxResults", 50), MOST_A_PAGE)
        more = {"nextPageToken": base64.b64encode(str(end).encode()).decode()} if end < len(rows) else {}
        part = [shown(one, row, body) for one, row in rows[start:end]]
        return jsonify(issues=part, isLast=not more, **more)

    @made.post(f"{A3}/issue/bulkfetch")
    def bulkfetch() -> Any:
        """Straight from the store: nothing lags here."""
        body = request.get_json()
        if not 0 < len(body["issueIdsOrKeys"]) <= 100:
            raise Refused(400, ["The number of issues is out of range."])
        ids = {site.keys.get(named, named) for named in body["issueIdsOrKeys"]}
        rows = [site.issues[one] for one in sorted(ids) if one in site.issues]
        return jsonify(issues=[shown(row.id, site.indexed(row), body) for row in rows], issueErrors=[])
