"""Checks that the schemas of several kinds want alike."""

from __future__ import annotations

from marshmallow import validate

NOT_BLANK = validate.Length(min=1, error="Must not be empty.")
