"""What the fake shows of issues: their fields, comments, worklogs and files, in small pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from tests.connectors.jira.site import CUSTOMER, SCREEN, STATUSES, Comment, Issue, Refused, Site

MOST_A_PAGE = 3
"""So few entries are on a page, whatever is asked for: Jira's documentation warns that it may give less."""
REQUEST_TYPE_FIELD = "customfield_10010"
A3, SD = "/rest/api/3", "/rest/servicedeskapi"


def reading(made: Flask, site: Site) -> None:
    _issues(made, site)
    _lists(made, site)
    _people(made, site)


def shown_status(name: str) -> dict[str, Any]:
    return {"name": name, "statusCategory": {"key": STATUSES[name]}}


def shown_fields(site: Site, issue: Issue) -> dict[str, Any]:
    kind = "service_desk" if issue.project == "DESK" else "software"
    return {
        **dict.fromkeys(SCREEN),
        **issue.fields,
        "project": {"key": issue.project, "projectTypeKey": kind},
        "status": shown_status(issue.status),
        "updated": told_moment(issue.updated),
        "created": told_moment(issue.created),
        "comment": {"comments": ["never asked for"]},
        "attachment": [
            {"id": file.id, "filename": file.name, "size": len(file.content), "author": site.users[file.author]}
            for file in issue.files
        ],
    }


def told_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}+0000"


def narrowed(fields: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Only what was asked for; names that nobody knows are dropped without a word."""
    names = wanted.split(",")
    if "*all" in names:
        return {name: value for name, value in fields.items() if f"-{name}" not in names}
    return {name: fields[name] for name in names if name in fields}


def as_list(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in properties.items()]


def shown_comment(site: Site, comment: Comment, *, expand: str) -> dict[str, Any]:
    shown = {"id": comment.id, "author": site.users[comment.author], "body": comment.body, "jsdPublic": comment.public}
    return {**shown, "properties": as_list(comment.properties)} if expand == "properties" else shown


def page(rows: list[Any], name: str, show: Callable[[Any], Any]) -> Any:
    start = int(request.args.get("startAt", 0))
    size = min(int(request.args.get("maxResults", 100)), MOST_A_PAGE)
    part = [show(row) for row in rows[start : start + size]]
    return jsonify({"startAt": start, "maxResults": size, "total": len(rows), name: part})


def _issues(made: Flask, site: Site) -> None:
    @made.get(f"{A3}/issue/<key>")
    def issue(key: str) -> Any:
        found = site.find(key)
        told = {"id": found.id, "key": found.key, "self": f"https://acme.atlassian.net{A3}/issue/{found.id}"}
        fields = narrowed(shown_fields(site, found), request.args.get("fields", "*all"))
        names = {name: SCREEN[name]["name"] for name in fields if name in SCREEN}
        expanded = {"names": names} if request.args.get("expand") == "names" else {}
        return jsonify({**told, "fields": fields, **expanded})

    @made.get(f"{A3}/issue/<key>/editmeta")
    def editmeta(key: str) -> Any:
        return jsonify(fields=site.editable(site.find(key)))

    @made.get(f"{A3}/issue/<key>/transitions")
    def transitions(key: str) -> Any:
        found = site.find(key)
        ways = [] if found.archived else site.transitions[found.status]
        return jsonify(transitions=[{"id": one, "name": name, "to": shown_status(to)} for one, name, to in ways])


def _lists(made: Flask, site: Site) -> None:
    @made.get(f"{A3}/issue/<key>/comment")
    def comments(key: str) -> Any:
        rows = site.find(key).comments
        newest_first = request.args.get("orderBy") == "-created"
        expand = request.args.get("expand", "") if site.lists_properties else ""
        return page(
            rows[::-1] if newest_first else rows, "comments", lambda row: shown_comment(site, row, expand=expand)
        )

    @made.get(f"{A3}/issue/<key>/comment/<comment_id>")
    def comment(key: str, comment_id: str) -> Any:
        return jsonify(shown_comment(site, comment_of(site.find(key), comment_id), expand=""))

    @made.get(f"{A3}/comment/<comment_id>/properties/<name>")
    def comment_property(comment_id: str, name: str) -> Any:
        rows = [row for found in site.issues.values() for row in found.comments if row.id == comment_id]
        if not rows or name not in rows[0].properties:
            raise Refused(404, ["The property with key does not exist."])
        return jsonify(key=name, value=rows[0].properties[name])

    @made.get(f"{A3}/issue/<key>/worklog")
    def worklogs(key: str) -> Any:
        with_properties = request.args.get("expand") == "properties"
        return page(
            site.find(key).worklogs,
            "worklogs",
            lambda row: {"id": row.id, **({"properties": as_list(row.properties)} if with_properties else {})},
        )

    @made.get(f"{A3}/attachment/content/<file_id>")
    def content(file_id: str) -> Any:
        assert request.args.get("redirect") == "false", "Jira answers 303 to another host"
        files = [file for found in site.issues.values() for file in found.files if file.id == file_id]
        if not files:
            raise Refused(404, ["The attachment does not exist."])
        return Response(files[0].content, mimetype="application/octet-stream")


def _people(made: Flask, site: Site) -> None:
    @made.get(f"{A3}/users/search")
    def users_search() -> Any:
        start, size = int(request.args["startAt"]), int(request.args["maxResults"])
        former = {"accountId": "gone", "displayName": "Former user", "active": False, "accountType": "atlassian"}
        app = {"accountId": "app", "displayName": "Some app", "active": True, "accountType": "app"}
        kinds = {CUSTOMER: "customer"}
        shown = [{**one, "active": True, "accountType": kinds.get(key, "atlassian")} for key, one in site.users.items()]
        return jsonify([former, app, *shown][start : start + size])


def comment_of(issue: Issue, comment_id: str) -> Comment:
    found = [comment for comment in issue.comments if comment.id == comment_id]
    if not found:
        raise Refused(404, ["Can not find a comment for the id."])
    return found[0]
