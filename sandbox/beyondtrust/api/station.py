"""Commands about the appliance itself.

Source: Remote Support 23.2 API guide, chapters get_appliances, check_health, set_failover_role, get_api_info.
"""

from __future__ import annotations

from lxml import etree

from sandbox.beyondtrust.api.action import Action, Values, action, flag
from sandbox.beyondtrust.api.answers import add, add_all, add_time, element, unix
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError

PERMISSIONS = (
    "backup",
    "configuration",
    "configuration_vault_account",
    "ecm",
    "real_time_state",
    "reporting_archive",
    "reporting_license",
    "reporting_presentation",
    "reporting_support",
    "reporting_vault",
    "vault_backup",
)
API_VERSION = "1.22.2"


def _appliances(state: ApplianceState, _values: Values) -> etree._Element:
    root = element("appliances")
    add_all(
        add(root, "appliance", id=state.settings.appliance_id),
        name="Appliance",
        public_hostname=state.settings.hostname,
        cluster_role="single",
        failover_role=state.failover_role,
        accepting_connections="1",
        timezone_offset="0",
    )
    return root


def _check_health(state: ApplianceState, _values: Values) -> etree._Element:
    root = element("health_check")
    add(root, "appliance", state.settings.hostname, id=state.settings.appliance_id)
    add_all(root, version="23.2.1 (sandbox)", success=str(int(state.settings.healthy)))
    if not state.settings.healthy:
        add(root, "error_message", "The database does not answer.")
    add(root, "failover_role", state.failover_role)
    if state.failover_role != "none":
        add(add(root, "enabled_shared_ips"), "ip", "192.0.2.10")
        add_time(root, "last_data_sync_time", state.started_at, "ts")
        add(root, "last_data_sync_status", "success")
    return root


def _set_failover_role(state: ApplianceState, values: Values) -> str:
    if values["role"] not in ("primary", "backup"):
        raise ApiError("Invalid value of role.")
    first = flag(values, "data_sync_first")
    if flag(values, "force") and values["role"] != "backup":
        raise ApiError("Invalid value of force.")
    state.failover_role = values["role"]
    if first:
        return "Successfully started data sync. Role change will occur upon successful completion"
    return "Successfully changed role"


def _api_info(state: ApplianceState, _values: Values) -> etree._Element:
    root = element("api_information")
    settings = state.settings
    add_all(root, api_version=API_VERSION, company_name=settings.company, timestamp=unix(state.clock.now()))
    permissions = add(root, "permissions")
    add(permissions, "permission", settings.command_permission, name="perm_command")
    for name in PERMISSIONS:
        add(permissions, "permission", str(int(name not in settings.denied)), name=f"perm_{name}")
    return root


ACTIONS: dict[str, Action] = {
    "get_appliances": action(_appliances, "appliances"),
    "check_health": action(_check_health, "health_check"),
    "set_failover_role": action(_set_failover_role, needs="role", takes="data_sync_first force", full=True),
    "get_api_info": action(_api_info, "api_information"),
}
