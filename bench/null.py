"""The yardstick of receiving: a Flask view that does nothing, for gunicorn."""

from __future__ import annotations

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.post("/hooks/zendesk")
def nothing() -> Response:
    return jsonify(delivery="1")
