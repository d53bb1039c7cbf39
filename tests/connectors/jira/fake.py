"""A fake of Jira Cloud: a Flask app with the parts of its REST API that a help desk bridge needs, and its traps.

It was written from Atlassian's documentation and from what others measured; it is not Jira. It refuses what Jira
refuses, ignores what Jira ignores, answers strangers 404, gives small pages, and has a search that lags.
"""

from __future__ import annotations

import base64
from typing import Any

from flask import Flask, jsonify, request

from tests.connectors.jira.fake_reading import A3, REQUEST_TYPE_FIELD, reading
from tests.connectors.jira.fake_search import searching
from tests.connectors.jira.fake_writing import writing
from tests.connectors.jira.site import AGENT, Refused, Site

EMAIL = "bridge@example.com"
API_TOKEN = "made-up-api-token"
OAUTH_TOKEN = "made-up-oauth-token"


def app(site: Site) -> Flask:
    """The fake as a Flask app over this state."""
    made = Flask("jira")
    made.config["PROPAGATE_EXCEPTIONS"] = True
    _doors(made, site)
    reading(made, site)
    writing(made, site)
    searching(made, site)
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
