"""The setters of a report, their getters, and the report itself.

Source: clients that really call them. The getters' names of values are a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Literal, cast

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, caller, ok
from sandbox.rescue.model import Code
from sandbox.rescue.reports.areas import AREAS, LOGIN, report
from sandbox.rescue.reports.conversation import ORDERS, ReportSettings
from sandbox.rescue.reports.write import as_text, as_xml
from sandbox.rescue.state import RescueState

Setter = Callable[[ReportSettings, Asked], ReportSettings]
NEWER_AREAS = frozenset({16})
"""Those that only setReportArea_v8 knows."""


def _conversation(state: RescueState, asked: Asked) -> str:
    """Whose settings: without a cookie, all who use the authcode of one user share them."""
    user = caller(state, asked)
    return f"user:{user.id}" if not asked.cookie and asked.authcode else asked.conversation


def current(state: RescueState, asked: Asked) -> ReportSettings:
    idle = timedelta(seconds=state.settings.idle_seconds)
    return state.conversations.get(_conversation(state, asked), state.clock.now(), idle)


def _setting(setter: Setter) -> Method:
    def method(state: RescueState, asked: Asked) -> str:
        changed = setter(current(state, asked), asked)
        # The reply's cookie opens a session that knows what this call has set.
        for key in filter(None, (_conversation(state, asked), asked.new_conversation)):
            state.conversations.set(key, changed, state.clock.now())
        return "OK"

    return method


def _getting(*names: str, values: Callable[[ReportSettings], tuple[str, ...]]) -> Method:
    def method(state: RescueState, asked: Asked) -> str:
        found = values(current(state, asked))
        return ok("\n".join(f"{name}:{value}" for name, value in zip(names, found, strict=True)))

    return method


def _area(settings: ReportSettings, asked: Asked) -> ReportSettings:
    area = int(asked.get("area")) if asked.get("area").isdecimal() else -1
    newest = asked.method == "setreportarea_v8"
    if area not in {*AREAS, LOGIN} or (area in NEWER_AREAS and not newest):
        raise Code("ERROR")
    return replace(settings, area=area)


def _output(settings: ReportSettings, asked: Asked) -> ReportSettings:
    output = asked.get("output").upper()
    if output not in ("TEXT", "XML"):
        raise Code("NOTSUPPORTED")
    return replace(settings, output=cast(Literal["TEXT", "XML"], output))


def _delimiter(settings: ReportSettings, asked: Asked) -> ReportSettings:
    if not asked.get("delimiter"):
        raise Code("INVALIDFORMAT")
    return replace(settings, delimiter=asked.get("delimiter"))


def _type(settings: ReportSettings, asked: Asked) -> ReportSettings:
    kind = (asked.get("type") or asked.get("reporttype")).upper()
    if kind not in ("LISTALL", "SUMMARY"):
        raise Code("NOTSUPPORTED")
    return replace(settings, summary=kind == "SUMMARY")


def _date_format(settings: ReportSettings, asked: Asked) -> ReportSettings:
    if asked.get("dateformat").upper() not in ORDERS:
        raise Code("INVALIDFORMAT")
    return replace(settings, date_format=asked.get("dateformat").upper())


def _get_report(state: RescueState, asked: Asked) -> str:
    settings = current(state, asked)
    # The reference writes noderef, clients that work send nodetype.
    reference = (asked.get("noderef") or asked.get("nodetype") or "NODE").upper()
    inside = state.sessions_of(asked.get("node"), reference)
    state.take_report_turn()
    columns, rows = report(state, settings, inside)
    if settings.output == "XML":
        return ok(as_xml(columns, rows))
    return ok(as_text(columns, rows, settings.delimiter, trailing=state.settings.report_trailing_delimiter))


_SET_DATE = _setting(lambda settings, asked: settings.with_dates(asked.get("bdate"), asked.get("edate")))
_GET_DATE = _getting(
    "BDATE",
    "EDATE",
    values=lambda one: (one.written_date(one.begin.date()), one.written_date(one.end.date())),
)
_GET_AREA = _getting("AREA", values=lambda one: (str(one.area),))
METHODS: dict[str, Method] = {
    "setreportarea": _setting(_area),
    "setreportarea_v2": _setting(_area),
    "setreportarea_v8": _setting(_area),
    "getreportarea": _GET_AREA,
    "getreportarea_v2": _GET_AREA,
    "getreportarea_v8": _GET_AREA,
    "setreportdate": _SET_DATE,
    "setreportdate_v2": _SET_DATE,
    "getreportdate": _GET_DATE,
    "getreportdate_v2": _GET_DATE,
    "setreporttime": _setting(lambda settings, asked: settings.with_times(asked.get("btime"), asked.get("etime"))),
    "getreporttime": _getting("BTIME", "ETIME", values=lambda one: (str(one.day_begin), str(one.day_end))),
    "settimezone": _setting(lambda settings, asked: settings.with_zone(asked.get("timezone"))),
    "gettimezone": _getting("TIMEZONE", values=lambda one: (str(one.zone_minutes),)),
    "setoutput": _setting(_output),
    "getoutput": _getting("OUTPUT", values=lambda one: (one.output,)),
    "setdelimiter": _setting(_delimiter),
    "getdelimiter": _getting("DELIMITER", values=lambda one: (one.delimiter,)),
    "setreporttype": _setting(_type),
    "getreporttype": _getting("REPORTTYPE", values=lambda one: ("SUMMARY" if one.summary else "LISTALL",)),
    "setdateformat": _setting(_date_format),
    "getdateformat": _getting("DATEFORMAT", values=lambda one: (one.date_format,)),
    "getreport": _get_report,
    "getreport_v2": _get_report,
}
