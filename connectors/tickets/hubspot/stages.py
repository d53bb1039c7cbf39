"""The stages of ticket pipelines: each account has its own, and says of each whether it is the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.bodies import as_text

KEPT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    label: str = ""
    pipeline: str = ""
    closed: bool = False


@dataclass(slots=True)
class Stages:
    """Stages by id, read once in a while. Safe to share between threads: at worst they are read twice."""

    read: Callable[[], Sequence[Mapping[str, Any]]]
    """The rows of `GET /crm/v3/pipelines/tickets`."""
    _known: Mapping[str, Stage] = field(default_factory=dict)
    _until: float = 0.0

    def stage(self, number: str) -> Stage:
        """The stage with this id; an open one without a label, where the account has none."""
        if number not in self._all():
            self._until = 0.0
        return self._all().get(number, Stage(number))

    def first_open(self, pipeline: str) -> str:
        """The id of a pipeline's first stage that is not the end; empty for none."""
        return next((one.id for one in self._all().values() if one.pipeline == pipeline and not one.closed), "")

    def _all(self) -> Mapping[str, Stage]:
        if time.monotonic() >= self._until:
            found = [stage for pipeline in self.read() for stage in _stages(pipeline)]
            self._known, self._until = {one.id: one for one in found}, time.monotonic() + KEPT_SECONDS
        return self._known


def _stages(pipeline: Mapping[str, Any]) -> list[Stage]:
    told = pipeline.get("stages")
    rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
    rows.sort(key=lambda row: row.get("displayOrder") or 0)
    return [_stage(row, as_text(pipeline.get("id"))) for row in rows]


def _stage(row: Mapping[str, Any], pipeline: str) -> Stage:
    metadata = row.get("metadata")
    closed = isinstance(metadata, dict) and metadata.get("ticketState") == "CLOSED"
    return Stage(as_text(row.get("id")), as_text(row.get("label")), pipeline, closed)
