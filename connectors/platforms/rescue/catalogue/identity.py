"""Rescue Identity Service 2: signing in by OAuth, and the keys that its tokens are signed with."""

from __future__ import annotations

from bridge.errors import AccessDenied
from connectors.platforms.rescue.catalogue.model import Method, Parameter
from connectors.platforms.rescue.replies import Meaning

FOLDER = "/id-srv-api/api/oauth"
_REFUSED = {"error": Meaning(AccessDenied, "no token is given: an operator must correct the client or authorize it")}
_TOKEN = ("access_token", "refresh_token", "expires_in", "token_type", "scope")

CODE = Method(
    "oauth code",
    f"{FOLDER}/code",
    (
        Parameter("response_type", required=True, values=("code",)),
        Parameter("client_id", required=True),
        Parameter("scope", required=True),
        Parameter("state", required=True),
        Parameter("redirect_uri", required=True),
        Parameter("code_challenge_method"),
        Parameter("code_challenge"),
    ),
    _REFUSED,
    outputs=("code", "state"),
    successes=(),
)
BY_CODE = Method(
    "oauth token by authorization_code",
    f"{FOLDER}/token",
    (
        Parameter("grant_type", required=True, values=("authorization_code",)),
        Parameter("code", required=True),
        Parameter("client_id", required=True),
        Parameter("client_secret"),
        # The text says redirect_url, the examples redirect_uri.
        Parameter("redirect_url", required=True, also="redirect_uri"),
        # Only in the example of a public client; elsewhere in the world it is code_verifier.
        Parameter("client_verifier", also="code_verifier"),
    ),
    _REFUSED,
    outputs=_TOKEN,
    successes=(),
)
BY_CREDENTIALS = Method(
    "oauth token by client_credentials",
    f"{FOLDER}/token",
    (
        Parameter("grant_type", required=True, values=("client_credentials",)),
        Parameter("client_id", required=True),
        Parameter("client_secret", required=True),
        Parameter("scope", required=True),
    ),
    _REFUSED,
    outputs=_TOKEN,
    successes=(),
)
BY_REFRESH = Method(
    "oauth token by refresh_token",
    f"{FOLDER}/token",
    (
        Parameter("grant_type", required=True, values=("refresh_token",)),
        Parameter("refresh_token", required=True),
        Parameter("client_secret"),
    ),
    _REFUSED,
    outputs=_TOKEN,
    successes=(),
)
KEYS = Method(
    "oauth keys",
    f"{FOLDER}/keys",
    (),
    {},
    outputs=("Result", "Data", "KeyId", "Public", "ValidFrom", "ValidTo"),
    successes=(),
)

IDENTITY = (CODE, BY_CODE, BY_CREDENTIALS, BY_REFRESH, KEYS)
