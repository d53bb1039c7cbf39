"""Archives hold every table and every kind of event of the guide's chapter: nothing is lost, nothing breaks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import date

import pytest

from connectors.platforms.beyondtrust.live.tables import Tables
from connectors.platforms.beyondtrust.reports.archive import replay
from tests.connectors.beyondtrust.reporting import reports

DAY = date(2026, 1, 5)
TABLES: Mapping[str, str] = {
    "customer_client": "client_type connected created_timestamp elevated hostname operating_system private_ip"
    " public_ip support_session_id",
    "queue": "code_name created_timestamp name support_team_id type",
    "representative": "connected console_in_focus created_timestamp hostname operating_system private_display_name"
    " private_ip public_display_name public_ip queue_id routing_available routing_busy routing_enabled routing_idle"
    " selected_support_session_id skill_code_names type user_id username",
    "representative_queue": "created_timestamp queue_id representative_id role",
    "representative_support_session": "created_timestamp representative_id selected_support_session_service_tool"
    " support_session_id",
    "representative_support_session_tool": "created_timestamp representative_id support_session_id tool",
    "support_session": "created_timestamp customer_company customer_company_code customer_description customer_name"
    " estimated_pickup_timestamp issue_code_name issue_description lsid primary_team_queue_id priority public_site_id"
    " public_site_name queue_entry_timestamp queue_id start_method",
    "support_session_attribute": "code_name created_timestamp support_session_id value",
    "support_session_skill": "code_name created_timestamp support_session_id",
    "presentation_session": "created_timestamp lsid presentation_name",
    "attendee": "connected created_timestamp hostname name operating_system presentation_session_id private_ip"
    " public_ip",
    "presenter": "created_timestamp presentation_session_id representative_id",
}
EVENTS: Mapping[str, str] = {
    "callback_button_deployed": "callback_button_id description expiration profile_id profile_name representative_id",
    "callback_button_removed": "callback_button_id representative_id",
    "canned_script_executed": "script_name",
    "chat_message": "body destination performed_by",
    "command_shell_session_started": "download_url instance representative_id view_url",
    "customer_exit_survey": "responses",
    "directory_created": "destination failure_reason path performed_by",
    "file_deleted": "destination failure_reason name performed_by size",
    "file_download": "destination name performed_by size",
    "file_download_incomplete": "bytes_transferred destination failure_reason name performed_by",
    "file_moved": "destination failure_reason new_path old_path performed_by",
    "file_upload": "destination name performed_by size",
    "file_upload_incomplete": "bytes_transferred destination failure_reason name performed_by",
    "files_shared": "files performed_by",
    "legal_agreement_response": "response text title",
    "registry_exported": "representative_id root_path",
    "registry_imported": "representative_id",
    "registry_key_added": "key path representative_id",
    "registry_key_deleted": "key path representative_id",
    "registry_key_renamed": "new_key old_key path representative_id",
    "registry_value_added": "data name path representative_id type",
    "registry_value_deleted": "name path representative_id",
    "registry_value_modified": "name new_data old_data path representative_id type",
    "registry_value_renamed": "new_name old_name path representative_id",
    "representative_survey": "responses",
    "screen_recording": "download_url representative_id view_url presenter_id appliance_guid",
    "screenshot_captured": "representative_id",
    "session_assigned": "representative_id timeout",
    "session_assignment_response": "response",
    "session_foreground_window_changed": "exe_name window_name",
    "session_note_added": "body number representative_id",
    "show_my_screen_recording": "download_url instance representative_id view_url",
    "special_action_executed": "action_name",
    "system_information_retrieved": "system_information",
}


def filled(fields: str) -> dict[str, str]:
    return {name: f"some {name}" for name in fields.split()}


@pytest.mark.parametrize("name", TABLES)
def test_a_state_archive_keeps_every_field_of_a_table(name: str) -> None:
    state = {name: {"7": filled(TABLES[name])}, "another": None}
    with reports(Archive=gzip.compress(json.dumps(state).encode())) as (built, _):
        assert built.state_archive(DAY, 1).table(name) == {"7": filled(TABLES[name])}


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_every_table_come_change_and_go(name: str) -> None:
    tables = Tables()
    replay(tables, [{"type": "model_insert", "timestamp": 1, name: {"7": filled(TABLES[name])}}])
    replay(tables, [{"type": "model_update", "timestamp": 2, name: {"7": {"created_timestamp": 5}}}])
    assert tables.table(name) == {"7": {**filled(TABLES[name]), "created_timestamp": 5}}
    replay(tables, [{"type": "model_delete", "timestamp": 3, name: ["7"]}])
    assert len(tables) == 0


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_of_a_session_comes_whole_and_changes_no_table(name: str) -> None:
    event = {"type": "session_event", "name": name, "lsid": "aa", "timestamp": 1, "data": filled(EVENTS[name])}
    with reports(Archive=gzip.compress(json.dumps(event).encode())) as (built, _):
        events = list(built.event_archive(DAY, 1))
    assert events == [event]
    assert len(replay(Tables(), events)) == 0
