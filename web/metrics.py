"""`/metrics` for Prometheus: what this process received, and what the store says of all processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from store import health, inbox, ledger
from web.services import services
from workers.house import House

blueprint = Blueprint("metrics", __name__)

# When a series began tells nobody anything here and doubles the lines.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it bare
_received = CollectorRegistry()
RECEIVED = Counter(
    "deskbridge_deliveries_received_total",
    "Inbound deliveries of this process by connection and result: stored, double, or the status that refused them.",
    ["connection", "result"],
    registry=_received,
)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counters of this process and gauges of the whole bridge."""
    store = CollectorRegistry()
    store.register(_StoreCollector(services().house))
    return Response(generate_latest(_received) + generate_latest(store), content_type=CONTENT_TYPE_LATEST)


class _StoreCollector(Collector):
    """Gauges read from the store at each scrape: the same from whichever process answers."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        now = self._house.clock()
        with self._house.database.read() as connection:
            waiting = inbox.counts(connection)
            oldest = inbox.oldest_due(connection)
            backlogs = ledger.backlogs(connection)
            states = health.all_connections(connection, now)
            alive = health.alive(connection, now)
        yield _gauge("deskbridge_deliveries", "Deliveries that are not finished.", "state", waiting)
        yield GaugeMetricFamily(
            "deskbridge_oldest_delivery_seconds",
            "Age of the oldest delivery that is not understood yet.",
            value=max(0.0, now - oldest) if oldest else 0.0,
        )
        ages = {name: max(0.0, now - log.oldest) if log.oldest else 0.0 for name, log in backlogs.items()}
        yield _gauge(
            "deskbridge_effects_open", "Effects still to do.", "connection", {n: b.open for n, b in backlogs.items()}
        )
        yield _gauge(
            "deskbridge_effects_parked",
            "Effects that wait for a person.",
            "connection",
            {n: b.parked for n, b in backlogs.items()},
        )
        yield _gauge("deskbridge_oldest_effect_seconds", "Age of the oldest open effect.", "connection", ages)
        up = {name: 1.0 if state.state is health.ConnectionState.OK else 0.0 for name, state in states.items()}
        yield _gauge(
            "deskbridge_connection_up", "1 when the connection is neither resting nor stopped.", "connection", up
        )
        yield _gauge("deskbridge_processes", "Processes heard of within 30 seconds.", "role", alive)


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        gauge.add_metric([key], value)
    return gauge
