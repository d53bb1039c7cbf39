"""A fake of Jira Cloud: a Flask app with the parts of its REST API that a help desk bridge needs, and its traps.

It was written from Atlassian's documentation and from what others measured; it is not Jira. It refuses what Jira
refuses, ignores what Jira ignores, answers strangers 404, gives small pages, and has a search that lags.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request

from tests.connectors.jira.site import (
    AGENT,
    NOT_ON_SCREEN,
    SCREEN,
    STATUSES,
    Comment,
    Issue,
    Refused,
    Site,
    Upload,
    Worklog,
    document,
    paragraph,
)

EMAIL = "bridge@example.com"
API_TOKEN = "made-up-api-token"
OAUTH_TOKEN = "made-up-oauth-token"
MOST_A_PAGE = 3
"""So few entries are on a page, whatever is asked for: Jira's documentation warns that it may give less."""
FORBIDDEN = set('\\/"%:$?*<>|')
REQUEST_TYPE_FIELD = "customfield_10010"
A3, SD = "/rest/api/3", "/rest/servicedeskapi"


def app(site: Site) -> Flask:
    """The fake as a Flask app over this state."""
    made = Flask("jira")
    made.config["PROPAGATE_EXCEPTIONS"] = True
    _doors(made, site)
    _issues(made, site)
    _adding(made, site)
    _attaching(made, site)
    _editing(made, site)
    _creating(made, site)
    _service_desk(made, site)
    _searching(made, site)
    return made


def signed_in() -> bool:
    basic = base64.b64encode(f"{EMAIL}:{API_TOKEN}".encode()).decode()
    return request.headers.get("Authorization") in (f"Basic {basic}", f"Bearer {OAUTH_TOKEN}")


def _doors(made: Flask, site: Site) -> None:
    @made.before_request
    def strangers() -> Any:
        """Refused credentials make a stranger of the caller, who finds nothing; only some pages say 401."""
        if signed_in():
            if request.method in ("POST", "PUT") and not (request.is_json or request.files):
                return jsonify(message="Unsupported Media Type"), 415
            return None
        if request.path.endswith("/search/jql"):
            return jsonify(issues=[], isLast=True)
        status = 401 if request.path.endswith("/myself") else 404
        answer = jsonify(errorMessages=["Issue does not exist or you do not have permission to see it."], errors={})
        answer.headers["X-Seraph-Loginreason"] = "AUTHENTICATED_FAILED"
        return answer, status

    @made.errorhandler(Refused)
    def refused(why: Refused) -> Any:
        return jsonify(why.body), why.status

    @made.get(f"{A3}/myself")
    def myself() -> Any:
        return jsonify({**site.users[AGENT], "accountType": site.account_type})

    @made.get(f"{A3}/user/search")
    def user_search() -> Any:
        query = request.args["query"].casefold()
        return jsonify(
            [
                user
                for user in site.users.values()
                if user["displayName"].casefold().startswith(query)
                or str(user.get("emailAddress", "")).casefold().startswith(query)
            ]
        )

    @made.get(f"{A3}/mypermissions")
    def mypermissions() -> Any:
        assert request.args["permissions"] == "ADD_COMMENTS"
        have = request.args["projectKey"] in site.numbers and site.may_comment_in_project
        return jsonify(permissions={"ADD_COMMENTS": {"key": "ADD_COMMENTS", "havePermission": have}})

    @made.get(f"{A3}/field")
    def field_list() -> Any:
        custom = {"type": "sd-customerrequesttype", "custom": "com.atlassian.servicedesk:vp-origin"}
        return jsonify([{"id": REQUEST_TYPE_FIELD, "name": "Request Type", "schema": custom}])


# -- reading ---------------------------------------------------------------------------------------------------


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

    @made.get(f"{A3}/issue/<key>/comment")
    def comments(key: str) -> Any:
        rows = site.find(key).comments
        newest_first = request.args.get("orderBy") == "-created"
        expand = request.args.get("expand", "")
        return page(
            rows[::-1] if newest_first else rows, "comments", lambda row: shown_comment(site, row, expand=expand)
        )

    @made.get(f"{A3}/issue/<key>/comment/<comment_id>")
    def comment(key: str, comment_id: str) -> Any:
        return jsonify(shown_comment(site, comment_of(site.find(key), comment_id), expand=""))

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


def comment_of(issue: Issue, comment_id: str) -> Comment:
    found = [comment for comment in issue.comments if comment.id == comment_id]
    if not found:
        raise Refused(404, ["Can not find a comment for the id."])
    return found[0]


# -- writing ---------------------------------------------------------------------------------------------------


def properties_in(body: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in body.get("properties", [])}


def checked_name(name: str) -> str:
    if not name or FORBIDDEN & set(name) or len(name.encode()) > 255:
        raise Refused(400, ["The file name is not valid."])
    return name


def uploads() -> Iterable[tuple[str, bytes]]:
    if request.headers.get("X-Atlassian-Token") != "no-check":
        raise Refused(403, ["XSRF check failed"])
    if set(request.files) != {"file"}:
        raise Refused(400, ["The parts must be called file"])
    return [(checked_name(part.filename or ""), part.read()) for part in request.files.getlist("file")]


def _adding(made: Flask, site: Site) -> None:
    @made.post(f"{A3}/issue/<key>/comment")
    def add_comment(key: str) -> Any:
        found = site.find(key)
        site.check_comment(found)
        body = request.get_json()
        if not isinstance(body.get("body"), dict):
            raise Refused(400, errors={"comment": "Comment body is not valid!"})
        comment = Comment(site.new_id(), AGENT, document("comment", body["body"]), properties_in(body))
        found.comments.append(comment)
        site.touch(found)
        return jsonify(shown_comment(site, comment, expand="")), 201

    @made.put(f"{A3}/issue/<key>/comment/<comment_id>")
    def edit_comment(key: str, comment_id: str) -> Any:
        found = site.find(key)
        site.check_comment(found)
        comment, body = comment_of(found, comment_id), request.get_json()
        if comment.author != AGENT:
            raise Refused(400, ["You do not have the permission to edit this comment."])
        comment.body = document("comment", body["body"])
        comment.properties |= properties_in(body)
        site.touch(found)
        return jsonify(shown_comment(site, comment, expand=""))

    @made.post(f"{A3}/issue/<key>/worklog")
    def add_worklog(key: str) -> Any:
        found, body = site.find(key), request.get_json()
        if not site.editable(found):
            raise Refused(400, ["You cannot edit the issue because it is not editable."])
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", body["started"]):
            raise Refused(400, errors={"started": "Invalid format"})
        if body["timeSpentSeconds"] < 60:
            raise Refused(400, errors={"timeLogged": "Worklog must not be null or less than a minute."})
        text = document("comment", body["comment"])
        worklog = Worklog(site.new_id(), body["timeSpentSeconds"], text, properties_in(body))
        found.worklogs.append(worklog)
        return jsonify(id=worklog.id, timeSpentSeconds=worklog.seconds), 201


def _attaching(made: Flask, site: Site) -> None:
    @made.post(f"{A3}/issue/<key>/attachments")
    def attach(key: str) -> Any:
        found = site.find(key)
        if not site.editable(found):
            raise Refused(403, ["You do not have permission to create attachments for this issue."])
        files = [Upload(site.new_id(), name, content) for name, content in uploads()]
        found.files += files
        return jsonify([{"id": file.id, "filename": file.name, "size": len(file.content)} for file in files])


def _editing(made: Flask, site: Site) -> None:
    @made.put(f"{A3}/issue/<key>")
    def edit(key: str) -> Any:
        found, body = site.find(key), request.get_json()
        for name, value in (body.get("fields") or {}).items():
            site.set_field(found, name, value)
        for operation in (body.get("update") or {}).get("labels", []):
            if "labels" not in site.editable(found):
                raise Refused(400, errors={"labels": NOT_ON_SCREEN.format("labels")})
            label = operation["add"]
            if re.search(r"\s", label):
                raise Refused(400, errors={"labels": "The label can't contain spaces."})
            labels = found.fields.setdefault("labels", [])
            labels += [] if label in labels else [label]
        site.touch(found)
        return Response(status=204)

    @made.post(f"{A3}/issue/<key>/transitions")
    def transition(key: str) -> Any:
        found, wanted = site.find(key), request.get_json()["transition"]["id"]
        ways = [] if found.archived else [to for one, _, to in site.transitions[found.status] if one == wanted]
        if not ways:
            raise Refused(400, ["It seems that you have tried to perform a workflow operation that is not valid."])
        found.status = ways[0]
        site.touch(found)
        return Response(status=204)


def _creating(made: Flask, site: Site) -> None:
    @made.post(f"{A3}/issue")
    def create() -> Any:
        body = request.get_json()
        fields = body["fields"]
        unknown = {*fields, *(body.get("update") or {})} - site.create_screen - {REQUEST_TYPE_FIELD}
        if unknown:
            raise Refused(400, errors={name: NOT_ON_SCREEN.format(name) for name in sorted(unknown)})
        project = fields["project"]["key"]
        if project not in site.numbers or fields["issuetype"].get("name") != "[System] Service request":
            raise Refused(400, errors={"issuetype": "Specify a valid issue type"})
        if not fields.get("summary") or len(fields["summary"]) > 255 or "\n" in fields["summary"]:
            raise Refused(400, errors={"summary": "Summary must be less than 255 characters, and one line."})
        links = [operation["add"] for operation in (body.get("update") or {}).get("issuelinks", [])]
        others = [(link["type"]["name"], site.find(link["outwardIssue"]["key"]).key) for link in links]
        kept = {
            "summary": fields["summary"],
            "description": document("description", fields["description"]),
            "labels": fields.get("labels", []),
            "reporter": site.users[fields.get("reporter", {"id": AGENT})["id"]],
        }
        requested = REQUEST_TYPE_FIELD in fields
        made_issue = site.open(project, kept, properties=properties_in(body), is_request=requested, links=others)
        return jsonify(id=made_issue.id, key=made_issue.key), 201


# -- service projects ------------------------------------------------------------------------------------------


def _service_desk(made: Flask, site: Site) -> None:
    def request_of(key: str) -> Issue:
        found = site.find(key)
        if found.project != "DESK" or not found.is_request:
            raise Refused(404, ["The request does not exist or you do not have permission to view it."])
        return found

    @made.get(f"{SD}/request/<key>")
    def customer_request(key: str) -> Any:
        found = request_of(key)
        return jsonify(issueId=found.id, issueKey=found.key, serviceDeskId="3", requestTypeId="25")

    @made.post(f"{SD}/servicedesk/3/attachTemporaryFile")
    def temporary() -> Any:
        kept = []
        for name, content in uploads():
            one = f"temp{site.new_id()}"
            site.temporary[one] = Upload(one, name, content)
            kept.append({"temporaryAttachmentId": one, "fileName": name})
        return jsonify(temporaryAttachments=kept), 201

    @made.post(f"{SD}/request/<key>/attachment")
    def attach_to_request(key: str) -> Any:
        """A comment with the files in it; who may see it may open them."""
        found, body = request_of(key), request.get_json()
        site.check_comment(found)
        ids = body["temporaryAttachmentIds"]
        if not ids or not set(ids) <= set(site.temporary):
            raise Refused(400, ["One or more of the temporary attachments do not exist."])
        files = [site.temporary.pop(one) for one in ids]
        found.files += [Upload(site.new_id(), file.name, file.content) for file in files]
        media = [{"type": "media", "attrs": {"type": "file", "id": file.id, "alt": file.name}} for file in files]
        text = paragraph(body["additionalComment"]["body"], {"type": "mediaGroup", "content": media})
        properties = {"sd.public.comment": {"internal": not body["public"]}}
        comment = Comment(site.new_id(), AGENT, text, properties)
        found.comments.append(comment)
        site.touch(found)
        return jsonify(comment={"id": comment.id, "public": comment.public}, attachments={"values": []}), 201


# -- searching -------------------------------------------------------------------------------------------------

QUERY = re.compile(
    r'(?:project = "(?P<project>[A-Z]+)"(?: AND (?P<mine>creator = currentUser\(\) AND created >= "-31d"))?'
    r'|updated >= "-(?P<minutes>[0-9]+)m"(?: AND labels in \((?P<labels>[^)]*)\))?)'
    r" ORDER BY (?P<order>key DESC|created DESC|updated ASC)"
)


def _searching(made: Flask, site: Site) -> None:
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
