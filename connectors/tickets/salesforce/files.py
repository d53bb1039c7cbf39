"""Files on a case. A file is first nobody's but ours; then a link shows it on the case to whom it is meant for.

ContentVersion's own FirstPublishLocationId would link it at once, but with a visibility that depends on the
organization. https://help.salesforce.com/s/articleView?id=000384243&type=1
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bridge.errors import Rejected, Unavailable
from bridge.model import Attachment
from connectors import marks
from connectors.bodies import as_text
from connectors.tickets.salesforce import soql
from connectors.tickets.salesforce.api import SalesforceApi
from connectors.tickets.salesforce.mapping import carries

TITLE_LENGTH = 255
PATH_LENGTH = 500


def attach(api: SalesforceApi, case_id: str, attachment: Attachment, mark: str, audience: str) -> None:
    """Put the file on the case once, however often it is asked for with this mark.

    Raises Rejected when Salesforce would show it to others than the audience; the link is taken away again then.
    """
    document_id = _document(api, attachment, mark)
    link = _link(api, document_id, case_id) if document_id else None
    if link is None:
        document_id = document_id or _uploaded(api, attachment, mark)
        wanted = {
            "ContentDocumentId": document_id,
            "LinkedEntityId": case_id,
            "ShareType": "V",
            "Visibility": audience,
        }
        api.create("ContentDocumentLink", wanted)
        link = _link(api, document_id, case_id)
    if link is None:
        raise Unavailable("the file's link to the case is not shown yet", code="link")
    if link.get("Visibility") != audience:
        api.delete("ContentDocumentLink", as_text(link.get("Id")))
        raise Rejected(f"Salesforce does not keep the file's Visibility {audience}", code="visibility")


def _document(api: SalesforceApi, attachment: Attachment, mark: str) -> str | None:
    """The id of the document that an earlier try made of this file."""
    checksum = hashlib.md5(attachment.content, usedforsecurity=False).hexdigest()
    columns = "ContentDocumentId, Title, Description"
    same = soql.select(columns, "ContentVersion", soql.equals("Checksum", checksum), "IsLatest = true")
    for row in api.query(same):
        if carries(row.get("Description"), mark) and row.get("Title") == title(attachment.filename):
            return as_text(row.get("ContentDocumentId"))
    return None


def _uploaded(api: SalesforceApi, attachment: Attachment, mark: str) -> str:
    fields = {
        "Title": title(attachment.filename),
        "PathOnClient": path(attachment.filename),
        "Description": marks.line(mark),
    }
    version_id = api.upload(json.dumps(fields).encode(), attachment.content, attachment.media_type)
    for row in api.query(soql.select("ContentDocumentId", "ContentVersion", soql.equals("Id", version_id))):
        return as_text(row.get("ContentDocumentId"))
    raise Unavailable("the file that was uploaded is not shown yet", code="file")


def _link(api: SalesforceApi, document_id: str, case_id: str) -> Mapping[str, Any] | None:
    pair = soql.equals("ContentDocumentId", document_id), soql.equals("LinkedEntityId", case_id)
    return next(api.query(soql.select("Id, Visibility", "ContentDocumentLink", *pair)), None)


def path(filename: str) -> str:
    """The name as Salesforce takes it: no folders in it, and its ending kept when it is cut."""
    name = filename.replace("/", "_").replace("\\", "_") or "file"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: PATH_LENGTH - len(ending) - 1]}{dot}{ending}" if stem and len(ending) < 40 else name[:PATH_LENGTH]


def title(filename: str) -> str:
    """The name without its ending, which Salesforce keeps and shows by itself."""
    name = path(filename)
    stem = name.rpartition(".")[0]
    return (stem or name)[:TITLE_LENGTH].strip()
