"""Every name of the two guides, in their order: chapters, what stands in each, its parameters, what is answered.

Remote Support API Programmer's Guide 23.2 and the Bomgar API Programmer's Guide of 2008, Session Generation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

REPLY = "reply"
CUSTOM = "session.custom.external_key | session.custom.[custom field]"
FIELDS = "session.custom.[custom field]"


WRAPPERS = (
    "archives session_list session_summary_list summary_list presentation_summary_list exit_survey_list question_list"
    " team_activity_list logged_in_representatives license_usage license_time_intervals vault_account_activity_list"
    " client_connections category row field value file permission question"
)
"""Elements of lists: their parts are read, whatever they are called themselves."""


class Row(NamedTuple):
    """One row of the page."""

    thing: str
    names: tuple[str, ...]
    seen: str
    """As the recorder calls it when a test has to do with it; `source` where only the test's own text tells."""
    answered: tuple[str, ...] = ()
    """Of a reply: elements, attributes and keys."""


class Thing(NamedTuple):
    """Something that the guide names, with its parameters, each in a row of its own."""

    name: str
    seen: str
    parameters: str = ""
    """Separated by `|`."""
    answered: str = ""
    together: bool = False
    """The names are fields of one table or event, and stand in one row."""
    part: bool = False
    """A part of an answer: there is nothing to ask for, only the reply."""

    def rows(self) -> Iterator[Row]:
        names = tuple(filter(None, (name.strip() for name in self.parameters.split("|"))))
        if self.together:
            yield Row(self.name, names, self.seen)
            return
        if not self.part:
            yield Row(self.name, (), self.seen)
        for name in names:
            yield Row(self.name, (name,), self.seen)
        if self.answered:
            yield Row(self.name, (REPLY,), self.seen, tuple(self.answered.split()))


def command(name: str, parameters: str = "", answered: str = "success error") -> Thing:
    return Thing(name, f"action={name}", parameters, answered)


def jump(name: str, host: str, parameters: str) -> Thing:
    return Thing(name, f"action=import_jump_shortcut {host}", parameters)


def report(name: str, parameters: str = "", answered: str = "") -> Thing:
    return Thing(name, f"report={name}", parameters, answered)


def script(name: str, parameters: str = "") -> Thing:
    return Thing(name, f"script {name}", parameters)


def part(name: str, seen: str, answered: str) -> Thing:
    return Thing(name, seen, answered=answered, part=True)


def table(name: str, fields: str) -> Thing:
    return Thing(name, f"table={name}", fields.replace(" ", "|"), together=True)


def event(name: str, fields: str) -> Thing:
    return Thing(name, f"session_event={name}", fields.replace(" ", "|"), together=True)


def unseen(*names: str) -> tuple[Thing, ...]:
    """What is not used, or what only a test's own text can show."""
    return tuple(Thing(name, "source") for name in names)


NOTES = "tag | comments | jump_policy"
RDP = f"rdp_username | domain | display_size | quality | console | ignore_untrusted | {NOTES}"
PERIOD = "start_date | start_time | end_date | end_time | duration"
PEOPLE = (
    "username display_name public_display_name private_display_name display_number public_ip private_ip hostname os"
)
MEMBER = f"gsnumber id {PEOPLE} session_owner primary_rep seconds_involved invited"
CONNECTED = "id client_connections hostname platform timezone_offset connected_since"
ROUTING = "routing_idle routing_busy routing_enabled routing_available"
WHAT_HAPPENED = "timestamp event_type performed_by destination body encoded_body data value name"
LINKS = "session_chat_view_url session_chat_download_url session_recording_view_url session_recording_download_url"
SURVEYS = (
    "exit_survey_list exit_survey lsid ts session_type public_site id submitted_by type primary_customer primary_rep"
    " primary_team customer_list rep_list team_list rep_resolved question_list question name label report_header"
    " answer_list answer"
)
SURVEY_PARAMETERS = f"{PERIOD} | report_type | id | lsid | lsids | site_id"
QUEUED = "created_timestamp"
ROLE = f"{QUEUED} queue_id representative_id role"
SESSION = (
    f"{QUEUED} customer_company customer_company_code customer_description customer_name estimated_pickup_timestamp"
    " issue_code_name issue_description lsid primary_team_queue_id priority public_site_id public_site_name"
    " queue_entry_timestamp queue_id start_method"
)

GUIDE: dict[str, tuple[Thing, ...]] = {
    "Authenticate": (
        Thing("/oauth2/token", "POST /oauth2/token", "Authorization: Basic | grant_type",
              "access_token token_type expires_in"),
        Thing("Authorization: Bearer", "action=get_api_info"),
        *unseen("access_denied", "30 tokens", "20 per second", "15,000 per hour"),
        Thing("X-RateLimit-Limit", "source"),
        Thing("X-RateLimit-Remaining", "source"),
        Thing("Connection: close", "action=get_api_info"),
    ),
    "Configuration API": (
        *unseen("/login/apidocs.html"),
        Thing("/api/config/v1/openapi.yaml", "GET /api/config/v1/openapi.yaml"),
        Thing("GET", "GET /api/config/v1/shelf"),
        Thing("POST", "POST /api/config/v1/shelf"),
        Thing("PATCH", "PATCH /api/config/v1/shelf/5"),
        Thing("DELETE", "DELETE /api/config/v1/shelf/5"),
    ),
    "Remote Support Command API": (
        Thing("/api/command", "POST /api/command", "action"),
        *unseen("/api/command.xsd"),
    ),
    "get_logged_in_reps": (
        command("get_logged_in_reps", answered="logged_in_reps rep id display_name public_display_name"
                " private_display_name type direct_link logged_in_since presentation_count support_session_count"
                " showing_on_rep_list error"),
    ),
    "set_rep_status": (command("set_rep_status", "rep_id | code_name"),),
    "get_support_teams": (
        command("get_support_teams", "showmembers", "support_teams support_team id name issues support_session_count"
                " members issue title representative username display_name public_display_name private_display_name"
                " error"),
    ),
    "generate_session_key": (
        command("generate_session_key", f"type | queue_id | {CUSTOM} | session.priority | session.skills | ttl |"
                " url_hostname", "type ttl expires queue available queue_id external_key short_key key_url mail_subject"
                " mail_body"),
    ),
    "join_session": (command("join_session", "lsid | rep_id | rep_username"),),
    "transfer_session": (command("transfer_session", "lsid | queue_id"),),
    "send_chat_message": (
        command("send_chat_message", "team_id | to_rep | to_rep_username | lsid | body | impersonate | timestamp", ""),
        *unseen("[b]", "[color=blue]", "[i]", "[u]", "[ul]", "[li]", "[url]"),
    ),
    "create_virtual_customer": (
        command("create_virtual_customer", "short_key | name | ip_address | operating_system | computer_name | locale",
                "download_url chat_url"),
    ),
    "leave_session": (command("leave_session", "lsid | rep_id | rep_username | customer", ""),),
    "set_session_attributes": (command("set_session_attributes", f"lsid | {CUSTOM}"),),
    "get_session_attributes": (
        command("get_session_attributes", "lsid", "custom_attributes custom_attribute display_name code_name error"),
    ),
    "terminate_session": (command("terminate_session", "lsid"),),
    "get_appliances": (
        command("get_appliances", answered="appliances appliance id name public_hostname cluster_role failover_role"
                " accepting_connections timezone_offset error"),
    ),
    "get_connected_client_list": (
        command("get_connected_client_list", "type | summary_only", "connected_client_list connected_client_summary"
                " appliance_summary id count type connected_client error"),
    ),
    "get_connected_clients": (
        command("get_connected_clients", "type | id | include_connections", "connected_clients"),
        part("connected_representative", "action=get_connected_clients", f"{CONNECTED} user_id type username"
              " public_display_name private_display_name start_session_url presentation_count support_session_count"
              f" showing_on_rep_list {ROUTING} support_license support_session_lsids lsid"),
        part("connected_support_customer", "action=get_connected_clients", f"{CONNECTED} name non_interactive lsid"),
        part("connected_presentation_attendee", "action=get_connected_clients", f"{CONNECTED} name"),
        part("connected_push_agent", "action=get_connected_clients", f"{CONNECTED} name"),
        part("client_connection", "action=get_connected_clients",
             "appliance_id purpose receive_traffic_node connected_since ts private_ip"),
        part("event_log", "action=get_connected_clients", "event ts"),
    ),
    "check_health": (
        command("check_health", answered="appliance id version success error_message failover_role enabled_shared_ips"
                " ip last_data_sync_time ts last_data_sync_status"),
        Thing("/check_health", "GET /check_health"),
    ),
    "set_failover_role": (command("set_failover_role", "role | data_sync_first | force"),),
    "import_jump_shortcut": (
        command("import_jump_shortcut"),
        jump("Local Jump", "local_jump_hostname",
             f"name | local_jump_hostname | group | {NOTES} | session_policy | public_portal"),
        jump("Remote Jump", "remote_jump_hostname",
             f"name | remote_jump_hostname | jumpoint | group | {NOTES} | session_policy | public_portal"),
        jump("Remote VNC", "remote_vnc_hostname",
             f"remote_vnc_hostname | jumpoint | name | group | port | {NOTES} | public_portal"),
        jump("Local VNC", "local_vnc_hostname", f"name | group | local_vnc_hostname | {NOTES} | public_portal"),
        jump("Remote Desktop Protocol", "remote_rdp_hostname",
             f"name | remote_rdp_hostname | jumpoint | group | {RDP} | public_portal | session_policy"),
        jump("Local Remote Desktop Protocol", "rdp_hostname",
             f"name | rdp_hostname | group | {RDP} | public_portal | session_policy"),
        jump("Shell Jump Shortcut", "shelljump_hostname",
             "name | shelljump_hostname | jumpoint | protocol | group | shelljump_username | port | terminal |"
             f" keep_alive | {NOTES} | public_portal | session_policy"),
        jump("Intel vPro Shortcut", "vpro_hostname",
             f"name | vpro_hostname | jumpoint | group | {NOTES} | public_portal | session_policy"),
    ),
    "get_api_info": (
        command("get_api_info", answered="api_version company_name timestamp permissions permission"),
        *unseen("perm_backup", "perm_command", "perm_configuration", "perm_configuration_vault_account", "perm_ecm",
                "perm_real_time_state", "perm_reporting_archive", "perm_reporting_license",
                "perm_reporting_presentation", "perm_reporting_support", "perm_reporting_vault", "perm_vault_backup"),
    ),
    "Representative Console Scripting and Client Scripting API": (
        *unseen("BRCS1.0"),
        Thing("run-script", "line"),
        Thing("run-script-file", "line"),
        *unseen("-push", "-jump", "start_pinned_client_session"),
        Thing("/api/client_script", "link /api/client_script",
              "type=rep | type=web_console | operation=generate | operation=execute | action"),
        script("delete_script_file"),
        script("login", "mechanism | username | password"),
        script("generate_session_key", f"public_portal_hostname | {FIELDS}"),
        script("push_and_start_local", f"hostname | {FIELDS}"),
        script("push_and_start_remote", f"target | jumpoint | {FIELDS}"),
        script("start_jump_item_session", "jump.method | credential_id | search_string | client.comments |"
               f" client.hostname | client.private_ip | client.public_ip | client.tag | {FIELDS}"),
        script("start_rdp_session", f"target | jumpoint | username | display_size | quality | console | {FIELDS}"),
        script("start_vnc_session", f"target | jumpoint | port | {FIELDS}"),
        script("start_shell_jump_session",
               f"target | jumpoint | username | protocol | port | terminal | {FIELDS}"),
        script("start_vpro_session", f"target | jumpoint | {FIELDS}"),
    ),
    "Session Generation API": (
        Thing("/api/start_session", "link /api/start_session"),
        Thing("by representative", "link /api/start_session name", "id | name"),
        Thing("by session key", "link /api/start_session short_key", "short_key"),
        Thing("by issue", "link /api/start_session issue_menu", "issue_menu | codeName | id"),
        Thing("optional parameters", "link /api/start_session", "c2cjs | customer.name | customer.company |"
              " customer.company_code | customer.details | locale | chat_locale | platform |"
              f" {CUSTOM} | session.priority | session.skills | timezone_offset"),
        Thing("session key form", "form", "action | short_key | session.custom.external_key"),
        Thing("JavaScript", "page", "start_session.js | BG.setSite | BG.start | BG.START_TYPE.CHAT |"
              " BG.START_TYPE.FULL | sessionKey | rep | rep.id | rep.name | issue | issue.id | issue.codeName |"
              " skills | customer | customer.name | customer.company | customer.company_code | customer.details |"
              " locale | attributes | attributes.external_key | attributes.[custom field] | uiOptions |"
              " uiOptions.fallbackToFullWindow"),
        Thing("issue form", "form", "id | codeName | skills | customer.name | customer.company |"
              f" customer.company_code | customer.details | {CUSTOM}"),
        *unseen("external key typed in the representative console"),
        Thing("Support Button", "line",
              "--cbdir | --session-value | session.custom.external_key | --issue-code-name |"
              " --present-front-end-survey"),
    ),
    "Reporting API": (
        Thing("/api/reporting", "POST /api/reporting", "generate_report"),
        *unseen("/api/reporting.xsd"),
    ),
    "SupportSession": (
        report("SupportSession", f"{PERIOD} | lsid | lsids | limit", "session_list session lsid session_type lseq"
               " start_time end_time duration public_site jumpoint external_key custom_attributes"
               f" {LINKS} show_my_screen_recordings command_shell_recordings file_transfer_count file_move_count"
               " file_delete_count primary_customer primary_rep primary_team customer_list rep_list team_list"
               " cust_survey_list rep_survey_list session_details error"),
        part("custom_attribute", "report=SupportSession", "display_name code_name"),
        part("show_my_screen_recording", "report=SupportSession", "instance download_url view_url"),
        part("command_shell_recording", "report=SupportSession", "instance download_url view_url"),
        part("customer", "report=SupportSession", "gsnumber username public_ip private_ip hostname os"
              " primary_cust info name company company_code issue details"),
        part("representative", "report=SupportSession", MEMBER),
        part("team", "report=SupportSession", "id primary_team"),
        part("event", "report=SupportSession", f"{WHAT_HAPPENED} filename filesize system_information files"
              " file"),
        part("system_information", "report=SupportSession", "category description field data row"),
    ),
    "SupportSessionListing": (
        report("SupportSessionListing", PERIOD, "session_summary_list session_summary lsid lseq has_recording"
               " external_key error"),
    ),
    "SupportSessionSummary": (
        report("SupportSessionSummary", f"{PERIOD} | report_type", "summary_list summary id type display_name"
               " total_sessions avg_sessions_per_weekday avg_duration error"),
    ),
    "SupportSessionRecording": (report("SupportSessionRecording", "lsid"),),
    "ShowMyScreenRecording": (report("ShowMyScreenRecording", "lsid | instance"),),
    "CommandShellRecording": (report("CommandShellRecording", "lsid | instance"),),
    "PresentationSession": (
        report("PresentationSession", f"{PERIOD} | lsid | lsids | limit", "session_list session lsid session_type lseq"
               f" start_time end_time duration {LINKS} attendee_list rep_list session_details error"),
        part("attendee", "report=PresentationSession", "gsnumber username public_ip"),
        part("representative", "report=PresentationSession", MEMBER),
        part("event", "report=PresentationSession", f"{WHAT_HAPPENED} company company_code issue details"),
    ),
    "PresentationSessionListing": (
        report("PresentationSessionListing", PERIOD,
               "presentation_summary_list presentation_summary lsid has_recording error"),
    ),
    "PresentationSessionRecording": (
        report("PresentationSessionRecording", "lsid"),
        *unseen("PresentationRecording"),
    ),
    "SupportCustExitSurvey and SupportRepExitSurvey": (
        report("SupportCustExitSurvey", SURVEY_PARAMETERS, SURVEYS),
        report("SupportRepExitSurvey", SURVEY_PARAMETERS, SURVEYS),
    ),
    "SupportTeam": (
        report("SupportTeam", f"{PERIOD} | team_id", "team_activity_list start_time end_time team_activity id name"
               " logged_in_representatives events error"),
        part("representative", "report=SupportTeam", "gsnumber id display_name public_display_name"
              " private_display_name public_ip private_ip"),
        part("event", "report=SupportTeam", "timestamp event_type performed_by destinations destination"
              " gsnumber files file name size data value body encoded_body"),
    ),
    "ArchiveListing": (
        report("ArchiveListing", "date", "archives state_archive event_archive time timestamp index"
               " event_archive_index end_time"),
    ),
    "Archive": (
        report("Archive", "type | date | index"),
        *(Thing(name, f"event={name}")
          for name in ("model_insert", "model_update", "model_delete", "truncate_model", "session_event")),
        table("customer_client", f"client_type connected {QUEUED} elevated hostname operating_system private_ip"
              " public_ip support_session_id"),
        table("queue", f"code_name {QUEUED} name support_team_id type"),
        table("representative", f"connected console_in_focus {QUEUED} hostname operating_system private_display_name"
              " private_ip public_display_name public_ip queue_id routing_available routing_busy routing_enabled"
              " routing_idle selected_support_session_id skill_code_names type user_id username"),
        table("representative_queue", ROLE),
        table("representative_support_session", f"{QUEUED} representative_id selected_support_session_service_tool"
              " support_session_id"),
        table("representative_support_session_tool", f"{QUEUED} representative_id support_session_id tool"),
        table("support_session", SESSION),
        table("support_session_attribute", f"code_name {QUEUED} support_session_id value"),
        table("support_session_skill", f"code_name {QUEUED} support_session_id"),
        table("presentation_session", f"{QUEUED} lsid presentation_name"),
        table("attendee", f"connected {QUEUED} hostname name operating_system presentation_session_id private_ip"
              " public_ip"),
        table("presenter", f"{QUEUED} presentation_session_id representative_id"),
        event("callback_button_deployed", "callback_button_id description expiration profile_id profile_name"
              " representative_id"),
        event("callback_button_removed", "callback_button_id representative_id"),
        event("canned_script_executed", "script_name"),
        event("chat_message", "body destination performed_by"),
        event("command_shell_session_started", "download_url instance representative_id view_url"),
        event("customer_exit_survey", "responses"),
        event("directory_created", "destination failure_reason path performed_by"),
        event("file_deleted", "destination failure_reason name performed_by size"),
        event("file_download", "destination name performed_by size"),
        event("file_download_incomplete", "bytes_transferred destination failure_reason name performed_by"),
        event("file_moved", "destination failure_reason new_path old_path performed_by"),
        event("file_upload", "destination name performed_by size"),
        event("file_upload_incomplete", "bytes_transferred destination failure_reason name performed_by"),
        event("files_shared", "files performed_by"),
        event("legal_agreement_response", "response text title"),
        event("registry_exported", "representative_id root_path"),
        event("registry_imported", "representative_id"),
        event("registry_key_added", "key path representative_id"),
        event("registry_key_deleted", "key path representative_id"),
        event("registry_key_renamed", "new_key old_key path representative_id"),
        event("registry_value_added", "data name path representative_id type"),
        event("registry_value_deleted", "name path representative_id"),
        event("registry_value_modified", "name new_data old_data path representative_id type"),
        event("registry_value_renamed", "new_name old_name path representative_id"),
        event("representative_survey", "responses"),
        event("screen_recording", "download_url representative_id view_url presenter_id appliance_guid"),
        event("screenshot_captured", "representative_id"),
        event("session_assigned", "representative_id timeout"),
        event("session_assignment_response", "response"),
        event("session_foreground_window_changed", "exe_name window_name"),
        event("session_note_added", "body number representative_id"),
        event("show_my_screen_recording", "download_url instance representative_id view_url"),
        event("special_action_executed", "action_name"),
        event("system_information_retrieved", "system_information"),
    ),
    "LicenseUsage": (
        report("LicenseUsage", "start_date | start_time | duration | group_by", "license_usage start_time end_time"
               " license_time_intervals license_time_interval timestamp datetime license_count license_type reason"
               " error"),
    ),
    "EndpointLicenseUsage": (report("EndpointLicenseUsage"),),
    "VaultAccountActivity": (
        report("VaultAccountActivity", f"{PERIOD} | limit", "vault_account_activity_list vault_account_activity"
               " timestamp Account event_type performed_by id type data error"),
    ),
    "Real-Time State API": (
        Thing("/nw", "socket /nw", "ingredi state api"),
        Thing("authenticate", "message=authenticate", "credentials | bearer_token"),
        Thing("authenticate_response", "message=authenticate_response", "success | reason"),
        Thing("subscribe", "message=subscribe", "tables"),
        Thing("subscribe_response", "message=subscribe_response", "timestamp | success | reason"),
        Thing("model_update", "message=model_update", "insert | update | delete"),
        Thing("truncate_model", "message=truncate_model"),
        *unseen("newline at the end of a message", "30 connected integrations", "latency of 20 seconds"),
        table("customer_client", f"client_type {QUEUED} elevated hostname operating_system support_session_id"),
        table("queue", f"code_name {QUEUED} name support_team_id type"),
        table("representative", f"{QUEUED} private_display_name public_display_name queue_id routing_available"
              " routing_busy routing_enabled routing_idle skill_code_names type user_id username"),
        table("representative_queue", ROLE),
        table("representative_support_session", f"{QUEUED} representative_id support_session_id"),
        table("support_session", SESSION),
        table("support_session_attribute", f"code_name {QUEUED} support_session_id value"),
        table("support_session_skill", f"code_name {QUEUED} support_session_id"),
        table("presentation_session", f"{QUEUED} lsid presentation_name"),
        table("attendee", f"connected {QUEUED} hostname name operating_system presentation_session_id private_ip"
              " public_ip"),
        table("presenter", f"{QUEUED} presentation_session_id representative_id"),
        Thing("state.js", "source", "BomgarState | bearerToken | host | port | company | tables | subscribe |"
              " onChange | onError | onCompleted | changesForTable | tableInserts | tableUpdates | tableDeletions |"
              " truncations", together=True),
    ),
    "Backup API": (Thing("/api/backup", "POST /api/backup"),),
    "API Change Log": (
        Thing("/api/command.ns", "POST /api/command.ns"),
        Thing("/api/client_script.ns", "link /api/client_script.ns"),
        *unseen("/api/start_session.ns"),
        Thing("/api/reporting.ns", "POST /api/reporting.ns"),
        Thing("/api/backup.ns", "POST /api/backup.ns"),
        *unseen("import_jump_shortcuts", "Protocol Tunnel and Web Jump Items"),
    ),
    "Bomgar 2008, Session Generation": (
        Thing("/download_customer_connector.ns", "link /download_customer_connector.ns"),
        Thing("by representative", "link /download_customer_connector.ns name", "id | name"),
        Thing("by support request", "link /download_customer_connector.ns issue_menu",
              "issue_menu | customer_name | customer_company | customer_company_code | customer_desc | external_key"
              " | id"),
        *unseen("Reporting API, Command API and Backup API of 2008"),
    ),
}  # fmt: skip


def rows() -> dict[str, list[Row]]:
    """The rows that the page must have, chapter by chapter."""
    return {chapter: [row for thing in things for row in thing.rows()] for chapter, things in GUIDE.items()}
