"""The methods of reports that the reference's quick starts use; it has no chapter of its own on them."""

from __future__ import annotations

from connectors.platforms.rescue.catalogue.model import NODE, NODE_REF, Method, Parameter, aspx

REPORTS = (
    Method(
        "setReportDate_v2",
        aspx("setReportDate_v2"),
        (Parameter("bdate", required=True), Parameter("edate", required=True)),
        {},
    ),
    Method(
        "setReportTime",
        aspx("setReportTime"),
        (Parameter("btime", required=True), Parameter("etime", required=True)),
        {},
    ),
    Method("setReportArea", aspx("setReportArea"), (Parameter("area", required=True),), {}),
    Method("getReport", aspx("getReport"), (NODE, NODE_REF), {}),
)
