"""What the fake does with comments, files, worklogs, fields, transitions and new issues."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, jsonify, request

from tests.connectors.jira.fake_reading import A3, REQUEST_TYPE_FIELD, SD, comment_of, shown_comment
from tests.connectors.jira.site import (
    AGENT,
    NOT_ON_SCREEN,
    Comment,
    Issue,
    Refused,
    Site,
    Upload,
    Worklog,
    document,
    paragraph,
)

FORBIDDEN = set('\\/"%:$?*<>|')


def writing(made: Flask, site: Site) -> None:
    _adding(made, site)
    _attaching(made, site)
    _editing(made, site)
    _creating(made, site)
    _service_desk(made, site)


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
