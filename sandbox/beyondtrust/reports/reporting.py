"""`/api/reporting`: every report of the guide, its recordings and files, and the backup.

Source: Remote Support 23.2 API guide, chapters "Reporting API" and "Backup API"; the texts of errors are made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response
from lxml import etree

from sandbox.beyondtrust.api.action import whole
from sandbox.beyondtrust.api.answers import document, element, refusal
from sandbox.beyondtrust.api.oauth import Gate, guarded, parameters
from sandbox.beyondtrust.reports import activity, exits, listing, periods, presentations
from sandbox.beyondtrust.reports.archives import Archives
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError, NotAllowed, Recording

Values = Mapping[str, str]
TIMES = "start_date start_time end_date end_time duration"
BACKUP = b"backup of the pretend appliance\n" * 4_096
NO_PERMISSION = "The API account does not have permission to run this report."


@dataclass(frozen=True, slots=True)
class Report:
    """A report. A handler that returns bytes answers a file."""

    handler: Callable[[ApplianceState, Values], etree._Element | bytes]
    root: str
    permission: str
    needs: frozenset[str]
    takes: frozenset[str]
    media_type: str = "application/octet-stream"

    def check(self, values: Values) -> None:
        for name in sorted(self.needs):
            if not values.get(name):
                raise ApiError(f"Missing required parameter: {name}.")
        for name in sorted(values.keys() - self.needs - self.takes - {"generate_report"}):
            raise ApiError(f"Unexpected parameter: {name[:40]}.")


def _report(
    handler: Callable[[ApplianceState, Values], etree._Element | bytes],
    root: str = "",
    permission: str = "reporting_support",
    *,
    needs: str = "",
    takes: str = "",
    media_type: str = "application/octet-stream",
) -> Report:
    return Report(handler, root, permission, frozenset(needs.split()), frozenset(takes.split()), media_type)


def _sessions(state: ApplianceState, values: Values) -> etree._Element:
    root = element("session_list")
    wanted = periods.limited(state, values)
    for session in periods.sessions(state, values):
        if wanted(session):
            root.append(listing.full(state, session))
    return root


def _listing(state: ApplianceState, values: Values) -> etree._Element:
    root = element("session_summary_list")
    for session in periods.sessions(state, values):
        root.append(listing.summary(state, session))
    return root


def recording(state: ApplianceState, lsid: str, kind: str, number: int) -> Recording:
    """A video of a session that is over and reported."""
    session = state.sessions.get(lsid)
    if session is not None and periods.reported(state, session) and periods.end_time(state, session):
        for one in session.recordings:
            if (one.kind, one.number) == (kind, number):
                return one
    raise ApiError("There is no such recording.")


def _session_recording(state: ApplianceState, values: Values) -> bytes:
    return recording(state, values["lsid"], "session", 0).content


def _screen_recording(state: ApplianceState, values: Values) -> bytes:
    return recording(state, values["lsid"], "screen", whole(values, "instance") or 0).content


def _shell_recording(state: ApplianceState, values: Values) -> bytes:
    return recording(state, values["lsid"], "shell", whole(values, "instance") or 0).content


def reports(archives: Archives) -> dict[str, Report]:
    """All of them by name."""
    video, shown = "video/mp4", "reporting_presentation"
    by_id = f"{TIMES} lsid lsids"
    survey = f"{by_id} id site_id"
    presentation = _report(presentations.recording, "", shown, needs="lsid", media_type=video)
    return {
        "SupportSession": _report(_sessions, "session_list", takes=f"{by_id} limit"),
        "SupportSessionListing": _report(_listing, "session_summary_list", takes=TIMES),
        "SupportSessionSummary": _report(activity.summary, "summary_list", needs="report_type", takes=TIMES),
        "SupportSessionRecording": _report(_session_recording, needs="lsid", media_type=video),
        "ShowMyScreenRecording": _report(_screen_recording, needs="lsid instance", media_type=video),
        "CommandShellRecording": _report(_shell_recording, needs="lsid instance", media_type=video),
        "PresentationSession": _report(presentations.full, "session_list", shown, takes=f"{by_id} limit"),
        "PresentationSessionListing": _report(presentations.listing, "presentation_summary_list", shown, takes=TIMES),
        "PresentationSessionRecording": presentation,
        "PresentationRecording": presentation,
        "SupportCustExitSurvey": _report(exits.by_customers, "exit_survey_list", needs="report_type", takes=survey),
        "SupportRepExitSurvey": _report(
            exits.by_representatives, "exit_survey_list", needs="report_type", takes=survey
        ),
        "SupportTeam": _report(activity.teams, "team_activity_list", takes=f"{TIMES} team_id"),
        "ArchiveListing": _report(archives.listing, "archives", "reporting_archive", needs="date"),
        "Archive": _report(
            archives.archive, "", "reporting_archive", needs="type date index", media_type="application/gzip"
        ),
        "LicenseUsage": _report(
            activity.licences,
            "license_usage",
            "reporting_license",
            needs="group_by",
            takes="start_date start_time duration",
        ),
        "EndpointLicenseUsage": _report(activity.endpoints, "", "reporting_license", media_type="application/zip"),
        "VaultAccountActivity": _report(
            activity.vault, "vault_account_activity_list", "reporting_vault", takes=f"{TIMES} limit"
        ),
    }


def blueprint(state: ApplianceState, gate: Gate, archives: Archives) -> Blueprint:
    """The reporting and the backup API."""
    api = Blueprint("reporting", __name__)
    guarded(gate, api)
    known = reports(archives)

    @api.route("/api/reporting", methods=["GET", "POST"])
    @api.route("/api/reporting.ns", methods=["GET", "POST"])
    def reporting() -> Response:
        values = parameters()
        name = values.get("generate_report", "")
        report = known.get(name)
        try:
            with state.lock:
                state.raise_forced(name)
                made = _made(state, report, values)
        except (ApiError, NotAllowed) as refused:
            return refusal(state.settings, "reporting", report.root if report else "", str(refused))
        if isinstance(made, bytes):
            return Response(made, mimetype=report.media_type if report else None)
        return document(state.settings, "reporting", made)

    @api.route("/api/backup", methods=["GET", "POST"])
    @api.route("/api/backup.ns", methods=["GET", "POST"])
    def backup() -> Response:
        if "backup" in state.settings.denied:
            return refusal(state.settings, "command", "", "The API account does not have permission to make a backup.")
        disposition = {"Content-Disposition": 'attachment; filename="backup.nsb"'}
        return Response(BACKUP, mimetype="application/octet-stream", headers=disposition)

    return api


def _made(state: ApplianceState, report: Report | None, values: Values) -> etree._Element | bytes:
    if report is None:
        named = values.get("generate_report")
        raise ApiError("Unknown report type." if named else "Missing required parameter: generate_report.")
    if report.permission in state.settings.denied:
        raise ApiError(NO_PERMISSION)
    report.check(values)
    return report.handler(state, values)
